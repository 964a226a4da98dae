package membership

import (
	"context"
	"errors"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// NotifyWithdrawalInput records a member's notice of withdrawal. NoticeOn is the day on which it was
// received, today if it is left out.
type NotifyWithdrawalInput struct {
	ID              kit.ID
	ExpectedVersion int
	NoticeOn        *kit.Date
	ReasonCode      DepartureReason
	Reason          *string
	Evidence        []string
}

// NotifyWithdrawalPayload is the member as it is now, or what is wrong.
type NotifyWithdrawalPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// NotifyWithdrawal records a notice of withdrawal, which takes effect by itself after the term of
// No. 240 of the Convention; until then the member is ACTIVE, or SUSPENDED, with that day as LeavesOn.
// FOCAL_POINT for its own member, SECRETARIAT for all. The notice is not before the day of joining and
// not after today, else OUT_OF_RANGE; a second one is NOT_ALLOWED_IN_STATE.
func (s *MemberService) NotifyWithdrawal(ctx context.Context, in NotifyWithdrawalInput) (*NotifyWithdrawalPayload, error) {
	notice := s.core.Clock.Today()
	kit.Set(&notice, in.NoticeOn)
	var given, joined, leaves kit.Date
	m, faults, err := s.occur(ctx, occurrence{
		operation: "notifyWithdrawal", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: WithdrawalNotified, ReasonCode: &in.ReasonCode, Reason: in.Reason, Evidence: in.Evidence},
		prepare: func(_ context.Context, m *Member) (err error) {
			joined = m.On(s.core.Clock.Today()).JoinedOn
			given = max(notice, joined) // so that a day too early hides no other fault
			leaves, err = s.leavesAfter(given)
			return err
		},
		complete: func(f *kit.Faults, _ Membership, e *LifecycleEvent) {
			switch today := s.core.Clock.Today(); {
			case notice > today:
				f.Add(kit.CodeOutOfRange, "input.noticeOn", "outOfRange.after", map[string]string{"date": string(today)})
			case notice < joined:
				f.Add(kit.CodeOutOfRange, "input.noticeOn", "outOfRange.before", map[string]string{"date": string(joined)})
			}
			e.NoticeOn, e.EffectiveOn = &given, leaves
		},
	})
	return &NotifyWithdrawalPayload{m, faults}, err
}

// WithdrawMemberInput records that a member left without notice. EffectiveOn is the first day of
// non-membership.
type WithdrawMemberInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	ReasonCode      DepartureReason
	Reason          *string
	Evidence        []string
}

// WithdrawMemberPayload is the member as it is now, or what is wrong.
type WithdrawMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Withdraw records a departure without notice, such as a dissolution, or that a pending member does not
// join after all. SECRETARIAT only.
func (s *MemberService) Withdraw(ctx context.Context, in WithdrawMemberInput) (*WithdrawMemberPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "withdrawMember", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: EventWithdrawn, EffectiveOn: in.EffectiveOn, ReasonCode: &in.ReasonCode, Reason: in.Reason, Evidence: in.Evidence},
	})
	return &WithdrawMemberPayload{m, faults}, err
}

// SuspendMemberInput suspends a member for arrears. NoticeReceivedOn is the day on which it received the
// notice of suspension; nil if that is not known yet (it is added by a correction).
type SuspendMemberInput struct {
	ID               kit.ID
	ExpectedVersion  int
	EffectiveOn      kit.Date
	NoticeReceivedOn *kit.Date
	Reason           *string
	Evidence         []string
}

