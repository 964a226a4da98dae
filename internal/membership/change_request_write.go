package membership

import (
	"context"
	"errors"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// RequestMembershipChangeInput asks for another category, other Sectors, another study group or another fee class.
// A field that is nil stays as it is. If the category changes and no Sectors are named, they become D, and all
// three for Academia.
type RequestMembershipChangeInput struct {
	IdempotencyKey *string
	Member         kit.ID
	Category       *MembershipCategory
	Sectors        []Sector
	StudyGroup     *StudyGroup
	FeeClass       *string
	Reason         string
}

// RequestMembershipChangePayload has the result: MembershipChangeRequest is nil if UserErrors is not empty.
type RequestMembershipChangePayload struct {
	MembershipChangeRequest *MembershipChangeRequest
	UserErrors              []kit.UserError
}

// DecideMembershipChangeInput decides on a request. Accepting needs EffectiveOn, the first day of the change.
// Refusing needs Reason.
type DecideMembershipChangeInput struct {
	ID              kit.ID
	ExpectedVersion int
	Accept          bool
	EffectiveOn     *kit.Date
	Reason          *string
}

// DecideMembershipChangePayload has the record after the change: MembershipChangeRequest is nil if UserErrors is
// not empty.
type DecideMembershipChangePayload struct {
	MembershipChangeRequest *MembershipChangeRequest
	UserErrors              []kit.UserError
}

// WithdrawMembershipChangeInput takes a request back.
type WithdrawMembershipChangeInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// WithdrawMembershipChangePayload has the record after the change: MembershipChangeRequest is nil if UserErrors is
// not empty.
type WithdrawMembershipChangePayload struct {
	MembershipChangeRequest *MembershipChangeRequest
	UserErrors              []kit.UserError
}

// Request asks for a change of a membership. FOCAL_POINT may for its own member, SECRETARIAT for all. Others get
// FORBIDDEN for a member that they may see, and NOT_FOUND otherwise. For another category the member must be
// ACTIVE; for anything else it must not have left; else the error is NOT_ALLOWED_IN_STATE. What the membership has
// already is INVALID. A second request before the first is decided is a DUPLICATE.
func (s *MembershipChangeRequestService) Request(ctx context.Context, in RequestMembershipChangeInput) (*RequestMembershipChangePayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "requestMembershipChange", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		m, err := s.members.changeable(ctx, in.Member)
		if err != nil {
			return "", err
		}
		today := s.core.Clock.Today()
		x, is := in.request(m, today), m.On(today)
		x.ID, x.RequestedBy, x.Dataset = s.core.NewID(changeRequestPrefix), kit.ActorOf(ctx).Subject, kit.DatasetOf(ctx)
		f := kit.NewFaults(ctx)
		f.IdempotencyKey(in.IdempotencyKey)
		f.Evidence(&x.Reason, nil)
		table, err := s.members.classTable(ctx, x.FeeClass)
		if err != nil {
			return "", err
		}
		s.members.fits(f, table, x, is, today)
		x.during(f, m)
		if len(f.List) == 0 && len(x.events(is, today)) == 0 {
			f.Add(kit.CodeInvalid, "input", "invalid.nothingChanges", nil)
		}
		switch asked, err := s.requests.Lookup(ctx, "asked", string(in.Member)); {
		case err == nil:
			f.Add(kit.CodeDuplicate, "input.member", "duplicate.change", nil).RelatedID = new(kit.ID(asked))
		case !errors.Is(err, store.ErrNotFound):
			return "", err
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		if x.Category != nil || x.Sectors != nil {
			x.Sectors = x.terms(is).Held()
		}
		if err := s.requests.Insert(ctx, x); err != nil {
			return "", err
		}
		note(kit.Changed(MembershipChangeRequestNoun, x, kit.Created, "member", "category", "sectors", "studyGroup", "feeClass", "reason"))
		return x.ID, s.tellRequested(ctx, m)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &RequestMembershipChangePayload{UserErrors: faults}, err
	}
	x, err := s.Get(ctx, id)
	return &RequestMembershipChangePayload{MembershipChangeRequest: x}, err
}

// request makes a request from the input. It leaves out the category if the member has it already.
func (in RequestMembershipChangeInput) request(m *Member, today kit.Date) *MembershipChangeRequest {
	x := &MembershipChangeRequest{
		Member: m.ID, Category: in.Category, Sectors: in.Sectors, StudyGroup: in.StudyGroup, FeeClass: in.FeeClass,
		Reason: strings.TrimSpace(in.Reason), RequestedOn: today, State: ChangeRequested,
	}
	if x.Category != nil && *x.Category == m.On(today).Category {
		x.Category = nil
	}
	return x
}

// during adds a fault if the member's status does not allow what the request asks for.
func (x *MembershipChangeRequest) during(f *kit.Faults, m *Member) {
	allowed := Moves[SectorsChanged].From
	if x.Category != nil {
		allowed = Moves[CategoryChanged].From
	}
	if !slices.Contains(allowed, m.view.Status) {
		f.Add(kit.CodeNotAllowedInState, "input.member", "notAllowedInState", map[string]string{
			"status": string(m.view.Status), "allowed": strings.Join(kit.Strings(allowed), ", "),
		})
	}
}

// fits adds faults if the parts of a request contradict each other, the membership, or the tariffs of a day.
func (s *MemberService) fits(f *kit.Faults, table *FeeTable, x *MembershipChangeRequest, is Membership, on kit.Date) {
	x.terms(is).Check(f)
	after := is
	for _, e := range x.events(is, on) {
		e.apply(&after)
	}
	s.FeeClass(f, table, after, x.FeeClass, on)
}

// Decide accepts or refuses a request for a change. SECRETARIAT only. An accepted change is recorded in the
// member's lifecycle. The error is NOT_ALLOWED_IN_STATE if the table of moves does not allow that, or if the
// request is decided or withdrawn.
func (s *MembershipChangeRequestService) Decide(ctx context.Context, in DecideMembershipChangeInput) (*DecideMembershipChangePayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	table, err := s.members.tariffs.Table(ctx)
	if err != nil {
		return nil, err
	}
	faults, err := decide(ctx, s.members, MembershipChangeRequestNoun, kit.Amendment{Operation: "decideMembershipChange", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.Get, (*MembershipChangeRequest).about,
		func(x *MembershipChangeRequest, m *Member, f *kit.Faults) ([]string, bool) {
			x.open(f)
			if in.check(f, m, s.core.Clock.Today()); len(f.List) == 0 && in.Accept {
				s.members.alter(ctx, f, table, m, x, *in.EffectiveOn, in.Reason)
			}
			x.State = ChangeRefused
			if in.Accept {
				x.State = ChangeAccepted
			}
			x.Decision = &ChangeDecision{
				Accepted: in.Accept, On: s.core.Clock.Today(), EffectiveOn: in.EffectiveOn, Reason: kit.Trimmed(in.Reason),
				RecordedAt: kit.DateTimeOf(s.core.Clock.Now()), RecordedBy: kit.ActorOf(ctx).Subject,
			}
			return []string{"state", "decision"}, in.Accept
		}, s.tellDecided)
	if err != nil || faults != nil {
		return &DecideMembershipChangePayload{UserErrors: faults}, err
	}
	x, err := s.Get(ctx, in.ID)
	return &DecideMembershipChangePayload{MembershipChangeRequest: x}, err
}

// open adds a fault if the request is decided or withdrawn.
func (x *MembershipChangeRequest) open(f *kit.Faults) {
	if x.State != ChangeRequested {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.decided", map[string]string{"status": string(x.State)})
	}
}

// check adds all faults of the input to f.
func (in DecideMembershipChangeInput) check(f *kit.Faults, m *Member, today kit.Date) {
	f.Evidence(in.Reason, nil)
	switch {
	case in.Accept && in.EffectiveOn == nil:
		f.Add(kit.CodeRequired, "input.effectiveOn", "required", nil)
	case in.Accept:
		f.Day("input.effectiveOn", *in.EffectiveOn, m.settledBy(today), today)
	case in.EffectiveOn != nil:
		f.Add(kit.CodeInvalid, "input.effectiveOn", "invalid.refusedChange", nil)
	}
	if !in.Accept && in.Reason == nil {
		f.Add(kit.CodeRequired, "input.reason", "required", nil)
	}
}

// alter records in the lifecycle what a member asked for. The reason is the reason of the decision, or of the
// request if the decision has none. A fault names the field that no longer fits the membership.
func (s *MemberService) alter(ctx context.Context, f *kit.Faults, table *FeeTable, m *Member, x *MembershipChangeRequest, on kit.Date, reason *string) {
	is, unfit := m.justBefore(LifecycleEvent{Kind: CategoryChanged, EffectiveOn: on}), kit.NewFaults(ctx)
	s.fits(unfit, table, x, is, on)
	for _, e := range unfit.List {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.unfit", map[string]string{"field": e.Field[len(e.Field)-1]})
	}
	events := x.events(is, on)
	if len(events) == 0 && len(f.List) == 0 {
		f.Add(kit.CodeInvalid, "input.id", "invalid.nothingChanges", nil)
	}
	why := x.Reason
	kit.Set(&why, kit.Trimmed(reason))
	for _, e := range events {
		if len(f.List) > 0 {
			return
		}
		e.Reason, e.Evidence = &why, []string{string(x.ID)}
		m.record(s, ctx, e)
		m.judge(f, Moves[e.Kind], nil, arrearsTerms{})
	}
}

// Withdraw takes back a request that is not decided; NOT_ALLOWED_IN_STATE otherwise. FOCAL_POINT may for its own
// member. A request that the caller may not see is NOT_FOUND, one of another member FORBIDDEN.
func (s *MembershipChangeRequestService) Withdraw(ctx context.Context, in WithdrawMembershipChangeInput) (*WithdrawMembershipChangePayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint); err != nil {
		return nil, err
	}
	_, err := kit.AmendAnd(ctx, s.core, MembershipChangeRequestNoun, kit.Amendment{Operation: "withdrawMembershipChange", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.mayWithdraw,
		func(x *MembershipChangeRequest, f *kit.Faults) []string {
			x.open(f)
			x.State = ChangeWithdrawn
			return []string{"state"}
		}, s.tellWithdrawn)
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &WithdrawMembershipChangePayload{UserErrors: faults}, err
	}
	x, err := s.Get(ctx, in.ID)
	return &WithdrawMembershipChangePayload{MembershipChangeRequest: x}, err
}

func (s *MembershipChangeRequestService) mayWithdraw(ctx context.Context, x *MembershipChangeRequest) error {
	seen := []*MembershipChangeRequest{x}
	if err := s.show(ctx, seen); err != nil {
		return err
	}
	switch {
	case seen[0] == nil:
		return kit.Refuse(kit.NotFound, "notFound", nil)
	case !kit.ActorOf(ctx).Leads(x.Member):
		return kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	return nil
}
