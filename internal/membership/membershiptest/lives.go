package membershiptest

import (
	"context"
	"fmt"

	"pgregory.net/rapid"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// Happened is an event of a member in these tests; set puts what it sets.
func Happened(kind membership.LifecycleKind, on kit.Date, set ...func(*membership.LifecycleEvent)) membership.LifecycleEvent {
	e := membership.LifecycleEvent{Kind: kind, EffectiveOn: on}
	for _, s := range set {
		s(&e)
	}
	return e
}

// MemberWith gives a member the events, each with an id by its place: evn_1, evn_2…
func MemberWith(events ...membership.LifecycleEvent) *membership.Member {
	for i := range events {
		events[i].ID = kit.ID(fmt.Sprintf("evn_%d", i+1))
	}
	return &membership.Member{ID: "mem_1", Events: events}
}

// Noticed sets the day of the notice.
func Noticed(on kit.Date) func(*membership.LifecycleEvent) {
	return func(e *membership.LifecycleEvent) { e.NoticeOn = &on }
}

// Superseding sets the event that this one takes the place of.
func Superseding(id kit.ID) func(*membership.LifecycleEvent) {
	return func(e *membership.LifecycleEvent) { e.Supersedes = &id }
}

// Held sets the Sectors.
func Held(s ...membership.Sector) func(*membership.LifecycleEvent) {
	return func(e *membership.LifecycleEvent) { e.Sectors = s }
}

// InRegion sets the region.
func InRegion(r country.Region) func(*membership.LifecycleEvent) {
	return func(e *membership.LifecycleEvent) { e.Region = &r }
}

// InCountry sets the country.
func InCountry(id kit.ID) func(*membership.LifecycleEvent) {
	return func(e *membership.LifecycleEvent) { e.Country = &id }
}

// InGroup sets the study group.
func InGroup(g membership.StudyGroup) func(*membership.LifecycleEvent) {
	return func(e *membership.LifecycleEvent) { e.StudyGroup = &g }
}

// As sets the category.
func As(c membership.MembershipCategory) func(*membership.LifecycleEvent) {
	return func(e *membership.LifecycleEvent) { e.Category = &c }
}

// days are 40 months of test time, in which events and questions fall.
func ADay(t *rapid.T, name string) kit.Date {
	return kit.Date("2020-01-01").AddDays(rapid.IntRange(0, 1200).Draw(t, name))
}

// AnEvent is an event of any kind on any day, with what such an event sets.
func AnEvent(t *rapid.T) membership.LifecycleEvent {
	e := membership.LifecycleEvent{Kind: rapid.SampledFrom(membership.LifecycleKinds[3:20]).Draw(t, "kind"), EffectiveOn: ADay(t, "day")}
	switch e.Kind {
	case membership.WithdrawalNotified:
		notice := e.EffectiveOn
		e.NoticeOn, e.EffectiveOn = &notice, notice.AddMonths(6)
	case membership.EventSuspended:
		e.NoticeOn = new(e.EffectiveOn.AddDays(3))
	case membership.ExemptionGranted, membership.RepaymentPlanAgreed:
		e.Until = new(e.EffectiveOn.AddDays(rapid.IntRange(1, 400).Draw(t, "term")))
	case membership.CategoryChanged:
		e.Category = new(rapid.SampledFrom(membership.MembershipCategories).Draw(t, "category"))
		e.Sectors = membership.MembershipTerms{Category: *e.Category}.Held()
		if *e.Category == membership.Associate {
			e.StudyGroup = new(rapid.SampledFrom(membership.StudyGroups).Draw(t, "group"))
		}
	case membership.StudyGroupChanged:
		e.StudyGroup = new(rapid.SampledFrom(membership.StudyGroups).Draw(t, "group"))
	case membership.CountryReassigned:
		e.Country, e.Region = new(rapid.SampledFrom([]kit.ID{"cty_UG", "cty_KE"}).Draw(t, "country")), new(country.RegionAFR)
	case membership.RegionReassigned:
		e.Region = new(country.RegionREGINTORG)
	case membership.Merged:
		e.MergedInto = new(kit.ID("mem_2"))
	}
	return e
}

// ALife is a member with up to 25 events that the table allowed one after the other, in any order of days,
// some of them corrected.
func ALife(t *rapid.T) *membership.Member {
	m := MemberWith(Happened(membership.Admitted, "2019-12-01", As(membership.SectorMember), InRegion(country.RegionAFR), InCountry("cty_UG"), Held(membership.SectorD)))
	for i := range rapid.IntRange(0, 25).Draw(t, "events") {
		e := AnEvent(t)
		e.ID = kit.ID(fmt.Sprint("evn_", i+2))
		if wrong := m.Current(); i > 0 && len(wrong) > 1 && rapid.IntRange(0, 5).Draw(t, "correct") == 0 {
			old := wrong[rapid.IntRange(1, len(wrong)-1).Draw(t, "which")]
			fixed := old
			fixed.ID, fixed.Supersedes = e.ID, &old.ID
			if rapid.Bool().Draw(t, "annul") {
				fixed = membership.LifecycleEvent{ID: e.ID, Kind: membership.Annulled, EffectiveOn: old.EffectiveOn, Supersedes: &old.ID}
			} else if old.Kind != membership.WithdrawalNotified {
				fixed.EffectiveOn = e.EffectiveOn
			}
			e = fixed
		}
		m.Events = append(m.Events, e)
		f := kit.NewFaults(context.Background())
		if membership.CheckSequence(f, m, e.ID); len(f.List) > 0 {
			m.Events = m.Events[:len(m.Events)-1]
		}
	}
	return m
}
