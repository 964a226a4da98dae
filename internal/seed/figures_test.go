package seed_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
)

// figures are read from the documents of a full demonstration, on the seed's last day.
type figures struct {
	t       *testing.T
	p       *portal.Portal
	members []*membership.Member
}

func figuresOf(t *testing.T) figures {
	t.Helper()
	s := empty(t)
	if _, err := seed.Load(t.Context(), options(t, s, seed.Members)); err != nil {
		t.Fatal(err)
	}
	return figures{t, atTheEnd(t, s), members(t, s)}
}

// standing is what the keys of a member say on a day.
func standing(m *membership.Member, on kit.Date) map[string][]string {
	return membership.MemberNoun.Kind.Derive(m, string(on)).Key
}

func belongs(m *membership.Member, on kit.Date) bool {
	status := membership.MembershipStatus(standing(m, on)["status"][0])
	return status == membership.Active || status == membership.Suspended
}

// academia says whether a member was admitted as Academia; none changes to or from it.
func academia(m *membership.Member) bool {
	for _, e := range m.Events {
		if e.Kind == membership.Admitted {
			return *e.Category == membership.Academia
		}
	}
	return false
}

// move is a day on which a membership begins or ends.
type move struct {
	m  *membership.Member
	on kit.Date
}

// moves are those from a day to another, both included, of Academia or of all others, as they stand on
// the last day: a departure ahead is one that was notified.
func (f figures) moves(ofAcademia bool, from, to kit.Date) (joined, left []move) {
	for _, m := range f.members {
		if academia(m) != ofAcademia {
			continue
		}
		days := map[kit.Date]bool{}
		for _, e := range m.Events {
			days[e.EffectiveOn] = true
		}
		for day := range days {
			if day < from || day > to {
				continue
			}
			switch before, after := belongs(m, day.AddDays(-1)), belongs(m, day); {
			case after && !before:
				joined = append(joined, move{m, day})
			case before && !after:
				left = append(left, move{m, day})
			}
		}
	}
	return joined, left
}

// fee is what a member pays a year on a day.
func (f figures) fee(m *membership.Member, on kit.Date) kit.Decimal {
	f.t.Helper()
	var in membership.FeeQuoteInput
	for _, e := range m.Events {
		if e.EffectiveOn > on && e.Kind != membership.Admitted {
			continue
		}
		if e.Category != nil {
			if *e.Category != in.Category {
				in.FeeClass = nil
			}
			in.Category = *e.Category
		}
		if e.Sectors != nil {
			in.Sectors = e.Sectors
		}
		if e.FeeClass != nil {
			in.FeeClass = e.FeeClass
		}
		if e.Country != nil {
			in.Country = e.Country
		}
	}
	in.JoinsOn = &on
	q, err := f.p.Tariffs.Quote(f.t.Context(), in)
	if err != nil || q.Annual == nil {
		f.t.Fatalf("the fee of %s on %s: %v", m.Name, on, err)
	}
	return q.Annual.Amount
}

// change is what the year 2024 made of the annual fees.
type change struct {
	joiners, leavers, raised, lowered     kit.Decimal
	timesRaised, timesLowered, becameFull int
}

func (c change) gain() kit.Decimal { return c.joiners + c.raised }
func (c change) loss() kit.Decimal { return c.leavers + c.lowered }

func (f figures) change(ofAcademia bool) (c change) {
	f.t.Helper()
	joined, left := f.moves(ofAcademia, "2024-01-01", "2024-12-31")
	for _, j := range joined {
		c.joiners += f.fee(j.m, j.on)
	}
	for _, l := range left {
		c.leavers += f.fee(l.m, l.on.AddDays(-1))
	}
	for _, m := range f.members {
		if academia(m) != ofAcademia {
			continue
		}
		for _, e := range m.Events {
			changes := slices.Contains([]membership.LifecycleKind{membership.FeeClassChanged, membership.CategoryChanged, membership.SectorsChanged}, e.Kind)
			if !changes || e.EffectiveOn < "2024-01-01" || e.EffectiveOn > "2024-12-31" || !belongs(m, e.EffectiveOn) {
				continue
			}
			switch before, after := f.fee(m, e.EffectiveOn.AddDays(-1)), f.fee(m, e.EffectiveOn); {
			case after > before:
				c.raised += after - before
			case after < before:
				c.lowered += before - after
			}
			switch class := e.Kind == membership.FeeClassChanged; {
			case class && f.fee(m, e.EffectiveOn) > f.fee(m, e.EffectiveOn.AddDays(-1)):
				c.timesRaised++
			case class:
				c.timesLowered++
			case e.Kind == membership.CategoryChanged && *e.Category == membership.SectorMember:
				c.becameFull++
			}
		}
	}
	return c
}

func TestTheFiguresOfThePublishedReportComeOutOfTheRecords(t *testing.T) {
	f := figuresOf(t)
	t.Run("Sector Members and Associates joined in 2024", f.joiners)
	t.Run("departures", f.departures)
	t.Run("the change of fees in 2024", f.fees)
	t.Run("the first quarter of 2025", f.quiet)
	t.Run("the first half of 2025", f.ahead)
	t.Run("pending", f.pending)
	t.Run("every year has members that join and, from 2018 on, leave", f.alive)
}

func (f figures) joiners(t *testing.T) {
	joined, _ := f.moves(false, "2024-01-01", "2024-12-31")
	regions := map[string]int{}
	for _, j := range joined {
		regions[standing(j.m, j.on)["region"][0]]++
	}
	want := map[string]int{"EUR": 9, "ASP": 6, "AFR": 5, "ARB": 4, "AMS": 3, "REGINTORG": 1}
	if len(joined) != 28 || !maps.Equal(regions, want) {
		t.Errorf("%d joined, %v, want %v", len(joined), regions, want)
	}
}

