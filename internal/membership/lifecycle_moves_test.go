package membership_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/membership/membershiptest"
)

// inStatus makes a member whose status is the given one from 2020 on.
func inStatus(status membership.MembershipStatus) *membership.Member {
	events := []membership.LifecycleEvent{membershiptest.Happened(membership.Admitted, "2015-01-01", membershiptest.As(membership.Associate), membershiptest.InGroup(membership.SG1), membershiptest.InRegion(country.RegionAFR), membershiptest.InCountry("cty_UG"), membershiptest.Held(membership.SectorD))}
	for _, kind := range map[membership.MembershipStatus][]membership.LifecycleKind{
		membership.Active: {membership.Activated}, membership.Suspended: {membership.Activated, membership.EventSuspended}, membership.Withdrawn: {membership.Activated, membership.EventWithdrawn}, membership.Excluded: {membership.Activated, membership.EventSuspended, membership.EventExcluded},
	}[status] {
		events = append(events, membershiptest.Happened(kind, kit.Date(fmt.Sprintf("20%d-01-01", 15+len(events)))))
	}
	return membershiptest.MemberWith(events...)
}

func TestEveryMoveIsAllowedWhereTheTableSaysAndNowhereElse(t *testing.T) {
	const table = `
		                       PENDING_ACTIVATION ACTIVE    SUSPENDED WITHDRAWN EXCLUDED
		APPLIED                -                  -         -         -         -
		APPROVED               -                  -         -         -         -
		ADMITTED               -                  -         -         -         -
		ACTIVATED              ACTIVE             -         -         -         -
		CATEGORY_CHANGED       -                  ACTIVE    -         -         -
		FEE_CLASS_CHANGED      PENDING_ACTIVATION ACTIVE    SUSPENDED -         -
		SECTORS_CHANGED        PENDING_ACTIVATION ACTIVE    SUSPENDED -         -
		STUDY_GROUP_CHANGED    PENDING_ACTIVATION ACTIVE    SUSPENDED -         -
		COUNTRY_REASSIGNED     PENDING_ACTIVATION ACTIVE    SUSPENDED -         -
		REGION_REASSIGNED      PENDING_ACTIVATION ACTIVE    SUSPENDED -         -
		MERGED                 WITHDRAWN          WITHDRAWN WITHDRAWN -         -
		SUSPENDED              -                  SUSPENDED -         -         -
		REINSTATED             -                  -         ACTIVE    ACTIVE    ACTIVE
		WITHDRAWAL_NOTIFIED    -                  WITHDRAWN WITHDRAWN -         -
		WITHDRAWN              WITHDRAWN          WITHDRAWN WITHDRAWN -         -
		EXCLUDED               -                  -         EXCLUDED  -         -
		EXEMPTION_GRANTED      PENDING_ACTIVATION ACTIVE    SUSPENDED -         -
		EXEMPTION_EXPIRED      PENDING_ACTIVATION ACTIVE    SUSPENDED -         -
		REPAYMENT_PLAN_AGREED  -                  ACTIVE    SUSPENDED -         -
		REPAYMENT_PLAN_ENDED   -                  ACTIVE    SUSPENDED -         -
		RENAMED                PENDING_ACTIVATION ACTIVE    SUSPENDED WITHDRAWN EXCLUDED`
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(lines)-1 != len(membership.LifecycleKinds)-1 {
		t.Fatalf("%d rows for %d kinds", len(lines)-1, len(membership.LifecycleKinds)-1)
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		kind := membership.LifecycleKind(cells[0])
		for i, from := range membership.MembershipStatuses {
			want := cells[i+1]
			t.Run(fmt.Sprint(kind, " from ", from), func(t *testing.T) {
				m := inStatus(from)
				m.Events = append(m.Events, membership.LifecycleEvent{ID: "evn_new", Kind: kind, EffectiveOn: "2025-01-01"})
				f := kit.NewFaults(context.Background())
				membership.CheckSequence(f, m, "evn_new")
				switch is := m.On("2025-01-01").Status; {
				case want == "-" && len(f.List) == 0:
					t.Errorf("it is allowed")
				case want == "-" && f.List[0].Code != kit.CodeNotAllowedInState:
					t.Errorf("refused as %+v", f.List)
				case want != "-" && (len(f.List) > 0 || string(is) != want):
					t.Errorf("it leads to %s: %+v, not to %s", is, f.List, want)
				}
				if membership.Moves[kind].From != nil && slices.Contains(membership.Follows(from), kind) != (want != "-") {
					t.Errorf("%s is told to be allowed: %v", kind, membership.Follows(from))
				}
			})
		}
	}
}

