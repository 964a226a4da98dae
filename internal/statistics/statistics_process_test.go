package statistics_test

import (
	"context"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/reference"
	"memberportal/internal/statistics"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

func overdue(t *statistics.MembershipTotals) int64 {
	for _, c := range t.SectorMembersAndAssociates.ByFeeStatus {
		if c.Status == statistics.FeeOverdue {
			return c.Count
		}
	}
	return 0
}

// TestStatisticsKnowEveryChangeInEveryProcess changes members, invoices and applications in one process, and asks
// another one over the same store right afterwards. What it has in memory it does not read again.
func TestStatisticsKnowEveryChangeInEveryProcess(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx := kit.WithActor(context.Background(), testkit.Actor("SECRETARIAT"))
		counting := &testkit.Counting{Store: s.Store}
		other := testkit.Portal(s, counting)
		ask := func(p *portal.Portal) (*statistics.MembershipTotals, *statistics.MembershipPipeline) {
			q, err := p.Statistics.Of(ctx, nil, nil)
			s.Must(err)
			pipeline, err := p.Statistics.Pipeline(ctx, q)
			s.Must(err)
			return p.Statistics.Totals(ctx, q), pipeline
		}
		before, waiting := ask(other)
		counting.Take()
		ask(other)
		if n := counting.Take(); n != 1 {
			s.Errorf("%d store calls while nothing changed", n)
		}
		paid, err := s.Portal.Invoices.RecordPayment(ctx, membership.RecordPaymentInput{Invoice: "ivc_OVERDUE", ExpectedVersion: 1, Amount: 397_500, ReceivedOn: testkit.Today, Reference: "R"})
		s.Must(err)
		activated, err := s.Portal.Members.Activate(ctx, membership.ActivateMemberInput{ID: "mem_PENDING", ExpectedVersion: 1, EffectiveOn: testkit.Today})
		s.Must(err)
		withdrawn, err := s.Portal.Applications.Withdraw(ctx, applications.WithdrawApplicationInput{ID: "app_SUBMITTED", ExpectedVersion: 1})
		s.Must(err)
		if len(paid.UserErrors)+len(activated.UserErrors)+len(withdrawn.UserErrors) > 0 {
			s.Fatalf("%v %v %v", paid.UserErrors, activated.UserErrors, withdrawn.UserErrors)
		}
		for name, p := range map[string]*portal.Portal{"the process that changed it": s.Portal, "another process": other} {
			after, left := ask(p)
			a, b := waiting.SectorMembersAndAssociates, left.SectorMembersAndAssociates
			if overdue(before) != 1 || overdue(after) != 0 {
				s.Errorf("%s: %d overdue, before %d", name, overdue(after), overdue(before))
			}
			if after.Total != before.Total+1 || b.ApprovedUnpaid.Total != a.ApprovedUnpaid.Total-1 || b.PendingApproval.Total != a.PendingApproval.Total-1 {
				s.Errorf("%s: %d members, %d unpaid, %d pending; before %d, %d, %d", name, after.Total, b.ApprovedUnpaid.Total, b.PendingApproval.Total,
					before.Total, a.ApprovedUnpaid.Total, a.PendingApproval.Total)
			}
		}
		if n := counting.Take(); n != 4 { // the notices, and the changed of three nouns
			s.Errorf("%d store calls after the changes", n)
		}
	})
}

// TestRevenueFollowsWhatTheSecretariatEnters enters the status of a country and an amount in one process, and asks another
// one for the revenue right afterwards.
func TestRevenueFollowsWhatTheSecretariatEnters(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx := stage.By(stage.Secretariat)
		other := testkit.Portal(s, s.Store)
		worth := func(p *portal.Portal) kit.Decimal {
			q, err := p.Statistics.Of(ctx, nil, nil)
			s.Must(err)
			pipeline, err := p.Statistics.Pipeline(ctx, q)
			s.Must(err)
			return pipeline.SectorMembersAndAssociates.ApprovedUnpaid.Value.Amount
		}
		before := worth(other)
		m := s.StoredMember("mem_PENDING")
		in := reference.EnterReferenceInput{Entries: []reference.ReferenceEntryInput{{
			CountryStatus: &reference.CountryStatusEntryInput{Country: *m.Events[0].Country, Status: country.Developed}, ValidFrom: "2025-01-01", Source: "Testbed list",
		}}}
		entered, err := s.Portal.Reference.Enter(ctx, in)
		if s.Must(err); entered.Entered == nil {
			s.Fatalf("refused: %v", stage.FaultsOf(entered.UserErrors))
		}
		for name, p := range map[string]*portal.Portal{"the process that entered it": s.Portal, "another process": other} {
			if after := worth(p); after != before+2*3_975_00 { // two Sector Members of that country are pending
				s.Errorf("%s: %s, before %s", name, after, before)
			}
		}
		taken, err := s.Portal.Reference.Withdraw(ctx, reference.WithdrawReferenceInput{IDs: []kit.ID{entered.Entered.Entries[0].ID}, Reason: "Testbed reason"})
		if s.Must(err); len(taken.Entries) != 1 {
			s.Fatalf("refused: %v", stage.FaultsOf(taken.UserErrors))
		}
		if after := worth(other); after != before {
			s.Errorf("withdrawn: %s, before %s", after, before)
		}
	})
}
