package portal

import "math"

// MembershipRetention is how members stay, by the year in which they joined, and how many leave, by year.
type MembershipRetention struct {
	SectorMembersAndAssociates RetentionGroup
	Academia                   RetentionGroup
}

// RetentionGroup are the cohorts and years of a group, the earliest first.
type RetentionGroup struct {
	Cohorts   []RetentionCohort
	Attrition []AttritionYear
}

// RetentionCohort are the memberships that began in a year, in the group in which they began. One that
// ended and began again is two.
type RetentionCohort struct {
	Year   int
	Joined int64
	// Remaining are those that last on the day of the statistics.
	Remaining int64
	// RetainedPercent is the share that remains, with one decimal.
	RetainedPercent float64
	// Years are how many lasted at the end of each year up to the day of the statistics.
	Years []RetentionYear
}

// RetentionYear is a cohort at the end of a year, or on the day of the statistics if that comes first.
type RetentionYear struct {
	Year            int
	Remaining       int64
	RetainedPercent float64
}

// AttritionYear is how many members of a group left in a year, up to the day of the statistics.
type AttritionYear struct {
	Year int
	// AtStart are the members on the day before the year.
	AtStart int64
	Left    int64
	// LeftPercent is the share of AtStart that Left is, with one decimal; nil if there were none.
	LeftPercent *float64
}

// Retention is how members stay, up to the day of the statistics.
func (s *StatisticsService) Retention(q *MembershipStatistics) *MembershipRetention {
	s.ledger.held.RLock()
	defer s.ledger.held.RUnlock()
	spells := s.ledger.spells(q.AsOf, q.known)
	attrition := s.ledger.attrition(q.AsOf, q.known)
	of := func(group int) RetentionGroup {
		return RetentionGroup{cohorts(spells[group], q.AsOf.year()), attrition[group]}
	}
	return &MembershipRetention{of(groupMembers), of(groupAcademia)}
}

// spell is a membership from the year in which it began to the year in which it ended, 0 for one that lasts.
type spell struct{ began, ended int }

// spells are the memberships that began up to a day, by the group in which they began.
func (l *ledger) spells(until Date, known dayNumber) (spells [groups][]spell) {
	member, group := int32(-1), 0
	l.members.begun(math.MinInt32, until.number(), known, func(n dayNumber, m *memberState) {
		switch {
		case m.joins():
			member, group = m.member, groupOf(m.is.category)
			spells[group] = append(spells[group], spell{began: n.year()})
		case m.leaves() && m.member == member:
			spells[group][len(spells[group])-1].ended = n.year()
		}
	})
	return spells
}

func cohorts(spells []spell, until int) []RetentionCohort {
	joined, lost := map[int]int64{}, map[spell]int64{}
	first := until
	for _, s := range spells {
		first = min(first, s.began)
		if joined[s.began]++; s.ended > 0 {
			lost[s]++
		}
	}
	all := []RetentionCohort{}
	for year := first; year <= until; year++ {
		c := RetentionCohort{Year: year, Joined: joined[year], Remaining: joined[year], Years: []RetentionYear{}}
		if c.Joined == 0 {
			continue
		}
		for at := year; at <= until; at++ {
			c.Remaining -= lost[spell{year, at}]
			c.RetainedPercent = percent(c.Remaining, c.Joined)
			c.Years = append(c.Years, RetentionYear{at, c.Remaining, c.RetainedPercent})
		}
		all = append(all, c)
	}
	return all
}

// attrition are the years of the groups from the first in which anybody belonged to them.
func (l *ledger) attrition(until Date, known dayNumber) (years [groups][]AttritionYear) {
	first := l.members.first(known)
	if first == forever {
		return [groups][]AttritionYear{{}, {}}
	}
	type change struct{ came, went, left int64 }
	changes := make([][groups]change, max(0, until.year()-first.year()+1))
	l.members.begun(math.MinInt32, until.number(), known, func(n dayNumber, m *memberState) {
		c, now, before := &changes[n.year()-first.year()], groupOf(m.is.category), groupOf(m.was.category)
		if m.is.belongs() && (!m.was.belongs() || now != before) {
			c[now].came++
		}
		if m.was.belongs() && (!m.is.belongs() || now != before) {
			c[before].went++
		}
		if m.leaves() {
			c[before].left++
		}
	})
	for group := range years {
		belonged := int64(0)
		years[group] = []AttritionYear{}
		for i, year := range changes {
			c := year[group]
			a := AttritionYear{Year: first.year() + i, AtStart: belonged, Left: c.left}
			if belonged > 0 {
				a.LeftPercent = new(percent(c.left, belonged))
			}
			if belonged += c.came - c.went; a.AtStart > 0 || c.came > 0 {
				years[group] = append(years[group], a)
			}
		}
	}
	return years
}

// percent is a share with one decimal.
func percent(part, whole int64) float64 {
	return math.Round(float64(part)*1000/float64(whole)) / 10
}
