package portal

import (
	"context"
	"errors"
	"slices"
	"strings"

	"memberportal/internal/store"
)

// RequestMembershipChangeInput asks for another category, other Sectors, another study group or another
// fee class. What is nil stays as it is; with another category the Sectors are D, and all three for
// Academia.
type RequestMembershipChangeInput struct {
	IdempotencyKey *string
	Member         ID
	Category       *MembershipCategory
	Sectors        []Sector
	StudyGroup     *StudyGroup
	FeeClass       *string
	Reason         string
}

// RequestMembershipChangePayload is the request, or what is wrong.
type RequestMembershipChangePayload struct {
	MembershipChangeRequest *MembershipChangeRequest
	UserErrors              []UserError
}

// DecideMembershipChangeInput decides on a request. EffectiveOn, the first day of the change, is needed to
// accept it, Reason to refuse it.
type DecideMembershipChangeInput struct {
	ID              ID
	ExpectedVersion int
	Accept          bool
	EffectiveOn     *Date
	Reason          *string
}

// DecideMembershipChangePayload is the request as it is now, or what is wrong.
type DecideMembershipChangePayload struct {
	MembershipChangeRequest *MembershipChangeRequest
	UserErrors              []UserError
}

// WithdrawMembershipChangeInput takes a request back.
type WithdrawMembershipChangeInput struct {
	ID              ID
	ExpectedVersion int
}

// WithdrawMembershipChangePayload is the request as it is now, or what is wrong.
type WithdrawMembershipChangePayload struct {
	MembershipChangeRequest *MembershipChangeRequest
	UserErrors              []UserError
}