func (f figures) departures(t *testing.T) {
	joined, left := f.moves(true, "2024-01-01", "2024-12-31")
	_, in2023 := f.moves(false, "2023-01-01", "2023-12-31")
	_, in2024 := f.moves(false, "2024-01-01", "2024-12-31")
	if len(joined) != 15 || len(left) != 13 || len(in2023) != 14 || len(in2024) != 8 {
		t.Errorf("Academia: %d joined, %d left; others: %d left in 2023, %d in 2024", len(joined), len(left), len(in2023), len(in2024))
	}
	how := map[membership.LifecycleKind]int{}
	for _, l := range in2024 {
		how[l.m.Events[len(l.m.Events)-1].Kind]++
	}
	want := map[membership.LifecycleKind]int{membership.WithdrawalNotified: 6, membership.Merged: 1, membership.EventExcluded: 1}
	if !maps.Equal(how, want) {
		t.Errorf("they left by %v, want %v", how, want)
	}
}

func (f figures) fees(t *testing.T) {
	c := f.change(false)
	told := map[string]string{
		"joiners": c.joiners.String(), "raised": c.raised.String(), "leavers": c.leavers.String(), "lowered": c.lowered.String(),
		"gain": c.gain().String(), "loss": c.loss().String(), "net": (c.gain() - c.loss()).String(),
	}
	want := map[string]string{
		"joiners": "159000.00", "raised": "47700.00", "leavers": "55650.00", "lowered": "39750.00", "gain": "206700.00", "loss": "95400.00", "net": "111300.00",
	}
	if !maps.Equal(told, want) {
		t.Errorf("Sector Members and Associates: %v, want %v", told, want)
	}
	if c.timesRaised != 2 || c.timesLowered != 1 || c.becameFull != 1 {
		t.Errorf("classes raised %d times, lowered %d times; %d Associates became Sector Members", c.timesRaised, c.timesLowered, c.becameFull)
	}
	if a := f.change(true); (a.gain() - a.loss()).String() != "3975.00" {
		t.Errorf("Academia: gain %s, loss %s, net %s, want 3975.00", a.gain(), a.loss(), a.gain()-a.loss())
	}
}

func (f figures) quiet(t *testing.T) {
	for _, ofAcademia := range []bool{false, true} {
		if joined, left := f.moves(ofAcademia, "2025-01-01", "2025-03-31"); len(joined) > 0 || len(left) > 0 {
			t.Errorf("Academia %v: %d joined, %d left", ofAcademia, len(joined), len(left))
		}
	}
}

func (f figures) ahead(t *testing.T) {
	joined, left := f.moves(false, "2025-01-01", "2025-06-30")
	_, ofAcademia := f.moves(true, "2025-01-01", "2025-06-30")
	if len(joined) != 0 || len(left) != 7 || len(ofAcademia) != 2 {
		t.Errorf("%d join, %d leave, %d Academia leave", len(joined), len(left), len(ofAcademia))
	}
	have := map[string]bool{}
	for _, l := range left {
		notice := l.m.Events[len(l.m.Events)-1]
		if notice.Kind != membership.WithdrawalNotified || *notice.NoticeOn < "2024-10-02" || *notice.NoticeOn > "2024-12-30" || notice.NoticeOn.AddMonths(6) != l.on || l.on < "2025-04-01" {
			t.Errorf("%s leaves on %s by %+v", l.m.Name, l.on, notice)
		}
		have[string(*notice.ReasonCode)] = true
		have[string(*notice.NoticeOn+" "+l.on)] = true
	}
	for _, want := range []string{"MERGER", "STRATEGY_REVIEW", "UNDISCLOSED", "2024-12-15 2025-06-15"} {
		if !have[want] {
			t.Errorf("none leaves with %s", want)
		}
	}
}

func (f figures) pending(t *testing.T) {
	var names []string
	ofAcademia := 0
	for _, m := range f.members {
		switch {
		case standing(m, seed.Last)["status"][0] != string(membership.PendingActivation):
		case academia(m):
			ofAcademia++
		default:
			names = append(names, m.Name)
			f.unpaid(t, m)
		}
	}
	if len(names) != 1 || ofAcademia != 3 {
		t.Errorf("pending are %v and %d Academia", names, ofAcademia)
	}
}

// unpaid asks that a member was admitted lately and has not paid its joining invoice.
func (f figures) unpaid(t *testing.T, m *membership.Member) {
	t.Helper()
	invoices, err := f.p.Invoices.List(kit.WithActor(t.Context(), seed.Actor), m.ID, nil, kit.PageArgs{})
	if err != nil || len(invoices.Nodes()) != 1 {
		t.Fatalf("%s has the invoices %v, %v", m.Name, invoices, err)
	}
	i := invoices.Nodes()[0]
	if i.Kind != membership.InvoiceJoining || i.State() != membership.InvoiceOpen || i.Year != 2025 || i.Dataset != kit.Demonstration || m.Events[0].EffectiveOn < "2025-01-01" {
		t.Errorf("%s, admitted on %s: %+v", m.Name, m.Events[0].EffectiveOn, i)
	}
}

func (f figures) alive(t *testing.T) {
	for _, ofAcademia := range []bool{false, true} {
		for year := 2010; year <= 2024; year++ {
			from := kit.Date(fmt.Sprintf("%d-01-01", year))
			joined, left := f.moves(ofAcademia, from, from.AddMonths(12).AddDays(-1))
			if len(joined) == 0 || year >= 2018 && len(left) == 0 {
				t.Errorf("Academia %v, %d: %d joined, %d left", ofAcademia, year, len(joined), len(left))
			}
		}
	}
}
