package portal

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
)

// standing is a membership's status, joining and leaving on one day.
type standing struct {
	on             kit.Date
	status         MembershipStatus
	joined, leaves kit.Date
}

func TestStatusIsAFoldOverEvents(t *testing.T) {
	admitted := happened(Admitted, "2020-01-10")
	activated := happened(Activated, "2020-03-01")
	for name, c := range map[string]struct {
		events []LifecycleEvent
		want   []standing
	}{
		"before the first event the membership is what the first event makes it": {
			[]LifecycleEvent{admitted},
			[]standing{{"1900-01-01", PendingActivation, "", ""}, {"2020-01-09", PendingActivation, "", ""}, {"2020-01-10", PendingActivation, "", ""}},
		},
		"a member is active from the day of activation": {
			[]LifecycleEvent{admitted, activated},
			[]standing{{"2020-02-29", PendingActivation, "", ""}, {"2020-03-01", Active, "2020-03-01", ""}, {"2999-12-31", Active, "2020-03-01", ""}},
		},
		"an admission and an activation that both lie ahead leave the member pending": {
			[]LifecycleEvent{happened(Admitted, "2030-01-01"), happened(Activated, "2030-01-01")},
			[]standing{{"2029-12-31", PendingActivation, "", ""}, {"2030-01-01", Active, "2030-01-01", ""}},
		},
		"an application and its approval make no member, and what comes before the admission is what it makes": {
			[]LifecycleEvent{happened(Applied, "2019-05-01"), happened(Approved, "2020-01-10"), admitted, activated},
			[]standing{{"2019-04-30", PendingActivation, "", ""}, {"2019-06-01", PendingActivation, "", ""}, {"2020-03-01", Active, "2020-03-01", ""}},
		},
		"a suspension does not break the spell": {
			[]LifecycleEvent{admitted, activated, happened(EventSuspended, "2021-05-01"), happened(Reinstated, "2021-07-01")},
			[]standing{
				{"2021-04-30", Active, "2020-03-01", ""}, {"2021-05-01", Suspended, "2020-03-01", ""},
				{"2021-06-30", Suspended, "2020-03-01", ""}, {"2021-07-01", Active, "2020-03-01", ""},
			},
		},
		"a notified withdrawal is an active member that leaves on the day without a second event": {
			[]LifecycleEvent{admitted, activated, happened(WithdrawalNotified, "2022-12-15", noticed("2022-06-15"))},
			[]standing{
				{"2022-06-14", Active, "2020-03-01", ""}, {"2022-06-15", Active, "2020-03-01", "2022-12-15"},
				{"2022-12-14", Active, "2020-03-01", "2022-12-15"}, {"2022-12-15", Withdrawn, "2020-03-01", ""}, {"2023-01-01", Withdrawn, "2020-03-01", ""},
			},
		},
		"a notice without a day of receipt is known from the beginning of the spell": {
			[]LifecycleEvent{admitted, activated, happened(WithdrawalNotified, "2022-12-15")},
			[]standing{{"2020-02-29", PendingActivation, "", ""}, {"2020-03-01", Active, "2020-03-01", "2022-12-15"}},
		},
		"a suspended member can have given notice": {
			[]LifecycleEvent{admitted, activated, happened(EventSuspended, "2022-01-01"), happened(WithdrawalNotified, "2022-12-15", noticed("2022-06-15"))},
			[]standing{{"2022-07-01", Suspended, "2020-03-01", "2022-12-15"}, {"2022-12-15", Withdrawn, "2020-03-01", ""}},
		},
		"of two notices the earlier day is the one of leaving": {
			[]LifecycleEvent{
				admitted, activated,
				happened(WithdrawalNotified, "2022-09-01", noticed("2022-03-01")), happened(WithdrawalNotified, "2022-12-15", noticed("2022-06-15")),
			},
			[]standing{{"2022-04-01", Active, "2020-03-01", "2022-09-01"}, {"2022-07-01", Active, "2020-03-01", "2022-09-01"}, {"2022-09-01", Withdrawn, "2020-03-01", ""}},
		},
		"an exclusion before the day of leaving ends the notice": {
			[]LifecycleEvent{admitted, activated, happened(WithdrawalNotified, "2022-12-15", noticed("2022-06-15")), happened(EventExcluded, "2022-08-01")},
			[]standing{{"2022-07-31", Active, "2020-03-01", "2022-12-15"}, {"2022-08-01", Excluded, "2020-03-01", ""}},
		},
		"a departure without notice takes effect on its day": {
			[]LifecycleEvent{admitted, activated, happened(EventWithdrawn, "2022-02-02")},
			[]standing{{"2022-02-01", Active, "2020-03-01", ""}, {"2022-02-02", Withdrawn, "2020-03-01", ""}},
		},
		"an exclusion takes effect on its day": {
			[]LifecycleEvent{admitted, activated, happened(EventExcluded, "2022-02-02")},
			[]standing{{"2022-02-01", Active, "2020-03-01", ""}, {"2022-02-02", Excluded, "2020-03-01", ""}},
		},
		"a member that comes back joins anew": {
			[]LifecycleEvent{admitted, activated, happened(EventExcluded, "2022-02-02"), happened(Reinstated, "2023-04-05")},
			[]standing{{"2023-04-04", Excluded, "2020-03-01", ""}, {"2023-04-05", Active, "2023-04-05", ""}},
		},
		"a superseded event never happened": {
			[]LifecycleEvent{admitted, happened(Activated, "2020-02-01"), happened(Activated, "2020-03-01", superseding("evn_2"))},
			[]standing{{"2020-02-15", PendingActivation, "", ""}, {"2020-03-01", Active, "2020-03-01", ""}},
		},
		"a correction of a correction leaves only the last": {
			[]LifecycleEvent{
				admitted, happened(Activated, "2020-02-01"), happened(Activated, "2020-03-01", superseding("evn_2")),
				happened(Activated, "2020-02-10", superseding("evn_3")),
			},
			[]standing{{"2020-02-09", PendingActivation, "", ""}, {"2020-02-10", Active, "2020-02-10", ""}},
		},
		"events of one day hold in the order of their recording": {
			[]LifecycleEvent{admitted, activated, happened(EventSuspended, "2021-01-01"), happened(Reinstated, "2021-01-01")},
			[]standing{{"2021-01-01", Active, "2020-03-01", ""}},
		},
		"an event recorded late takes its place by its day": {
			[]LifecycleEvent{admitted, activated, happened(EventExcluded, "2022-01-01"), happened(EventSuspended, "2021-01-01")},
			[]standing{{"2021-06-01", Suspended, "2020-03-01", ""}, {"2022-01-01", Excluded, "2020-03-01", ""}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := memberWith(c.events...)
			for _, want := range c.want {
				s := m.on(want.on)
				if got := (standing{want.on, s.Status, s.JoinedOn, s.LeavesOn}); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			}
		})
	}
}