// Request asks for a change of a membership. FOCAL_POINT for its own member, SECRETARIAT for all; others
// get FORBIDDEN for a member that they see and NOT_FOUND for one that they do not. For another category
// the member must be ACTIVE, for anything else it must not have left, else NOT_ALLOWED_IN_STATE. What is so
// already is INVALID; a request that is not decided yet makes another one a DUPLICATE.
func (s *MembershipChangeRequestService) Request(ctx context.Context, in RequestMembershipChangeInput) (*RequestMembershipChangePayload, error) {
	if err := Require(ctx, RoleFocalPoint, RoleSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.create(ctx, "requestMembershipChange", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		m, err := s.members.changeable(ctx, in.Member)
		if err != nil {
			return "", err
		}
		today := s.core.clock.Today()
		x, is := in.request(m, today), m.on(today)
		x.ID, x.RequestedBy, x.Dataset = s.core.newID(changeRequestPrefix), ActorOf(ctx).Subject, datasetOf(ctx)
		f := newFaults(ctx)
		f.idempotencyKey(in.IdempotencyKey)
		f.evidence(&x.Reason, nil)
		s.members.fits(f, x, is, today)
		x.during(f, m)
		if len(f.list) == 0 && len(x.events(is, today)) == 0 {
			f.add(CodeInvalid, "input", "invalid.nothingChanges", nil)
		}
		switch asked, err := s.requests.Lookup(ctx, "asked", string(in.Member)); {
		case err == nil:
			f.add(CodeDuplicate, "input.member", "duplicate.change", nil).RelatedID = new(ID(asked))
		case !errors.Is(err, store.ErrNotFound):
			return "", err
		}
		if err := f.err(); err != nil {
			return "", err
		}
		if x.Category != nil || x.Sectors != nil {
			x.Sectors = x.terms(is).held()
		}
		if err := s.requests.Insert(ctx, x); err != nil {
			return "", err
		}
		note(changed(MembershipChangeRequestNoun, x, Created, "member", "category", "sectors", "studyGroup", "feeClass", "reason"))
		return x.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &RequestMembershipChangePayload{UserErrors: faults}, err
	}
	x, err := s.Get(ctx, id)
	return &RequestMembershipChangePayload{MembershipChangeRequest: x}, err
}

// request is what the input asks for. A category that the member has is not asked for.
func (in RequestMembershipChangeInput) request(m *Member, today Date) *MembershipChangeRequest {
	x := &MembershipChangeRequest{
		Member: m.ID, Category: in.Category, Sectors: in.Sectors, StudyGroup: in.StudyGroup, FeeClass: in.FeeClass,
		Reason: strings.TrimSpace(in.Reason), RequestedOn: today, State: ChangeRequested,
	}
	if x.Category != nil && *x.Category == m.on(today).Category {
		x.Category = nil
	}
	return x
}

// during finds a status in which nothing may be recorded of what is asked for.
func (x *MembershipChangeRequest) during(f *faults, m *Member) {
	allowed := moves[SectorsChanged].from
	if x.Category != nil {
		allowed = moves[CategoryChanged].from
	}
	if !slices.Contains(allowed, m.view.Status) {
		f.add(CodeNotAllowedInState, "input.member", "notAllowedInState", map[string]string{
			"status": string(m.view.Status), "allowed": strings.Join(texts(allowed), ", "),
		})
	}
}

// fits finds what of a request does not fit together, or not the membership and the tariffs of a day.
func (s *MemberService) fits(f *faults, x *MembershipChangeRequest, is membership, on Date) {
	x.terms(is).check(f)
	after := is
	for _, e := range x.events(is, on) {
		e.apply(&after)
	}
	s.feeClass(f, after, x.FeeClass, on)
}

// Decide accepts or refuses a request for a change. SECRETARIAT only. What was accepted is recorded in the
// member's lifecycle, if the table of moves allows it, else NOT_ALLOWED_IN_STATE; so is a request that is
// decided or withdrawn.
func (s *MembershipChangeRequestService) Decide(ctx context.Context, in DecideMembershipChangeInput) (*DecideMembershipChangePayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	faults, err := decide(ctx, s.members, MembershipChangeRequestNoun, amendment{"decideMembershipChange", in.ID, in.ExpectedVersion, nil}, s.Get, (*MembershipChangeRequest).about,
		func(x *MembershipChangeRequest, m *Member, f *faults) ([]string, bool) {
			x.open(f)
			if in.check(f, m, s.core.clock.Today()); len(f.list) == 0 && in.Accept {
				s.members.alter(ctx, f, m, x, *in.EffectiveOn, in.Reason)
			}
			x.State = ChangeRefused
			if in.Accept {
				x.State = ChangeAccepted
			}
			x.Decision = &ChangeDecision{
				Accepted: in.Accept, On: s.core.clock.Today(), EffectiveOn: in.EffectiveOn, Reason: trimmed(in.Reason),
				RecordedAt: DateTimeOf(s.core.clock.Now()), RecordedBy: ActorOf(ctx).Subject,
			}
			return []string{"state", "decision"}, in.Accept
		})
	if err != nil || faults != nil {
		return &DecideMembershipChangePayload{UserErrors: faults}, err
	}
	x, err := s.Get(ctx, in.ID)
	return &DecideMembershipChangePayload{MembershipChangeRequest: x}, err
}

// open finds that nothing is left to decide.
func (x *MembershipChangeRequest) open(f *faults) {
	if x.State != ChangeRequested {
		f.add(CodeNotAllowedInState, "input.id", "notAllowedInState.decided", map[string]string{"status": string(x.State)})
	}
}

// check finds all faults of the input.
func (in DecideMembershipChangeInput) check(f *faults, m *Member, today Date) {
	f.evidence(in.Reason, nil)
	switch {
	case in.Accept && in.EffectiveOn == nil:
		f.add(CodeRequired, "input.effectiveOn", "required", nil)
	case in.Accept:
		f.day("input.effectiveOn", *in.EffectiveOn, m.settledBy(today), today)
	case in.EffectiveOn != nil:
		f.add(CodeInvalid, "input.effectiveOn", "invalid.refusedChange", nil)
	}
	if !in.Accept && in.Reason == nil {
		f.add(CodeRequired, "input.reason", "required", nil)
	}
}

// alter records in the lifecycle what a member asked for, with the reason of the decision, or that of the
// request if it has none. What no longer fits the membership is named by its field.
func (s *MemberService) alter(ctx context.Context, f *faults, m *Member, x *MembershipChangeRequest, on Date, reason *string) {
	is, unfit := m.justBefore(LifecycleEvent{Kind: CategoryChanged, EffectiveOn: on}), newFaults(ctx)
	s.fits(unfit, x, is, on)
	for _, e := range unfit.list {
		f.add(CodeNotAllowedInState, "input.id", "notAllowedInState.unfit", map[string]string{"field": e.Field[len(e.Field)-1]})
	}
	events := x.events(is, on)
	if len(events) == 0 && len(f.list) == 0 {
		f.add(CodeInvalid, "input.id", "invalid.nothingChanges", nil)
	}
	why := x.Reason
	set(&why, trimmed(reason))
	for _, e := range events {
		if len(f.list) > 0 {
			return
		}
		e.Reason, e.Evidence = &why, []string{string(x.ID)}
		m.record(s, ctx, e)
		m.judge(f, moves[e.Kind], nil, arrearsTerms{})
	}
}

// Withdraw takes a request back that is not decided, else NOT_ALLOWED_IN_STATE. FOCAL_POINT for its own
// member; a request that the caller does not see is NOT_FOUND, another one FORBIDDEN.
func (s *MembershipChangeRequestService) Withdraw(ctx context.Context, in WithdrawMembershipChangeInput) (*WithdrawMembershipChangePayload, error) {
	if err := Require(ctx, RoleFocalPoint); err != nil {
		return nil, err
	}
	_, err := amend(ctx, s.core, MembershipChangeRequestNoun, amendment{"withdrawMembershipChange", in.ID, in.ExpectedVersion, nil}, s.mayWithdraw,
		func(x *MembershipChangeRequest, f *faults) []string {
			x.open(f)
			x.State = ChangeWithdrawn
			return []string{"state"}
		})
	if err != nil {
		faults, err := refused(err)
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
		return refuse(NotFound, "notFound", nil)
	case !ActorOf(ctx).leads(x.Member):
		return refuse(Forbidden, "forbidden", nil)
	}
	return nil
}
