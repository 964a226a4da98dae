package membership

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const exemptionPrefix = "exm"

// ExemptionCriterion is one of the criteria for exempting an organisation from fees (No. 476 of the
// Convention; Council document C2000/28(Rev.1)).
type ExemptionCriterion string

// The values of ExemptionCriterion.
const (
	CriterionInternational ExemptionCriterion = "INTERNATIONAL_CHARACTER"
	CriterionNonProfit     ExemptionCriterion = "NON_PROFIT"
	CriterionSeveralStates ExemptionCriterion = "PRESENT_IN_SEVERAL_STATES"
	CriterionReciprocity   ExemptionCriterion = "RECIPROCAL_PARTICIPATION"
	CriterionDocuments     ExemptionCriterion = "DOCUMENTS_EXCHANGED"
)

// ExemptionCriteria lists every ExemptionCriterion.
var ExemptionCriteria = []ExemptionCriterion{CriterionInternational, CriterionNonProfit, CriterionSeveralStates, CriterionReciprocity, CriterionDocuments}

// Valid returns an error for a value that is not in ExemptionCriteria.
func (v ExemptionCriterion) Valid() error {
	return kit.CheckOneOf(v, ExemptionCriteria, "exemption criterion")
}

// CriterionAnswer says whether an organisation meets a criterion, and why.
type CriterionAnswer struct {
	Criterion ExemptionCriterion `bson:"criterion"`
	Met       bool               `bson:"met"`
	Note      *string            `bson:"note,omitempty"`
}

// ExemptionState says how far a request for exemption has come on a day.
type ExemptionState string

// The values of ExemptionState.
const (
	ExemptionRequested ExemptionState = "REQUESTED"
	ExemptionHolds     ExemptionState = "GRANTED"
	ExemptionRefused   ExemptionState = "REFUSED"
	ExemptionOver      ExemptionState = "EXPIRED"
)

// ExemptionStates lists every ExemptionState.
var ExemptionStates = []ExemptionState{ExemptionRequested, ExemptionHolds, ExemptionRefused, ExemptionOver}

// FeeExemption is the request of a member to pay no fees, and what the Council decided.
type FeeExemption struct {
	ID       kit.ID            `bson:"_id"`
	Version  int64             `bson:"version"`
	Member   kit.ID            `bson:"member"`
	Criteria []CriterionAnswer `bson:"criteria" most:"50"`
	Evidence []string          `bson:"evidence" most:"20"`
	// StoredEvidenceFiles are nil if there are none.
	StoredEvidenceFiles []files.File `bson:"evidenceFiles,omitempty" most:"10"`
	RequestedOn         kit.Date     `bson:"requestedOn"`
	RequestedBy         kit.ID       `bson:"requestedBy"`
	// Decision is nil until the Council decides.
	Decision *ExemptionDecision `bson:"decision,omitempty"`
	// EndNotedAt is the time at which the clock recorded the end of the exemption in the member's lifecycle, or
	// found that there is nothing to record. It is nil before that.
	EndNotedAt *kit.DateTime `bson:"endNotedAt,omitempty"`
	Dataset    kit.Dataset   `bson:"dataset"`

	today kit.Date
	with  *kit.Together[*FeeExemption]
}

// ExemptionDecision is what the Council decided, and what the secretariat recorded of it.
type ExemptionDecision struct {
	Granted bool `bson:"granted"`
	// Session is the session of the Council, such as «Council 2024».
	Session string   `bson:"session"`
	On      kit.Date `bson:"on"`
	// From is the first day of the exemption. Until is the first day after it: the next plenipotentiary conference.
	// Both are nil if the request was refused.
	From  *kit.Date `bson:"from,omitempty"`
	Until *kit.Date `bson:"until,omitempty"`
	// CountedUnder is the region under which reports count the organisation; nil if none was named.
	CountedUnder *country.Region `bson:"countedUnder,omitempty"`
	Reason       *string         `bson:"reason,omitempty"`
	RecordedAt   kit.DateTime    `bson:"recordedAt"`
	RecordedBy   kit.ID          `bson:"recordedBy"`
}

// FeeExemptionNoun says how exemptions are stored. Listings give those of a member, and all in a state, by the day
// of the request; and those whose end the clock must still record, by the day on which they end.
var FeeExemptionNoun = store.Declare(store.Noun[FeeExemption]{
	Name:     "feeExemptions",
	Identity: func(x *FeeExemption) (string, *int64) { return string(x.ID), &x.Version },
	Dated:    true,
	Keys: []store.Key[FeeExemption]{
		store.One("member", func(x *FeeExemption, _ string) string { return string(x.Member) }),
		store.OneOf("state", ExemptionStates, func(x *FeeExemption, day string) ExemptionState { return x.on(kit.Date(day)) }),
		store.One("requestedOn", func(x *FeeExemption, _ string) string { return string(x.RequestedOn) }),
		store.One("nextDueOn", func(x *FeeExemption, _ string) string {
			if x.EndNotedAt != nil {
				return ""
			}
			return string(x.until())
		}),
		store.Unique("asked", func(x *FeeExemption) string {
			if x.Decision != nil {
				return ""
			}
			return string(x.Member)
		}),
	},
	Listings: []store.Listing{
		{Equal: []string{"member", "state"}, Sort: "requestedOn"},
		{Equal: []string{"state"}, Sort: "requestedOn"},
		{Sort: "nextDueOn"},
	},
})

