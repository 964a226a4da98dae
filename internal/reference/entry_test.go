package reference_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/reference"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

var secretariat = stage.By(stage.Secretariat)

// small is the tariff of small enterprises in ITU-D, of which no source gives the amount, with an amount that is made up.
func small(amount kit.Decimal, from kit.Date) reference.ReferenceEntryInput {
	return reference.ReferenceEntryInput{
		Tariff: &reference.TariffEntryInput{
			Code: "AS_D_SME", Kind: membership.TariffSME, Category: new(membership.Associate), Sector: new(membership.SectorD), CountryStatus: membership.AnyStatus, Amount: &amount,
		},
		ValidFrom: from, Source: "Testbed decision",
	}
}

func rule(code string, value int, from kit.Date) reference.ReferenceEntryInput {
	return reference.ReferenceEntryInput{Rule: &reference.RuleEntryInput{Code: code, Value: value}, ValidFrom: from, Source: "Testbed decision"}
}

func status(of string, is country.DevelopmentClass, from kit.Date) reference.ReferenceEntryInput {
	return reference.ReferenceEntryInput{CountryStatus: &reference.CountryStatusEntryInput{Country: kit.CountryID(of), Status: is}, ValidFrom: from, Source: "Testbed decision"}
}

// period are a unit from a day on and the class of an eighth of it.
func period(unit, eighth kit.Decimal, from kit.Date) []reference.ReferenceEntryInput {
	return []reference.ReferenceEntryInput{
		{
			Tariff:    &reference.TariffEntryInput{Code: "SM_D_1_8", Kind: membership.TariffClass, Category: new(membership.SectorMember), Sector: new(membership.SectorD), CountryStatus: membership.StatusDeveloped, Fraction: new("1/8"), Amount: &eighth, Minimum: true},
			ValidFrom: from, Source: "Testbed decision",
		},
		{
			Tariff:    &reference.TariffEntryInput{Code: "UNIT_SECTOR_MEMBER", Kind: membership.TariffUnit, Category: new(membership.SectorMember), CountryStatus: membership.AnyStatus, Amount: &unit},
			ValidFrom: from, Source: "Testbed decision",
		},
	}
}

// enter enters what must be right.
func (s scene) enter(entries ...reference.ReferenceEntryInput) *reference.EnteredReference {
	s.Helper()
	p, err := s.Portal.Reference.Enter(secretariat, reference.EnterReferenceInput{Entries: entries})
	if s.Must(err); p.Entered == nil {
		s.Fatalf("refused: %v", stage.FaultsOf(p.UserErrors))
	}
	return p.Entered
}

// refused returns the faults of what is wrong.
func (s scene) refused(entries ...reference.ReferenceEntryInput) []string {
	s.Helper()
	p, err := s.Portal.Reference.Enter(secretariat, reference.EnterReferenceInput{Entries: entries})
	if s.Must(err); p.Entered != nil {
		s.Fatalf("entered: %s", stage.InJSON(p.Entered))
	}
	return stage.FaultsOf(p.UserErrors)
}

// annual is the amount of a quote in a process, empty if it is not known.
func (s scene) annual(p *portal.Portal, in membership.FeeQuoteInput) string {
	s.Helper()
	q, err := p.Tariffs.Quote(secretariat, in)
	if s.Must(err); q.Annual == nil {
		return ""
	}
	return q.Annual.Amount.String()
}

var smallEnterprise = membership.FeeQuoteInput{Category: membership.Associate, Country: new(kit.CountryID("UG")), Sme: new(true), FeeClass: new("AS_D_SME")}

// applied makes a pending Associate of the fee class of small enterprises, as an approved application leaves it.
func (s scene) applied() *membership.Member {
	s.Helper()
	admitted, err := s.Portal.Members.Admit(secretariat, membership.AdmitMemberInput{
		Name: "Small Enterprise", Country: new(kit.CountryID("UG")), Category: membership.Associate, StudyGroup: new(membership.SG1), FeeClass: new("AS_D_SME"), EffectiveOn: "2025-03-01",
	})
	s.Must(err)
	m := s.StoredMember(admitted.Member.ID)
	approved := membership.LifecycleEvent{ID: "evn_APPROVED", Kind: membership.Approved, EffectiveOn: "2025-03-01", RecordedAt: m.Events[0].RecordedAt, Actor: m.Events[0].Actor}
	approved.Category, approved.Region, approved.Country = m.Events[0].Category, m.Events[0].Region, m.Events[0].Country
	m.Events = append([]membership.LifecycleEvent{approved}, m.Events...)
	s.Must(membership.MemberNoun.In(s.Store).Replace(context.Background(), m))
	return m
}

