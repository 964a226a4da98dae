package statistics

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"memberportal/internal/applications"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/membership/membershiptest"
	"memberportal/internal/people"
)

var aSecretary = kit.WithActor(context.Background(), kit.Actor{Subject: "usr_s", Roles: []kit.Role{kit.RoleSecretariat}})

// tariffsOfTheTwenties are those of the program from 2015 on, raised by a tenth in 2022, so that lives in these
// years have fees that change.
func tariffsOfTheTwenties(t *testing.T) []*membership.Tariff {
	t.Helper()
	known, err := membership.Tariffs()
	if err != nil {
		t.Fatal(err)
	}
	var all []*membership.Tariff
	for _, k := range known {
		before, after := *k, *k
		before.ValidFrom, before.ValidTo = "2015-01-01", new(kit.Date("2021-12-31"))
		if after.ValidFrom = "2022-01-01"; k.Amount != nil {
			after.Amount = &kit.Money{Amount: k.Amount.Amount * 11 / 10, Currency: kit.CHF}
		}
		all = append(all, &before, &after)
	}
	return all
}

// counting is a service over a ledger that the test fills, at the end of 2024, with no store behind it.
func counting(t *testing.T, tariffs []*membership.Tariff) *StatisticsService {
	t.Helper()
	countries, err := country.Countries()
	if err != nil {
		t.Fatal(err)
	}
	service, err := withoutStore(time.Date(2024, 12, 31, 12, 0, 0, 0, time.UTC), countries, tariffs)
	if err != nil {
		t.Fatal(err)
	}
	return service
}

// withoutStore is a service over a ledger that a test fills: a question that read a document would fail.
func withoutStore(now time.Time, list []*country.Country, tariffs []*membership.Tariff) (*StatisticsService, error) {
	c, err := kit.NewCore(kit.CoreOptions{Clock: kit.NewClock(func() time.Time { return now }, time.UTC), Entropy: rand.Reader})
	if err != nil {
		return nil, err
	}
	countries, err := country.New(list, c.Clock, c.Sealer)
	if err != nil {
		return nil, err
	}
	members, err := membership.New(membership.Options{Core: c, Countries: countries, Tariffs: tariffs})
	if err != nil {
		return nil, err
	}
	persons, err := people.New(people.Options{Core: c, Membership: members})
	if err != nil {
		return nil, err
	}
	asked, err := applications.New(applications.Options{Core: c, Countries: countries, Membership: members, People: persons})
	if err != nil {
		return nil, err
	}
	return New(c, countries, NewLedger(c, countries, members, asked, kit.NewChangeRecordService(c)), members.Members, asked), nil
}

// recordedLife is a life whose events were recorded one after the other.
func recordedLife(t *rapid.T, id kit.ID) *membership.Member {
	m := membershiptest.ALife(t)
	m.ID, m.Dataset = id, kit.Demonstration
	day := kit.Date("2019-12-01")
	for i := range m.Events {
		day = day.AddDays(rapid.IntRange(0, 150).Draw(t, "recorded"))
		m.Events[i].RecordedAt = kit.DateTime(day + "T09:00:00.000Z")
	}
	return m
}

// anInvoice is one of a member that is paid in two parts, later or never.
func anInvoice(t *rapid.T, n int, member kit.ID) *membership.Invoice {
	due := membershiptest.ADay(t, "due")
	i := &membership.Invoice{ID: kit.ID(fmt.Sprint("ivc_", n)), MemberID: member, Amount: kit.Money{Amount: 1000, Currency: kit.CHF}, IssuedOn: due.AddDays(-90), RecordedAt: kit.DateTime(due.AddDays(-90) + "T09:00:00.000Z"), DueOn: &due}
	for part := range rapid.IntRange(0, 2).Draw(t, "payments") {
		on := due.AddDays(rapid.IntRange(-50, 200).Draw(t, "paid") + part)
		i.Payments = append(i.Payments, membership.Payment{Amount: kit.Money{Amount: 500, Currency: kit.CHF}, ReceivedOn: on, RecordedAt: kit.DateTime(on.AddDays(3) + "T09:00:00.000Z")})
	}
	return i
}