func TestWhatEventsSetIsDated(t *testing.T) {
	admitted := happened(Admitted, "2020-01-01", as(Associate), held(SectorD), inGroup(SG1), inCountry("cty_UG"), inRegion(RegionAFR))
	m := memberWith(admitted,
		happened(Activated, "2020-02-01"),
		happened(Reinstated, "2021-01-01", held(SectorR, SectorD)),
		happened(Reinstated, "2022-01-01", held(SectorR, SectorT), inGroup(SG2)),
		happened(Reinstated, "2023-01-01", held(SectorD, SectorR), inCountry("cty_CH"), inRegion(RegionEUR)),
	)
	type facts struct {
		on       kit.Date
		sectors  []MembershipSector
		group    StudyGroup
		country  kit.ID
		region   Region
		category MembershipCategory
	}
	for name, want := range map[string]facts{
		"nothing changes before the first change":             {"2020-12-31", []MembershipSector{{SectorD, "2020-01-01"}}, SG1, "cty_UG", RegionAFR, Associate},
		"a Sector that stays keeps its day":                   {"2021-01-01", []MembershipSector{{SectorR, "2021-01-01"}, {SectorD, "2020-01-01"}}, SG1, "cty_UG", RegionAFR, Associate},
		"a Sector that is left out is gone":                   {"2022-01-01", []MembershipSector{{SectorR, "2021-01-01"}, {SectorT, "2022-01-01"}}, SG2, "cty_UG", RegionAFR, Associate},
		"a Sector that comes back has a new day":              {"2023-01-01", []MembershipSector{{SectorD, "2023-01-01"}, {SectorR, "2021-01-01"}}, SG2, "cty_CH", RegionEUR, Associate},
		"country and region hold until the day of the change": {"2022-12-31", []MembershipSector{{SectorR, "2021-01-01"}, {SectorT, "2022-01-01"}}, SG2, "cty_UG", RegionAFR, Associate},
	} {
		t.Run(name, func(t *testing.T) {
			s := m.on(want.on)
			if got := (facts{want.on, s.Sectors, s.StudyGroup, s.Country, s.Region, s.Category}); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestAnAssociateThatBecomesASectorMemberHasNoStudyGroup(t *testing.T) {
	m := memberWith(
		happened(Admitted, "2020-01-01", as(Associate), inGroup(SG1)), happened(Activated, "2020-02-01"),
		happened(Reinstated, "2022-01-01", as(SectorMember)),
	)
	if s := m.on("2021-12-31"); s.Category != Associate || s.StudyGroup != SG1 {
		t.Errorf("the day before: %s in %q", s.Category, s.StudyGroup)
	}
	if s := m.on("2022-01-01"); s.Category != SectorMember || s.StudyGroup != "" || s.JoinedOn != "2020-02-01" {
		t.Errorf("on the day: %s in %q, joined on %s", s.Category, s.StudyGroup, s.JoinedOn)
	}
}

// randomEvents are an admission and up to eight further events in the ten years from then, in any
// order.
func randomEvents(r *rand.Rand) []LifecycleEvent {
	admitted := kit.Date("2020-01-01").AddDays(r.IntN(300))
	day := func() kit.Date { return admitted.AddDays(r.IntN(3350)) }
	events := []LifecycleEvent{happened(Admitted, admitted, as(SectorMember), held(SectorD))}
	for range r.IntN(9) {
		e := happened(LifecycleKinds[r.IntN(len(LifecycleKinds))], day())
		for _, change := range []func(*LifecycleEvent){
			noticed(day()), as(MembershipCategories[r.IntN(3)]), held(Sectors[:1+r.IntN(3)]...), inRegion(Regions[r.IntN(7)]), inGroup(SG2), inCountry("cty_KE"),
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
		m := memberWith(randomEvents(r)...)
		d := kit.Date("2020-01-01").AddDays(r.IntN(3650))
		first := m.current()[0]
		until := &Member{Events: slices.DeleteFunc(slices.Clone(m.Events), func(e LifecycleEvent) bool { return e.EffectiveOn > d && e.ID != first.ID })}
		got, want := m.on(d), until.on(d)
		got.LeavesOn, want.LeavesOn = "", ""
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("on %s %+v with all events, %+v with those until then: %+v", d, got, want, m.Events)
		}
	}
}

func TestFoldsKeepTheirPromises(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		m := memberWith(randomEvents(r)...)
		d := kit.Date("2020-01-01").AddDays(r.IntN(3650))
		s := m.on(d)
		switch {
		case s.belongs() && (s.JoinedOn == "" || s.JoinedOn > d):
			t.Fatalf("on %s %s, but joined on %q: %+v", d, s.Status, s.JoinedOn, m.Events)
		case !s.belongs() && s.LeavesOn != "":
			t.Fatalf("on %s %s, but leaves on %s: %+v", d, s.Status, s.LeavesOn, m.Events)
		case s.LeavesOn != "" && s.LeavesOn <= d:
			t.Fatalf("on %s still a member that leaves on %s: %+v", d, s.LeavesOn, m.Events)
		}
		// A member belonged on each day since it joined.
		for _, e := range m.current() {
			if s.belongs() && e.EffectiveOn > s.JoinedOn && e.EffectiveOn <= d && !m.on(e.EffectiveOn).belongs() {
				t.Fatalf("on %s joined on %s, but no member on %s: %+v", d, s.JoinedOn, e.EffectiveOn, m.Events)
			}
		}
	}
}

func TestOrderOfRecordingMattersWithinADayOnly(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		m := memberWith(randomEvents(r)...)
		sorted := &Member{Events: slices.Clone(m.Events)}
		slices.SortStableFunc(sorted.Events, func(a, b LifecycleEvent) int { return strings.Compare(string(a.EffectiveOn), string(b.EffectiveOn)) })
		if d := kit.Date("2025-01-01"); !reflect.DeepEqual(m.on(d), sorted.on(d)) {
			t.Fatalf("recorded in another order: %+v and %+v", m.on(d), sorted.on(d))
		}
	}
}
