package membership_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit/stage"
)

var many = flag.Bool("many", false, "run the test with 10,000 members")

// enter records active Associates in Uganda, each of a fee class in turn.
func (s scene) enter(n int, classes ...string) {
	s.Helper()
	ug := s.StoredMember("mem_ACTIVE").Events[0]
	for batch := range slices.Chunk(slices.Collect(func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}), 500) {
		var members []*membership.Member
		for _, i := range batch {
			admitted := ug
			admitted.ID, admitted.Category, admitted.StudyGroup = kit.ID(fmt.Sprintf("evn_R%dA", i)), new(membership.Associate), new(membership.SG1)
			admitted.FeeClass = &classes[i%len(classes)]
			begun := membership.LifecycleEvent{ID: kit.ID(fmt.Sprintf("evn_R%dB", i)), Kind: membership.Activated, EffectiveOn: "2020-02-01", RecordedAt: admitted.RecordedAt, Actor: admitted.Actor}
			members = append(members, &membership.Member{
				ID: kit.ID(fmt.Sprintf("mem_R%06d", i)), Name: fmt.Sprintf("Run %06d", i), Dataset: kit.Demonstration, SocialLinks: []membership.SocialLink{},
				SectorsOfInterest: []membership.Sector{}, StoredContacts: []membership.Contact{}, Events: []membership.LifecycleEvent{admitted, begun},
			})
		}
		s.Must(s.Store.Tx(context.Background(), func(ctx context.Context) error {
			return membership.MemberNoun.In(s.Store).Insert(ctx, members...)
		}))
	}
}

func (s scene) run(year int, dry bool) *membership.InvoiceRun {
	s.Helper()
	p, err := s.Portal.Invoices.IssueAll(stage.By(stage.Secretariat), membership.IssueInvoicesInput{Year: year, DryRun: dry})
	s.Must(err)
	if p.Run == nil {
		s.Fatalf("refused: %v", stage.FaultsOf(p.UserErrors))
	}
	return p.Run
}

// numbered returns how many invoices of a year have a number, and fails if a number is missing or there twice.
func (s scene) numbered(year string) int {
	s.Helper()
	plan := store.Query{Any: []store.Where{{"series": {year}}}, Sort: "number"}
	n := 0
	s.Must(kit.EachPage(context.Background(), membership.InvoiceNoun.In(s.Store), plan, 1000, func(page []*membership.Invoice) error {
		for _, i := range page {
			if n++; *i.Number != fmt.Sprintf("%s-%06d", year, n) {
				return fmt.Errorf("number %d is %s", n, *i.Number)
			}
		}
		return nil
	}))
	return n
}

func TestARunIssuesEachInvoiceOnceAndGoesOnWhereItStopped(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.enter(130, "AS_D_1_32", "AS_D_SME", "AS_D_1_32")
		before, had := s.Records(), s.numbered("2025")
		planned := s.run(2026, true)
		audit, _ := s.Records().Since(before)
		if planned.Issued != 0 || planned.Left != planned.Annual.Count || planned.Left < 87 || len(audit) > 0 {
			s.Fatalf("a dry run: %s", stage.InJSON(planned))
		}
		unknown := planned.LeftOut[slices.IndexFunc(planned.LeftOut, func(o *membership.InvoiceRunLeftOut) bool { return o.Reason == membership.InvoiceAmountUnknown })]
		if unknown.Count < 43 || len(unknown.Members) != unknown.Count || unknown.Members[0] == nil {
			s.Errorf("of unknown amount: %s", stage.InJSON(unknown))
		}
		// A run that was cut off has issued some of them.
		p, err := s.Portal.Invoices.Issue(stage.By(stage.Secretariat), membership.IssueInvoiceInput{Member: "mem_R000000", Year: 2026, Kind: membership.InvoiceAnnual})
		if s.Must(err); p.Invoice == nil {
			s.Fatalf("refused: %v", stage.FaultsOf(p.UserErrors))
		}
		first := s.run(2026, false)
		if first.Issued != planned.Left-1 || first.Left != 0 || first.AlreadyInvoiced != planned.AlreadyInvoiced+1 {
			s.Errorf("after %s\ncame %s", stage.InJSON(planned), stage.InJSON(first))
		}
		if again := s.run(2026, false); again.Issued != 0 || again.Annual.Count != 0 || again.AlreadyInvoiced != planned.AlreadyInvoiced+planned.Left {
			s.Errorf("a second run: %s", stage.InJSON(again))
		}
		if n := s.numbered("2025"); n != had+planned.Left {
			s.Errorf("%d numbers; %d before, %d planned", n, had, planned.Left)
		}
	})
}

