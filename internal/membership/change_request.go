package membership

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const changeRequestPrefix = "mcr"

// ChangeRequestState says how far a request for a change of a membership has come.
type ChangeRequestState string

// The values of ChangeRequestState.
const (
	ChangeRequested ChangeRequestState = "REQUESTED"
	ChangeAccepted  ChangeRequestState = "ACCEPTED"
	ChangeRefused   ChangeRequestState = "REFUSED"
	ChangeWithdrawn ChangeRequestState = "WITHDRAWN"
)

// ChangeRequestStates lists every ChangeRequestState.
var ChangeRequestStates = []ChangeRequestState{ChangeRequested, ChangeAccepted, ChangeRefused, ChangeWithdrawn}

// Valid returns an error for a value that is not in ChangeRequestStates.
func (v ChangeRequestState) Valid() error {
	return kit.CheckOneOf(v, ChangeRequestStates, "change request state")
}

// MembershipChangeRequest is what a member asks to change in its membership, and what the secretariat decided. A
// field that is nil stays as it is.
type MembershipChangeRequest struct {
	ID       kit.ID              `bson:"_id"`
	Version  int64               `bson:"version"`
	Member   kit.ID              `bson:"member"`
	Category *MembershipCategory `bson:"category,omitempty"`
	// Sectors are all Sectors that the membership would have.
	Sectors     []Sector           `bson:"sectors,omitempty" most:"3"`
	StudyGroup  *StudyGroup        `bson:"studyGroup,omitempty"`
	FeeClass    *string            `bson:"feeClass,omitempty"`
	Reason      string             `bson:"reason"`
	RequestedOn kit.Date           `bson:"requestedOn"`
	RequestedBy kit.ID             `bson:"requestedBy"`
	State       ChangeRequestState `bson:"state"`
	// Decision is nil until the secretariat decides, and stays nil if the request is withdrawn.
	Decision *ChangeDecision `bson:"decision,omitempty"`
	Dataset  kit.Dataset     `bson:"dataset"`

	with *kit.Together[*MembershipChangeRequest]
}

// ChangeDecision is what the secretariat decided on a request for a change.
type ChangeDecision struct {
	Accepted bool     `bson:"accepted"`
	On       kit.Date `bson:"on"`
	// EffectiveOn is the first day of the change; nil if it was refused.
	EffectiveOn *kit.Date    `bson:"effectiveOn,omitempty"`
	Reason      *string      `bson:"reason,omitempty"`
	RecordedAt  kit.DateTime `bson:"recordedAt"`
	RecordedBy  kit.ID       `bson:"recordedBy"`
}

// MembershipChangeRequestNoun says how requests for changes are stored. Listings give those of a member, and all in
// a state, by the day of the request.
var MembershipChangeRequestNoun = store.Declare(store.Noun[MembershipChangeRequest]{
	Name:     "membershipChangeRequests",
	Identity: func(x *MembershipChangeRequest) (string, *int64) { return string(x.ID), &x.Version },
	Keys: []store.Key[MembershipChangeRequest]{
		store.One("member", func(x *MembershipChangeRequest, _ string) string { return string(x.Member) }),
		store.OneOf("state", ChangeRequestStates, func(x *MembershipChangeRequest, _ string) ChangeRequestState { return x.State }),
		store.One("requestedOn", func(x *MembershipChangeRequest, _ string) string { return string(x.RequestedOn) }),
		store.Unique("asked", func(x *MembershipChangeRequest) string {
			if x.State != ChangeRequested {
				return ""
			}
			return string(x.Member)
		}),
	},
	Listings: []store.Listing{
		{Equal: []string{"member", "state"}, Sort: "requestedOn"},
		{Equal: []string{"state"}, Sort: "requestedOn"},
	},
})

// IsNode marks MembershipChangeRequest as a type that the queries node and nodes can return.
func (x *MembershipChangeRequest) IsNode() {}

func (x *MembershipChangeRequest) about() kit.ID { return x.Member }

// terms returns what the membership would become. If the category stays, so do the Sectors and the study group,
// unless the request names others.
func (x *MembershipChangeRequest) terms(is Membership) MembershipTerms {
	t := MembershipTerms{is.Category, x.Sectors, x.StudyGroup, x.FeeClass}
	kit.Set(&t.Category, x.Category)
	if t.Category == is.Category && t.StudyGroup == nil {
		t.StudyGroup = kit.Optional(is.StudyGroup)
	}
	return t
}

