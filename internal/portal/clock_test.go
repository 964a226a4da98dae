package portal_test

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// on puts a stage's domain clock on a day.
func on(day *kit.Date) func(*portal.Options) {
	return func(o *portal.Options) {
		o.Clock = kit.NewClock(func() time.Time { at, _ := time.Parse(time.DateOnly, string(*day)); return at.Add(12 * time.Hour) }, time.UTC)
	}
}

func direct(o *portal.Options) { o.DirectCountries = []string{"KE"} }

func (s stage) tick(dry bool) (of map[kit.ID]kit.Due) {
	s.Helper()
	all, err := s.portal.Tick(by(operator), dry)
	s.must(err)
	of = map[kit.ID]kit.Due{}
	for _, due := range all {
		if due.Kind != kit.DueSuspension { // which is listed until somebody decides
			of[due.Target] = due
		}
	}
	return of
}

func (s stage) application(id kit.ID) *applications.Application {
	s.Helper()
	a, err := applications.ApplicationNoun.In(s.store).Get(s.Context(), string(id))
	s.must(err)
	return a
}

func (s stage) kinds(id kit.ID) (kinds []applications.ApplicationEventKind) {
	s.Helper()
	for _, e := range s.application(id).Events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func TestTheClockRemindsTwiceAndDecidesNothing(t *testing.T) {
	day := testkit.Today
	s := applying(t, on(&day))
	if due := s.tick(true)["app_KENYA"]; due.Kind != kit.DueFirstReminder || due.On != "2025-02-15" || due.Recorded || !strings.Contains(due.Text, "Newcomer Testbed (Kenya)") {
		t.Errorf("a dry run says %+v", due)
	}
	if len(s.tick(false)) != 1 || len(s.tick(false)) != 0 {
		t.Error("a reminder was recorded not once")
	}
	a := s.application("app_KENYA")
	if *a.NextDueOn != "2025-07-31" { // four months from the day on which it went out
		t.Errorf("the second one falls due on %s", *a.NextDueOn)
	}
	day = "2025-07-30"
	if _, due := s.tick(true)["app_KENYA"]; due {
		t.Error("it fell due a day early")
	}
	day = "2025-07-31"
	if due := s.tick(false)["app_KENYA"]; due.Kind != kit.DueSecondReminder || !due.Recorded {
		t.Errorf("got %+v", due)
	}
	day = "2030-01-01"
	if _, due := s.tick(true)["app_KENYA"]; due {
		t.Error("something is due after the second reminder")
	}
	want := []applications.ApplicationEventKind{applications.ApplicationWasDrafted, applications.ApplicationWasSubmitted, applications.Reminded, applications.Reminded}
	if got := s.kinds("app_KENYA"); !slices.Equal(got, want) || s.application("app_KENYA").Status != applications.ApplicationSubmitted {
		t.Errorf("got %v", got)
	}
}

func TestWhereDirectApplicationIsAllowedNoAnswerIsApproval(t *testing.T) {
	day := testkit.Today
	s := applying(t, on(&day), direct)
	s.tick(false)
	day = "2025-07-31"
	if due := s.tick(true)["app_KENYA"]; due.Kind != kit.DueDeemedApproval {
		t.Errorf("got %+v", due)
	}
	s.tick(false)
	a := s.application("app_KENYA")
	if a.Status != applications.ApplicationApproved || a.MemberID == nil || a.Events[len(a.Events)-1].Kind != applications.ApplicationDeemedApproved {
		t.Fatalf("got %+v", a)
	}
	m := s.stored(*a.MemberID)
	var kinds []membership.LifecycleKind
	for _, e := range m.Events {
		kinds = append(kinds, e.Kind)
	}
	if !reflect.DeepEqual(kinds, []membership.LifecycleKind{membership.Applied, membership.Approved, membership.Admitted}) || m.Dataset != kit.Demonstration {
		t.Errorf("got %v", kinds)
	}
	if len(s.tick(true)) > 5 {
		t.Error("more is due than there should be")
	}
}

func TestADeemedApprovalThatCannotBeIsLeftToAPerson(t *testing.T) {
	day := kit.Date("2025-09-01")
	s := applying(t, on(&day), func(o *portal.Options) { o.DirectCountries = []string{"UG"} })
	s.tick(false)
	day = "2026-02-01"
	due := s.tick(false)["app_NAMESAKE"]
	if due.Kind != kit.DueDeemedApproval || due.Recorded || due.Failed == "" {
		t.Errorf("got %+v", due)
	}
	if a := s.application("app_NAMESAKE"); a.Status != applications.ApplicationSubmitted || a.NextDueOn == nil {
		t.Errorf("got %+v", a)
	}
	if due := s.tick(true)["app_INCOMPLETE"]; due.Kind != "" {
		t.Errorf("what has a day that is not known was to be approved: %+v", due)
	}
	if kinds := s.kinds("app_INCOMPLETE"); kinds[len(kinds)-1] != applications.Reminded {
		t.Errorf("got %v", kinds)
	}
}

func TestTwoClocksRecordAThingOnce(t *testing.T) {
	s := applying(t)
	var wait sync.WaitGroup
	var mu sync.Mutex
	recorded := 0
	for range 4 {
		wait.Go(func() {
			all, err := s.portal.Tick(by(operator), false)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			for _, due := range all {
				if due.Recorded {
					recorded++
				}
			}
		})
	}
	wait.Wait()
	if got := s.kinds("app_KENYA"); recorded != 1 || len(got) != 3 {
		t.Errorf("recorded %d times: %v", recorded, got)
	}
}

func TestTheClockIsForThoseWhoRunThePortal(t *testing.T) {
	s := applying(t)
	for _, a := range []kit.Actor{uganda, applicant, reviewer, focalPoint("mem_ACTIVE")} {
		_, err := s.portal.Tick(by(a), true)
		s.refused(err, kit.Forbidden)
	}
	_, err := s.portal.Tick(by(nobody), true)
	s.refused(err, kit.Unauthenticated)
}

func TestAConfiguredCountryMustBeOne(t *testing.T) {
	s := embedded(t)
	_, err := portal.New(portal.Options{Store: s.store, Clock: testkit.Clock(), Entropy: testkit.Entropy("x"), Countries: testkit.Countries(t), DirectCountries: []string{"XX"}})
	if err == nil {
		t.Error("XX was taken for a country")
	}
}

func TestTheClockListsArrearsAndLeavesThemToPersons(t *testing.T) {
	onEngines(t, func(s stage) {
		before := s.stored("mem_LEAVING").Version
		all, err := s.portal.Tick(by(operator), false)
		s.must(err)
		var found []kit.Due
		for _, due := range all {
			if due.Target == "mem_LEAVING" {
				found = append(found, due)
			}
		}
		if len(found) != 1 || found[0].Kind != kit.DueSuspension || found[0].On != "2024-09-27" || found[0].Recorded || !strings.Contains(found[0].Text, "Resolution 152") {
			s.Errorf("got %+v", found)
		}
		if s.stored("mem_LEAVING").Version != before {
			s.Error("something was recorded")
		}
	})
}

func TestTheClockNotesOnceThatAnExemptionIsOver(t *testing.T) {
	day := kit.Date("2026-11-08")
	s := applying(t, on(&day))
	if due, ok := s.tick(true)["mem_EXEMPT"]; ok {
		t.Errorf("a day early: %+v", due)
	}
	day = "2026-12-01"
	turn(t, s, day)
	if due := s.tick(true)["mem_EXEMPT"]; due.Kind != kit.DueExpiry || due.On != "2026-11-09" || due.Recorded {
		t.Errorf("a dry run says %+v", due)
	}
	for run, want := range []bool{true, false} {
		if _, ok := s.tick(false)["mem_EXEMPT"]; ok != want {
			t.Errorf("run %d", run)
		}
	}
	events := s.stored("mem_EXEMPT").Events
	if e := events[len(events)-1]; len(events) != 3 || e.Kind != membership.ExemptionExpired || e.EffectiveOn != "2026-11-09" {
		t.Errorf("events %s", inJSON(events))
	}
}

// turn derives the keys of a store for another day, as a process does at midnight.
func turn(t *testing.T, s stage, day kit.Date) {
	t.Helper()
	x, err := store.Begin(t.Context(), s.store, portal.Kinds(), string(day), true)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.store.SetDay(string(day))
}