// anApplication is one that was submitted, perhaps amended, and perhaps decided. The approval and the member that it
// makes are one write, so an approved application always names its member.
func anApplication(t *rapid.T, n int, member kit.ID) *applications.Application {
	day := membershiptest.ADay(t, "submitted")
	a := &applications.Application{ID: kit.ID(fmt.Sprint("app_", n)), SubmittedOn: &day, Dataset: kit.Demonstration}
	happen := func(kind applications.ApplicationEventKind, terms *applications.ApplicationTerms) {
		a.Events = append(a.Events, applications.ApplicationEvent{Kind: kind, On: day, At: kit.DateTime(day + "T09:00:00.000Z"), Terms: terms})
		day = day.AddDays(rapid.IntRange(0, 100).Draw(t, "later"))
	}
	terms := func() *applications.ApplicationTerms {
		return &applications.ApplicationTerms{Category: rapid.SampledFrom(membership.MembershipCategories).Draw(t, "category"), Country: new(kit.ID("cty_UG"))}
	}
	happen(applications.ApplicationWasSubmitted, terms())
	for range rapid.IntRange(0, 2).Draw(t, "amended") {
		happen(applications.ApplicationWasAmended, terms())
	}
	if rapid.Bool().Draw(t, "decided") {
		decision := rapid.SampledFrom([]applications.ApplicationEventKind{applications.ApplicationWasApproved, applications.ApplicationWasObjectedTo, applications.ApplicationWasWithdrawn}).Draw(t, "decision")
		if happen(decision, nil); decision == applications.ApplicationWasApproved {
			a.MemberID = &member
		}
	}
	a.Category = &a.Events[0].Terms.Category
	return a
}

// aCrowd fills a ledger.
func aCrowd(t *rapid.T, s *StatisticsService) (members []*membership.Member, invoices []*membership.Invoice, applications []*applications.Application) {
	for i := range rapid.IntRange(1, 6).Draw(t, "members") {
		m := recordedLife(t, kit.ID(fmt.Sprint("mem_", i)))
		members, invoices, applications = append(members, m), append(invoices, anInvoice(t, i, m.ID)), append(applications, anApplication(t, i, m.ID))
		s.ledger.putMember(m)
		s.ledger.putInvoice(invoices[i])
		s.ledger.putApplication(applications[i])
	}
	return members, invoices, applications
}

func aQuestion(t *rapid.T) *MembershipStatistics {
	q := &MembershipStatistics{AsOf: membershiptest.ADay(t, "asOf"), KnownOn: membershiptest.ADay(t, "knownOn")}
	q.known = q.KnownOn.Number()
	if rapid.Bool().Draw(t, "all known") {
		q.known = Everything
	}
	return q
}

// countedByHand is what the members were, folded one by one from what was recorded.
func countedByHand(members []*membership.Member, day kit.Date, known kit.DayNumber) (n [Groups]int64) {
	for _, m := range members {
		then := &membership.Member{}
		for _, e := range m.Events {
			if kit.Date(e.RecordedAt[:10]).Number() <= known {
				then.Events = append(then.Events, e)
			}
		}
		if events := then.Current(); membership.Admission(events) != "" && membership.Admission(events) <= day {
			if is := membership.FoldOn(events, day); is.Belongs() {
				n[GroupOf(Place8(membership.MembershipCategories, is.Category))]++
			}
		}
	}
	return n
}

