package membership

import (
	"cmp"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// Membership is the state of a member on a day. It is folded from the member's events.
type Membership struct {
	Status     MembershipStatus
	Category   MembershipCategory
	Sectors    []MembershipSector
	FeeClass   string
	StudyGroup StudyGroup
	Country    kit.ID
	Region     country.Region
	JoinedOn   kit.Date
	LeavesOn   kit.Date
	// ExemptUntil and PlanUntil are the first days after the current exemption and the current repayment plan;
	// empty for none.
	ExemptUntil kit.Date
	PlanUntil   kit.Date
	// SuspendedOn is the first day of the current suspension, NotifiedOn the day on which the member received its
	// notice. They are empty if the member is not suspended; NotifiedOn also if it is not recorded.
	SuspendedOn kit.Date
	NotifiedOn  kit.Date
	MergedInto  kit.ID
	// CountedUnder is the region under which statistics count an exempt member; empty for its own region.
	CountedUnder country.Region

	// endedOn is the day of the last departure. A notice of withdrawal that was given before it has no effect any
	// more.
	endedOn kit.Date
}

// Belongs says whether the organisation is a member: ACTIVE or SUSPENDED.
func (s Membership) Belongs() bool { return s.Status == Active || s.Status == Suspended }

// On folds the events that are effective on a day, ordered by effective day and then by the order of recording.
// Before the admission the membership is what the admission makes it, so a member with a future admission is
// pending.
func (m *Member) On(day kit.Date) Membership { return FoldOn(m.Current(), day) }

// FoldOn folds current events, as Member.Current returns them, and ends exemptions and plans that last only until
// the day.
func FoldOn(events []LifecycleEvent, day kit.Date) Membership {
	s := fold(events, day)
	s.expire(day)
	return s
}

func fold(events []LifecycleEvent, day kit.Date) Membership {
	var s Membership
	admission := max(slices.IndexFunc(events, func(e LifecycleEvent) bool { return e.Kind == Admitted }), 0)
	for i, e := range events {
		switch {
		case e.EffectiveOn <= day, i <= admission:
			s.take(e)
		case e.Kind == WithdrawalNotified && s.Belongs() && s.LeavesOn == "" && !s.spent(e) && (e.NoticeOn == nil || *e.NoticeOn <= day):
			s.LeavesOn = e.EffectiveOn
		}
	}
	return s
}

// Admission returns the day of the event that admitted the member, empty if there is none.
func Admission(events []LifecycleEvent) kit.Date {
	for _, e := range events {
		if e.Kind == Admitted {
			return e.EffectiveOn
		}
	}
	return ""
}

// take applies an event. A notice of withdrawal has an effect only if the organisation is a member and has not left
// since the notice.
func (s *Membership) take(e LifecycleEvent) {
	if e.Kind == WithdrawalNotified && (!s.Belongs() || s.spent(e)) {
		return
	}
	before := *s
	if to := Moves[e.Kind].To; to != "" {
		s.Status = to
	}
	e.apply(s)
	switch {
	case s.Belongs() && !before.Belongs():
		s.JoinedOn = e.EffectiveOn
	case before.Belongs() && !s.Belongs():
		s.endedOn = e.EffectiveOn
	}
	if !s.Belongs() {
		s.LeavesOn = ""
	}
	switch {
	case s.Status != Suspended:
		s.SuspendedOn, s.NotifiedOn = "", ""
	case before.Status != Suspended:
		s.SuspendedOn = e.EffectiveOn
		kit.Set(&s.NotifiedOn, e.NoticeOn)
	}
}

// spent says whether a notice of withdrawal was given before the last departure.
func (s *Membership) spent(e LifecycleEvent) bool {
	return s.endedOn != "" && (e.NoticeOn == nil || *e.NoticeOn <= s.endedOn)
}

// expire ends exemptions and plans that last only until the day.
func (s *Membership) expire(day kit.Date) {
	if s.ExemptUntil <= day {
		s.ExemptUntil, s.CountedUnder = "", ""
	}
	if s.PlanUntil <= day {
		s.PlanUntil = ""
	}
}

// Current returns the events that no later event supersedes, in the order in which they take effect. On the same
// day, a correction keeps the place of the event that it corrects.
func (m *Member) Current() []LifecycleEvent {
	places := make(map[kit.ID]int, len(m.Events))
	superseded := make(map[kit.ID]bool)
	for i, e := range m.Events {
		places[e.ID] = i
		if e.Supersedes != nil {
			superseded[*e.Supersedes] = true
			if place, ok := places[*e.Supersedes]; ok {
				places[e.ID] = place
			}
		}
	}
	events := make([]LifecycleEvent, 0, len(m.Events))
	for _, e := range m.Events {
		if !superseded[e.ID] && e.Kind != Annulled {
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b LifecycleEvent) int {
		return cmp.Or(cmp.Compare(a.EffectiveOn, b.EffectiveOn), cmp.Compare(places[a.ID], places[b.ID]))
	})
	return events
}

// apply sets all that the event sets, except the status.
func (e LifecycleEvent) apply(s *Membership) {
	if e.Category != nil && *e.Category != s.Category {
		s.FeeClass = "" // a fee class belongs to one category
	}
	kit.Set(&s.Category, e.Category)
	kit.Set(&s.FeeClass, e.FeeClass)
	kit.Set(&s.StudyGroup, e.StudyGroup)
	kit.Set(&s.Country, e.Country)
	kit.Set(&s.Region, e.Region)
	kit.Set(&s.MergedInto, e.MergedInto)
	if s.Category != Associate {
		s.StudyGroup = ""
	}
	if s.Region == country.RegionREGINTORG {
		s.Country = ""
	}
	switch e.Kind {
	case ExemptionGranted:
		kit.Set(&s.ExemptUntil, e.Until)
		s.CountedUnder = ""
		kit.Set(&s.CountedUnder, e.CountedUnder)
	case ExemptionExpired:
		s.ExemptUntil, s.CountedUnder = "", ""
	case RepaymentPlanAgreed:
		kit.Set(&s.PlanUntil, e.Until)
	case RepaymentPlanEnded:
		s.PlanUntil = ""
	case Reinstated:
		s.MergedInto = ""
	}
	e.applySectors(s)
}

// applySectors sets the Sectors. A Sector that the membership had before keeps its first day.
func (e LifecycleEvent) applySectors(s *Membership) {
	if e.Sectors == nil {
		return
	}
	var held []MembershipSector
	for _, sector := range e.Sectors {
		from := e.EffectiveOn
		if i := slices.IndexFunc(s.Sectors, func(h MembershipSector) bool { return h.Sector == sector }); i >= 0 {
			from = s.Sectors[i].From
		}
		held = append(held, MembershipSector{sector, from})
	}
	s.Sectors = held
}