// SuspendMemberPayload is the member as it is now, or what is wrong.
type SuspendMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Suspend suspends a member whose arrears have come to the stage SUSPENSION_DUE (Resolution 152), else
// NOT_ELIGIBLE, which says from which day on. SECRETARIAT only.
func (s *MemberService) Suspend(ctx context.Context, in SuspendMemberInput) (*SuspendMemberPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "suspendMember", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{
			Kind: EventSuspended, EffectiveOn: in.EffectiveOn, NoticeOn: in.NoticeReceivedOn, ReasonCode: new(ReasonArrears), Reason: in.Reason, Evidence: in.Evidence,
		},
		complete: func(f *kit.Faults, _ Membership, _ *LifecycleEvent) {
			if day := in.NoticeReceivedOn; day != nil && *day > s.core.Clock.Today() {
				f.Add(kit.CodeOutOfRange, "input.noticeReceivedOn", "outOfRange.after", map[string]string{"date": string(s.core.Clock.Today())})
			}
		},
	})
	return &SuspendMemberPayload{m, faults}, err
}

// ExcludeMemberInput excludes a suspended member for arrears.
type ExcludeMemberInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	Reason          *string
	Evidence        []string
}

// ExcludeMemberPayload is the member as it is now, or what is wrong.
type ExcludeMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Exclude removes a suspended member whose arrears have come to the stage EXCLUSION_DUE (Resolution 152),
// else NOT_ELIGIBLE: too early, no day of receipt, or a repayment plan. SECRETARIAT only.
func (s *MemberService) Exclude(ctx context.Context, in ExcludeMemberInput) (*ExcludeMemberPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "excludeMember", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: EventExcluded, EffectiveOn: in.EffectiveOn, ReasonCode: new(ReasonArrears), Reason: in.Reason, Evidence: in.Evidence},
	})
	return &ExcludeMemberPayload{m, faults}, err
}

// ReinstateMemberInput makes a suspended, withdrawn or excluded member active again.
type ReinstateMemberInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	Reason          *string
	Evidence        []string
}

// ReinstateMemberPayload is the member as it is now, or what is wrong.
type ReinstateMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Reinstate makes a suspended, withdrawn or excluded member active again. What is overdue must be paid or
// its repayment agreed, else NOT_ELIGIBLE. SECRETARIAT only.
func (s *MemberService) Reinstate(ctx context.Context, in ReinstateMemberInput) (*ReinstateMemberPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "reinstateMember", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: Reinstated, EffectiveOn: in.EffectiveOn, Reason: in.Reason, Evidence: in.Evidence},
	})
	return &ReinstateMemberPayload{m, faults}, err
}

// MergeMemberInput records that another member took one over. EffectiveOn is the first day on which the
// one that was taken over is no member.
type MergeMemberInput struct {
	ID              kit.ID
	ExpectedVersion int
	Into            kit.ID
	EffectiveOn     kit.Date
	Reason          *string
	Evidence        []string
}

// MergeMemberPayload is the member that was taken over, as it is now, or what is wrong.
type MergeMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Merge records that a member went up in another, which must be ACTIVE or SUSPENDED on that day. What is
// recorded of either stays with it. SECRETARIAT only.
func (s *MemberService) Merge(ctx context.Context, in MergeMemberInput) (*MergeMemberPayload, error) {
	var into *Member
	m, faults, err := s.occur(ctx, occurrence{
		operation: "mergeMember", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{
			Kind: Merged, EffectiveOn: in.EffectiveOn, MergedInto: &in.Into, ReasonCode: new(ReasonMerger), Reason: in.Reason, Evidence: in.Evidence,
		},
		prepare: func(ctx context.Context, _ *Member) (err error) {
			if into, err = s.members.Get(ctx, string(in.Into)); errors.Is(err, store.ErrNotFound) {
				return nil
			}
			return err
		},
		complete: func(f *kit.Faults, _ Membership, _ *LifecycleEvent) {
			switch {
			case into == nil:
				f.Add(kit.CodeUnknownReference, "input.into", "unknownReference.member", nil)
			case into.ID == in.ID:
				f.Add(kit.CodeInvalid, "input.into", "invalid.mergeItself", nil)
			case !into.On(in.EffectiveOn).Belongs():
				f.Add(kit.CodeNotEligible, "input.into", "notEligible.mergeInto", map[string]string{
					"status": string(into.On(in.EffectiveOn).Status), "date": string(in.EffectiveOn),
				})
			}
		},
	})
	return &MergeMemberPayload{m, faults}, err
}