// run issues the invoices of 2025, or says what would be issued; unknown is how many wait for an amount.
func (s scene) run(p *portal.Portal, dry bool) (run *membership.InvoiceRun, unknown int) {
	s.Helper()
	payload, err := p.Invoices.IssueAll(secretariat, membership.IssueInvoicesInput{Year: 2025, DryRun: dry})
	s.Must(err)
	for _, o := range payload.Run.LeftOut {
		if o.Reason == membership.InvoiceAmountUnknown {
			unknown = o.Count
		}
	}
	return payload.Run, unknown
}

// TestAnAmountThatIsEnteredIsInvoicedAtOnce walks from an amount that nobody knows to the invoice, in the process that
// enters it and in another one.
func TestAnAmountThatIsEnteredIsInvoicedAtOnce(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		m, other := s.applied(), testkit.Portal(s, s.Store)
		if got := s.annual(other, smallEnterprise); got != "" {
			s.Fatalf("known before: %s", got)
		}
		before, waited := s.run(other, true)
		if waited == 0 || before.Joining.Count != 0 {
			s.Fatalf("before: %s", stage.InJSON(before))
		}
		input := reference.EnterReferenceInput{Entries: []reference.ReferenceEntryInput{small(120_000, "2025-01-01")}, DryRun: true}
		dry, err := s.Portal.Reference.Enter(secretariat, input)
		s.Must(err)
		if dry.Entered.Made != 1 || len(dry.Entered.Entries) != 0 || dry.Entered.InvoicesKept == 0 || s.annual(s.Portal, smallEnterprise) != "" {
			s.Fatalf("a dry run: %s", stage.InJSON(dry))
		}
		if made := s.enter(input.Entries...); made.Made != 1 || made.InvoicesKept != dry.Entered.InvoicesKept {
			s.Errorf("entered: %s", stage.InJSON(made))
		}
		if again := s.enter(input.Entries...); again.Made != 0 || again.There != 1 {
			s.Errorf("entered again: %s", stage.InJSON(again))
		}
		for name, p := range map[string]*portal.Portal{"this process": s.Portal, "another one": other} {
			if got := s.annual(p, smallEnterprise); got != "1200.00" {
				s.Errorf("%s quotes %q", name, got)
			}
		}
		planned, unknown := s.run(other, true)
		if planned.Joining.Count != 1 || unknown != 0 {
			s.Errorf("planned: %s", stage.InJSON(planned))
		}
		if issued, _ := s.run(other, false); issued.Issued != planned.Left || issued.Left != 0 {
			s.Errorf("issued: %s", stage.InJSON(issued))
		}
		open, err := s.Portal.Invoices.OpenOf(secretariat, []kit.ID{m.ID})
		s.Must(err)
		if i := open[m.ID]; len(i) != 1 || i[0].Kind != membership.InvoiceJoining || i[0].Amount.Amount != 100_000 || *i[0].Months != 10 {
			s.Errorf("the joining invoice: %s", stage.InJSON(i))
		}

		// Another amount later leaves the invoice as it is.
		taken, err := s.Portal.Reference.Withdraw(secretariat, reference.WithdrawReferenceInput{IDs: []kit.ID{s.last().ID}, Reason: "Testbed reason"})
		if s.Must(err); len(taken.Entries) != 1 || *taken.InvoicesKept == 0 || s.annual(other, smallEnterprise) != "" {
			s.Errorf("withdrawn: %s", stage.InJSON(taken))
		}
		s.enter(small(90_000, "2025-01-01"))
		open, err = s.Portal.Invoices.OpenOf(secretariat, []kit.ID{m.ID})
		if s.Must(err); open[m.ID][0].Amount.Amount != 100_000 || s.annual(other, smallEnterprise) != "900.00" {
			s.Errorf("afterwards: %s", stage.InJSON(open))
		}
	})
}

// last is the entry that changed last.
func (s scene) last() *reference.ReferenceEntry {
	s.Helper()
	page, err := s.Portal.Reference.List(secretariat, nil, kit.PageArgs{First: new(1)})
	s.Must(err)
	return page.Nodes()[0]
}

