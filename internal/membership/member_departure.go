package membership

import (
	"context"
	"errors"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// NotifyWithdrawalInput records a member's notice of withdrawal. NoticeOn is the day on which the notice was
// received; today if it is left out.
type NotifyWithdrawalInput struct {
	ID              kit.ID
	ExpectedVersion int
	NoticeOn        *kit.Date
	ReasonCode      DepartureReason
	Reason          *string
	Evidence        []string
}

// NotifyWithdrawalPayload has the record after the change: Member is nil if UserErrors is not empty.
type NotifyWithdrawalPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// NotifyWithdrawal records a notice of withdrawal. It takes effect without another step after the term of No. 240
// of the Convention. Before that day, which is LeavesOn, the member stays ACTIVE or SUSPENDED. FOCAL_POINT may for
// its own member, SECRETARIAT for all. A notice before the day of joining or after today is OUT_OF_RANGE; a second
// notice is NOT_ALLOWED_IN_STATE. PRESENCE_REQUIRED as in kit.Core.Present.
func (s *MemberService) NotifyWithdrawal(ctx context.Context, in NotifyWithdrawalInput) (*NotifyWithdrawalPayload, error) {
	notice := s.core.Clock.Today()
	kit.Set(&notice, in.NoticeOn)
	var given, joined, leaves kit.Date
	m, faults, err := s.occur(ctx, occurrence{
		operation: "notifyWithdrawal", irreversible: true, id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: WithdrawalNotified, ReasonCode: &in.ReasonCode, Reason: in.Reason, Evidence: in.Evidence},
		prepare: func(ctx context.Context, m *Member) (err error) {
			joined = m.On(s.core.Clock.Today()).JoinedOn
			given = max(notice, joined) // so that other faults are found even if the day is too early
			leaves, err = s.leavesAfter(ctx, given)
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

// WithdrawMemberInput records that a member left without notice. EffectiveOn is the first day on which it is no
// longer a member.
type WithdrawMemberInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	ReasonCode      DepartureReason
	Reason          *string
	Evidence        []string
}

// WithdrawMemberPayload has the record after the change: Member is nil if UserErrors is not empty.
type WithdrawMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Withdraw records a departure without notice, such as a dissolution, or that a pending member does not join.
// SECRETARIAT only.
func (s *MemberService) Withdraw(ctx context.Context, in WithdrawMemberInput) (*WithdrawMemberPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "withdrawMember", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: EventWithdrawn, EffectiveOn: in.EffectiveOn, ReasonCode: &in.ReasonCode, Reason: in.Reason, Evidence: in.Evidence},
	})
	return &WithdrawMemberPayload{m, faults}, err
}

// SuspendMemberInput suspends a member for arrears. NoticeReceivedOn is the day on which the member received the
// notice of suspension; nil if it is not known yet, and a correction adds it later.
type SuspendMemberInput struct {
	ID               kit.ID
	ExpectedVersion  int
	EffectiveOn      kit.Date
	NoticeReceivedOn *kit.Date
	Reason           *string
	Evidence         []string
}

// SuspendMemberPayload has the record after the change: Member is nil if UserErrors is not empty.
type SuspendMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Suspend suspends a member whose arrears have reached the stage SUSPENSION_DUE (Resolution 152). Before that the
// error is NOT_ELIGIBLE, and its message names the first possible day. SECRETARIAT only.
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

// ExcludeMemberPayload has the record after the change: Member is nil if UserErrors is not empty.
type ExcludeMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Exclude removes a suspended member whose arrears have reached the stage EXCLUSION_DUE (Resolution 152). The error
// is NOT_ELIGIBLE if it is too early, if the day of receipt is not recorded, or if there is a repayment plan.
// SECRETARIAT only. PRESENCE_REQUIRED as in kit.Core.Present.
func (s *MemberService) Exclude(ctx context.Context, in ExcludeMemberInput) (*ExcludeMemberPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "excludeMember", irreversible: true, id: in.ID, expected: in.ExpectedVersion,
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

// ReinstateMemberPayload has the record after the change: Member is nil if UserErrors is not empty.
type ReinstateMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Reinstate makes a suspended, withdrawn or excluded member active again. Overdue fees must be paid or their
// repayment agreed, else the error is NOT_ELIGIBLE. SECRETARIAT only.
func (s *MemberService) Reinstate(ctx context.Context, in ReinstateMemberInput) (*ReinstateMemberPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "reinstateMember", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: Reinstated, EffectiveOn: in.EffectiveOn, Reason: in.Reason, Evidence: in.Evidence},
	})
	return &ReinstateMemberPayload{m, faults}, err
}

// MergeMemberInput records that another member took over this one. EffectiveOn is the first day on which this one
// is no longer a member.
type MergeMemberInput struct {
	ID              kit.ID
	ExpectedVersion int
	Into            kit.ID
	EffectiveOn     kit.Date
	Reason          *string
	Evidence        []string
}

// MergeMemberPayload has the member that was taken over: Member is nil if UserErrors is not empty.
type MergeMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Merge records that another member took over a member. The other one must be ACTIVE or SUSPENDED on that day. Both
// keep their own records. SECRETARIAT only.
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
