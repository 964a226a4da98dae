package membership

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// CriterionAnswerInput says whether the organisation meets a criterion, and why.
type CriterionAnswerInput struct {
	Criterion ExemptionCriterion
	Met       bool
	Note      *string
}

// RequestFeeExemptionInput asks for an exemption from fees. It must answer every criterion once.
type RequestFeeExemptionInput struct {
	IdempotencyKey *string
	Member         kit.ID
	Criteria       []CriterionAnswerInput
	Evidence       []string
	EvidenceFiles  []kit.ID
}

// RequestFeeExemptionPayload has the result: FeeExemption is nil if UserErrors is not empty.
type RequestFeeExemptionPayload struct {
	FeeExemption *FeeExemption
	UserErrors   []kit.UserError
}

// DecideFeeExemptionInput records what the Council decided. A granted request has From, which is today if it is
// left out, and Until, the first day of the next plenipotentiary conference. A refused one needs Reason.
type DecideFeeExemptionInput struct {
	ID              kit.ID
	ExpectedVersion int
	Grant           bool
	Session         string
	DecidedOn       kit.Date
	From            *kit.Date
	Until           *kit.Date
	CountedUnder    *country.Region
	Reason          *string
}

// DecideFeeExemptionPayload has the record after the change: FeeExemption is nil if UserErrors is not empty.
type DecideFeeExemptionPayload struct {
	FeeExemption *FeeExemption
	UserErrors   []kit.UserError
}

// Request asks for an exemption from fees (No. 476 of the Convention). FOCAL_POINT may for its own member,
// SECRETARIAT for all. Others get FORBIDDEN for a member that they may see, and NOT_FOUND otherwise. For a member
// that left the error is NOT_ALLOWED_IN_STATE. A second request before the first is decided is a DUPLICATE.
func (s *FeeExemptionService) Request(ctx context.Context, in RequestFeeExemptionInput) (*RequestFeeExemptionPayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "requestFeeExemption", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		m, err := s.members.changeable(ctx, in.Member)
		if err != nil {
			return "", err
		}
		f := kit.NewFaults(ctx)
		in.check(f)
		id := s.core.NewID(exemptionPrefix)
		offers, err := s.files.Offered(ctx, id, files.Sources(in.EvidenceFiles)...)
		if err != nil {
			return "", err
		}
		evidence := offers.TakeFiles(f, "input.evidenceFiles", in.EvidenceFiles, files.OfRecord)
		if !slices.Contains(unended, m.view.Status) {
			f.Add(kit.CodeNotAllowedInState, "input.member", "notAllowedInState", map[string]string{
				"status": string(m.view.Status), "allowed": strings.Join(kit.Strings(unended), ", "),
			})
		}
		switch asked, err := s.exemptions.Lookup(ctx, "asked", string(in.Member)); {
		case err == nil:
			f.Add(kit.CodeDuplicate, "input.member", "duplicate.exemption", nil).RelatedID = new(kit.ID(asked))
		case !errors.Is(err, store.ErrNotFound):
			return "", err
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		x := &FeeExemption{
			ID: id, Member: m.ID, Evidence: in.Evidence, StoredEvidenceFiles: evidence, RequestedOn: s.core.Clock.Today(), RequestedBy: kit.ActorOf(ctx).Subject,
			Criteria: kit.Map(in.Criteria, func(c CriterionAnswerInput) CriterionAnswer { return CriterionAnswer(c) }), Dataset: kit.DatasetOf(ctx),
		}
		if err := errors.Join(s.exemptions.Insert(ctx, x), offers.Keep(ctx)); err != nil {
			return "", err
		}
		note(kit.Changed(FeeExemptionNoun, x, kit.Created, "member", "criteria", "evidence"))
		return x.ID, s.tellRequested(ctx, m)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &RequestFeeExemptionPayload{UserErrors: faults}, err
	}
	x, err := s.Get(ctx, id)
	return &RequestFeeExemptionPayload{FeeExemption: x}, err
}

// check adds all faults of the input to f.
func (in RequestFeeExemptionInput) check(f *kit.Faults) {
	f.IdempotencyKey(in.IdempotencyKey)
	f.Evidence(nil, in.Evidence)
	if len(in.Evidence)+len(in.EvidenceFiles) == 0 {
		f.Add(kit.CodeRequired, "input.evidence", "required", nil)
	}
	seen := map[ExemptionCriterion]bool{}
	for i, c := range in.Criteria {
		path := fmt.Sprintf("input.criteria.%d.", i)
		if seen[c.Criterion] {
			f.Add(kit.CodeDuplicate, path+"criterion", "duplicate.entry", nil)
		}
		seen[c.Criterion] = true
		f.Text(path+"note", c.Note, 1000, true)
	}
	for _, c := range ExemptionCriteria {
		if !seen[c] {
			f.Add(kit.CodeRequired, "input.criteria", "required.criterion", map[string]string{"criterion": string(c)})
		}
	}
}

