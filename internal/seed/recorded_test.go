package seed_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
)

// TestOnlyWhatIsRecordedIsLoaded: nothing is made up, nobody is a person, and a second time changes nothing. What the
// demonstration has recorded is the same.
func TestOnlyWhatIsRecordedIsLoaded(t *testing.T) {
	s := empty(t)
	ctx := kit.WithActor(t.Context(), kit.Actor{Subject: "usr_operator", Roles: []kit.Role{kit.RoleSecretariat}})
	stored := func() map[string]int {
		t.Helper()
		counts := map[string]int{}
		_, err := s.Snapshot(ctx, portal.Kinds(), func(k *store.Kind, id string, raw []byte, sound bool) error {
			if counts[k.Name]++; strings.Contains(string(raw), "DEMONSTRATION") || strings.Contains(string(raw), "usr_demonstration") || !sound {
				t.Errorf("%s %s is made up: %s", k.Name, id, raw)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return counts
	}
	want, err := seed.LoadRecorded(ctx, options(t, s, 0))
	if err != nil {
		t.Fatal(err)
	}
	first := stored()
	got := []seed.Count{
		{Of: "benefits", N: first["benefits"]}, {Of: "event series", N: first["eventSeries"]}, {Of: "events", N: first["events"]},
		{Of: "liaison statements", N: first["liaisonStatements"]}, {Of: "exempted organisations", N: first["members"]}, {Of: "applications", N: first["applications"]},
	}
	if !slices.Equal(got, want) || slices.ContainsFunc(got, func(c seed.Count) bool { return c.N == 0 }) {
		t.Errorf("stored %v of %v; in all %v", got, want, first)
	}
	for _, noun := range []string{"persons", "mandates", "consultations", "feedback", "registrations", "outbox"} {
		if first[noun] > 0 {
			t.Errorf("%d %s", first[noun], noun)
		}
	}
	if again, err := seed.LoadRecorded(ctx, options(t, s, 0)); err != nil || !slices.Equal(again, want) {
		t.Errorf("a second time: %v, %v", again, err)
	}
	if second := stored(); fmt.Sprint(second) != fmt.Sprint(first) {
		t.Errorf("a second time changed %v to %v", first, second)
	}
}