// IsNode marks FeeExemption as a type that the queries node and nodes can return.
func (x *FeeExemption) IsNode() {}

func (x *FeeExemption) about() kit.ID { return x.Member }

func (x *FeeExemption) until() kit.Date {
	if x.Decision == nil || x.Decision.Until == nil {
		return ""
	}
	return *x.Decision.Until
}

// EvidenceFiles returns the files that the request has as evidence.
func (x *FeeExemption) EvidenceFiles() []files.File {
	return append([]files.File{}, x.StoredEvidenceFiles...)
}

// fileOwner says which files exemptions name; whoever sees an exemption may read them.
func (s *FeeExemptionService) fileOwner() files.Owner {
	of := func(x *FeeExemption) []*files.File {
		all := make([]*files.File, len(x.StoredEvidenceFiles))
		for i := range x.StoredEvidenceFiles {
			all[i] = &x.StoredEvidenceFiles[i]
		}
		return all
	}
	return files.OwnerOf(files.OwnerNoun[FeeExemption]{
		Seen: s.ByIDs, Shows: func(_ context.Context, x *FeeExemption) ([]*files.File, error) { return of(x), nil },
		Stored: s.exemptions.Many, Every: func(ctx context.Context, take func([]*FeeExemption) error) error {
			return kit.EachPage(ctx, s.exemptions, store.Query{Any: []store.Where{{"state": kit.Strings(ExemptionStates)}}, Sort: "requestedOn"}, kit.MaxPage, take)
		},
		Names: func(x *FeeExemption) (kit.ID, []*files.File) { return x.ID, of(x) },
	})
}

// State says how far the request has come on the day for which the service loaded it.
func (x *FeeExemption) State() ExemptionState { return x.on(x.today) }

func (x *FeeExemption) on(day kit.Date) ExemptionState {
	switch d := x.Decision; {
	case d == nil:
		return ExemptionRequested
	case !d.Granted:
		return ExemptionRefused
	case x.until() <= day:
		return ExemptionOver
	}
	return ExemptionHolds
}

// FeeExemptionConnection is one page of exemptions. FeeExemptionEdge is one of them with its cursor.
type (
	FeeExemptionConnection = kit.Connection[*FeeExemption]
	FeeExemptionEdge       = kit.Edge[*FeeExemption]
)

// FeeExemptionService reads exemptions and changes them. The member, its administration and SECRETARIAT may see
// them.
type FeeExemptionService struct {
	*exemptionBook

	core     *kit.Core
	members  *MemberService
	invoices *InvoiceService
	files    *files.FileService
}

// show sets up exemptions that were read in one call, and sets to nil those that the caller may not see.
func (s *FeeExemptionService) show(ctx context.Context, found []*FeeExemption) error {
	return insideOnly(ctx, found, func(x *FeeExemption, with *kit.Together[*FeeExemption]) { x.today, x.with = s.core.Clock.Today(), with }, s.MemberOf)
}

// ByIDs reads records in the order of ids. An entry is nil if there is no such record or the caller may not see it.
func (s *FeeExemptionService) ByIDs(ctx context.Context, ids []kit.ID) ([]*FeeExemption, error) {
	found, err := s.exemptions.Many(ctx, kit.Strings(ids))
	if err == nil {
		err = s.show(ctx, found)
	}
	return found, err
}

// Get reads one exemption. It returns nil if there is none or the caller may not see it.
func (s *FeeExemptionService) Get(ctx context.Context, id kit.ID) (*FeeExemption, error) {
	return kit.One(ctx, s.ByIDs, id)
}

func (s *FeeExemptionService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// MemberOf returns the member of an exemption, nil if the caller may not see it. One call reads the members of all
// exemptions of a page.
func (s *FeeExemptionService) MemberOf(ctx context.Context, x *FeeExemption) (*Member, error) {
	return memberOf(ctx, s.members, x.with, x, (*FeeExemption).about)
}

// List pages through exemptions by the day of the request. Those who may see internal data of a member may list its
// exemptions; SECRETARIAT may list all. Without states it takes all states; an empty list of states matches
// nothing.
func (s *FeeExemptionService) List(ctx context.Context, member *kit.ID, states []ExemptionState, args kit.PageArgs) (*FeeExemptionConnection, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleDelegate, kit.RoleAdministration, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	where, err := s.members.insideWhere(ctx, member)
	if err != nil {
		return nil, err
	}
	if states != nil {
		where["state"] = kit.Strings(states)
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.exemptions, store.Query{Any: []store.Where{where}, Sort: "requestedOn"}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	return found, s.show(ctx, found.Nodes())
}

// ShownVersion returns the version to SECRETARIAT, and nil to others.
func (x *FeeExemption) ShownVersion(ctx context.Context) *int64 {
	return kit.KeptBySecretariat(ctx, &x.Version)
}
