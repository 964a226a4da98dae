package statistics

import (
	"math"

	"memberportal/internal/kit"
)

// MembershipRetention says how many members stay, by the year in which they joined, and how many leave in each
// year.
type MembershipRetention struct {
	SectorMembersAndAssociates RetentionGroup
	Academia                   RetentionGroup
}

// RetentionGroup has the cohorts and years of a group, the earliest first.
type RetentionGroup struct {
	Cohorts   []RetentionCohort
	Attrition []AttritionYear
}

// RetentionCohort has the memberships that began in a year, in the group in which they began. A membership that
// ended and began again counts as two.
type RetentionCohort struct {
	Year   int
	Joined int64
	// Remaining counts those that still last on the day of the statistics.
	Remaining int64
	// RetainedPercent is the percentage that remains, with one decimal.
	RetainedPercent float64
	// Years has how many lasted at the end of each year, up to the day of the statistics.
	Years []RetentionYear
}

// RetentionYear is a cohort at the end of a year, or on the day of the statistics if that is earlier.
type RetentionYear struct {
	Year            int
	Remaining       int64
	RetainedPercent float64
}

// AttritionYear says how many members of a group left in a year, up to the day of the statistics.
type AttritionYear struct {
	Year int
	// AtStart counts the members on the day before the year.
	AtStart int64
	Left    int64
	// LeftPercent is Left in percent of AtStart, with one decimal. It can be above 100. It is nil if AtStart is
	// zero.
	LeftPercent *float64
}

// Retention says how members stay, up to the day of the statistics.
func (s *StatisticsService) Retention(q *MembershipStatistics) *MembershipRetention {
	s.ledger.held.RLock()
	defer s.ledger.held.RUnlock()
	y := s.ledger.years(q.AsOf, q.known)
	of := func(group int) RetentionGroup { return RetentionGroup{y.cohorts(group), y.attrition(group)} }
	return &MembershipRetention{of(groupMembers), of(groupAcademia)}
}

// ledgerYears has the years from the first record to a day, and what happened in each year by group.
type ledgerYears struct {
	first   int
	changes [][Groups]yearChange
}

type yearChange struct {
	// came and went also count changes of group.
	joined, left, came, went int64
	// ended counts the memberships that began in this year, by the index of the year in which they ended.
	ended []int64
}

// years reads once all states that began up to a day.
func (l *Ledger) years(until kit.Date, known kit.DayNumber) *ledgerYears {
	first, last := l.Members.First(known), until.Number()
	if first > last {
		return &ledgerYears{}
	}
	y := &ledgerYears{first: first.Year(), changes: make([][Groups]yearChange, last.Year()-first.Year()+1)}
	places := make([]int, 0, last-first+1)
	for day := first; day <= last; day++ {
		places = append(places, day.Year()-y.first)
	}
	for i := range y.changes {
		for group := range Groups {
			y.changes[i][group].ended = make([]int64, len(y.changes))
		}
	}
	member, began, group := int32(-1), 0, 0
	l.Members.Begun(first, last, known, func(n kit.DayNumber, m *MemberState) {
		at := places[n-first]
		c, now, before := &y.changes[at], GroupOf(m.Is.Category), GroupOf(m.Was.Category)
		belongs, belonged := m.Is.Belongs(), m.Was.Belongs()
		if belongs && (!belonged || now != before) {
			c[now].came++
		}
		if belonged && (!belongs || now != before) {
			c[before].went++
		}
		switch {
		case belongs && !belonged:
			c[now].joined++
			member, began, group = m.Member, at, now
		case belonged && !belongs:
			c[before].left++
			if member == m.Member {
				y.changes[began][group].ended[at]++
			}
		}
	})
	return y
}

func (y *ledgerYears) cohorts(group int) []RetentionCohort {
	all := []RetentionCohort{}
	for i, year := range y.changes {
		began := year[group]
		if began.joined == 0 {
			continue
		}
		c := RetentionCohort{Year: y.first + i, Joined: began.joined, Remaining: began.joined, Years: []RetentionYear{}}
		for at := i; at < len(y.changes); at++ {
			c.Remaining -= began.ended[at]
			c.RetainedPercent = percent(c.Remaining, c.Joined)
			c.Years = append(c.Years, RetentionYear{y.first + at, c.Remaining, c.RetainedPercent})
		}
		all = append(all, c)
	}
	return all
}

// attrition returns the years of a group, from the first year in which it had members.
func (y *ledgerYears) attrition(group int) []AttritionYear {
	all, belonged := []AttritionYear{}, int64(0)
	for i, year := range y.changes {
		c := year[group]
		a := AttritionYear{Year: y.first + i, AtStart: belonged, Left: c.left}
		if belonged > 0 {
			a.LeftPercent = new(percent(c.left, belonged))
		}
		if belonged += c.came - c.went; len(all) > 0 || c.came > 0 {
			all = append(all, a)
		}
	}
	return all
}

// percent returns a percentage with one decimal.
func percent(part, whole int64) float64 {
	return math.Round(float64(part)*1000/float64(whole)) / 10
}
