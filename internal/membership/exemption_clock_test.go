package membership_test

import (
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit/stage"
)

func TestTheClockNotesOnceThatAnExemptionIsOver(t *testing.T) {
	day := kit.Date("2026-11-08")
	s := scene{stage.Issuing(t, stage.OnDay(&day))}
	if due, ok := s.Tick(true)["mem_EXEMPT"]; ok {
		t.Errorf("a day early: %+v", due)
	}
	day = "2026-12-01"
	turn(t, s, day)
	if due := s.Tick(true)["mem_EXEMPT"]; due.Kind != kit.DueExpiry || due.On != "2026-11-09" || due.Recorded {
		t.Errorf("a dry run says %+v", due)
	}
	for run, want := range []bool{true, false} {
		if _, ok := s.Tick(false)["mem_EXEMPT"]; ok != want {
			t.Errorf("run %d", run)
		}
	}
	events := s.StoredMember("mem_EXEMPT").Events
	if e := events[len(events)-1]; len(events) != 3 || e.Kind != membership.ExemptionExpired || e.EffectiveOn != "2026-11-09" {
		t.Errorf("events %s", stage.InJSON(events))
	}
}

// turn derives the keys of a store for another day, as a process does at midnight.
func turn(t *testing.T, s scene, day kit.Date) {
	t.Helper()
	x, err := store.Begin(t.Context(), s.Store, portal.Kinds(), string(day), true)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Store.SetDay(string(day))
}
