package calendar_test

import (
	"fmt"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// TestClocksThatChange writes events around the changes of clocks. What a clock shows twice Go's own
// zones read either way, so that only the feed's zones say which it is.
func TestClocksThatChange(t *testing.T) {
	cases := []struct {
		zone, from, to      string
		wantFrom, wantTo    string
		fromTwice, untilTwo bool
	}{
		{"Europe/Zurich", "2025-03-29T22:00", "2025-03-30T09:00", "2025-03-29T21:00", "2025-03-30T07:00", false, false},
		{"Europe/Zurich", "2025-03-30T01:59", "2025-03-30T03:00", "2025-03-30T00:59", "2025-03-30T01:00", false, false},
		{"Europe/Zurich", "2025-10-25T22:00", "2025-10-26T09:00", "2025-10-25T20:00", "2025-10-26T08:00", false, false},
		{"Europe/Zurich", "2025-10-26T02:30", "2025-10-26T03:30", "2025-10-26T00:30", "2025-10-26T02:30", true, false},
		{"Europe/Zurich", "2025-10-26T01:00", "2025-10-26T02:30", "2025-10-25T23:00", "2025-10-26T00:30", false, true},
		{"America/New_York", "2025-11-02T01:30", "2025-11-02T02:30", "2025-11-02T05:30", "2025-11-02T07:30", true, false},
		{"Pacific/Auckland", "2025-04-06T01:00", "2025-04-06T04:00", "2025-04-05T12:00", "2025-04-05T16:00", false, false},
		{"Pacific/Honolulu", "2025-04-05T02:00", "2025-04-05T06:00", "2025-04-05T12:00", "2025-04-05T16:00", false, false}, // at the same time, a day before
		{"Australia/Lord_Howe", "2025-04-06T00:00", "2025-04-06T03:00", "2025-04-05T13:00", "2025-04-05T16:30", false, false},
		{"Europe/Dublin", "2025-03-29T12:00", "2025-03-30T12:00", "2025-03-29T12:00", "2025-03-30T11:00", false, false},
		{"UTC", "2025-06-01T10:00", "2025-06-01T11:00", "2025-06-01T10:00", "2025-06-01T11:00", false, false},
		{"Africa/Kampala", "1930-01-15T10:00", "1930-01-15T11:00", "1930-01-15T07:30", "1930-01-15T08:30", false, false},
		{"Europe/Zurich", "1870-01-15T10:30", "1870-01-15T11:30", "1870-01-15T10:00", "1870-01-15T11:00", false, false}, // Bern's own 29:46
	}
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		ids := make([]string, len(cases))
		for i, c := range cases {
			ids[i] = publish(t, s, fmt.Sprintf("CLOCK_%d", i), c.zone, c.from, c.to)
		}
		r := feed(t, s, "/calendar.ics")
		for i, c := range cases {
			for reader, times := range r.at(t, ids[i]) {
				for j, want := range []string{c.wantFrom, c.wantTo} {
					twice := []bool{c.fromTwice, c.untilTwo}[j]
					const form = "2006-01-02T15:04"
					if got := times[j].UTC().Format(form); got != want && (reader == 2 || !twice) {
						t.Errorf("%s %s to %s by reader %d: %s, want %s", c.zone, c.from, c.to, reader, got, want)
					}
				}
			}
		}
		if p := r.one[ids[10]].Props.Get("DTSTART"); p.Value != "20250601T100000Z" {
			t.Errorf("UTC: %v", p)
		}
	})
}

// TestZonesAreAsShortAsTheyCanBe: an event in summer needs one observance, one across a change two.
func TestZonesAreAsShortAsTheyCanBe(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	publish(t, s, "SUMMER", "Europe/Zurich", "2025-07-01T10:00", "2025-07-01T11:00")
	publish(t, s, "CHANGE", "America/New_York", "2025-11-01T10:00", "2025-11-02T11:00")
	r := feed(t, s, "/calendar.ics")
	for zone, want := range map[string]int{"Europe/Zurich": 1, "America/New_York": 2, "Africa/Kampala": 1} {
		if n := len(r.clocks(t, zone)); n != want {
			t.Errorf("%s has %d observances, want %d", zone, n, want)
		}
	}
}

// publish makes an event known as SECRETARIAT does.
func publish(t *testing.T, s *golden.Server, code, zone, from, to string) (id string) {
	t.Helper()
	made, err := s.Portal.Events.Create(secretariat, events.CreateEventInput{
		Code: code, Series: "ser_TESTBED", Title: []kit.TranslationInput{{Locale: kit.English, Text: &code}}, Format: new(events.FormatVirtual),
		Visibility: events.VisiblePublic, Audience: events.EventAudienceInput{Everyone: true},
		Time: events.EventTimeInput{StartsAt: new(events.LocalDateTime(from)), EndsAt: new(events.LocalDateTime(to)), Zone: &zone},
	})
	if err != nil || len(made.UserErrors) > 0 {
		t.Fatal(err, made)
	}
	out, err := s.Portal.Events.Publish(secretariat, events.PublishEventInput{ID: made.Event.ID, ExpectedVersion: int(made.Event.Version)})
	if err != nil || len(out.UserErrors) > 0 {
		t.Fatal(err, out)
	}
	return string(made.Event.ID)
}
