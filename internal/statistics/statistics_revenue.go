package statistics

import (
	"context"
	"fmt"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// RevenueCause is why the annualised fees changed.
type RevenueCause string

// The causes.
const (
	RevenueJoined           RevenueCause = "JOINED"
	RevenueLeft             RevenueCause = "LEFT"
	RevenueCategoryChanged  RevenueCause = "CATEGORY_CHANGED"
	RevenueExemptionGranted RevenueCause = "EXEMPTION_GRANTED"
	RevenueExemptionEnded   RevenueCause = "EXEMPTION_ENDED"
	RevenueTermsChanged     RevenueCause = "TERMS_CHANGED"
	RevenueTariffChanged    RevenueCause = "TARIFF_CHANGED"
)

// RevenueCauses are all of them.
var RevenueCauses = []RevenueCause{
	RevenueJoined, RevenueLeft, RevenueCategoryChanged, RevenueExemptionGranted, RevenueExemptionEnded, RevenueTermsChanged, RevenueTariffChanged,
}

// MembershipRevenue is how the annualised fees of the membership changed in a period: what members would
// pay for a whole year by the tariffs, exempt ones nothing. It is no account of what was invoiced or paid.
type MembershipRevenue struct {
	From, To                   kit.Date
	SectorMembersAndAssociates RevenueMovement
	Academia                   RevenueMovement
}

// RevenueMovement is how the annualised fees of a group changed. Gain and loss are always apart, so that a
// gross figure cannot pass for a net one.
type RevenueMovement struct {
	Gain RevenueSide
	Loss RevenueSide
	// Unpriced are changes of which an amount is not known, because no tariff sets it.
	Unpriced RevenueSide
	// Net is gain less loss; nil while there are unpriced changes.
	Net *kit.Money
	// Before and After are the annualised fees of all members on the day before the period and on its last;
	// nil where no tariff sets some of them.
	Before *kit.Money
	After  *kit.Money

	list string
}

// Rows are the changes of which Net is the sum, and the unpriced ones, as one side.
func (m *RevenueMovement) Rows() *RevenueSide {
	return &RevenueSide{Rows: slices.Concat(m.Gain.Rows, m.Loss.Rows, m.Unpriced.Rows), list: "revenue.net." + m.list}
}

// RevenueSide are changes in one direction. An exempt member that joins or leaves is among them with
// nothing.
type RevenueSide struct {
	// Total is never below zero; nil for unpriced changes.
	Total   *kit.Money
	Changes int64
	ByCause []RevenueCauseCount

	Rows []revenueRow
	list string
}

// RevenueCauseCount are the changes of a cause on one side.
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
	// Before and After are nil where no tariff sets the amount, and so is Difference then.
	Before     *kit.Money
	After      *kit.Money
	Difference *kit.Money

	member kit.ID
	token  string
	with   *kit.Together[*RevenueChange]
}

// RevenueChangeConnection and RevenueChangeEdge page through changes.
type (
	RevenueChangeConnection = kit.Connection[*RevenueChange]
	RevenueChangeEdge       = kit.Edge[*RevenueChange]
)

// revenueRow is a change as the ledger has it.
type revenueRow struct {
	Member        int32
	Day           kit.Date
	cause         RevenueCause
	before, after price
}

func (r revenueRow) known() bool             { return r.before.known && r.after.known }
func (r revenueRow) Difference() kit.Decimal { return r.after.amount - r.before.amount }

// Revenue is how the annualised fees changed in a period, both days of which are in it. A change is priced by
// the tariffs of its day. SECRETARIAT only.
func (s *StatisticsService) Revenue(ctx context.Context, q *MembershipStatistics, from, to kit.Date) (*MembershipRevenue, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	if err := s.period(ctx, q, from, to); err != nil {
		return nil, err
	}
	s.ledger.Held.RLock()
	rows := s.ledger.earned(from, to, q.known)
	before, after := s.ledger.annualised(from.AddDays(-1), q.known), s.ledger.annualised(to, q.known)
	s.ledger.Held.RUnlock()
	r := &MembershipRevenue{From: from, To: to}
	for group, m := range []*RevenueMovement{&r.SectorMembersAndAssociates, &r.Academia} {
		*m = revenueOf(rows[group], q.list(fmt.Sprintf("%s..%s.%d", from, to, group)))
		m.Before, m.After = before[group].money(), after[group].money()
	}
	return r, nil
}

// earned are the changes of annualised fees in a period by group. One that changes group is lost to the one
// and gained by the other.
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

// repriced adds the members whose fee the tariffs changed on a day: those of the day before, by what they
// were. The first table of tariffs changes nothing, because what was paid before it is not known.
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

// annualised are the fees of all members of a day for a whole year, by group. Members are counted by their
// rate, so that each rate is priced once.
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

// cause is why the fee of a member changed at the beginning of a stretch.
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
	s.ledger.Held.RLock()
	changes := kit.Map(side.Rows, func(r revenueRow) *RevenueChange {
		c := &RevenueChange{On: r.Day, Cause: r.cause, Before: r.before.money(), After: r.after.money(), member: s.ledger.Ids.Ids[r.Member]}
		if r.known() {
			c.Difference = &kit.Money{Amount: r.Difference(), Currency: kit.CHF}
		}
		c.token = fmt.Sprintf("%015d %s %s %s", 1_000_000_000_000-max(r.Difference(), -r.Difference()), c.On, c.member, c.Cause)
		return c
	})
	s.ledger.Held.RUnlock()
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

// MemberOf is the member whose fee changed. Those of all changes of a page cost one call.
func (s *StatisticsService) MemberOf(ctx context.Context, c *RevenueChange) (*membership.Member, error) {
	return kit.Neighbour(ctx, c.with, "member", c, func(ctx context.Context, all []*RevenueChange) ([]*membership.Member, error) {
		return s.members.ByIDs(ctx, kit.Map(all, func(c *RevenueChange) kit.ID { return c.member }))
	})
}
