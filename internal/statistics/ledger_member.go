package statistics

import (
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// Footing is what statistics count of a membership on a day, in a small and comparable form. The numbers are
// indexes in the lists of the enums.
type Footing struct {
	Status, Category, Region int8
	StudyGroup               int8  // -1 for none
	country                  int16 // -1 for none
	rate                     rate
	exempt, inRepayment      bool
}

// MemberState is what a member was in a period, and how it became that.
type MemberState struct {
	Member int32
	Is     Footing
	// Was is what the member was the day before; pending if the membership begins.
	Was Footing
	// reason is the reason for the departure at the beginning of the period; -1 if it begins with none.
	reason int8
	made   bool
}

// The indexes of values with which every member is compared.
var (
	placeActive    = Place8(membership.MembershipStatuses, membership.Active)
	placeSuspended = Place8(membership.MembershipStatuses, membership.Suspended)
	PlacePending   = Place8(membership.MembershipStatuses, membership.PendingActivation)
	PlaceAssociate = Place8(membership.MembershipCategories, membership.Associate)
	placeAcademia  = Place8(membership.MembershipCategories, membership.Academia)
)

// Belongs says whether the organisation is a member: ACTIVE or SUSPENDED.
func (f Footing) Belongs() bool { return f.Status == placeActive || f.Status == placeSuspended }

// Joins says whether the membership begins with this state.
func (s *MemberState) Joins() bool { return s.Is.Belongs() && !s.Was.Belongs() }

// Leaves says whether the membership ends with this state.
func (s *MemberState) Leaves() bool { return s.Was.Belongs() && !s.Is.Belongs() }

// putMember adds or replaces a member.
func (l *Ledger) putMember(m *membership.Member) {
	i := l.IDs.number(m.ID)
	for int(i) >= len(l.entries) {
		l.entries = append(l.entries, nil)
	}
	l.entries[i] = membership.NewDayEntry(m)
	var recorded []kit.DayNumber
	days := make([]kit.DayNumber, len(m.Events))
	for at, e := range m.Events {
		days[at] = l.core.Clock.DateOf(e.RecordedAt).Number()
		recorded = append(recorded, days[at])
	}
	l.Members.put(i, recorded, func(known kit.DayNumber) []stretch[MemberState] {
		then := &membership.Member{ID: m.ID, Dataset: m.Dataset}
		for at, e := range m.Events {
			if days[at] <= known {
				then.Events = append(then.Events, e)
			}
		}
		return l.stretches(i, then)
	})
}

// entry returns the entry of a member. It is nil for a member that is left out, and for one of which only an id in
// other records is known.
func (l *Ledger) entry(number int32) *membership.DayEntry {
	if int(number) >= len(l.entries) {
		return nil
	}
	return l.entries[number]
}

// dropMember removes a member.
func (l *Ledger) dropMember(id kit.ID) {
	i := l.IDs.number(id)
	if l.entry(i) != nil {
		l.entries[i] = nil
	}
	l.Members.drop(i)
}

// stretches returns what a member is from its admission on, with the days of each state.
func (l *Ledger) stretches(number int32, m *membership.Member) (all []stretch[MemberState]) {
	events := m.Current()
	begins := membership.Admission(events)
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
		is, last := l.footing(membership.FoldOn(events, day)), len(all)-1
		switch {
		case last < 0:
			was := is
			was.Status = PlacePending
			all = append(all, stretch[MemberState]{day.Number(), kit.Forever, MemberState{number, is, was, -1, m.Dataset == kit.Demonstration}})
		case all[last].state.Is != is:
			from := day.Number()
			all[last].until = from
			s := MemberState{number, is, all[last].state.Is, -1, m.Dataset == kit.Demonstration}
			if s.Leaves() {
				s.reason = departure(events, day)
			}
			all = append(all, stretch[MemberState]{from, kit.Forever, s})
		}
	}
	return all
}

// departure returns the reason of the departure that takes effect on a day: the reason of its event, or else what
// its kind means.
func departure(events []membership.LifecycleEvent, day kit.Date) int8 {
	reason := membership.ReasonUndisclosed
	for _, e := range events {
		if to := membership.Moves[e.Kind].To; e.EffectiveOn != day || to != membership.Withdrawn && to != membership.Excluded {
			continue
		}
		switch {
		case e.ReasonCode != nil:
			reason = *e.ReasonCode
		case e.Kind == membership.Merged:
			reason = membership.ReasonMerger
		case e.Kind == membership.EventExcluded:
			reason = membership.ReasonArrears
		}
	}
	return Place8(membership.DepartureReasons, reason)
}

// footing returns what is counted of a membership. A region that the Council set for an exempt member replaces its
// own.
func (l *Ledger) footing(m membership.Membership) Footing {
	region := m.Region
	if m.CountedUnder != "" {
		region = m.CountedUnder
	}
	s := Footing{
		Status: Place8(membership.MembershipStatuses, m.Status), Category: Place8(membership.MembershipCategories, m.Category), Region: Place8(country.Regions, region),
		StudyGroup: Place8(membership.StudyGroups, m.StudyGroup), country: l.countries.Number(m.Country), exempt: m.ExemptUntil != "", inRepayment: m.PlanUntil != "",
	}
	if !s.exempt {
		s.rate = l.rates.of(l.memberships.FeeTerms(m, ""))
	}
	return s
}

// Place8 returns the index of a value in its list, -1 if it is not in it.
func Place8[T comparable](list []T, v T) int8 { return int8(slices.Index(list, v)) }