func TestTotalsAreThoseThatAFoldOfEveryMemberGives(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := counting(t, nil)
		members, _, _ := aCrowd(rt, s)
		for i, m := range members { // written again, grown and shrunk
			if rapid.Bool().Draw(rt, "again") {
				members[i] = recordedLife(rt, m.ID)
				s.ledger.putMember(members[i])
			}
		}
		for range 10 {
			q := aQuestion(rt)
			is, want := s.Totals(aSecretary, q), countedByHand(members, q.AsOf, q.known)
			if got := [Groups]int64{is.SectorMembersAndAssociates.Total, is.Academia.Total}; got != want || is.Total != want[0]+want[1] {
				rt.Fatalf("on %s, known on %s: %d, by hand %d", q.AsOf, q.known.Date(), got, want)
			}
			for _, c := range []MembershipCount{is.SectorMembersAndAssociates, is.Academia} {
				addsUp(rt, c)
			}
		}
	})
}

// addsUp holds that every cut adds up to the total.
func addsUp(t *rapid.T, c MembershipCount) {
	sums := map[string]int64{}
	for _, p := range c.ByCategory {
		sums["category"] += p.Count
		if p.Category == membership.Associate {
			sums["study group"] -= p.Count
		}
	}
	for _, p := range c.ByRegion {
		sums["region"] += p.Count
	}
	for _, p := range c.ByCountry {
		sums["country"] += p.Count
	}
	for _, p := range c.ByFeeStatus {
		sums["fee status"] += p.Count
	}
	for _, p := range c.ByStudyGroup {
		sums["study group"] += p.Count
	}
	for cut, sum := range sums {
		if want := c.Total; cut == "study group" && sum != 0 || cut != "study group" && sum != want {
			t.Fatalf("by %s: %d of %d", cut, sum, want)
		}
	}
}

func TestMovementsAreTheDifferenceOfTotals(t *testing.T) {
	tariffs := tariffsOfTheTwenties(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := counting(t, tariffs)
		aCrowd(rt, s)
		q := aQuestion(rt)
		from := membershiptest.ADay(rt, "from")
		to := from.AddDays(rapid.IntRange(0, 800).Draw(rt, "days"))
		before, after := *q, *q
		before.AsOf, after.AsOf = from.AddDays(-1), to
		was, is := s.Totals(aSecretary, &before), s.Totals(aSecretary, &after)
		moved := s.ledger.moved(from.Number(), to.Number(), q.known)
		rows, earned := s.ledger.earned(from, to, q.known), [Groups]RevenueMovement{}
		paidBefore, paidAfter := s.ledger.annualised(before.AsOf, q.known), s.ledger.annualised(to, q.known)
		for group, totals := range [Groups][2]int64{{was.SectorMembersAndAssociates.Total, is.SectorMembersAndAssociates.Total}, {was.Academia.Total, is.Academia.Total}} {
			if m := moved[group]; totals[0]+m.joined.total-m.left.total+m.transferred != totals[1] {
				rt.Fatalf("%s..%s, group %d: %d, joined %d, left %d, transferred %d, then %d", from, to, group, totals[0], m.joined.total, m.left.total, m.transferred, totals[1])
			}
			earned[group] = revenueOf(rows[group], "")
			if net := earned[group].Net; net == nil || paidBefore[group].amount+net.Amount != paidAfter[group].amount {
				rt.Fatalf("%s..%s, group %d: %s, net %v, then %s", from, to, group, paidBefore[group].amount, net, paidAfter[group].amount)
			}
		}
	})
}

