package membership

import (
	"context"

	"memberportal/internal/kit"
)

// RecordRepaymentPlanInput records that the repayment of arrears was agreed (Resolution 152). Until is the first
// day after the plan.
type RecordRepaymentPlanInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	Until           kit.Date
	Reason          *string
	Evidence        []string
}

// RecordRepaymentPlanPayload has the record after the change: Member is nil if UserErrors is not empty.
type RecordRepaymentPlanPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// RecordRepaymentPlan records a repayment plan of a member that owes something. While the plan holds, the member is
// neither suspended nor excluded. SECRETARIAT only.
func (s *MemberService) RecordRepaymentPlan(ctx context.Context, in RecordRepaymentPlanInput) (*RecordRepaymentPlanPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "recordRepaymentPlan", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: RepaymentPlanAgreed, EffectiveOn: in.EffectiveOn, Until: &in.Until, Reason: in.Reason, Evidence: in.Evidence},
		complete: func(f *kit.Faults, _ Membership, _ *LifecycleEvent) {
			if in.Until <= in.EffectiveOn {
				f.Add(kit.CodeOutOfRange, "input.until", "outOfRange.before", map[string]string{"date": string(in.EffectiveOn.AddDays(1))})
			}
		},
	})
	return &RecordRepaymentPlanPayload{m, faults}, err
}

// EndRepaymentPlanInput ends a repayment plan that was not kept, or that was paid early.
type EndRepaymentPlanInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	Reason          *string
	Evidence        []string
}

// EndRepaymentPlanPayload has the record after the change: Member is nil if UserErrors is not empty.
type EndRepaymentPlanPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// EndRepaymentPlan ends a repayment plan before its last day. The error is NOT_ALLOWED_IN_STATE if there is none.
// SECRETARIAT only.
func (s *MemberService) EndRepaymentPlan(ctx context.Context, in EndRepaymentPlanInput) (*EndRepaymentPlanPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "endRepaymentPlan", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: RepaymentPlanEnded, EffectiveOn: in.EffectiveOn, Reason: in.Reason, Evidence: in.Evidence},
	})
	return &EndRepaymentPlanPayload{m, faults}, err
}