func TestARefusedMoveSaysWhatIsAllowed(t *testing.T) {
	m := inStatus(membership.Excluded)
	m.Events = append(m.Events, membership.LifecycleEvent{ID: "evn_new", Kind: membership.EventSuspended, EffectiveOn: "2025-01-01"})
	f := kit.NewFaults(context.Background())
	membership.CheckSequence(f, m, "evn_new")
	if len(f.List) != 1 || !strings.Contains(f.List[0].Message, "EXCLUDED") || !strings.Contains(f.List[0].Message, "ACTIVE") || !strings.Contains(f.List[0].Message, "REINSTATED") {
		t.Errorf("got %+v", f.List)
	}
}

// steps are the changes of status that any move makes.
func steps() map[[2]membership.MembershipStatus]bool {
	allowed := map[[2]membership.MembershipStatus]bool{}
	for _, row := range membership.Moves {
		for _, from := range row.From {
			if row.To != "" {
				allowed[[2]membership.MembershipStatus{from, row.To}] = true
			}
		}
	}
	for range membership.MembershipStatuses { // several may happen on one day
		for a := range allowed {
			for b := range allowed {
				if a[1] == b[0] {
					allowed[[2]membership.MembershipStatus{a[0], b[1]}] = true
				}
			}
		}
	}
	return allowed
}

// turns are the days around which anything may change, in order.
func turns(m *membership.Member) (days []kit.Date) {
	for _, e := range m.Events {
		for _, day := range []*kit.Date{&e.EffectiveOn, e.NoticeOn, e.Until} {
			if day != nil {
				days = append(days, day.AddDays(-1), *day, day.AddDays(1))
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

func TestNoSequenceThatTheTableAllowsReachesAnImpossibleState(t *testing.T) {
	allowed := steps()
	rapid.Check(t, func(t *rapid.T) {
		m := membershiptest.ALife(t)
		last := m.On("2019-11-30")
		for _, day := range turns(m) {
			is := m.On(day)
			switch {
			case !slices.Contains(membership.MembershipStatuses, is.Status):
				t.Fatalf("%s: status %q", day, is.Status)
			case is.Status != last.Status && !allowed[[2]membership.MembershipStatus{last.Status, is.Status}]:
				t.Fatalf("%s: from %s to %s", day, last.Status, is.Status)
			case is.Belongs() && (is.JoinedOn == "" || is.JoinedOn > day):
				t.Fatalf("%s: %s, joined on %q", day, is.Status, is.JoinedOn)
			case is.LeavesOn != "" && (!is.Belongs() || is.LeavesOn <= day):
				t.Fatalf("%s: %s leaves on %s", day, is.Status, is.LeavesOn)
			case is.StudyGroup != "" && is.Category != membership.Associate:
				t.Fatalf("%s: a study group of %s", day, is.Category)
			case (is.Country == "") != (is.Region == country.RegionREGINTORG):
				t.Fatalf("%s: country %q in %s", day, is.Country, is.Region)
			case !slices.ContainsFunc(is.Sectors, func(s membership.MembershipSector) bool {
				return s.Sector == membership.SectorD && s.From <= max(day, "2019-12-01")
			}):
				t.Fatalf("%s: Sectors %v", day, is.Sectors)
			case is.ExemptUntil != "" && is.ExemptUntil <= day, is.PlanUntil != "" && is.PlanUntil <= day:
				t.Fatalf("%s: exempt until %s, plan until %s", day, is.ExemptUntil, is.PlanUntil)
			case (is.SuspendedOn != "") != (is.Status == membership.Suspended):
				t.Fatalf("%s: %s since %q", day, is.Status, is.SuspendedOn)
			}
			last = is
		}
	})
}

func TestWhatIsRecordedOfLaterDaysChangesNoEarlierOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := membershiptest.ALife(t)
		asOf := membershiptest.ADay(t, "asOf")
		before := m.On(asOf)
		for i := range rapid.IntRange(1, 5).Draw(t, "later") {
			e := membershiptest.AnEvent(t)
			if e.Told() <= asOf {
				continue
			}
			e.ID = kit.ID(fmt.Sprint("evn_later", i))
			m.Events = append(m.Events, e)
		}
		if after := m.On(asOf); fmt.Sprintf("%+v", after) != fmt.Sprintf("%+v", before) {
			t.Fatalf("on %s it was\n%+v, and is\n%+v", asOf, before, after)
		}
	})
}

func TestTheLedgerSaysOfEveryDayWhatTheMemberSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := membershiptest.ALife(t)
		m.Name = "Ärzte"
		e := membership.NewDayEntry(m)
		for range 20 {
			day := membershiptest.ADay(t, "day")
			if a, b := fmt.Sprintf("%+v", m.On(day)), fmt.Sprintf("%+v", membership.FoldOn(e.Events, day)); a != b {
				t.Fatalf("%s: the member says\n%s, the ledger\n%s", day, a, b)
			}
		}
	})
}