func TestRunsAtTheSameTimeIssueNothingTwice(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.enter(120, "AS_D_1_32")
		had, planned := s.numbered("2025"), s.run(2026, true)
		issued := make([]int, 2)
		stage.Together([]int{0, 1}, func(n int) { issued[n] = s.run(2026, false).Issued })
		if issued[0]+issued[1] != planned.Left || s.numbered("2025") != had+planned.Left {
			s.Errorf("%v of %d", issued, planned.Left)
		}
	})
}

// TestTenThousandMembersAreInvoicedInOneRun runs with -many.
func TestTenThousandMembersAreInvoicedInOneRun(t *testing.T) {
	if !*many {
		t.Skip("it runs with -many")
	}
	s := scene{stage.Embedded(t)}
	s.enter(10_000, "AS_D_1_32")
	began := time.Now()
	planned := s.run(2026, true)
	dry, began := time.Since(began), time.Now()
	run := s.run(2026, false)
	t.Logf("a dry run took %v, the run %v: %d invoices of %s", dry, time.Since(began), run.Issued, run.Annual.Amount.Amount)
	if run.Issued != planned.Left || run.Issued < 10_000 || run.Left != 0 {
		t.Errorf("planned %s, issued %s", stage.InJSON(planned), stage.InJSON(run))
	}
	if again := s.run(2026, false); again.Issued != 0 {
		t.Errorf("issued %d again", again.Issued)
	}
}

func TestAnAmountThatBecomesKnownLetsTheWaitingInvoicesBeIssued(t *testing.T) {
	s := scene{stage.Embedded(t)}
	ctx := stage.By(stage.Secretariat)
	s.enter(3, "AS_D_SME")
	admitted, err := s.Portal.Members.Admit(ctx, membership.AdmitMemberInput{
		Name: "Small Enterprise", Country: new(kit.CountryID("UG")), Category: membership.Associate, StudyGroup: new(membership.SG1), FeeClass: new("AS_D_SME"), EffectiveOn: "2025-03-01",
	})
	s.Must(err)
	m := s.StoredMember(admitted.Member.ID) // as an approved application leaves it
	m.Events = append([]membership.LifecycleEvent{{ID: "evn_APPROVED", Kind: membership.Approved, EffectiveOn: "2025-03-01", RecordedAt: m.Events[0].RecordedAt, Actor: m.Events[0].Actor}}, m.Events...)
	m.Events[0].Category, m.Events[0].Region, m.Events[0].Country = m.Events[1].Category, m.Events[1].Region, m.Events[1].Country
	s.Must(membership.MemberNoun.In(s.Store).Replace(context.Background(), m))
	waiting := func(run *membership.InvoiceRun) int {
		for _, o := range run.LeftOut {
			if o.Reason == membership.InvoiceAmountUnknown {
				return o.Count
			}
		}
		return 0
	}
	if run := s.run(2025, true); run.Joining.Count != 0 || waiting(run) < 4 {
		t.Fatalf("before the amount is known: %s", stage.InJSON(run))
	}
	known, err := membership.Tariffs()
	s.Must(err)
	for _, o := range known {
		if o.Code == "AS_D_SME" {
			o.Amount = &kit.Money{Amount: 120_000, Currency: kit.CHF}
		}
	}
	later := scene{s.With(func(o *portal.Options) { o.Tariffs = known })}
	run := later.run(2025, false)
	if run.Joining.Count != 1 || waiting(run) != 0 {
		t.Errorf("once it is known: %s", stage.InJSON(run))
	}
	open, err := later.Portal.Invoices.OpenOf(ctx, []kit.ID{m.ID, "mem_R000001"})
	s.Must(err)
	if i := open[m.ID]; len(i) != 1 || i[0].Kind != membership.InvoiceJoining || i[0].Amount.Amount != 100_000 || *i[0].Months != 10 || *i[0].DueOn != "2025-04-30" {
		t.Errorf("the joining invoice: %s", stage.InJSON(i))
	}
	if i := open["mem_R000001"]; len(i) != 1 || i[0].Kind != membership.InvoiceAnnual || i[0].Amount.Amount != 120_000 {
		t.Errorf("the annual invoice: %s", stage.InJSON(i))
	}
}