// TestAnEntryHoldsOnItsDays enters one of each kind and looks at the days around.
func TestAnEntryHoldsOnItsDays(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		notice, uganda := rule("WITHDRAWAL_NOTICE", 9, "2026-01-01"), status("UG", country.Developed, "2025-07-01")
		uganda.ValidTo = new(kit.Date("2025-12-31"))
		tariff := small(120_000, "2026-01-01")
		s.enter(notice, uganda, tariff, small(130_000, "2027-01-01"))
		table, err := s.Portal.Tariffs.Table(secretariat)
		s.Must(err)
		for on, want := range map[kit.Date]int{"1990-01-01": 6, "2025-12-31": 6, "2026-01-01": 9, "2034-01-01": 9} {
			if r, err := table.Rule("WITHDRAWAL_NOTICE", on); err != nil || r.Value != want || (r.EnteredOn != nil) != (want == 9) {
				s.Errorf("the notice on %s: %+v, %v", on, r, err)
			}
		}
		ug := s.Portal.Countries.Get("cty_UG")
		for on, want := range map[kit.Date]membership.CountryStatus{
			"2025-06-30": membership.StatusDeveloping, "2025-07-01": membership.StatusDeveloped, "2025-12-31": membership.StatusDeveloped, "2026-01-01": membership.StatusDeveloping,
		} {
			if got := table.FeeStatusOf(ug, on); got.Status != want {
				s.Errorf("Uganda on %s: %s", on, got.Status)
			}
		}
		if is := table.FeeStatusOf(ug, "2025-06-30"); is.ValidFrom != nil || kit.Deref(is.ValidTo) != "2025-06-30" || is.Provision != nil {
			s.Errorf("before the entry: %s", stage.InJSON(is))
		}
		if is := table.FeeStatusOf(ug, "2026-01-01"); kit.Deref(is.ValidFrom) != "2026-01-01" || is.ValidTo != nil {
			s.Errorf("after the entry: %s", stage.InJSON(is))
		}
		for on, want := range map[kit.Date]string{"2025-12-31": "not known", "2026-01-01": "1200.00", "2026-12-31": "1200.00", "2027-01-01": "1300.00", "2030-01-01": "1300.00"} {
			got, all := "not known", 0
			tariffs, err := s.Portal.Tariffs.List(secretariat, &on)
			s.Must(err)
			for _, t := range tariffs {
				if t.Code == "AS_D_SME" {
					if all++; t.Amount != nil {
						got = t.Amount.Amount.String()
					}
				}
			}
			if got != want || all != 1 {
				s.Errorf("on %s: %s, %d times", on, got, all)
			}
		}
		// The fee follows the status of the country on the day.
		if before, after := s.annual(s.Portal, member("2025-06-30")), s.annual(s.Portal, member("2025-07-01")); before != "3975.00" || after != "7950.00" {
			s.Errorf("a Sector Member pays %s, then %s", before, after)
		}
	})
}

// member is a Sector Member of Uganda that joins on a day.
func member(on kit.Date) membership.FeeQuoteInput {
	return membership.FeeQuoteInput{Category: membership.SectorMember, Country: new(kit.CountryID("UG")), JoinsOn: &on}
}

// TestANewPeriodNeedsNoNewProgram enters the unit and a class of years of which the program knows nothing.
func TestANewPeriodNeedsNoNewProgram(t *testing.T) {
	s := scene{stage.Embedded(t)}
	later := scene{s.With(stage.OnDay(new(kit.Date("2029-03-01"))))}
	quote := membership.FeeQuoteInput{Category: membership.SectorMember, Country: new(kit.CountryID("CH")), JoinsOn: new(kit.Date("2029-03-01"))}
	if _, err := later.Portal.Tariffs.Quote(secretariat, quote); err == nil {
		t.Fatal("the program knows a tariff of 2029")
	}
	all := period(80_000_00, 10_000_00, "2029-01-01")
	if faults := later.refused(all[0]); len(faults) != 1 || !strings.Contains(faults[0], "input.entries.0.tariff.fraction") {
		t.Errorf("a class without a unit: %q", faults)
	}
	later.enter(all...)
	if got := later.annual(later.Portal, quote); got != "10000.00" {
		t.Errorf("a Sector Member pays %q", got)
	}
	ids := kit.Map(s.inForce(), func(e *reference.ReferenceEntry) kit.ID { return e.ID })
	unit := slices.DeleteFunc(s.inForce(), func(e *reference.ReferenceEntry) bool { return e.Tariff.Kind != membership.TariffUnit })[0]
	for _, c := range []struct {
		ids  []kit.ID
		want string
	}{{[]kit.ID{unit.ID}, "NOT_ALLOWED_IN_STATE input.ids"}, {[]kit.ID{"ref_NONE"}, "UNKNOWN_REFERENCE input.ids.0"}, {ids, ""}, {ids[:1], "NOT_ALLOWED_IN_STATE input.ids.0"}} {
		p, err := later.Portal.Reference.Withdraw(secretariat, reference.WithdrawReferenceInput{IDs: c.ids, Reason: "Testbed reason"})
		s.Must(err)
		if got := strings.Join(stage.FaultsOf(p.UserErrors), ", "); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%v: %s", c.ids, got)
		}
	}
}