// told is all that the statistics say to a question, in one text.
func told(t *rapid.T, s *StatisticsService, q *MembershipStatistics) string {
	from := q.AsOf.AddDays(-300)
	var rows []string
	earned := s.ledger.earned(from, q.AsOf, q.known)
	for group := range Groups {
		for _, r := range earned[group] {
			rows = append(rows, fmt.Sprint(group, r))
		}
	}
	slices.Sort(rows)
	moved := s.ledger.moved(from.Number(), q.AsOf.Number(), q.known)
	pipeline, err := s.Pipeline(aSecretary, q)
	if err != nil {
		t.Fatal(err)
	}
	forecast, err := s.Forecast(aSecretary, q, q.AsOf.AddDays(100))
	if err != nil {
		t.Fatal(err)
	}
	movements := [Groups][]MovementCount{}
	for group := range Groups {
		movements[group] = []MovementCount{moved[group].joined.result(period{}, false, false, ""), moved[group].left.result(period{}, true, true, "")}
	}
	text, err := json.MarshalIndent([]any{s.Totals(aSecretary, q), movements, rows, s.Retention(q), pipeline, forecast}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWhatWasKnownOnADayNeverChanges(t *testing.T) {
	tariffs := tariffsOfTheTwenties(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := counting(t, tariffs)
		members, invoices, asked := aCrowd(rt, s)
		q := aQuestion(rt)
		q.known = q.KnownOn.Number()
		before := told(rt, s, q)
		later := func() kit.DateTime {
			return kit.DateTime(q.KnownOn.AddDays(rapid.IntRange(1, 500).Draw(rt, "later")) + "T09:00:00.000Z")
		}
		for i, m := range members {
			for n := range rapid.IntRange(0, 4).Draw(rt, "facts") {
				e := membershiptest.AnEvent(rt)
				e.ID, e.RecordedAt = kit.ID(fmt.Sprint("evn_later", n)), later()
				m.Events = append(m.Events, e)
			}
			s.ledger.putMember(m)
			invoices[i].Payments = append(invoices[i].Payments, membership.Payment{Amount: kit.Money{Amount: 1000, Currency: kit.CHF}, ReceivedOn: membershiptest.ADay(rt, "received"), RecordedAt: later()})
			s.ledger.putInvoice(invoices[i])
			a := asked[i]
			a.Category, a.MemberID = new(membership.Academia), &m.ID
			a.Events = append(a.Events, applications.ApplicationEvent{Kind: applications.ApplicationWasAmended, On: membershiptest.ADay(rt, "amended"), At: later(), Terms: a.Asks()},
				applications.ApplicationEvent{Kind: applications.ApplicationWasApproved, On: membershiptest.ADay(rt, "approved"), At: later()})
			s.ledger.putApplication(a)
		}
		s.ledger.putMember(recordedAfter(rt, q.KnownOn))
		if after := told(rt, s, q); after != before {
			rt.Fatalf("as of %s, known on %s, it was\n%s\nand is\n%s", q.AsOf, q.KnownOn, before, after)
		}
	})
}

// recordedAfter is a member that nobody knew of on a day.
func recordedAfter(t *rapid.T, day kit.Date) *membership.Member {
	m := membershiptest.ALife(t)
	m.ID = "mem_new"
	for i := range m.Events {
		m.Events[i].RecordedAt = kit.DateTime(day.AddDays(i+1) + "T09:00:00.000Z")
	}
	return m
}

func TestCompactingMovesNoRowToAnotherOwner(t *testing.T) {
	var h history[int]
	rows := func(owner int32, n int) {
		h.put(owner, []kit.DayNumber{0}, func(kit.DayNumber) []stretch[int] {
			var all []stretch[int]
			for i := range n {
				all = append(all, stretch[int]{kit.DayNumber(i), kit.DayNumber(i + 1), int(owner)})
			}
			return all
		})
	}
	for round := range 40 {
		for owner := range int32(100) {
			rows(owner, round+int(owner)%3)
		}
	}
	if len(h.spans) > 2*100*42 {
		t.Errorf("%d rows are kept for %d", len(h.spans), 100*40)
	}
	count := map[int]int{}
	h.On(5, 0, func(owner *int) { count[*owner]++ })
	for owner := range 100 {
		if count[owner] != 1 {
			t.Errorf("%d has %d rows on the day", owner, count[owner])
		}
	}
}

func TestBandNarrowsWithWhatWasObserved(t *testing.T) {
	for _, c := range []struct{ n, observed, cameTrue, low, high int64 }{
		{0, 0, 0, 0, 0}, {10, 0, 0, 1, 9}, {10, 20, 20, 9, 10}, {10, 20, 0, 0, 1}, {100, 1000, 500, 43, 57}, {1, 0, 0, 0, 1},
	} {
		if low, high := band(c.n, c.observed, c.cameTrue); low != c.low || high != c.high {
			t.Errorf("%d, of %d observed %d came true: %d to %d, want %d to %d", c.n, c.observed, c.cameTrue, low, high, c.low, c.high)
		}
	}
}

func TestForecastKeepsItsInputsApart(t *testing.T) {
	s := counting(t, nil)
	record := func(id kit.ID, events ...membership.LifecycleEvent) {
		m := &membership.Member{ID: id, Name: string(id), Events: events}
		for i := range m.Events {
			e := &m.Events[i]
			e.ID, e.RecordedAt = kit.ID(fmt.Sprint(id, i)), kit.DateTime(min(e.EffectiveOn, "2024-12-01")+"T09:00:00.000Z")
		}
		s.ledger.putMember(m)
	}
	admitted := membershiptest.Happened(membership.Admitted, "2024-01-10", membershiptest.As(membership.SectorMember), membershiptest.InRegion(country.RegionAFR), membershiptest.InCountry("cty_UG"), membershiptest.Held(membership.SectorD))
	record("mem_unpaid", admitted)
	record("mem_exempt", admitted, membership.LifecycleEvent{Kind: membership.ExemptionGranted, EffectiveOn: "2024-02-01", Until: new(kit.Date("2026-01-01"))})
	record("mem_recorded", admitted, membership.LifecycleEvent{Kind: membership.Activated, EffectiveOn: "2025-02-01"})
	record("mem_notified", admitted, membership.LifecycleEvent{Kind: membership.Activated, EffectiveOn: "2024-02-01"}, membership.LifecycleEvent{Kind: membership.WithdrawalNotified, EffectiveOn: "2025-05-01", NoticeOn: new(kit.Date("2024-11-01")), ReasonCode: new(membership.ReasonMerger)})
	record("mem_suspended", admitted, membership.LifecycleEvent{Kind: membership.Activated, EffectiveOn: "2024-02-01"}, membership.LifecycleEvent{Kind: membership.EventSuspended, EffectiveOn: "2024-10-01"})
	s.ledger.putApplication(&applications.Application{ID: "app_1", SubmittedOn: new(kit.Date("2024-12-01")), Events: []applications.ApplicationEvent{
		{Kind: applications.ApplicationWasSubmitted, On: "2024-12-01", At: "2024-12-01T09:00:00.000Z", Terms: &applications.ApplicationTerms{Category: membership.Associate, Country: new(kit.ID("cty_FR"))}},
	}})
	f, err := s.Forecast(aSecretary, &MembershipStatistics{AsOf: "2024-12-31", known: Everything}, "2025-06-30")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	g := f.SectorMembersAndAssociates
	for _, in := range append(slices.Clone(g.Joining.Inputs), g.Leaving.Inputs...) {
		got = append(got, fmt.Sprintf("%s %d %d %s", in.Kind, in.Count, in.Foreseen, in.Value.Amount))
	}
	want := []string{"RECORDED 1 1 3975.00", "APPROVED_UNPAID 1 1 3975.00", "PENDING_APPROVAL 1 1 3975.00", "NOTIFIED_DEPARTURE 1 1 3975.00", "ARREARS 1 0 3975.00"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if g.Joining.Foreseen != 3 || g.Leaving.Foreseen != 1 || g.Net.Foreseen != 2 || g.Total.Foreseen != 4 || f.Academia.Joining.Foreseen != 0 {
		t.Errorf("%+v", f)
	}
	if text := f.Method(context.Background(), nil); !strings.Contains(text, "2 earlier periods of 181 days") && !strings.Contains(text, "1 earlier periods of 181 days") {
		t.Errorf("%s", text)
	}
}
