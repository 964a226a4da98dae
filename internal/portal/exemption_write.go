package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/store"
)

// CriterionAnswerInput says whether the organisation meets a criterion, and why.
type CriterionAnswerInput struct {
	Criterion ExemptionCriterion
	Met       bool
	Note      *string
}

// RequestFeeExemptionInput asks for an exemption from fees. Every criterion is answered once.
type RequestFeeExemptionInput struct {
	IdempotencyKey *string
	Member         ID
	Criteria       []CriterionAnswerInput
	Evidence       []string
}

// RequestFeeExemptionPayload is the request, or what is wrong.
type RequestFeeExemptionPayload struct {
	FeeExemption *FeeExemption
	UserErrors   []UserError
}

// DecideFeeExemptionInput records what the Council decided. From, today if it is left out, and Until, the
// first day of the next plenipotentiary conference, are for a request that was granted; Reason is needed
// for one that was refused.
type DecideFeeExemptionInput struct {
	ID              ID
	ExpectedVersion int
	Grant           bool
	Session         string
	DecidedOn       Date
	From            *Date
	Until           *Date
	CountedUnder    *Region
	Reason          *string
}

// DecideFeeExemptionPayload is the request as it is now, or what is wrong.
type DecideFeeExemptionPayload struct {
	FeeExemption *FeeExemption
	UserErrors   []UserError
}

