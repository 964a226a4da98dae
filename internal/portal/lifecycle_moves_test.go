package portal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"memberportal/internal/kit"
)

// inStatus makes a member whose status is the given one from 2020 on.
func inStatus(status MembershipStatus) *Member {
	events := []LifecycleEvent{happened(Admitted, "2015-01-01", as(Associate), inGroup(SG1), inRegion(RegionAFR), inCountry("cty_UG"), held(SectorD))}
	for _, kind := range map[MembershipStatus][]LifecycleKind{
		Active: {Activated}, Suspended: {Activated, EventSuspended}, Withdrawn: {Activated, EventWithdrawn}, Excluded: {Activated, EventSuspended, EventExcluded},
	}[status] {
		events = append(events, happened(kind, kit.Date(fmt.Sprintf("20%d-01-01", 15+len(events)))))
	}
	return memberWith(events...)
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
		REPAYMENT_PLAN_ENDED   -                  ACTIVE    SUSPENDED -         -`
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(lines)-1 != len(LifecycleKinds)-1 {
		t.Fatalf("%d rows for %d kinds", len(lines)-1, len(LifecycleKinds)-1)
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		kind := LifecycleKind(cells[0])
		for i, from := range MembershipStatuses {
			want := cells[i+1]
			t.Run(fmt.Sprint(kind, " from ", from), func(t *testing.T) {
				m := inStatus(from)
				m.Events = append(m.Events, LifecycleEvent{ID: "evn_new", Kind: kind, EffectiveOn: "2025-01-01"})
				f := kit.NewFaults(context.Background())
				checkSequence(f, m, "evn_new")
				switch is := m.on("2025-01-01").Status; {
				case want == "-" && len(f.List) == 0:
					t.Errorf("it is allowed")
				case want == "-" && f.List[0].Code != kit.CodeNotAllowedInState:
					t.Errorf("refused as %+v", f.List)
				case want != "-" && (len(f.List) > 0 || string(is) != want):
					t.Errorf("it leads to %s: %+v, not to %s", is, f.List, want)
				}
				if moves[kind].from != nil && slices.Contains(follows(from), kind) != (want != "-") {
					t.Errorf("%s is told to be allowed: %v", kind, follows(from))
				}
			})
		}
	}
}

func TestARefusedMoveSaysWhatIsAllowed(t *testing.T) {
	m := inStatus(Excluded)
	m.Events = append(m.Events, LifecycleEvent{ID: "evn_new", Kind: EventSuspended, EffectiveOn: "2025-01-01"})
	f := kit.NewFaults(context.Background())
	checkSequence(f, m, "evn_new")
	if len(f.List) != 1 || !strings.Contains(f.List[0].Message, "EXCLUDED") || !strings.Contains(f.List[0].Message, "ACTIVE") || !strings.Contains(f.List[0].Message, "REINSTATED") {
		t.Errorf("got %+v", f.List)
	}
}

// steps are the changes of status that any move makes.
func steps() map[[2]MembershipStatus]bool {
	allowed := map[[2]MembershipStatus]bool{}
	for _, row := range moves {
		for _, from := range row.from {
			if row.to != "" {
				allowed[[2]MembershipStatus{from, row.to}] = true
			}
		}
	}
	for range MembershipStatuses { // several may happen on one day
		for a := range allowed {
			for b := range allowed {
				if a[1] == b[0] {
					allowed[[2]MembershipStatus{a[0], b[1]}] = true
				}
			}
		}
	}
	return allowed
}

// turns are the days around which anything may change, in order.
func turns(m *Member) (days []kit.Date) {
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
		m := aLife(t)
		last := m.on("2019-11-30")
		for _, day := range turns(m) {
			is := m.on(day)
			switch {
			case !slices.Contains(MembershipStatuses, is.Status):
				t.Fatalf("%s: status %q", day, is.Status)
			case is.Status != last.Status && !allowed[[2]MembershipStatus{last.Status, is.Status}]:
				t.Fatalf("%s: from %s to %s", day, last.Status, is.Status)
			case is.belongs() && (is.JoinedOn == "" || is.JoinedOn > day):
				t.Fatalf("%s: %s, joined on %q", day, is.Status, is.JoinedOn)
			case is.LeavesOn != "" && (!is.belongs() || is.LeavesOn <= day):
				t.Fatalf("%s: %s leaves on %s", day, is.Status, is.LeavesOn)
			case is.StudyGroup != "" && is.Category != Associate:
				t.Fatalf("%s: a study group of %s", day, is.Category)
			case (is.Country == "") != (is.Region == RegionREGINTORG):
				t.Fatalf("%s: country %q in %s", day, is.Country, is.Region)
			case !slices.ContainsFunc(is.Sectors, func(s MembershipSector) bool { return s.Sector == SectorD && s.From <= max(day, "2019-12-01") }):
				t.Fatalf("%s: Sectors %v", day, is.Sectors)
			case is.ExemptUntil != "" && is.ExemptUntil <= day, is.PlanUntil != "" && is.PlanUntil <= day:
				t.Fatalf("%s: exempt until %s, plan until %s", day, is.ExemptUntil, is.PlanUntil)
			case (is.SuspendedOn != "") != (is.Status == Suspended):
				t.Fatalf("%s: %s since %q", day, is.Status, is.SuspendedOn)
			}
			last = is
		}
	})
}

func TestWhatIsRecordedOfLaterDaysChangesNoEarlierOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := aLife(t)
		asOf := aDay(t, "asOf")
		before := m.on(asOf)
		for i := range rapid.IntRange(1, 5).Draw(t, "later") {
			e := anEvent(t)
			if e.told() <= asOf {
				continue
			}
			e.ID = kit.ID(fmt.Sprint("evn_later", i))
			m.Events = append(m.Events, e)
		}
		if after := m.on(asOf); fmt.Sprintf("%+v", after) != fmt.Sprintf("%+v", before) {
			t.Fatalf("on %s it was\n%+v, and is\n%+v", asOf, before, after)
		}
	})
}

func TestTheLedgerSaysOfEveryDayWhatTheMemberSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := aLife(t)
		m.Name = "Ärzte"
		e := newDayEntry(m)
		for range 20 {
			day := aDay(t, "day")
			if a, b := fmt.Sprintf("%+v", m.on(day)), fmt.Sprintf("%+v", foldOn(e.events, day)); a != b {
				t.Fatalf("%s: the member says\n%s, the ledger\n%s", day, a, b)
			}
		}
	})
}
