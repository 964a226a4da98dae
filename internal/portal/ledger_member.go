package portal

import (
	"slices"

	"memberportal/internal/kit"
)

// footing is what statistics count of a membership on a day, small and comparable. The numbers are places
// in the lists of the enums.
type footing struct {
	status, category, region int8
	studyGroup               int8  // -1 for none
	country                  int16 // -1 for none
	rate                     rate
	exempt, inRepayment      bool
}

// memberState is what a member was over a stretch of days, and how that came about.
type memberState struct {
	member int32
	is     footing
	// was is what it was the day before; pending where the membership begins.
	was footing
	// reason is that of a departure, -1 where none begins this stretch.
	reason int8
	made   bool
}

// The places of what is asked of every member.
var (
	placeActive    = place8(MembershipStatuses, Active)
	placeSuspended = place8(MembershipStatuses, Suspended)
	placePending   = place8(MembershipStatuses, PendingActivation)
	placeAssociate = place8(MembershipCategories, Associate)
	placeAcademia  = place8(MembershipCategories, Academia)
)

func (f footing) belongs() bool { return f.status == placeActive || f.status == placeSuspended }

func (s *memberState) joins() bool  { return s.is.belongs() && !s.was.belongs() }
func (s *memberState) leaves() bool { return s.was.belongs() && !s.is.belongs() }

// putMember takes in a member.
func (l *ledger) putMember(m *Member) {
	i := l.ids.number(m.ID)
	for int(i) >= len(l.entries) {
		l.entries = append(l.entries, nil)
	}
	l.entries[i] = newDayEntry(m)
	var recorded []kit.DayNumber
	days := make([]kit.DayNumber, len(m.Events))
	for at, e := range m.Events {
		days[at] = l.core.Clock.DateOf(e.RecordedAt).Number()
		recorded = append(recorded, days[at])
	}
	l.members.put(i, recorded, func(known kit.DayNumber) []stretch[memberState] {
		then := &Member{ID: m.ID, Dataset: m.Dataset}
		for at, e := range m.Events {
			if days[at] <= known {
				then.Events = append(then.Events, e)
			}
		}
		return l.stretches(i, then)
	})
}

// entry is what is kept of a member, nil for one that is left out or is only named by others.
func (l *ledger) entry(number int32) *dayEntry {
	if int(number) >= len(l.entries) {
		return nil
	}
	return l.entries[number]
}

// dropMember takes a member out.
func (l *ledger) dropMember(id kit.ID) {
	i := l.ids.number(id)
	if l.entry(i) != nil {
		l.entries[i] = nil
	}
	l.members.drop(i)
}

// stretches are what a member is from its admission on, each state as long as it lasts.
func (l *ledger) stretches(number int32, m *Member) (all []stretch[memberState]) {
	events := m.current()
	begins := admission(events)
	if begins == "" {
		return nil
	}
	days := []kit.Date{begins}
	for _, e := range events {
		days = append(days, max(e.EffectiveOn, begins))
		if e.Until != nil && *e.Until > begins {
			days = append(days, *e.Until)
		}
	}
	slices.Sort(days)
	for _, day := range slices.Compact(days) {
		is, last := l.footing(foldOn(events, day)), len(all)-1
		switch {
		case last < 0:
			was := is
			was.status = placePending
			all = append(all, stretch[memberState]{day.Number(), kit.Forever, memberState{number, is, was, -1, m.Dataset == kit.Demonstration}})
		case all[last].state.is != is:
			from := day.Number()
			all[last].until = from
			s := memberState{number, is, all[last].state.is, -1, m.Dataset == kit.Demonstration}
			if s.leaves() {
				s.reason = departure(events, day)
			}
			all = append(all, stretch[memberState]{from, kit.Forever, s})
		}
	}
	return all
}

// departure is the reason of the departure that takes effect on a day: what its event says, else what its
// kind means.
func departure(events []LifecycleEvent, day kit.Date) int8 {
	reason := ReasonUndisclosed
	for _, e := range events {
		if to := moves[e.Kind].to; e.EffectiveOn != day || to != Withdrawn && to != Excluded {
			continue
		}
		switch {
		case e.ReasonCode != nil:
			reason = *e.ReasonCode
		case e.Kind == Merged:
			reason = ReasonMerger
		case e.Kind == EventExcluded:
			reason = ReasonArrears
		}
	}
	return place8(DepartureReasons, reason)
}

// footing is that of a membership. A region under which the Council has it counted goes ahead of its own.
func (l *ledger) footing(m membership) footing {
	region := m.Region
	if m.CountedUnder != "" {
		region = m.CountedUnder
	}
	s := footing{
		status: place8(MembershipStatuses, m.Status), category: place8(MembershipCategories, m.Category), region: place8(Regions, region),
		studyGroup: place8(StudyGroups, m.StudyGroup), country: l.countries.number(m.Country), exempt: m.ExemptUntil != "", inRepayment: m.PlanUntil != "",
	}
	if !s.exempt {
		s.rate = l.rates.of(l.rates.tariffs.terms(m, ""))
	}
	return s
}

// place8 is the place of a value in its list, -1 for none.
func place8[T comparable](list []T, v T) int8 { return int8(slices.Index(list, v)) }
