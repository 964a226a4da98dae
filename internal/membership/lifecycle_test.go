package membership_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/membership/membershiptest"
)

// standing is a membership's status, joining and leaving on one day.
type standing struct {
	on             kit.Date
	status         membership.MembershipStatus
	joined, leaves kit.Date
}

func TestStatusIsAFoldOverEvents(t *testing.T) {
	admitted := membershiptest.Happened(membership.Admitted, "2020-01-10")
	activated := membershiptest.Happened(membership.Activated, "2020-03-01")
	for name, c := range map[string]struct {
		events []membership.LifecycleEvent
		want   []standing
	}{
		"before the first event the membership is what the first event makes it": {
			[]membership.LifecycleEvent{admitted},
			[]standing{{"1900-01-01", membership.PendingActivation, "", ""}, {"2020-01-09", membership.PendingActivation, "", ""}, {"2020-01-10", membership.PendingActivation, "", ""}},
		},
		"a member is active from the day of activation": {
			[]membership.LifecycleEvent{admitted, activated},
			[]standing{{"2020-02-29", membership.PendingActivation, "", ""}, {"2020-03-01", membership.Active, "2020-03-01", ""}, {"2999-12-31", membership.Active, "2020-03-01", ""}},
		},
		"an admission and an activation that both lie ahead leave the member pending": {
			[]membership.LifecycleEvent{membershiptest.Happened(membership.Admitted, "2030-01-01"), membershiptest.Happened(membership.Activated, "2030-01-01")},
			[]standing{{"2029-12-31", membership.PendingActivation, "", ""}, {"2030-01-01", membership.Active, "2030-01-01", ""}},
		},
		"an application and its approval make no member, and what comes before the admission is what it makes": {
			[]membership.LifecycleEvent{membershiptest.Happened(membership.Applied, "2019-05-01"), membershiptest.Happened(membership.Approved, "2020-01-10"), admitted, activated},
			[]standing{{"2019-04-30", membership.PendingActivation, "", ""}, {"2019-06-01", membership.PendingActivation, "", ""}, {"2020-03-01", membership.Active, "2020-03-01", ""}},
		},
		"a suspension does not break the spell": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.EventSuspended, "2021-05-01"), membershiptest.Happened(membership.Reinstated, "2021-07-01")},
			[]standing{
				{"2021-04-30", membership.Active, "2020-03-01", ""}, {"2021-05-01", membership.Suspended, "2020-03-01", ""},
				{"2021-06-30", membership.Suspended, "2020-03-01", ""}, {"2021-07-01", membership.Active, "2020-03-01", ""},
			},
		},
		"a notified withdrawal is an active member that leaves on the day without a second event": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.WithdrawalNotified, "2022-12-15", membershiptest.Noticed("2022-06-15"))},
			[]standing{
				{"2022-06-14", membership.Active, "2020-03-01", ""}, {"2022-06-15", membership.Active, "2020-03-01", "2022-12-15"},
				{"2022-12-14", membership.Active, "2020-03-01", "2022-12-15"}, {"2022-12-15", membership.Withdrawn, "2020-03-01", ""}, {"2023-01-01", membership.Withdrawn, "2020-03-01", ""},
			},
		},
		"a notice without a day of receipt is known from the beginning of the spell": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.WithdrawalNotified, "2022-12-15")},
			[]standing{{"2020-02-29", membership.PendingActivation, "", ""}, {"2020-03-01", membership.Active, "2020-03-01", "2022-12-15"}},
		},
		"a suspended member can have given notice": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.EventSuspended, "2022-01-01"), membershiptest.Happened(membership.WithdrawalNotified, "2022-12-15", membershiptest.Noticed("2022-06-15"))},
			[]standing{{"2022-07-01", membership.Suspended, "2020-03-01", "2022-12-15"}, {"2022-12-15", membership.Withdrawn, "2020-03-01", ""}},
		},
		"of two notices the earlier day is the one of leaving": {
			[]membership.LifecycleEvent{
				admitted, activated,
				membershiptest.Happened(membership.WithdrawalNotified, "2022-09-01", membershiptest.Noticed("2022-03-01")), membershiptest.Happened(membership.WithdrawalNotified, "2022-12-15", membershiptest.Noticed("2022-06-15")),
			},
			[]standing{{"2022-04-01", membership.Active, "2020-03-01", "2022-09-01"}, {"2022-07-01", membership.Active, "2020-03-01", "2022-09-01"}, {"2022-09-01", membership.Withdrawn, "2020-03-01", ""}},
		},
		"an exclusion before the day of leaving ends the notice": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.WithdrawalNotified, "2022-12-15", membershiptest.Noticed("2022-06-15")), membershiptest.Happened(membership.EventExcluded, "2022-08-01")},
			[]standing{{"2022-07-31", membership.Active, "2020-03-01", "2022-12-15"}, {"2022-08-01", membership.Excluded, "2020-03-01", ""}},
		},
		"a departure without notice takes effect on its day": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.EventWithdrawn, "2022-02-02")},
			[]standing{{"2022-02-01", membership.Active, "2020-03-01", ""}, {"2022-02-02", membership.Withdrawn, "2020-03-01", ""}},
		},
		"an exclusion takes effect on its day": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.EventExcluded, "2022-02-02")},
			[]standing{{"2022-02-01", membership.Active, "2020-03-01", ""}, {"2022-02-02", membership.Excluded, "2020-03-01", ""}},
		},
		"a member that comes back joins anew": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.EventExcluded, "2022-02-02"), membershiptest.Happened(membership.Reinstated, "2023-04-05")},
			[]standing{{"2023-04-04", membership.Excluded, "2020-03-01", ""}, {"2023-04-05", membership.Active, "2023-04-05", ""}},
		},
		"a superseded event never happened": {
			[]membership.LifecycleEvent{admitted, membershiptest.Happened(membership.Activated, "2020-02-01"), membershiptest.Happened(membership.Activated, "2020-03-01", membershiptest.Superseding("evn_2"))},
			[]standing{{"2020-02-15", membership.PendingActivation, "", ""}, {"2020-03-01", membership.Active, "2020-03-01", ""}},
		},
		"a correction of a correction leaves only the last": {
			[]membership.LifecycleEvent{
				admitted, membershiptest.Happened(membership.Activated, "2020-02-01"), membershiptest.Happened(membership.Activated, "2020-03-01", membershiptest.Superseding("evn_2")),
				membershiptest.Happened(membership.Activated, "2020-02-10", membershiptest.Superseding("evn_3")),
			},
			[]standing{{"2020-02-09", membership.PendingActivation, "", ""}, {"2020-02-10", membership.Active, "2020-02-10", ""}},
		},
		"events of one day hold in the order of their recording": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.EventSuspended, "2021-01-01"), membershiptest.Happened(membership.Reinstated, "2021-01-01")},
			[]standing{{"2021-01-01", membership.Active, "2020-03-01", ""}},
		},
		"an event recorded late takes its place by its day": {
			[]membership.LifecycleEvent{admitted, activated, membershiptest.Happened(membership.EventExcluded, "2022-01-01"), membershiptest.Happened(membership.EventSuspended, "2021-01-01")},
			[]standing{{"2021-06-01", membership.Suspended, "2020-03-01", ""}, {"2022-01-01", membership.Excluded, "2020-03-01", ""}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := membershiptest.MemberWith(c.events...)
			for _, want := range c.want {
				s := m.On(want.on)
				if got := (standing{want.on, s.Status, s.JoinedOn, s.LeavesOn}); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			}
		})
	}
}