// events returns what the lifecycle must record so that the change takes effect on a day. A change of category is
// one event with everything in it; otherwise there is one event for each thing that changes.
func (x *MembershipChangeRequest) events(is Membership, on kit.Date) (events []LifecycleEvent) {
	terms := x.terms(is)
	if terms.Category != is.Category {
		return []LifecycleEvent{{Kind: CategoryChanged, EffectiveOn: on, Category: &terms.Category, Sectors: terms.Held(), StudyGroup: x.StudyGroup, FeeClass: x.FeeClass}}
	}
	if x.Sectors != nil && !is.holds(terms.Held()) {
		events = append(events, LifecycleEvent{Kind: SectorsChanged, EffectiveOn: on, Sectors: terms.Held()})
	}
	if x.StudyGroup != nil && *x.StudyGroup != is.StudyGroup {
		events = append(events, LifecycleEvent{Kind: StudyGroupChanged, EffectiveOn: on, StudyGroup: x.StudyGroup})
	}
	if x.FeeClass != nil && *x.FeeClass != is.FeeClass {
		events = append(events, LifecycleEvent{Kind: FeeClassChanged, EffectiveOn: on, FeeClass: x.FeeClass})
	}
	return events
}

// holds says whether the membership has exactly these Sectors, in any order.
func (s Membership) holds(sectors []Sector) bool {
	return len(s.Sectors) == len(sectors) && !slices.ContainsFunc(s.Sectors, func(h MembershipSector) bool { return !slices.Contains(sectors, h.Sector) })
}

// MembershipChangeRequestConnection is one page of requests for changes. MembershipChangeRequestEdge is one of them
// with its cursor.
type (
	MembershipChangeRequestConnection = kit.Connection[*MembershipChangeRequest]
	MembershipChangeRequestEdge       = kit.Edge[*MembershipChangeRequest]
)

// MembershipChangeRequestService reads requests for changes and decides on them. The member, its administration and
// SECRETARIAT may see them.
type MembershipChangeRequestService struct {
	core     *kit.Core
	requests store.Collection[MembershipChangeRequest]
	members  *MemberService
}

// show sets up requests that were read in one call, and sets to nil those that the caller may not see.
func (s *MembershipChangeRequestService) show(ctx context.Context, found []*MembershipChangeRequest) error {
	return insideOnly(ctx, found, func(x *MembershipChangeRequest, with *kit.Together[*MembershipChangeRequest]) { x.with = with }, s.MemberOf)
}

// ByIDs reads records in the order of ids. An entry is nil if there is no such record or the caller may not see it.
func (s *MembershipChangeRequestService) ByIDs(ctx context.Context, ids []kit.ID) ([]*MembershipChangeRequest, error) {
	found, err := s.requests.Many(ctx, kit.Strings(ids))
	if err == nil {
		err = s.show(ctx, found)
	}
	return found, err
}

// Get reads one request. It returns nil if there is none or the caller may not see it.
func (s *MembershipChangeRequestService) Get(ctx context.Context, id kit.ID) (*MembershipChangeRequest, error) {
	return kit.One(ctx, s.ByIDs, id)
}

func (s *MembershipChangeRequestService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// MemberOf returns the member that asks, nil if the caller may not see it. One call reads the members of all
// requests of a page.
func (s *MembershipChangeRequestService) MemberOf(ctx context.Context, x *MembershipChangeRequest) (*Member, error) {
	return memberOf(ctx, s.members, x.with, x, (*MembershipChangeRequest).about)
}

// List pages through requests by their day. Those who may see internal data of a member may list its requests;
// SECRETARIAT may list all. Without states it takes all states; an empty list of states matches nothing.
func (s *MembershipChangeRequestService) List(ctx context.Context, member *kit.ID, states []ChangeRequestState, args kit.PageArgs) (*MembershipChangeRequestConnection, error) {
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
	found, err := kit.PageOf(ctx, s.core.Sealer, s.requests, store.Query{Any: []store.Where{where}, Sort: "requestedOn"}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	return found, s.show(ctx, found.Nodes())
}

// ShownVersion returns the version to SECRETARIAT and the member's focal points, and nil to others.
func (x *MembershipChangeRequest) ShownVersion(ctx context.Context) *int64 {
	a := kit.ActorOf(ctx)
	return kit.ShownVersion(&x.Version, a.Has(kit.MembershipSecretariat) || a.Leads(x.Member))
}
