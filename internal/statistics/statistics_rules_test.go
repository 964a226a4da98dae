package statistics

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/membership/membershiptest"
)

// ledgerOf is a service whose ledger holds members with these events, each recorded on its day.
func ledgerOf(t *testing.T, members map[kit.ID][]membership.LifecycleEvent) *StatisticsService {
	t.Helper()
	s := counting(t, nil)
	for id, events := range members {
		m := &membership.Member{ID: id, Name: string(id), Events: events}
		for i := range m.Events {
			m.Events[i].ID, m.Events[i].RecordedAt = kit.ID(fmt.Sprint(id, i)), kit.DateTime(m.Events[i].EffectiveOn+"T09:00:00.000Z")
		}
		s.ledger.putMember(m)
	}
	return s
}

func admittedOn(day kit.Date, category membership.MembershipCategory, in kit.ID) membership.LifecycleEvent {
	return membershiptest.Happened(membership.Admitted, day, membershiptest.As(category), membershiptest.InRegion(country.RegionEUR), membershiptest.InCountry(in), membershiptest.Held(membership.SectorD))
}

func on(kind membership.LifecycleKind, day kit.Date) membership.LifecycleEvent {
	return membership.LifecycleEvent{Kind: kind, EffectiveOn: day}
}

func TestRevenueHasARowForEachChange(t *testing.T) {
	exempted := on(membership.ExemptionGranted, "2024-01-15")
	exempted.Until = new(kit.Date("2026-11-09"))
	raised := on(membership.FeeClassChanged, "2024-05-01")
	raised.FeeClass = new("SM_D_1_4")
	unpriced := on(membership.FeeClassChanged, "2024-06-01")
	unpriced.FeeClass = new("AS_D_SME")
	academic := membershiptest.Happened(membership.CategoryChanged, "2024-07-01", membershiptest.As(membership.Academia), membershiptest.Held(membership.SectorR, membership.SectorT, membership.SectorD))
	s := ledgerOf(t, map[kit.ID][]membership.LifecycleEvent{
		"mem_joins":    {admittedOn("2024-01-10", membership.SectorMember, "cty_FR"), on(membership.Activated, "2024-03-01")},
		"mem_exempt":   {admittedOn("2024-01-10", membership.SectorMember, "cty_FR"), exempted, on(membership.Activated, "2024-03-01")},
		"mem_leaves":   {admittedOn("2024-01-01", membership.Associate, "cty_UG"), on(membership.Activated, "2024-01-02"), on(membership.EventWithdrawn, "2024-12-31")},
		"mem_raised":   {admittedOn("2024-01-01", membership.SectorMember, "cty_FR"), on(membership.Activated, "2024-01-02"), raised},
		"mem_academic": {admittedOn("2024-01-01", membership.SectorMember, "cty_UG"), on(membership.Activated, "2024-01-02"), academic},
		"mem_pending":  {admittedOn("2024-01-10", membership.SectorMember, "cty_FR")},
	})
	rows := s.ledger.earned("2024-02-01", "2024-12-31", Everything)
	var got []string
	for group := range Groups {
		for _, r := range rows[group] {
			got = append(got, fmt.Sprintf("%d %s %s %s: %s to %s", group, r.Day, s.ledger.IDs.IDs[r.Member], r.cause, r.before.amount, r.after.amount))
		}
	}
	slices.Sort(got)
	want := []string{
		"0 2024-03-01 mem_exempt JOINED: 0.00 to 0.00",
		"0 2024-03-01 mem_joins JOINED: 0.00 to 7950.00",
		"0 2024-05-01 mem_raised TERMS_CHANGED: 7950.00 to 15900.00",
		"0 2024-07-01 mem_academic CATEGORY_CHANGED: 3975.00 to 0.00",
		"0 2024-12-31 mem_leaves LEFT: 1987.50 to 0.00",
		"1 2024-07-01 mem_academic CATEGORY_CHANGED: 0.00 to 1987.50",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	r, err := s.Revenue(aSecretary, &MembershipStatistics{AsOf: "2024-12-31", known: Everything}, "2024-02-01", "2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	if m := r.SectorMembersAndAssociates; m.Gain.Total.Amount != 1_590_000 || m.Gain.Changes != 3 || m.Loss.Total.Amount != 596_250 || m.Net.Amount != 993_750 || m.Before.Amount+m.Net.Amount != m.After.Amount {
		t.Errorf("gain %v of %d, loss %v, net %v, before %v, after %v", m.Gain.Total, m.Gain.Changes, m.Loss.Total, m.Net, m.Before, m.After)
	}
	unknown := ledgerOf(t, map[kit.ID][]membership.LifecycleEvent{"mem_sme": {admittedOn("2024-01-01", membership.Associate, "cty_FR"), on(membership.Activated, "2024-01-02"), unpriced}})
	r, err = unknown.Revenue(aSecretary, &MembershipStatistics{AsOf: "2024-12-31", known: Everything}, "2024-01-01", "2024-12-31")
	if err != nil {
		t.Fatal(err)
	}
	if m := r.SectorMembersAndAssociates; m.Net != nil || m.Unpriced.Changes != 1 || m.Unpriced.Total != nil || m.Gain.Changes != 1 || m.After != nil {
		t.Errorf("with a fee that nobody knows: %+v", m)
	}
}

func TestExemptMemberIsCountedWhereTheCouncilSays(t *testing.T) {
	granted := on(membership.ExemptionGranted, "2024-02-01")
	granted.Until, granted.CountedUnder = new(kit.Date("2024-08-01")), new(country.RegionAFR)
	international := membershiptest.Happened(membership.Admitted, "2024-01-01", membershiptest.As(membership.SectorMember), membershiptest.InRegion(country.RegionREGINTORG), membershiptest.Held(membership.SectorD))
	s := ledgerOf(t, map[kit.ID][]membership.LifecycleEvent{"mem_1": {international, on(membership.Activated, "2024-01-02"), granted}})
	for day, want := range map[kit.Date]country.Region{"2024-01-15": country.RegionREGINTORG, "2024-02-01": country.RegionAFR, "2024-07-31": country.RegionAFR, "2024-08-01": country.RegionREGINTORG} {
		got := s.Totals(aSecretary, &MembershipStatistics{AsOf: day, known: Everything}).SectorMembersAndAssociates.ByRegion
		if len(got) != 1 || *got[0].Region != want {
			t.Errorf("on %s it is counted in %v, want %s", day, got, want)
		}
	}
}

func TestCohortsFollowTheMembersOfAYear(t *testing.T) {
	again := on(membership.Reinstated, "2023-05-01")
	s := ledgerOf(t, map[kit.ID][]membership.LifecycleEvent{
		"mem_stays":  {admittedOn("2020-12-01", membership.SectorMember, "cty_FR"), on(membership.Activated, "2021-01-01")},
		"mem_leaves": {admittedOn("2021-01-01", membership.Associate, "cty_FR"), on(membership.Activated, "2021-06-01"), on(membership.EventWithdrawn, "2022-01-01"), again},
		"mem_moves":  {admittedOn("2021-01-01", membership.SectorMember, "cty_FR"), on(membership.Activated, "2021-12-31"), membershiptest.Happened(membership.CategoryChanged, "2022-06-01", membershiptest.As(membership.Academia), membershiptest.Held(membership.SectorR, membership.SectorT, membership.SectorD)), on(membership.EventWithdrawn, "2023-01-01")},
	})
	r := s.Retention(&MembershipStatistics{AsOf: "2023-12-31", known: Everything})
	got := fmt.Sprint(r.SectorMembersAndAssociates.Cohorts)
	want := fmt.Sprint([]RetentionCohort{
		{2021, 3, 1, 33.3, []RetentionYear{{2021, 3, 100}, {2022, 2, 66.7}, {2023, 1, 33.3}}},
		{2023, 1, 1, 100, []RetentionYear{{2023, 1, 100}}},
	})
	if got != want || len(r.Academia.Cohorts) != 0 {
		t.Errorf("got %s and %v, want %s", got, r.Academia.Cohorts, want)
	}
	var years []string
	for _, g := range []RetentionGroup{r.SectorMembersAndAssociates, r.Academia} {
		for _, y := range g.Attrition {
			years = append(years, fmt.Sprintf("%d: %d of %d", y.Year, y.Left, y.AtStart))
		}
	}
	if want := []string{"2021: 0 of 0", "2022: 1 of 3", "2023: 0 of 1", "2022: 0 of 0", "2023: 1 of 1"}; !slices.Equal(years, want) {
		t.Errorf("got %q, want %q", years, want)
	}
}

func TestInvoiceIsOverdueFromTheDayAfterUntilItIsPaid(t *testing.T) {
	s := ledgerOf(t, map[kit.ID][]membership.LifecycleEvent{"mem_1": {admittedOn("2024-01-01", membership.SectorMember, "cty_FR"), on(membership.Activated, "2024-01-02")}})
	s.ledger.putInvoice(&membership.Invoice{
		ID: "ivc_1", MemberID: "mem_1", Amount: kit.Money{Amount: 1000, Currency: kit.CHF}, IssuedOn: "2024-01-01", DueOn: new(kit.Date("2024-03-31")),
		Payments: []membership.Payment{{Amount: kit.Money{Amount: 400, Currency: kit.CHF}, ReceivedOn: "2024-04-10", RecordedAt: "2024-04-11T09:00:00.000Z"}, {Amount: kit.Money{Amount: 600, Currency: kit.CHF}, ReceivedOn: "2024-05-01", RecordedAt: "2024-05-20T09:00:00.000Z"}},
	})
	for _, c := range []struct {
		day, known kit.Date
		want       FeeStatus
	}{
		{"2024-03-31", "2024-12-31", FeeInGoodStanding}, {"2024-04-01", "2024-12-31", FeeOverdue}, {"2024-04-30", "2024-12-31", FeeOverdue},
		{"2024-05-01", "2024-12-31", FeeInGoodStanding}, {"2024-05-01", "2024-05-19", FeeOverdue}, {"2024-05-01", "2024-05-20", FeeInGoodStanding},
	} {
		got := s.Totals(aSecretary, &MembershipStatistics{AsOf: c.day, known: c.known.Number()}).SectorMembersAndAssociates.ByFeeStatus
		if len(got) != 1 || got[0].Status != c.want {
			t.Errorf("on %s, known on %s: %v, want %s", c.day, c.known, got, c.want)
		}
	}
}

func TestInvoiceIsPaidOnTheDayOfTheLastPartWhateverWasRecordedFirst(t *testing.T) {
	s := ledgerOf(t, map[kit.ID][]membership.LifecycleEvent{"mem_1": {admittedOn("2024-01-01", membership.SectorMember, "cty_FR"), on(membership.Activated, "2024-01-02")}})
	s.ledger.putInvoice(&membership.Invoice{
		ID: "ivc_1", MemberID: "mem_1", Amount: kit.Money{Amount: 1000, Currency: kit.CHF}, IssuedOn: "2024-01-01", DueOn: new(kit.Date("2024-03-31")),
		Payments: []membership.Payment{{Amount: kit.Money{Amount: 600, Currency: kit.CHF}, ReceivedOn: "2024-06-01", RecordedAt: "2024-06-01T09:00:00.000Z"}, {Amount: kit.Money{Amount: 400, Currency: kit.CHF}, ReceivedOn: "2024-05-01", RecordedAt: "2024-06-05T09:00:00.000Z"}},
	})
	for day, want := range map[kit.Date]FeeStatus{"2024-05-31": FeeOverdue, "2024-06-01": FeeInGoodStanding} {
		if got := s.Totals(aSecretary, &MembershipStatistics{AsOf: day, known: Everything}).SectorMembersAndAssociates.ByFeeStatus; got[0].Status != want {
			t.Errorf("on %s: %v, want %s", day, got, want)
		}
	}
}

// TestNobodyOutsideLearnsWhoLeft has a member that was excluded and came back, and one that left and stays away.
func TestNobodyOutsideLearnsWhoLeft(t *testing.T) {
	s := ledgerOf(t, map[kit.ID][]membership.LifecycleEvent{
		"mem_back":  {admittedOn("2020-01-01", membership.SectorMember, "cty_FR"), on(membership.Activated, "2020-02-01"), on(membership.EventWithdrawn, "2022-01-01"), on(membership.Reinstated, "2023-01-01")},
		"mem_away":  {admittedOn("2020-01-01", membership.SectorMember, "cty_FR"), on(membership.Activated, "2020-02-01"), on(membership.EventWithdrawn, "2022-01-01")},
		"mem_stays": {admittedOn("2020-01-01", membership.SectorMember, "cty_FR"), on(membership.Activated, "2020-02-01")},
	})
	q := &MembershipStatistics{AsOf: "2024-12-31", known: Everything}
	m, err := s.Movements(context.Background(), q, "2020-01-01", "2022-12-31")
	if err != nil {
		t.Fatal(err)
	}
	found := func(ctx context.Context, c MovementCount) (ids []kit.ID) {
		for _, i := range c.who {
			e := s.ledger.entries[i]
			if is, inside, seen := s.members.Seen(ctx, e.ID, e.Events, "2024-12-31"); seen && (inside || c.shown(is)) {
				ids = append(ids, e.ID)
			}
		}
		slices.Sort(ids)
		return ids
	}
	moved, anybody := m.SectorMembersAndAssociates, context.Background()
	if got := found(anybody, moved.Joined); moved.Joined.Total != 3 || !slices.Equal(got, []kit.ID{"mem_stays"}) {
		t.Errorf("of %d that joined anybody finds %q", moved.Joined.Total, got)
	}
	if got := found(anybody, moved.Left); moved.Left.Total != 2 || got != nil {
		t.Errorf("of %d that left anybody finds %q", moved.Left.Total, got)
	}
	governs := kit.WithActor(context.Background(), kit.ActingFor("usr_a", kit.RoleAdministration, "cty_FR"))
	if got := found(governs, moved.Left); !slices.Equal(got, []kit.ID{"mem_away", "mem_back"}) {
		t.Errorf("its administration finds %q", got)
	}
}

func TestDatasetIsThatOfWhatWasKnown(t *testing.T) {
	s := ledgerOf(t, map[kit.ID][]membership.LifecycleEvent{"mem_real": {admittedOn("2020-01-01", membership.SectorMember, "cty_FR"), on(membership.Activated, "2020-02-01")}})
	made := &membership.Member{ID: "mem_made", Dataset: kit.Demonstration, Events: []membership.LifecycleEvent{admittedOn("2020-01-01", membership.SectorMember, "cty_FR")}}
	made.Events[0].RecordedAt = "2024-06-01T09:00:00.000Z"
	s.ledger.putMember(made)
	for known, want := range map[kit.Date]bool{"2024-05-31": false, "2024-06-01": true} {
		if got := s.ledger.demonstrates(known.Number()); got != want {
			t.Errorf("known on %s: made up %t, want %t", known, got, want)
		}
	}
}

func TestYearsWithoutAnybodyAreAmongTheYearsOfAGroup(t *testing.T) {
	s := ledgerOf(t, map[kit.ID][]membership.LifecycleEvent{
		"mem_1": {admittedOn("2015-01-01", membership.Academia, "cty_FR"), on(membership.Activated, "2015-02-01"), on(membership.EventWithdrawn, "2016-06-01")},
		"mem_2": {admittedOn("2018-01-01", membership.Academia, "cty_FR"), on(membership.Activated, "2018-02-01")},
	})
	var years []int
	for _, y := range s.Retention(&MembershipStatistics{AsOf: "2019-12-31", known: Everything}).Academia.Attrition {
		years = append(years, y.Year)
	}
	if !slices.Equal(years, []int{2015, 2016, 2017, 2018, 2019}) {
		t.Errorf("years %v", years)
	}
}