func TestWhatEventsSetIsDated(t *testing.T) {
	admitted := membershiptest.Happened(membership.Admitted, "2020-01-01", membershiptest.As(membership.Associate), membershiptest.Held(membership.SectorD), membershiptest.InGroup(membership.SG1), membershiptest.InCountry("cty_UG"), membershiptest.InRegion(country.RegionAFR))
	m := membershiptest.MemberWith(admitted,
		membershiptest.Happened(membership.Activated, "2020-02-01"),
		membershiptest.Happened(membership.Reinstated, "2021-01-01", membershiptest.Held(membership.SectorR, membership.SectorD)),
		membershiptest.Happened(membership.Reinstated, "2022-01-01", membershiptest.Held(membership.SectorR, membership.SectorT), membershiptest.InGroup(membership.SG2)),
		membershiptest.Happened(membership.Reinstated, "2023-01-01", membershiptest.Held(membership.SectorD, membership.SectorR), membershiptest.InCountry("cty_CH"), membershiptest.InRegion(country.RegionEUR)),
	)
	type facts struct {
		on       kit.Date
		sectors  []membership.MembershipSector
		group    membership.StudyGroup
		country  kit.ID
		region   country.Region
		category membership.MembershipCategory
	}
	for name, want := range map[string]facts{
		"nothing changes before the first change":             {"2020-12-31", []membership.MembershipSector{{Sector: membership.SectorD, From: "2020-01-01"}}, membership.SG1, "cty_UG", country.RegionAFR, membership.Associate},
		"a Sector that stays keeps its day":                   {"2021-01-01", []membership.MembershipSector{{Sector: membership.SectorR, From: "2021-01-01"}, {Sector: membership.SectorD, From: "2020-01-01"}}, membership.SG1, "cty_UG", country.RegionAFR, membership.Associate},
		"a Sector that is left out is gone":                   {"2022-01-01", []membership.MembershipSector{{Sector: membership.SectorR, From: "2021-01-01"}, {Sector: membership.SectorT, From: "2022-01-01"}}, membership.SG2, "cty_UG", country.RegionAFR, membership.Associate},
		"a Sector that comes back has a new day":              {"2023-01-01", []membership.MembershipSector{{Sector: membership.SectorD, From: "2023-01-01"}, {Sector: membership.SectorR, From: "2021-01-01"}}, membership.SG2, "cty_CH", country.RegionEUR, membership.Associate},
		"country and region hold until the day of the change": {"2022-12-31", []membership.MembershipSector{{Sector: membership.SectorR, From: "2021-01-01"}, {Sector: membership.SectorT, From: "2022-01-01"}}, membership.SG2, "cty_UG", country.RegionAFR, membership.Associate},
	} {
		t.Run(name, func(t *testing.T) {
			s := m.On(want.on)
			if got := (facts{want.on, s.Sectors, s.StudyGroup, s.Country, s.Region, s.Category}); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestAnAssociateThatBecomesASectorMemberHasNoStudyGroup(t *testing.T) {
	m := membershiptest.MemberWith(
		membershiptest.Happened(membership.Admitted, "2020-01-01", membershiptest.As(membership.Associate), membershiptest.InGroup(membership.SG1)), membershiptest.Happened(membership.Activated, "2020-02-01"),
		membershiptest.Happened(membership.Reinstated, "2022-01-01", membershiptest.As(membership.SectorMember)),
	)
	if s := m.On("2021-12-31"); s.Category != membership.Associate || s.StudyGroup != membership.SG1 {
		t.Errorf("the day before: %s in %q", s.Category, s.StudyGroup)
	}
	if s := m.On("2022-01-01"); s.Category != membership.SectorMember || s.StudyGroup != "" || s.JoinedOn != "2020-02-01" {
		t.Errorf("on the day: %s in %q, joined on %s", s.Category, s.StudyGroup, s.JoinedOn)
	}
}

// randomEvents are an admission and up to eight further events in the ten years from then, in any
// order.
func randomEvents(r *rand.Rand) []membership.LifecycleEvent {
	admitted := kit.Date("2020-01-01").AddDays(r.IntN(300))
	day := func() kit.Date { return admitted.AddDays(r.IntN(3350)) }
	events := []membership.LifecycleEvent{membershiptest.Happened(membership.Admitted, admitted, membershiptest.As(membership.SectorMember), membershiptest.Held(membership.SectorD))}
	for range r.IntN(9) {
		e := membershiptest.Happened(membership.LifecycleKinds[r.IntN(len(membership.LifecycleKinds))], day())
		for _, change := range []func(*membership.LifecycleEvent){
			membershiptest.Noticed(day()), membershiptest.As(membership.MembershipCategories[r.IntN(3)]), membershiptest.Held(membership.Sectors[:1+r.IntN(3)]...), membershiptest.InRegion(country.Regions[r.IntN(7)]), membershiptest.InGroup(membership.SG2), membershiptest.InCountry("cty_KE"),
		} {
			if r.IntN(2) == 0 {
				change(&e)
			}
		}
		events = append(events, e)
	}
	return events
}

func TestTheFoldAtADayDependsOnNothingLater(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		m := membershiptest.MemberWith(randomEvents(r)...)
		d := kit.Date("2020-01-01").AddDays(r.IntN(3650))
		first := m.Current()[0]
		until := &membership.Member{Events: slices.DeleteFunc(slices.Clone(m.Events), func(e membership.LifecycleEvent) bool { return e.EffectiveOn > d && e.ID != first.ID })}
		got, want := m.On(d), until.On(d)
		got.LeavesOn, want.LeavesOn = "", ""
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("on %s %+v with all events, %+v with those until then: %+v", d, got, want, m.Events)
		}
	}
}

func TestFoldsKeepTheirPromises(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		m := membershiptest.MemberWith(randomEvents(r)...)
		d := kit.Date("2020-01-01").AddDays(r.IntN(3650))
		s := m.On(d)
		switch {
		case s.Belongs() && (s.JoinedOn == "" || s.JoinedOn > d):
			t.Fatalf("on %s %s, but joined on %q: %+v", d, s.Status, s.JoinedOn, m.Events)
		case !s.Belongs() && s.LeavesOn != "":
			t.Fatalf("on %s %s, but leaves on %s: %+v", d, s.Status, s.LeavesOn, m.Events)
		case s.LeavesOn != "" && s.LeavesOn <= d:
			t.Fatalf("on %s still a member that leaves on %s: %+v", d, s.LeavesOn, m.Events)
		}
		// A member belonged on each day since it joined.
		for _, e := range m.Current() {
			if s.Belongs() && e.EffectiveOn > s.JoinedOn && e.EffectiveOn <= d && !m.On(e.EffectiveOn).Belongs() {
				t.Fatalf("on %s joined on %s, but no member on %s: %+v", d, s.JoinedOn, e.EffectiveOn, m.Events)
			}
		}
	}
}

func TestOrderOfRecordingMattersWithinADayOnly(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		m := membershiptest.MemberWith(randomEvents(r)...)
		sorted := &membership.Member{Events: slices.Clone(m.Events)}
		slices.SortStableFunc(sorted.Events, func(a, b membership.LifecycleEvent) int {
			return strings.Compare(string(a.EffectiveOn), string(b.EffectiveOn))
		})
		if d := kit.Date("2025-01-01"); !reflect.DeepEqual(m.On(d), sorted.On(d)) {
			t.Fatalf("recorded in another order: %+v and %+v", m.On(d), sorted.On(d))
		}
	}
}