func (s scene) inForce() []*reference.ReferenceEntry {
	s.Helper()
	page, err := s.Portal.Reference.List(secretariat, nil, kit.PageArgs{First: new(100)})
	s.Must(err)
	return slices.DeleteFunc(page.Nodes(), func(e *reference.ReferenceEntry) bool { return e.Withdrawn != nil })
}

// TestEntriesThatAreWrongAreRefusedTogether has every fault of an entry, and nothing of them is entered.
func TestEntriesThatAreWrongAreRefusedTogether(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.enter(small(120_000, "2026-01-01"), status("KE", country.Developed, "2026-01-01"))
	backwards, bounded := rule("SUSPENSION", 90, "2026-01-01"), status("KE", country.Developing, "2025-01-01")
	backwards.ValidTo, bounded.ValidTo = new(kit.Date("2025-12-31")), new(kit.Date("2026-06-30"))
	class := period(1, 7_950_00, "2026-01-01")[0]
	class.Tariff.Amount, class.Tariff.CountryStatus = new(kit.Decimal(7_000_00)), membership.StatusDeveloping
	for name, c := range map[string]struct {
		entries []reference.ReferenceEntryInput
		want    []string
	}{
		"none":                             {nil, []string{"input.entries"}},
		"nothing in it":                    {[]reference.ReferenceEntryInput{{ValidFrom: "2026-01-01", Source: "a"}}, []string{"input.entries.0"}},
		"no source, and too early":         {[]reference.ReferenceEntryInput{{Rule: &reference.RuleEntryInput{Code: "SUSPENSION", Value: 1}, ValidFrom: "2004-12-31"}}, []string{"input.entries.0.validFrom", "input.entries.0.source"}},
		"too late":                         {[]reference.ReferenceEntryInput{rule("SUSPENSION", 1, "2036-01-01")}, []string{"input.entries.0.validFrom"}},
		"backwards":                        {[]reference.ReferenceEntryInput{backwards}, []string{"input.entries.0.validTo"}},
		"no such rule, no such day":        {[]reference.ReferenceEntryInput{rule("NONE", 1, "2026-01-01"), rule("INVOICE_DUE", 229, "2026-01-01"), rule("SUSPENSION", 1024, "2026-01-01")}, []string{"input.entries.0.rule.code", "input.entries.1.rule.value", "input.entries.2.rule.value"}},
		"no such country":                  {[]reference.ReferenceEntryInput{status("XX", country.Developed, "2026-01-01")}, []string{"input.entries.0.countryStatus.country"}},
		"below zero":                       {[]reference.ReferenceEntryInput{small(-1, "2030-01-01")}, []string{"input.entries.0.tariff.amount"}},
		"too much":                         {[]reference.ReferenceEntryInput{small(1_000_000_000_01, "2030-01-01")}, []string{"input.entries.0.tariff.amount"}},
		"on the same day":                  {[]reference.ReferenceEntryInput{small(1, "2026-01-01")}, []string{"input.entries.0.validFrom"}},
		"twice":                            {[]reference.ReferenceEntryInput{small(1, "2031-01-01"), small(2, "2031-01-01")}, []string{"input.entries.1.validFrom"}},
		"into days of another":             {[]reference.ReferenceEntryInput{bounded}, []string{"input.entries.0.validFrom"}},
		"not the fraction, and a new unit": {[]reference.ReferenceEntryInput{class, period(80_000_00, 1, "2026-01-01")[1]}, []string{"input.entries.0.tariff.minimum", "input.entries.0.tariff.amount", "input.entries.1.tariff.amount"}},
		"of another nature": {[]reference.ReferenceEntryInput{{
			Tariff:    &reference.TariffEntryInput{Code: "AS_D_SME", Kind: membership.TariffSME, Category: new(membership.Associate), Sector: new(membership.SectorT), CountryStatus: membership.AnyStatus},
			ValidFrom: "2030-01-01", Source: "a",
		}}, []string{"input.entries.0.tariff.code"}},
		"a class without a fraction": {[]reference.ReferenceEntryInput{{
			Tariff:    &reference.TariffEntryInput{Code: "NEW", Kind: membership.TariffClass, CountryStatus: membership.AnyStatus},
			ValidFrom: "2030-01-01", Source: "a",
		}}, []string{"input.entries.0.tariff.amount", "input.entries.0.tariff.category", "input.entries.0.tariff.fraction"}},
		"a second minimum": {[]reference.ReferenceEntryInput{{
			Tariff:    &reference.TariffEntryInput{Code: "NEW", Kind: membership.TariffClass, Category: new(membership.SectorMember), Sector: new(membership.SectorD), CountryStatus: membership.StatusDeveloped, Fraction: new("1/4"), Amount: new(kit.Decimal(15_900_00)), Minimum: true},
			ValidFrom: "2026-01-01", ValidTo: new(kit.Date("2026-12-31")), Source: "a",
		}}, []string{"input.entries.0.tariff.minimum"}},
		"for some that have one": {[]reference.ReferenceEntryInput{{
			Tariff:    &reference.TariffEntryInput{Code: "AS_D_SME", Kind: membership.TariffSME, Category: new(membership.Associate), Sector: new(membership.SectorD), CountryStatus: membership.StatusDeveloping},
			ValidFrom: "2027-01-01", Source: "a",
		}}, []string{"input.entries.0.tariff.countryStatus"}},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(s.inForce())
			got := kit.Map(s.refused(c.entries...), func(fault string) string { return strings.TrimSuffix(strings.Fields(fault)[1], ":") })
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if after := len(s.inForce()); after != before {
				t.Errorf("%d entries, before %d", after, before)
			}
		})
	}
}

