package membership

import (
	"context"
	"slices"

	"memberportal/internal/kit"
)

// CorrectLifecycleEventInput says what is wrong in a recorded event. A field that is left out stays as it was.
// Annul says that the event did not happen; then all other fields must be left out.
type CorrectLifecycleEventInput struct {
	ID              kit.ID
	ExpectedVersion int
	Event           kit.ID
	Annul           *bool
	EffectiveOn     *kit.Date
	NoticeOn        *kit.Date
	Until           *kit.Date
	ReasonCode      *DepartureReason
	Reason          string
	Evidence        []string
}

// CorrectLifecycleEventPayload has the record after the change: Member is nil if UserErrors is not empty.
type CorrectLifecycleEventPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// CorrectEvent records that an event was recorded wrongly. A new event supersedes it, and both stay in the history.
// The admission and the events before it can get another day, but cannot be annulled. All recorded events must
// still be allowed afterwards; else the error is NOT_ALLOWED_IN_STATE with the event that is not. If the member would
// have the name of another one again, the error is DUPLICATE. SECRETARIAT only.
func (s *MemberService) CorrectEvent(ctx context.Context, in CorrectLifecycleEventInput) (*CorrectLifecycleEventPayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	namesake := kit.NewFaults(ctx)
	m, err := kit.Amend(ctx, s.core, MemberNoun, kit.Amendment{Operation: "correctLifecycleEvent", ID: in.ID, Expected: in.ExpectedVersion, Reason: &in.Reason},
		func(ctx context.Context, m *Member) error {
			if err := s.mayChange(ctx, m); err != nil {
				return err
			}
			return s.freeAfter(ctx, namesake, m, in)
		},
		func(m *Member, f *kit.Faults) []string {
			f.Evidence(&in.Reason, in.Evidence)
			i := slices.IndexFunc(m.Current(), func(e LifecycleEvent) bool { return e.ID == in.Event })
			if i < 0 {
				f.Add(kit.CodeUnknownReference, "input.event", "unknownReference.event", nil)
				return nil
			}
			f.Grows("input.id", len(m.Events), maxLifecycle)
			f.List = append(f.List, namesake.List...)
			m.record(s, ctx, in.corrected(f, m.Current()[i], s.core.Clock.Today()))
			if len(f.List) == 0 {
				CheckSequence(f, m, "")
			}
			m.Name = m.nameOn(kit.Never)
			return []string{"events"}
		})
	if m != nil {
		s.show(ctx, m)
	}
	faults, err := kit.UserErrorsOf(err)
	return &CorrectLifecycleEventPayload{m, faults}, err
}

// corrected returns the event that supersedes a wrong one.
func (in CorrectLifecycleEventInput) corrected(f *kit.Faults, wrong LifecycleEvent, today kit.Date) LifecycleEvent {
	e := wrong
	e.Actor, e.Supersedes, e.Reason, e.Evidence = "", &wrong.ID, &in.Reason, in.Evidence
	kit.Set(&e.EffectiveOn, in.EffectiveOn)
	if in.NoticeOn != nil {
		e.NoticeOn = in.NoticeOn
	}
	if in.Until != nil {
		e.Until = in.Until
	}
	if in.ReasonCode != nil {
		e.ReasonCode = in.ReasonCode
	}
	in.check(f, wrong, e, today)
	if in.Annul != nil && *in.Annul {
		return LifecycleEvent{Kind: Annulled, EffectiveOn: wrong.EffectiveOn, Supersedes: &wrong.ID, Reason: &in.Reason, Evidence: in.Evidence}
	}
	return e
}

// check adds a fault for what a correction cannot change in an event.
func (in CorrectLifecycleEventInput) check(f *kit.Faults, wrong, e LifecycleEvent, today kit.Date) {
	f.Day("input.effectiveOn", e.EffectiveOn, "", today)
	if in.NoticeOn != nil {
		switch {
		case wrong.Kind != WithdrawalNotified && wrong.Kind != EventSuspended:
			f.Add(kit.CodeInvalid, "input.noticeOn", "invalid.notOfEvent", map[string]string{"kind": string(wrong.Kind)})
		case *in.NoticeOn > today:
			f.Add(kit.CodeOutOfRange, "input.noticeOn", "outOfRange.after", map[string]string{"date": string(today)})
		}
	}
	if in.Until != nil {
		switch {
		case wrong.Until == nil:
			f.Add(kit.CodeInvalid, "input.until", "invalid.notOfEvent", map[string]string{"kind": string(wrong.Kind)})
		case *in.Until <= e.EffectiveOn:
			f.Add(kit.CodeOutOfRange, "input.until", "outOfRange.before", map[string]string{"date": string(e.EffectiveOn.AddDays(1))})
		}
	}
	if in.ReasonCode != nil && wrong.ReasonCode == nil {
		f.Add(kit.CodeInvalid, "input.reasonCode", "invalid.notOfEvent", map[string]string{"kind": string(wrong.Kind)})
	}
	changes := in.EffectiveOn != nil || in.NoticeOn != nil || in.Until != nil || in.ReasonCode != nil
	annul := in.Annul != nil && *in.Annul
	switch {
	case annul && changes:
		f.Add(kit.CodeInvalid, "input.annul", "invalid.annulAlone", nil)
	case annul && slices.Contains([]LifecycleKind{Applied, Approved, Admitted}, wrong.Kind):
		f.Add(kit.CodeInvalid, "input.annul", "invalid.annulAdmission", nil)
	case !annul && !changes:
		f.Add(kit.CodeInvalid, "input", "invalid.nothingChanges", nil)
	}
}
