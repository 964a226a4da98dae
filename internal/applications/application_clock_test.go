package applications_test

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

func direct(o *portal.Options) { o.DirectCountries = []string{"KE"} }

func (s scene) application(id kit.ID) *applications.Application {
	s.Helper()
	a, err := applications.ApplicationNoun.In(s.Store).Get(s.Context(), string(id))
	s.Must(err)
	return a
}

func (s scene) kinds(id kit.ID) (kinds []applications.ApplicationEventKind) {
	s.Helper()
	for _, e := range s.application(id).Events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func TestTheClockRemindsTwiceAndDecidesNothing(t *testing.T) {
	day := testkit.Today
	s := scene{stage.Issuing(t, stage.OnDay(&day))}
	if due := s.Tick(true)["app_KENYA"]; due.Kind != kit.DueFirstReminder || due.On != "2025-02-15" || due.Recorded || !strings.Contains(due.Text, "Newcomer Testbed (Kenya)") {
		t.Errorf("a dry run says %+v", due)
	}
	first, second := s.Tick(false), s.Tick(false)
	if _, again := second["app_KENYA"]; !first["app_KENYA"].Recorded || again {
		t.Error("a reminder was recorded not once")
	}
	a := s.application("app_KENYA")
	if *a.NextDueOn != "2025-07-31" { // four months from the day on which it went out
		t.Errorf("the second one falls due on %s", *a.NextDueOn)
	}
	day = "2025-07-30"
	if _, due := s.Tick(true)["app_KENYA"]; due {
		t.Error("it fell due a day early")
	}
	day = "2025-07-31"
	if due := s.Tick(false)["app_KENYA"]; due.Kind != kit.DueSecondReminder || !due.Recorded {
		t.Errorf("got %+v", due)
	}
	day = "2030-01-01"
	if _, due := s.Tick(true)["app_KENYA"]; due {
		t.Error("something is due after the second reminder")
	}
	want := []applications.ApplicationEventKind{applications.ApplicationWasDrafted, applications.ApplicationWasSubmitted, applications.Reminded, applications.Reminded}
	if got := s.kinds("app_KENYA"); !slices.Equal(got, want) || s.application("app_KENYA").Status != applications.ApplicationSubmitted {
		t.Errorf("got %v", got)
	}
}

func TestWhereDirectApplicationIsAllowedNoAnswerIsApproval(t *testing.T) {
	day := testkit.Today
	s := scene{stage.Issuing(t, stage.OnDay(&day), direct)}
	s.Tick(false)
	day = "2025-07-31"
	if due := s.Tick(true)["app_KENYA"]; due.Kind != kit.DueDeemedApproval {
		t.Errorf("got %+v", due)
	}
	s.Tick(false)
	a := s.application("app_KENYA")
	if a.Status != applications.ApplicationApproved || a.MemberID == nil || a.Events[len(a.Events)-1].Kind != applications.ApplicationDeemedApproved {
		t.Fatalf("got %+v", a)
	}
	m := s.StoredMember(*a.MemberID)
	var kinds []membership.LifecycleKind
	for _, e := range m.Events {
		kinds = append(kinds, e.Kind)
	}
	if !reflect.DeepEqual(kinds, []membership.LifecycleKind{membership.Applied, membership.Approved, membership.Admitted}) || m.Dataset != kit.Demonstration {
		t.Errorf("got %v", kinds)
	}
	if len(s.Tick(true)) > 5 {
		t.Error("more is due than there should be")
	}
}

func TestADeemedApprovalThatCannotBeIsLeftToAPerson(t *testing.T) {
	day := kit.Date("2025-09-01")
	s := scene{stage.Issuing(t, stage.OnDay(&day), func(o *portal.Options) { o.DirectCountries = []string{"UG"} })}
	s.Tick(false)
	day = "2026-02-01"
	due := s.Tick(false)["app_NAMESAKE"]
	if due.Kind != kit.DueDeemedApproval || due.Recorded || due.Failed == "" {
		t.Errorf("got %+v", due)
	}
	if a := s.application("app_NAMESAKE"); a.Status != applications.ApplicationSubmitted || a.NextDueOn == nil {
		t.Errorf("got %+v", a)
	}
	if due := s.Tick(true)["app_INCOMPLETE"]; due.Kind != "" {
		t.Errorf("what has a day that is not known was to be approved: %+v", due)
	}
	if kinds := s.kinds("app_INCOMPLETE"); kinds[len(kinds)-1] != applications.Reminded {
		t.Errorf("got %v", kinds)
	}
}

func TestTwoClocksRecordAThingOnce(t *testing.T) {
	s := scene{stage.Issuing(t)}
	var wait sync.WaitGroup
	var mu sync.Mutex
	recorded := 0
	for range 4 {
		wait.Go(func() {
			all, err := s.Portal.Tick(stage.By(stage.Operator), false)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			for _, due := range all {
				if due.Recorded && due.Target == "app_KENYA" {
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

func TestAConfiguredCountryMustBeOne(t *testing.T) {
	s := scene{stage.Embedded(t)}
	_, err := portal.New(portal.Options{Store: s.Store, Clock: testkit.Clock(), Entropy: testkit.Entropy("x"), Countries: testkit.Countries(t), DirectCountries: []string{"XX"}})
	if err == nil {
		t.Error("XX was taken for a country")
	}
}
