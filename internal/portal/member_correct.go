package portal

import (
	"context"
	"slices"
)

// CorrectLifecycleEventInput says what of an event is recorded wrongly. A field left out stays as it was;
// with Annul the event did not happen at all, and the other fields must be left out.
type CorrectLifecycleEventInput struct {
	ID              ID
	ExpectedVersion int
	Event           ID
	Annul           *bool
	EffectiveOn     *Date
	NoticeOn        *Date
	Until           *Date
	ReasonCode      *DepartureReason
	Reason          string
	Evidence        []string
}

// CorrectLifecycleEventPayload is the member as it is now, or what is wrong.
type CorrectLifecycleEventPayload struct {
	Member     *Member
	UserErrors []UserError
}

// CorrectEvent records that an event was recorded wrongly: a new event supersedes it, and both stay in the
// history. What happened before the admission and the admission itself can be dated otherwise but not
// annulled. All that is recorded must still be possible afterwards, else NOT_ALLOWED_IN_STATE names the
// event that would not be. SECRETARIAT only.
func (s *MemberService) CorrectEvent(ctx context.Context, in CorrectLifecycleEventInput) (*CorrectLifecycleEventPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	m, err := amend(ctx, s.core, MemberNoun, amendment{"correctLifecycleEvent", in.ID, in.ExpectedVersion, &in.Reason}, s.mayChange,
		func(m *Member, f *faults) []string {
			f.evidence(&in.Reason, in.Evidence)
			i := slices.IndexFunc(m.current(), func(e LifecycleEvent) bool { return e.ID == in.Event })
			if i < 0 {
				f.add(CodeUnknownReference, "input.event", "unknownReference.event", nil)
				return nil
			}
			f.grows("input.id", len(m.Events), maxLifecycle)
			m.record(s, ctx, in.corrected(f, m.current()[i], s.core.clock.Today()))
			if len(f.list) == 0 {
				checkSequence(f, m, "")
			}
			return []string{"events"}
		})
	if m != nil {
		s.show(ctx, m)
	}
	faults, err := refused(err)
	return &CorrectLifecycleEventPayload{m, faults}, err
}

// corrected is the event that supersedes a wrong one.
func (in CorrectLifecycleEventInput) corrected(f *faults, wrong LifecycleEvent, today Date) LifecycleEvent {
	e := wrong
	e.Actor, e.Supersedes, e.Reason, e.Evidence = "", &wrong.ID, &in.Reason, in.Evidence
	set(&e.EffectiveOn, in.EffectiveOn)
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

// check finds what a correction cannot say of an event.
func (in CorrectLifecycleEventInput) check(f *faults, wrong, e LifecycleEvent, today Date) {
	f.day("input.effectiveOn", e.EffectiveOn, "", today)
	if in.NoticeOn != nil {
		switch {
		case wrong.Kind != WithdrawalNotified && wrong.Kind != EventSuspended:
			f.add(CodeInvalid, "input.noticeOn", "invalid.notOfEvent", map[string]string{"kind": string(wrong.Kind)})
		case *in.NoticeOn > today:
			f.add(CodeOutOfRange, "input.noticeOn", "outOfRange.after", map[string]string{"date": string(today)})
		}
	}
	if in.Until != nil {
		switch {
		case wrong.Until == nil:
			f.add(CodeInvalid, "input.until", "invalid.notOfEvent", map[string]string{"kind": string(wrong.Kind)})
		case *in.Until <= e.EffectiveOn:
			f.add(CodeOutOfRange, "input.until", "outOfRange.before", map[string]string{"date": string(e.EffectiveOn.AddDays(1))})
		}
	}
	if in.ReasonCode != nil && wrong.ReasonCode == nil {
		f.add(CodeInvalid, "input.reasonCode", "invalid.notOfEvent", map[string]string{"kind": string(wrong.Kind)})
	}
	changes := in.EffectiveOn != nil || in.NoticeOn != nil || in.Until != nil || in.ReasonCode != nil
	annul := in.Annul != nil && *in.Annul
	switch {
	case annul && changes:
		f.add(CodeInvalid, "input.annul", "invalid.annulAlone", nil)
	case annul && slices.Contains([]LifecycleKind{Applied, Approved, Admitted}, wrong.Kind):
		f.add(CodeInvalid, "input.annul", "invalid.annulAdmission", nil)
	case !annul && !changes:
		f.add(CodeInvalid, "input", "invalid.nothingChanges", nil)
	}
}
