package statistics

import (
	"context"
	"fmt"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// MembershipMovements says who joined and who left in a period.
type MembershipMovements struct {
	From, To                   kit.Date
	SectorMembersAndAssociates MembershipMovement
	Academia                   MembershipMovement
}

// MembershipMovement says how a group changed in a period. Its total on the last day is its total on the day before
// the first day, plus Net and Transferred.
type MembershipMovement struct {
	Joined MovementCount
	Left   MovementCount
	// Net is Joined minus Left.
	Net int64
	// Transferred is the number of members that came from the other group by a change of category, minus those that
	// went there. Such a change is neither joining nor leaving.
	Transferred int64
}

// MovementCount counts memberships that began, or that ended, in a period, in total and by parts. A member that
// came back counts each time. The counts of each breakdown add up to the total. Parts without members are left out.
type MovementCount struct {
	Total      int64
	ByCategory []CategoryCount
	ByRegion   []country.RegionCount
	// ByReason says why members left. It is nil for callers other than SECRETARIAT, and in the count of those who
	// joined.
	ByReason []DepartureReasonCount

	period period
	left   bool
	who    []int32 // members, each once
	list   string  // the listing that pages through them
}

// period has the first and last day of a question; both are included.
type period struct{ from, to kit.Date }

// DepartureReasonCount is the number of members that left for a reason.
type DepartureReasonCount struct {
	Reason membership.DepartureReason
	Count  int64
}

// movementCounter counts beginnings or ends of memberships.
type movementCounter struct {
	memberCounter
	byReason [6]int64
	met      []bool // by member
	who      []int32
}

func (c *movementCounter) count(f Footing, m *MemberState) {
	c.memberCounter.count(f, false)
	if m.reason >= 0 {
		c.byReason[m.reason]++
	}
	if !c.met[m.Member] {
		c.met[m.Member], c.who = true, append(c.who, m.Member)
	}
}

func (c *movementCounter) result(p period, left, reasons bool, list string) MovementCount {
	r := MovementCount{Total: c.total, ByCategory: c.categories(), ByRegion: c.regions(), period: p, left: left, who: c.who, list: list}
	if reasons {
		r.ByReason = parts(membership.DepartureReasons, c.byReason[:], func(d *membership.DepartureReason, n int64) DepartureReasonCount { return DepartureReasonCount{*d, n} })
	}
	return r
}

// moving has the movements of a group.
type moving struct {
	joined, left movementCounter
	transferred  int64
}

// Movements counts who joined and who left from one day to another, both days included.
func (s *StatisticsService) Movements(ctx context.Context, q *MembershipStatistics, from, to kit.Date) (*MembershipMovements, error) {
	if err := s.period(ctx, q, from, to); err != nil {
		return nil, err
	}
	s.ledger.held.RLock()
	moved := s.ledger.moved(from.Number(), to.Number(), q.known)
	s.ledger.held.RUnlock()
	inside := kit.ActorOf(ctx).Has(kit.RoleSecretariat)
	result := func(group int) MembershipMovement {
		m, p, list := &moved[group], period{from, to}, q.list(fmt.Sprintf("%s..%s.%d", from, to, group))
		return MembershipMovement{
			Joined: m.joined.result(p, false, false, "members.joined."+list), Left: m.left.result(p, true, inside, "members.left."+list),
			Net: m.joined.total - m.left.total, Transferred: m.transferred,
		}
	}
	return &MembershipMovements{from, to, result(groupMembers), result(groupAcademia)}, nil
}

// moved counts the movements of a period. Who joined is counted by the state after joining, who left by the state
// before leaving.
func (l *Ledger) moved(from, to, known kit.DayNumber) (moved [Groups]moving) {
	for group := range moved {
		moved[group].joined.met, moved[group].left.met = make([]bool, len(l.IDs.IDs)), make([]bool, len(l.IDs.IDs))
	}
	l.Members.Begun(from, to, known, func(_ kit.DayNumber, m *MemberState) {
		now, before := GroupOf(m.Is.Category), GroupOf(m.Was.Category)
		switch {
		case m.Joins():
			moved[now].joined.count(m.Is, m)
		case m.Leaves():
			moved[before].left.count(m.Was, m)
		case m.Is.Belongs() && now != before:
			moved[now].transferred++
			moved[before].transferred--
		}
	})
	return moved
}

// MembersOf pages, by name, through the members in a count of movements as they are today, if the caller may see
// them. It shows those who left, and those who joined and left again, only to those who may see their internal
// data, also if the member came back.
func (s *StatisticsService) MembersOf(ctx context.Context, c *MovementCount, args kit.PageArgs) (*membership.MemberConnection, error) {
	return s.page(ctx, c.who, c.list, args, c.shown)
}

// shown says whether a member, as it is today, may be found among the counted by those who may not see its internal
// data.
func (c *MovementCount) shown(is membership.Membership) bool {
	return !c.left && c.period.from <= is.JoinedOn && is.JoinedOn <= c.period.to
}

// page pages through some members by name. shown says which members may be found by those who may not see their
// internal data.
func (s *StatisticsService) page(ctx context.Context, who []int32, list string, args kit.PageArgs, shown func(membership.Membership) bool) (*membership.MemberConnection, error) {
	today := s.core.Clock.Today()
	s.ledger.held.RLock()
	var found []membership.Placed
	for _, i := range who {
		e := s.ledger.entry(i)
		if e == nil {
			continue
		}
		if is, inside, seen := s.members.Seen(ctx, e.ID, e.Events, today); seen && (inside || shown(is)) {
			found = append(found, membership.Placed{ID: e.ID, Token: kit.SortKey(e.Name) + "\x1f" + string(e.ID)})
		}
	}
	s.ledger.held.RUnlock()
	page, err := kit.PageOfMemory(s.core.Sealer, found, func(p membership.Placed) string { return p.Token }, list, false, args)
	if err != nil {
		return nil, err
	}
	return s.members.LoadOn(ctx, page, today)
}
