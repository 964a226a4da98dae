package statistics

import (
	"context"
	"slices"

	"memberportal/internal/applications"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// FeeStatus is the state of a member's fees.
type FeeStatus string

// The values of FeeStatus.
const (
	FeeInGoodStanding FeeStatus = "IN_GOOD_STANDING"
	FeeExempt         FeeStatus = "EXEMPT"
	FeeOverdue        FeeStatus = "OVERDUE"
	FeeInRepayment    FeeStatus = "IN_REPAYMENT"
	FeeSuspended      FeeStatus = "SUSPENDED"
)

// FeeStatuses lists every FeeStatus.
var FeeStatuses = []FeeStatus{FeeInGoodStanding, FeeExempt, FeeOverdue, FeeInRepayment, FeeSuspended}

var (
	placeGoodStanding = Place8(FeeStatuses, FeeInGoodStanding)
	placeExempt       = Place8(FeeStatuses, FeeExempt)
	placeOverdue      = Place8(FeeStatuses, FeeOverdue)
	placeInRepayment  = Place8(FeeStatuses, FeeInRepayment)
	placeFeeSuspended = Place8(FeeStatuses, FeeSuspended)
)

// The two groups whose figures are never added up: Sector Members with Associates, and Academia.
const (
	groupMembers = iota
	groupAcademia
	Groups
)

// GroupOf returns the group of a category. It takes the index of the category.
func GroupOf(category int8) int {
	if category == placeAcademia {
		return groupAcademia
	}
	return groupMembers
}

// MembershipStatistics is a question about the membership on a day, as it was known on another day. Its parts are
// computed only when they are asked for.
type MembershipStatistics struct {
	AsOf kit.Date
	// KnownOn is the day up to which records count. What was recorded later does not count.
	KnownOn kit.Date
	// Dataset is DEMONSTRATION if the records have any member that is made up.
	Dataset kit.Dataset

	known kit.DayNumber
}

// list returns the name of a listing with the day of knowledge, so that a cursor of another listing is refused.
func (q *MembershipStatistics) list(of string) string {
	if q.known == Everything {
		return of
	}
	return of + "@" + string(q.KnownOn)
}

// MembershipTotals says how many members there are on a day.
type MembershipTotals struct {
	On                         kit.Date
	Total                      int64
	SectorMembersAndAssociates MembershipCount
	Academia                   MembershipCount
}

// MembershipCount counts members, in total and by parts. The counts of each breakdown add up to the total, except
// by study group, which counts Associates only. Parts without members are left out.
type MembershipCount struct {
	Total        int64
	ByCategory   []CategoryCount
	ByRegion     []country.RegionCount
	ByCountry    []country.CountryCount
	ByStudyGroup []StudyGroupCount
	// ByFeeStatus is for SECRETARIAT; nil for others.
	ByFeeStatus []FeeStatusCount
}

type (
	// CategoryCount is the number of members in a category.
	CategoryCount struct {
		Category membership.MembershipCategory
		Count    int64
	}
	// StudyGroupCount is the number of Associates in a study group; StudyGroup is nil for those without one.
	StudyGroupCount struct {
		StudyGroup *membership.StudyGroup
		Count      int64
	}
	// FeeStatusCount is the number of members with a fee status.
	FeeStatusCount struct {
		Status FeeStatus
		Count  int64
	}
)

// StatisticsService counts the membership, how it changed and what is expected, from the ledger. It stores no
// figure and reads no documents. Everybody may ask for totals and movements up to today. Later days, money and fee
// status are for SECRETARIAT.
type StatisticsService struct {
	core         *kit.Core
	countries    *country.CountryService
	ledger       *Ledger
	members      *membership.MemberService
	applications *applications.ApplicationService
}

// New makes the service on a ledger.
func New(c *kit.Core, countries *country.CountryService, l *Ledger, members *membership.MemberService, applications *applications.ApplicationService) *StatisticsService {
	return &StatisticsService{core: c, countries: countries, ledger: l, members: members, applications: applications}
}

// Warm loads the ledger, so that nobody has to wait for it at the first question.
func (s *StatisticsService) Warm(ctx context.Context) error { return s.ledger.refresh(ctx) }

// Of begins a question about a day, today if asOf is nil, with what was known on knownOn; with all records if that
// is nil. The error is BAD_USER_INPUT for a day before the first record, for a later day than today if the caller
// is not SECRETARIAT, and for a knownOn after today or on which nothing was known.
func (s *StatisticsService) Of(ctx context.Context, asOf, knownOn *kit.Date) (*MembershipStatistics, error) {
	today := s.core.Clock.Today()
	q := &MembershipStatistics{AsOf: today, KnownOn: today, Dataset: kit.Recorded, known: Everything}
	kit.Set(&q.AsOf, asOf)
	if knownOn != nil && *knownOn != today {
		if *knownOn > today {
			return nil, kit.Refuse(kit.BadUserInput, "statistics.knownAhead", map[string]string{"date": string(today)})
		}
		q.KnownOn, q.known = *knownOn, knownOn.Number()
	}
	if err := s.ledger.see(ctx, func() {
		if s.ledger.demonstrates(q.known) {
			q.Dataset = kit.Demonstration
		}
	}); err != nil {
		return nil, err
	}
	return q, s.check(ctx, q, q.AsOf)
}

// demonstrates says whether the records have any member that is made up.
func (l *Ledger) demonstrates(known kit.DayNumber) bool {
	return l.Members.some(known, func(m *MemberState) bool { return m.made })
}

// check returns an error for days about which the caller may not ask, or about which there are no records.
func (s *StatisticsService) check(ctx context.Context, q *MembershipStatistics, days ...kit.Date) error {
	today := s.core.Clock.Today()
	if latest := slices.Max(days); latest > today && !kit.ActorOf(ctx).Has(kit.RoleSecretariat) {
		return kit.Refuse(kit.BadUserInput, "statistics.ahead", map[string]string{"date": string(today)})
	}
	s.ledger.held.RLock()
	first := s.ledger.Members.First(q.known)
	s.ledger.held.RUnlock()
	if first == kit.Forever && q.known < Everything {
		return kit.Refuse(kit.BadUserInput, "statistics.nothingKnown", map[string]string{"date": string(q.KnownOn)})
	}
	if first != kit.Forever && slices.Min(days).Number() < first {
		return kit.Refuse(kit.BadUserInput, "statistics.beforeRecords", map[string]string{"date": string(first.Date())})
	}
	return nil
}

// period checks the first and last day of a period.
func (s *StatisticsService) period(ctx context.Context, q *MembershipStatistics, from, to kit.Date) error {
	if from > to {
		return kit.Refuse(kit.BadUserInput, "statistics.period", map[string]string{"from": string(from), "to": string(to)})
	}
	return s.check(ctx, q, from, to)
}

// Totals counts the members of the day.
func (s *StatisticsService) Totals(ctx context.Context, q *MembershipStatistics) *MembershipTotals {
	s.ledger.held.RLock()
	defer s.ledger.held.RUnlock()
	return s.totals(ctx, q.AsOf, q.known)
}

// Evolution counts the members of one or more days, in the order of dates.
func (s *StatisticsService) Evolution(ctx context.Context, q *MembershipStatistics, dates []kit.Date) ([]MembershipTotals, error) {
	if len(dates) == 0 {
		return nil, kit.Refuse(kit.BadUserInput, "statistics.dates", nil)
	}
	if err := s.check(ctx, q, dates...); err != nil {
		return nil, err
	}
	s.ledger.held.RLock()
	defer s.ledger.held.RUnlock()
	return kit.Map(dates, func(day kit.Date) MembershipTotals { return *s.totals(ctx, day, q.known) }), nil
}

func (s *StatisticsService) totals(ctx context.Context, day kit.Date, known kit.DayNumber) *MembershipTotals {
	number := day.Number()
	inside := kit.ActorOf(ctx).Has(kit.RoleSecretariat)
	late := make([]bool, len(s.ledger.IDs.IDs))
	if inside {
		s.ledger.debts.On(number, known, func(d *debtState) { late[d.member] = true })
	}
	var c [Groups]memberCounter
	for i := range c {
		c[i].byCountry = make([]int64, len(s.countries.All))
	}
	s.ledger.Members.On(number, known, func(m *MemberState) {
		if m.Is.Belongs() {
			c[GroupOf(m.Is.Category)].count(m.Is, late[m.Member])
		}
	})
	t := &MembershipTotals{
		On: day, SectorMembersAndAssociates: c[groupMembers].result(s.countries, inside), Academia: c[groupAcademia].result(s.countries, inside),
	}
	t.Total = t.SectorMembersAndAssociates.Total + t.Academia.Total
	return t
}
