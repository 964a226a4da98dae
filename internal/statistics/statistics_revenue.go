package statistics

import (
	"context"
	"fmt"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// RevenueCause says why the annualised fees changed.
type RevenueCause string

// The values of RevenueCause.
const (
	RevenueJoined           RevenueCause = "JOINED"
	RevenueLeft             RevenueCause = "LEFT"
	RevenueCategoryChanged  RevenueCause = "CATEGORY_CHANGED"
	RevenueExemptionGranted RevenueCause = "EXEMPTION_GRANTED"
	RevenueExemptionEnded   RevenueCause = "EXEMPTION_ENDED"
	RevenueTermsChanged     RevenueCause = "TERMS_CHANGED"
	RevenueTariffChanged    RevenueCause = "TARIFF_CHANGED"
)

// RevenueCauses lists every RevenueCause.
var RevenueCauses = []RevenueCause{
	RevenueJoined, RevenueLeft, RevenueCategoryChanged, RevenueExemptionGranted, RevenueExemptionEnded, RevenueTermsChanged, RevenueTariffChanged,
}

// MembershipRevenue says how the annualised fees of the membership changed in a period. Annualised fees are what
// members would pay for a whole year by the tariffs; exempt members pay nothing. They are not what was invoiced or
// paid.
type MembershipRevenue struct {
	From, To                   kit.Date
	SectorMembersAndAssociates RevenueMovement
	Academia                   RevenueMovement
}

// RevenueMovement says how the annualised fees of a group changed. Gain and loss are always separate, so that
// nobody can take a gross figure for a net one.
type RevenueMovement struct {
	Gain RevenueSide
	Loss RevenueSide
	// Unpriced has the changes without a known amount, because no tariff sets it.
	Unpriced RevenueSide
	// Net is Gain minus Loss; nil if there are unpriced changes.
	Net *kit.Money
	// Before and After are the annualised fees of all members on the day before the period and on its last day; nil
	// if no tariff sets some of them.
	Before *kit.Money
	After  *kit.Money

	list string
}

// Rows returns the changes whose sum is Net, and the unpriced ones, as one side.
func (m *RevenueMovement) Rows() *RevenueSide {
	return &RevenueSide{Rows: slices.Concat(m.Gain.Rows, m.Loss.Rows, m.Unpriced.Rows), list: "revenue.net." + m.list}
}

// RevenueSide has the changes in one direction. An exempt member that joins or leaves is one of them, with the
// amount zero.
type RevenueSide struct {
	// Total is never negative; nil for unpriced changes.
	Total   *kit.Money
	Changes int64
	ByCause []RevenueCauseCount

	Rows []revenueRow
	list string
}

// RevenueCauseCount has the changes with one cause on one side.
type RevenueCauseCount struct {
	Cause RevenueCause
	Count int64
	// Total is nil for unpriced changes.
	Total *kit.Money
}

// RevenueChange is the change of one member's annualised fee.
type RevenueChange struct {
	On    kit.Date
	Cause RevenueCause
	// Before and After are nil if no tariff sets the amount; then Difference is nil too.
	Before     *kit.Money
	After      *kit.Money
	Difference *kit.Money

	member kit.ID
	token  string
	with   *kit.Together[*RevenueChange]
}

// RevenueChangeConnection is one page of changes. RevenueChangeEdge is one of them with its cursor.
type (
	RevenueChangeConnection = kit.Connection[*RevenueChange]
	RevenueChangeEdge       = kit.Edge[*RevenueChange]
)

// revenueRow is a change in the form of the ledger.
type revenueRow struct {
	Member        int32
	Day           kit.Date
	cause         RevenueCause
	before, after price
}

func (r revenueRow) known() bool             { return r.before.known && r.after.known }
func (r revenueRow) Difference() kit.Decimal { return r.after.amount - r.before.amount }

// Revenue says how the annualised fees changed from one day to another, both days included. A change is priced by
// the tariffs of its day. SECRETARIAT only.
func (s *StatisticsService) Revenue(ctx context.Context, q *MembershipStatistics, from, to kit.Date) (*MembershipRevenue, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	if err := s.period(ctx, q, from, to); err != nil {
		return nil, err
	}
	s.ledger.held.RLock()
	rows := s.ledger.earned(from, to, q.known)
	before, after := s.ledger.annualised(from.AddDays(-1), q.known), s.ledger.annualised(to, q.known)
	s.ledger.held.RUnlock()
	r := &MembershipRevenue{From: from, To: to}
	for group, m := range []*RevenueMovement{&r.SectorMembersAndAssociates, &r.Academia} {
		*m = revenueOf(rows[group], q.list(fmt.Sprintf("%s..%s.%d", from, to, group)))
		m.Before, m.After = before[group].money(), after[group].money()
	}
	return r, nil
}

// earned returns the changes of annualised fees in a period by group. A member that changes group is a loss for one
// group and a gain for the other.
func (l *Ledger) earned(from, to kit.Date, known kit.DayNumber) (rows [Groups][]revenueRow) {
	for _, day := range l.rates.changes(from, to) {
		l.repriced(day, known, &rows)
	}
	l.Members.Begun(from.Number(), to.Number(), known, func(n kit.DayNumber, m *MemberState) {
		day := n.Date()
		nothing := price{0, true}
		before, after := nothing, nothing
		if m.Was.Belongs() {
			before = l.rates.on(m.Was.rate, day)
		}
		if m.Is.Belongs() {
			after = l.rates.on(m.Is.rate, day)
		}
		row := revenueRow{m.Member, day, m.cause(), before, after}
		was, is := GroupOf(m.Was.Category), GroupOf(m.Is.Category)
		switch {
		case !m.Was.Belongs() && !m.Is.Belongs():
		case m.Joins():
			rows[is] = append(rows[is], row)
		case m.Leaves():
			rows[was] = append(rows[was], row)
		case was != is:
			rows[was] = append(rows[was], revenueRow{m.Member, day, row.cause, before, nothing})
			rows[is] = append(rows[is], revenueRow{m.Member, day, row.cause, nothing, after})
		case m.Was.rate != m.Is.rate:
			rows[is] = append(rows[is], row)
		}
	})
	return rows
}

// repriced adds the members whose fee changed on a day because the tariffs did. They are the members of the day
// before, in their state on that day. The first table of tariffs changes nothing, because what was paid before it
// is not known.
func (l *Ledger) repriced(day kit.Date, known kit.DayNumber, rows *[Groups][]revenueRow) {
	eve := day.AddDays(-1)
	before, after, changed := make([]price, len(l.rates.prices)), make([]price, len(l.rates.prices)), false
	for r := range before {
		before[r], after[r] = l.rates.on(rate(r), eve), l.rates.on(rate(r), day)
		changed = changed || before[r].known && before[r] != after[r]
	}
	if !changed {
		return
	}
	l.Members.On(eve.Number(), known, func(m *MemberState) {
		if r := m.Is.rate; m.Is.Belongs() && before[r].known && before[r] != after[r] {
			group := GroupOf(m.Is.Category)
			rows[group] = append(rows[group], revenueRow{m.Member, day, RevenueTariffChanged, before[r], after[r]})
		}
	})
}

// annualised returns the fees of all members of a day for a whole year, by group. It counts members by rate, so
// that it prices each rate once.
func (l *Ledger) annualised(day kit.Date, known kit.DayNumber) (sums [Groups]price) {
	var paying [Groups][]int64
	for group := range Groups {
		paying[group] = make([]int64, len(l.rates.prices))
	}
	l.Members.On(day.Number(), known, func(m *MemberState) {
		if m.Is.Belongs() {
			paying[GroupOf(m.Is.Category)][m.Is.rate]++
		}
	})
	for group := range Groups {
		sums[group].known = true
		for r, n := range paying[group] {
			if n > 0 {
				p := l.rates.on(rate(r), day)
				sums[group].add(price{p.amount * kit.Decimal(n), p.known})
			}
		}
	}
	return sums
}

// cause returns why the fee of a member changed at the beginning of a state.
func (m *MemberState) cause() RevenueCause {
	switch {
	case m.Joins():
		return RevenueJoined
	case m.Leaves():
		return RevenueLeft
	case m.Was.Category != m.Is.Category:
		return RevenueCategoryChanged
	case !m.Was.exempt && m.Is.exempt:
		return RevenueExemptionGranted
	case m.Was.exempt && !m.Is.exempt:
		return RevenueExemptionEnded
	}
	return RevenueTermsChanged
}

// RevenueRows pages through the changes of a side, the largest first.
func (s *StatisticsService) RevenueRows(ctx context.Context, side *RevenueSide, args kit.PageArgs) (*RevenueChangeConnection, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	s.ledger.held.RLock()
	changes := kit.Map(side.Rows, func(r revenueRow) *RevenueChange {
		c := &RevenueChange{On: r.Day, Cause: r.cause, Before: r.before.money(), After: r.after.money(), member: s.ledger.IDs.IDs[r.Member]}
		if r.known() {
			c.Difference = &kit.Money{Amount: r.Difference(), Currency: kit.CHF}
		}
		c.token = fmt.Sprintf("%015d %s %s %s", 1_000_000_000_000-max(r.Difference(), -r.Difference()), c.On, c.member, c.Cause)
		return c
	})
	s.ledger.held.RUnlock()
	page, err := kit.PageOfMemory(s.core.Sealer, changes, func(c *RevenueChange) string { return c.token }, side.list, false, args)
	if err != nil {
		return nil, err
	}
	with := &kit.Together[*RevenueChange]{Items: page.Nodes()}
	for _, c := range with.Items {
		c.with = with
	}
	return page, nil
}

// MemberOf returns the member whose fee changed. One call reads the members of all changes of a page.
func (s *StatisticsService) MemberOf(ctx context.Context, c *RevenueChange) (*membership.Member, error) {
	return kit.Neighbour(ctx, c.with, "member", c, func(ctx context.Context, all []*RevenueChange) ([]*membership.Member, error) {
		return s.members.ByIDs(ctx, kit.Map(all, func(c *RevenueChange) kit.ID { return c.member }))
	})
}