// TestTwoWhoEnterTheSameAtOnceDoNotContradictEachOther has writers that all enter another amount for the same days.
func TestTwoWhoEnterTheSameAtOnceDoNotContradictEachOther(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		var all sync.WaitGroup
		results := make([]string, 6)
		for i := range results {
			all.Go(func() {
				p, err := s.Portal.Reference.Enter(secretariat, reference.EnterReferenceInput{Entries: []reference.ReferenceEntryInput{small(kit.Decimal(100_000+i), "2026-01-01")}})
				results[i] = fmt.Sprint(err, p != nil && p.Entered != nil)
			})
		}
		all.Wait()
		slices.Sort(results)
		if want := append(slices.Repeat([]string{"<nil> false"}, 5), "<nil> true"); !slices.Equal(results, want) || len(s.inForce()) != 1 {
			s.Errorf("%v; %d stand", results, len(s.inForce()))
		}
	})
}

// TestADamagedEntryIsLeftOutOfWhatIsOnlyLookedAt damages an entry: a quote leaves it out, and no invoice is issued without it.
func TestADamagedEntryIsLeftOutOfWhatIsOnlyLookedAt(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.applied()
		made := s.enter(small(120_000, "2025-01-01"), rule("WITHDRAWAL_NOTICE", 9, "2025-01-01"))
		if got := s.annual(s.Portal, smallEnterprise); got != "1200.00" {
			s.Fatalf("quoted %q", got)
		}
		testkit.Spoil(s.T, s.Store, reference.EntryNoun.Kind, string(made.Entries[1].ID), func(doc bson.D) bson.D {
			return append(slices.DeleteFunc(doc, func(e bson.E) bool { return e.Key == "kind" }), bson.E{Key: "kind", Value: "NONE"})
		}, 0)
		other := scene{stage.New(s.T, s.Store)}
		if got := other.annual(other.Portal, smallEnterprise); got != "1200.00" {
			s.Errorf("quoted %q", got)
		}
		if _, err := other.Portal.Invoices.IssueAll(secretariat, membership.IssueInvoicesInput{Year: 2025}); err == nil {
			s.Error("invoices are issued by a table that is not whole")
		}
	})
}
