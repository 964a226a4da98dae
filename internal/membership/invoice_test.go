package membership_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"memberportal/internal/benefits"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

func TestTheOpenInvoicesOfEachMemberAreByTheDayOnWhichTheyAreDue(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		asked := []kit.ID{"mem_ACTIVE", "mem_SUSPENDED", "mem_UNPAID", "mem_INTERNATIONAL", "mem_NONE", "mem_ACTIVE"}
		for i := range 70 { // more than one query merges
			asked = append(asked, kit.ID("mem_"+string(rune('A'+i%26))+string(rune('A'+i/26))))
		}
		slices.Reverse(asked)
		open, err := s.Portal.Invoices.OpenOf(context.Background(), asked)
		s.Must(err)
		want := map[kit.ID][]kit.ID{"mem_ACTIVE": {"ivc_OPEN"}, "mem_SUSPENDED": {"ivc_ARREARS", "ivc_LATE"}, "mem_UNPAID": {"ivc_JOINING"}}
		for member, ids := range want {
			var got []kit.ID
			for _, i := range open[member] {
				got = append(got, i.ID)
			}
			if !slices.Equal(got, ids) {
				s.Errorf("of %s: %v", member, got)
			}
		}
		if len(open) != len(want) {
			s.Errorf("of %d members", len(open))
		}
		none, err := s.Portal.Invoices.OpenOf(context.Background(), nil)
		if s.Must(err); len(none) != 0 {
			s.Errorf("of nobody: %v", none)
		}
	})
}

func TestAnotherServiceIssuesInvoices(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		issue := func(member kit.ID, kind membership.InvoiceKind, year int, on kit.Date) *membership.Invoice {
			s.Helper()
			var issued *membership.Invoice
			s.Must(s.Core.Write(stage.By(stage.Secretariat), "test", func(ctx context.Context, note func(kit.Change)) error {
				m, err := s.Portal.Members.StoredOne(ctx, member)
				if err != nil {
					return err
				}
				issued, err = s.Portal.Invoices.IssueTo(ctx, note, m, kind, year, on)
				return err
			}))
			return issued
		}
		before := s.Records()
		first := issue("mem_ACTIVE", membership.InvoiceAnnual, 2026, testkit.Today)
		if first == nil || first.Amount.Amount.String() != "3975.00" || *first.DueOn != "2026-03-31" || !slices.Equal(first.FeeClasses, []string{"SM_D_1_16"}) {
			s.Fatalf("got %s", stage.InJSON(first))
		}
		if again := issue("mem_ACTIVE", membership.InvoiceAnnual, 2026, testkit.Today); again.ID != first.ID {
			s.Errorf("a second one: %s", stage.InJSON(again))
		}
		joining := issue("mem_PENDING", membership.InvoiceJoining, 2025, "2025-11-30")
		if joining.Amount.Amount.String() != "662.50" || *joining.DueOn != "2025-12-30" || *first.Number != "2025-000002" || *joining.Number != "2025-000003" {
			s.Errorf("got %s", stage.InJSON(joining))
		}
		if unknown := issue("mem_ACTIVE", membership.InvoiceAnnual, 2023, testkit.Today); unknown != nil {
			s.Errorf("of a year without tariffs: %s", stage.InJSON(unknown))
		}
		audit, notices := s.Records().Since(before)
		if len(audit) != 2 || len(notices) != 2 {
			s.Errorf("%d audit entries and %d notices of two invoices", len(audit), len(notices))
		}
	})
}

func TestAJoiningInvoiceBeginsWithTheMonthInWhichTheMemberJoins(t *testing.T) {
	s := scene{stage.Embedded(t)}
	_, err := s.Portal.Members.Activate(stage.By(stage.Secretariat), membership.ActivateMemberInput{ID: "mem_PENDING", ExpectedVersion: 1, EffectiveOn: "2025-07-10"})
	s.Must(err)
	p, err := s.Portal.Invoices.Issue(stage.By(stage.Secretariat), membership.IssueInvoiceInput{Member: "mem_PENDING", Year: 2025, Kind: membership.InvoiceJoining})
	s.Must(err)
	if p.Invoice == nil || p.Invoice.Amount.Amount.String() != "1987.50" {
		s.Errorf("got %s", stage.InJSON(p))
	}
}

func TestRivalsIssueOneAnnualInvoice(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		payloads := make([]*membership.IssueInvoicePayload, 4)
		var all sync.WaitGroup
		for n := range payloads {
			all.Go(func() {
				p, err := s.Portal.Invoices.Issue(stage.By(stage.Secretariat), membership.IssueInvoiceInput{Member: "mem_ACTIVE", Year: 2026, Kind: membership.InvoiceAnnual})
				if err != nil {
					s.Error(err)
				}
				payloads[n] = p
			})
		}
		all.Wait()
		issued := 0
		for _, p := range payloads {
			switch {
			case p.Invoice != nil:
				issued++
			case !slices.Equal(stage.FaultsOf(p.UserErrors), []string{"DUPLICATE input.year"}):
				s.Errorf("got %v", stage.FaultsOf(p.UserErrors))
			}
		}
		if issued != 1 {
			s.Errorf("%d were issued", issued)
		}
	})
}

// TestAMemberWhoseClassNoTariffHas has no fee that is known, and can be compared all the same.
func TestAMemberWhoseClassNoTariffHas(t *testing.T) {
	s := scene{stage.Embedded(t)}
	m := s.StoredMember("mem_ACTIVE")
	m.Events[0].FeeClass = new("1/2")
	s.Must(membership.MemberNoun.In(s.Store).Replace(context.Background(), m))
	c, err := s.Portal.Comparisons.Compare(stage.By(stage.Secretariat), benefits.CompareMembershipsInput{Member: &m.ID, With: []benefits.ComparedMembershipInput{{Category: membership.Associate}}})
	s.Must(err)
	if c.Annual != nil || c.Confirmed || c.Alternatives[0].Annual == nil || c.Alternatives[0].Difference != nil {
		s.Errorf("got %s", stage.InJSON(c))
	}
	p, err := s.Portal.Invoices.Issue(stage.By(stage.Secretariat), membership.IssueInvoiceInput{Member: m.ID, Year: 2026, Kind: membership.InvoiceAnnual})
	s.Must(err)
	if got := stage.FaultsOf(p.UserErrors); !slices.Equal(got, []string{"REQUIRED input.amount"}) {
		s.Errorf("got %v", got)
	}
}