// Decide records what the Council decided. For a granted exemption it also records the event in the member's
// lifecycle. SECRETARIAT only. A request that is decided already is NOT_ALLOWED_IN_STATE.
func (s *FeeExemptionService) Decide(ctx context.Context, in DecideFeeExemptionInput) (*DecideFeeExemptionPayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	from := s.core.Clock.Today()
	kit.Set(&from, in.From)
	faults, err := decide(ctx, s.members, FeeExemptionNoun, kit.Amendment{Operation: "decideFeeExemption", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.Get, (*FeeExemption).about,
		func(x *FeeExemption, m *Member, f *kit.Faults) ([]string, bool) {
			if in.check(f, x, from, s.core.Clock.Today()); len(f.List) > 0 {
				return nil, false
			}
			x.Decision = in.decision(from)
			x.Decision.RecordedAt, x.Decision.RecordedBy = kit.DateTimeOf(s.core.Clock.Now()), kit.ActorOf(ctx).Subject
			if in.Grant {
				s.members.grant(ctx, f, m, x)
			}
			return []string{"decision"}, in.Grant
		}, s.decided)
	if err != nil || faults != nil {
		return &DecideFeeExemptionPayload{UserErrors: faults}, err
	}
	x, err := s.Get(ctx, in.ID)
	return &DecideFeeExemptionPayload{FeeExemption: x}, err
}

// decided tells the member. An organisation that applied and waits for its activation owes the joining invoice once its
// request is refused.
func (s *FeeExemptionService) decided(ctx context.Context, note func(kit.Change), x *FeeExemption, m *Member) error {
	if err := s.tellDecided(ctx, x); err != nil || x.Decision.Granted {
		return err
	}
	today := s.core.Clock.Today()
	if m.On(today).Status != PendingActivation || !m.applied() {
		return nil
	}
	_, err := s.invoices.IssueTo(ctx, note, m, InvoiceJoining, today.Year(), today)
	return err
}

// decision returns what the Council decided, without the person who recorded it.
func (in DecideFeeExemptionInput) decision(from kit.Date) *ExemptionDecision {
	d := &ExemptionDecision{Granted: in.Grant, Session: in.Session, On: in.DecidedOn, Reason: in.Reason}
	if in.Grant {
		d.From, d.Until, d.CountedUnder = &from, in.Until, in.CountedUnder
	}
	return d
}

// check adds all faults of the input to f.
func (in *DecideFeeExemptionInput) check(f *kit.Faults, x *FeeExemption, from, today kit.Date) {
	if x.Decision != nil {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.decided", map[string]string{"status": string(x.State())})
	}
	f.Line("input.session", &in.Session, 200, true)
	f.Evidence(in.Reason, nil)
	switch {
	case in.DecidedOn > today:
		f.Add(kit.CodeOutOfRange, "input.decidedOn", "outOfRange.after", map[string]string{"date": string(today)})
	case in.DecidedOn < x.RequestedOn:
		f.Add(kit.CodeOutOfRange, "input.decidedOn", "outOfRange.before", map[string]string{"date": string(x.RequestedOn)})
	}
	if !in.Grant {
		if in.Reason == nil {
			f.Add(kit.CodeRequired, "input.reason", "required", nil)
		}
		if in.From != nil || in.Until != nil || in.CountedUnder != nil {
			f.Add(kit.CodeInvalid, "input.grant", "invalid.refused", nil)
		}
		return
	}
	f.Day("input.from", from, in.DecidedOn, today)
	switch {
	case in.Until == nil:
		f.Add(kit.CodeRequired, "input.until", "required", nil)
	case *in.Until <= from:
		f.Add(kit.CodeOutOfRange, "input.until", "outOfRange.before", map[string]string{"date": string(from.AddDays(1))})
	}
}

// grant records a granted exemption in the lifecycle of its member.
func (s *MemberService) grant(ctx context.Context, f *kit.Faults, m *Member, x *FeeExemption) {
	d := x.Decision
	m.record(s, ctx, LifecycleEvent{
		Kind: ExemptionGranted, EffectiveOn: *d.From, Until: d.Until, CountedUnder: d.CountedUnder, Reason: new(d.Session), Evidence: []string{string(x.ID)},
	})
	CheckSequence(f, m, m.Events[len(m.Events)-1].ID)
}