// Request asks for an exemption from fees (No. 476 of the Convention). FOCAL_POINT for its own member,
// SECRETARIAT for all; others get FORBIDDEN for a member that they see and NOT_FOUND for one that they do
// not. A member that left is NOT_ALLOWED_IN_STATE; a request that is not decided yet is a DUPLICATE.
func (s *FeeExemptionService) Request(ctx context.Context, in RequestFeeExemptionInput) (*RequestFeeExemptionPayload, error) {
	if err := Require(ctx, RoleFocalPoint, RoleSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.create(ctx, "requestFeeExemption", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		m, err := s.members.changeable(ctx, in.Member)
		if err != nil {
			return "", err
		}
		f := newFaults(ctx)
		in.check(f)
		if !slices.Contains(unended, m.view.Status) {
			f.add(CodeNotAllowedInState, "input.member", "notAllowedInState", map[string]string{
				"status": string(m.view.Status), "allowed": strings.Join(texts(unended), ", "),
			})
		}
		switch asked, err := s.exemptions.Lookup(ctx, "asked", string(in.Member)); {
		case err == nil:
			f.add(CodeDuplicate, "input.member", "duplicate.exemption", nil).RelatedID = new(ID(asked))
		case !errors.Is(err, store.ErrNotFound):
			return "", err
		}
		if err := f.err(); err != nil {
			return "", err
		}
		x := &FeeExemption{
			ID: s.core.newID(exemptionPrefix), Member: m.ID, Evidence: in.Evidence, RequestedOn: s.core.clock.Today(), RequestedBy: ActorOf(ctx).Subject,
			Criteria: each(in.Criteria, func(c CriterionAnswerInput) CriterionAnswer { return CriterionAnswer(c) }), Dataset: datasetOf(ctx),
		}
		if err := s.exemptions.Insert(ctx, x); err != nil {
			return "", err
		}
		note(changed(FeeExemptionNoun, x, Created, "member", "criteria", "evidence"))
		return x.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &RequestFeeExemptionPayload{UserErrors: faults}, err
	}
	x, err := s.Get(ctx, id)
	return &RequestFeeExemptionPayload{FeeExemption: x}, err
}

// check finds all faults of the input.
func (in RequestFeeExemptionInput) check(f *faults) {
	f.idempotencyKey(in.IdempotencyKey)
	f.evidence(nil, in.Evidence)
	if len(in.Evidence) == 0 {
		f.add(CodeRequired, "input.evidence", "required", nil)
	}
	seen := map[ExemptionCriterion]bool{}
	for i, c := range in.Criteria {
		path := fmt.Sprintf("input.criteria.%d.", i)
		if seen[c.Criterion] {
			f.add(CodeDuplicate, path+"criterion", "duplicate.entry", nil)
		}
		seen[c.Criterion] = true
		f.text(path+"note", c.Note, 1000, true)
	}
	for _, c := range ExemptionCriteria {
		if !seen[c] {
			f.add(CodeRequired, "input.criteria", "required.criterion", map[string]string{"criterion": string(c)})
		}
	}
}

// Decide records what the Council decided, and for an exemption that it granted the event in the member's
// lifecycle. SECRETARIAT only. A request that is decided is NOT_ALLOWED_IN_STATE.
func (s *FeeExemptionService) Decide(ctx context.Context, in DecideFeeExemptionInput) (*DecideFeeExemptionPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	from := s.core.clock.Today()
	set(&from, in.From)
	faults, err := decide(ctx, s.members, FeeExemptionNoun, amendment{"decideFeeExemption", in.ID, in.ExpectedVersion, nil}, s.Get, (*FeeExemption).about,
		func(x *FeeExemption, m *Member, f *faults) ([]string, bool) {
			if in.check(f, x, from, s.core.clock.Today()); len(f.list) > 0 {
				return nil, false
			}
			x.Decision = in.decision(from)
			x.Decision.RecordedAt, x.Decision.RecordedBy = DateTimeOf(s.core.clock.Now()), ActorOf(ctx).Subject
			if in.Grant {
				s.members.grant(ctx, f, m, x)
			}
			return []string{"decision"}, in.Grant
		})
	if err != nil || faults != nil {
		return &DecideFeeExemptionPayload{UserErrors: faults}, err
	}
	x, err := s.Get(ctx, in.ID)
	return &DecideFeeExemptionPayload{FeeExemption: x}, err
}

// decision is what the Council decided, without who recorded it.
func (in DecideFeeExemptionInput) decision(from Date) *ExemptionDecision {
	d := &ExemptionDecision{Granted: in.Grant, Session: in.Session, On: in.DecidedOn, Reason: in.Reason}
	if in.Grant {
		d.From, d.Until, d.CountedUnder = &from, in.Until, in.CountedUnder
	}
	return d
}

// check finds all faults of the input.
func (in *DecideFeeExemptionInput) check(f *faults, x *FeeExemption, from, today Date) {
	if x.Decision != nil {
		f.add(CodeNotAllowedInState, "input.id", "notAllowedInState.decided", map[string]string{"status": string(x.State())})
	}
	f.line("input.session", &in.Session, 200, true)
	f.evidence(in.Reason, nil)
	switch {
	case in.DecidedOn > today:
		f.add(CodeOutOfRange, "input.decidedOn", "outOfRange.after", map[string]string{"date": string(today)})
	case in.DecidedOn < x.RequestedOn:
		f.add(CodeOutOfRange, "input.decidedOn", "outOfRange.before", map[string]string{"date": string(x.RequestedOn)})
	}
	if !in.Grant {
		if in.Reason == nil {
			f.add(CodeRequired, "input.reason", "required", nil)
		}
		if in.From != nil || in.Until != nil || in.CountedUnder != nil {
			f.add(CodeInvalid, "input.grant", "invalid.refused", nil)
		}
		return
	}
	f.day("input.from", from, in.DecidedOn, today)
	switch {
	case in.Until == nil:
		f.add(CodeRequired, "input.until", "required", nil)
	case *in.Until <= from:
		f.add(CodeOutOfRange, "input.until", "outOfRange.before", map[string]string{"date": string(from.AddDays(1))})
	}
}

// grant records a granted exemption in the lifecycle of its member.
func (s *MemberService) grant(ctx context.Context, f *faults, m *Member, x *FeeExemption) {
	d := x.Decision
	m.record(s, ctx, LifecycleEvent{
		Kind: ExemptionGranted, EffectiveOn: *d.From, Until: d.Until, CountedUnder: d.CountedUnder, Reason: new(d.Session), Evidence: []string{string(x.ID)},
	})
	checkSequence(f, m, m.Events[len(m.Events)-1].ID)
}
