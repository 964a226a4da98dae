package portal

import (
	"context"
	"fmt"

	"pgregory.net/rapid"

	"memberportal/internal/kit"
)

// happened is an event of a member in these tests; set puts what it sets.
func happened(kind LifecycleKind, on kit.Date, set ...func(*LifecycleEvent)) LifecycleEvent {
	e := LifecycleEvent{Kind: kind, EffectiveOn: on}
	for _, s := range set {
		s(&e)
	}
	return e
}

// memberWith gives a member the events, each with an id by its place: evn_1, evn_2…
func memberWith(events ...LifecycleEvent) *Member {
	for i := range events {
		events[i].ID = kit.ID(fmt.Sprintf("evn_%d", i+1))
	}
	return &Member{ID: "mem_1", Events: events}
}

func noticed(on kit.Date) func(*LifecycleEvent) { return func(e *LifecycleEvent) { e.NoticeOn = &on } }
func superseding(id kit.ID) func(*LifecycleEvent) {
	return func(e *LifecycleEvent) { e.Supersedes = &id }
}
func held(s ...Sector) func(*LifecycleEvent)    { return func(e *LifecycleEvent) { e.Sectors = s } }
func inRegion(r Region) func(*LifecycleEvent)   { return func(e *LifecycleEvent) { e.Region = &r } }
func inCountry(id kit.ID) func(*LifecycleEvent) { return func(e *LifecycleEvent) { e.Country = &id } }
func inGroup(g StudyGroup) func(*LifecycleEvent) {
	return func(e *LifecycleEvent) { e.StudyGroup = &g }
}
func as(c MembershipCategory) func(*LifecycleEvent) {
	return func(e *LifecycleEvent) { e.Category = &c }
}

// days are 40 months of test time, in which events and questions fall.
func aDay(t *rapid.T, name string) kit.Date {
	return kit.Date("2020-01-01").AddDays(rapid.IntRange(0, 1200).Draw(t, name))
}

// anEvent is an event of any kind on any day, with what such an event sets.
func anEvent(t *rapid.T) LifecycleEvent {
	e := LifecycleEvent{Kind: rapid.SampledFrom(LifecycleKinds[3:20]).Draw(t, "kind"), EffectiveOn: aDay(t, "day")}
	switch e.Kind {
	case WithdrawalNotified:
		notice := e.EffectiveOn
		e.NoticeOn, e.EffectiveOn = &notice, notice.AddMonths(6)
	case EventSuspended:
		e.NoticeOn = new(e.EffectiveOn.AddDays(3))
	case ExemptionGranted, RepaymentPlanAgreed:
		e.Until = new(e.EffectiveOn.AddDays(rapid.IntRange(1, 400).Draw(t, "term")))
	case CategoryChanged:
		e.Category = new(rapid.SampledFrom(MembershipCategories).Draw(t, "category"))
		e.Sectors = membershipTerms{category: *e.Category}.held()
		if *e.Category == Associate {
			e.StudyGroup = new(rapid.SampledFrom(StudyGroups).Draw(t, "group"))
		}
	case StudyGroupChanged:
		e.StudyGroup = new(rapid.SampledFrom(StudyGroups).Draw(t, "group"))
	case CountryReassigned:
		e.Country, e.Region = new(rapid.SampledFrom([]kit.ID{"cty_UG", "cty_KE"}).Draw(t, "country")), new(RegionAFR)
	case RegionReassigned:
		e.Region = new(RegionREGINTORG)
	case Merged:
		e.MergedInto = new(kit.ID("mem_2"))
	}
	return e
}

// aLife is a member with up to 25 events that the table allowed one after the other, in any order of days,
// some of them corrected.
func aLife(t *rapid.T) *Member {
	m := memberWith(happened(Admitted, "2019-12-01", as(SectorMember), inRegion(RegionAFR), inCountry("cty_UG"), held(SectorD)))
	for i := range rapid.IntRange(0, 25).Draw(t, "events") {
		e := anEvent(t)
		e.ID = kit.ID(fmt.Sprint("evn_", i+2))
		if wrong := m.current(); i > 0 && len(wrong) > 1 && rapid.IntRange(0, 5).Draw(t, "correct") == 0 {
			old := wrong[rapid.IntRange(1, len(wrong)-1).Draw(t, "which")]
			fixed := old
			fixed.ID, fixed.Supersedes = e.ID, &old.ID
			if rapid.Bool().Draw(t, "annul") {
				fixed = LifecycleEvent{ID: e.ID, Kind: Annulled, EffectiveOn: old.EffectiveOn, Supersedes: &old.ID}
			} else if old.Kind != WithdrawalNotified {
				fixed.EffectiveOn = e.EffectiveOn
			}
			e = fixed
		}
		m.Events = append(m.Events, e)
		f := kit.NewFaults(context.Background())
		if checkSequence(f, m, e.ID); len(f.List) > 0 {
			m.Events = m.Events[:len(m.Events)-1]
		}
	}
	return m
}
