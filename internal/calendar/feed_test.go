package calendar_test

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// onEngines runs a test on both stores.
func onEngines(t *testing.T, fresh bool, test func(t *testing.T, s *golden.Server)) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			open := e.Shared
			if fresh {
				open = e.Fresh
			}
			test(t, golden.Serve(t, open(t)))
		})
	}
}

func TestFeedsHoldTheRightEventsAtTheRightTime(t *testing.T) {
	onEngines(t, false, func(t *testing.T, s *golden.Server) {
		for path, audience := range map[string]bool{"/calendar.ics": false, "/calendar/TESTBED.ics": false, ownPath: true} {
			r := feed(t, s, path)
			for _, e := range testkit.Events() {
				id := string(e.ID)
				want := e.StoredStatus != events.EventDraft && (e.Visibility == events.VisiblePublic || audience)
				if path == ownPath && id == "evt_SG1" {
					want = false // for Associates, and the link is that of a Sector Member
				}
				if r.has(id) != want {
					t.Errorf("%s has %s: %t", path, id, !want)
				}
				if want {
					rightTime(t, r, e)
					rightFacts(t, r, e, path == ownPath)
				}
			}
			if strings.Contains(r.text, "meet.example") || strings.Contains(r.text, testkit.CalendarSecret) {
				t.Errorf("%s tells a secret", path)
			}
			if again := feed(t, s, path); again.text != r.text {
				t.Errorf("%s is another one the second time", path)
			}
		}
	})
}

func rightTime(t *testing.T, r read, e *events.Event) {
	t.Helper()
	id := string(e.ID)
	got := r.at(t, id)
	if start, end := e.Time.StartsAt(), e.Time.EndsAt(); start != nil {
		for i, times := range got {
			if !times[0].Equal(start.Time()) || !times[1].Equal(end.Time()) {
				t.Errorf("%s by reader %d: %v to %v, want %s to %s", id, i, times[0], times[1], *start, *end)
			}
		}
		return
	}
	first, last := string(e.Time.StartsOn), string(*e.Time.EndsOn)
	after := string(e.Time.EndsOn.AddDays(1))
	if from, to := got[0][0].Format(time.DateOnly), got[0][1].Format(time.DateOnly); from != first || to != after {
		t.Errorf("%s: %s to %s, want %s to %s", id, from, to, first, after)
	}
	// The second parser gives the last day and not the one after it.
	if from, to := got[1][0].Format(time.DateOnly), got[1][1].Format(time.DateOnly); from != first || to != last {
		t.Errorf("%s: %s to %s, want %s to %s", id, from, to, first, last)
	}
	if v := r.one[id].Props.Get("DTSTART").Params.Get("VALUE"); v != "DATE" {
		t.Errorf("%s begins on a %q", id, v)
	}
}

func rightFacts(t *testing.T, r read, e *events.Event, own bool) {
	t.Helper()
	id := string(e.ID)
	title := e.Title.Translations[0].Text
	want := map[string]string{"STATUS": "CONFIRMED", "TRANSP": "TRANSPARENT", "SUMMARY": title}
	switch {
	case e.StoredStatus == events.EventCancelled:
		want["STATUS"], want["SUMMARY"] = "CANCELLED", "Cancelled: "+title
	case e.StoredStatus == events.EventPostponed:
		want["STATUS"], want["SUMMARY"] = "TENTATIVE", "Postponed: "+title
	case e.Time.Precision == events.PrecisionMonth:
		want["STATUS"], want["SUMMARY"] = "TENTATIVE", title+" (day not yet known)"
	case e.Time.Precision == events.PrecisionTime:
		want["TRANSP"] = "OPAQUE"
	}
	want["CATEGORIES"], want["SEQUENCE"] = string(e.Kind), strconv.FormatInt(e.Sequence, 10)
	want["DTSTAMP"] = e.ChangedAt.Time().Format("20060102T150405Z")
	want["LAST-MODIFIED"] = want["DTSTAMP"]
	want["DESCRIPTION"] = "Demonstration record: this event is made up."
	if id == "evt_OPEN" {
		want["DESCRIPTION"] += "\n\nWhat is new.\n\nBring a badge.\n\nHome page: https://open.example"
		want["LOCATION"], want["URL"] = "Hall 1, Kampala, Uganda", "https://open.example"
	} else {
		want["LOCATION"], want["URL"] = "", ""
	}
	if own && id == "evt_OPEN" { // whose maker is registered
		want["DESCRIPTION"] = "Your registration: confirmed.\n\n" + want["DESCRIPTION"]
		want["SEQUENCE"], want["DTSTAMP"], want["LAST-MODIFIED"] = strconv.FormatInt(e.Sequence+1, 10), "20250201T090000Z", "20250201T090000Z"
	}
	for name, text := range want {
		if got := r.prop(t, id, name); got != text {
			t.Errorf("%s of %s is %q, want %q", name, id, got, text)
		}
	}
	if other := r.two[id]; other.Status != want["STATUS"] || other.Summary != want["SUMMARY"] || other.Location != want["LOCATION"] {
		t.Errorf("the other parser reads %+v", other)
	}
}

// TestFeedAsPeopleReadIt shows the feed of the fixture's series; -update rewrites it. It is kept with
// the line ends of text files.
func TestFeedAsPeopleReadIt(t *testing.T) {
	const path = "testdata/public.ics"
	s := golden.Serve(t, testkit.Engines()[0].Shared(t))
	got := strings.ReplaceAll(feed(t, s, "/calendar/TESTBED.ics").text, "\r\n", "\n")
	if flag.Lookup("update").Value.String() == "true" {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s is not the feed (%v): go test ./internal/calendar -update\n%s", path, err, got)
	}
}

func TestChangesRaiseTheSequence(t *testing.T) {
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		const id = "evt_SG1"
		version := func() int {
			e, err := s.Portal.Events.Get(secretariat, id)
			must(t, err)
			return int(e.Version)
		}
		sequence := func(status string) int {
			r := feed(t, s, "/calendar.ics")
			n, err := strconv.Atoi(r.prop(t, id, "SEQUENCE"))
			must(t, err)
			if got := r.prop(t, id, "STATUS"); got != status || r.prop(t, id, "LAST-MODIFIED") == "" || r.two[id].Sequence != n {
				t.Errorf("%s: %+v", got, r.two[id])
			}
			return n
		}
		first, before := sequence("CONFIRMED"), ask(t, s, "GET", "/calendar.ics")
		updated, err := s.Portal.Events.Update(secretariat, events.UpdateEventInput{
			ID: id, ExpectedVersion: version(), Time: kit.Some(events.EventTimeInput{StartsOn: new(kit.Date("2025-09-08")), EndsOn: new(kit.Date("2025-09-09"))}),
		})
		if err != nil || len(updated.UserErrors) > 0 {
			t.Fatal(err, updated.UserErrors)
		}
		second := sequence("CONFIRMED")
		rightTime(t, feed(t, s, "/calendar.ics"), updated.Event)
		after := ask(t, s, "GET", "/calendar.ics", "If-None-Match", before.Header.Get("ETag"))
		if after.StatusCode != 200 || after.Header.Get("Last-Modified") == "" || after.Header.Get("Last-Modified") == before.Header.Get("Last-Modified") {
			t.Errorf("HTTP %d, %v", after.StatusCode, after.Header)
		}
		cancelled, err := s.Portal.Events.Cancel(secretariat, events.CancelEventInput{ID: id, ExpectedVersion: version(), Reason: "Rain"})
		if err != nil || len(cancelled.UserErrors) > 0 {
			t.Fatal(err, cancelled.UserErrors)
		}
		if third := sequence("CANCELLED"); first >= second || second >= third {
			t.Errorf("sequences %d, %d, %d", first, second, third)
		}
	})
}

func TestOwnCalendarEndsWithItsLink(t *testing.T) {
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		focal := kit.WithActor(t.Context(), testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL"))
		made, err := s.Portal.Calendars.CreateLink(focal, events.CreateCalendarLinkInput{})
		if err != nil || made.Path == nil {
			t.Fatal(err, made.UserErrors)
		}
		if r := feed(t, s, *made.Path); !r.has("evt_MEMBERS") || r.text != feed(t, s, ownPath).text {
			t.Error("the new calendar is not the other one of the same member")
		}
		kept, err := events.CalendarLinkNoun.In(s.Store).Get(t.Context(), string(made.CalendarLink.ID))
		must(t, err)
		log, err := s.Portal.Audit.List(kit.WithActor(t.Context(), testkit.Actor("OPERATOR")), nil, kit.PageArgs{First: new(5)})
		must(t, err)
		stored, err := json.Marshal([]any{kept, log.Nodes()})
		must(t, err)
		secret := strings.TrimSuffix((*made.Path)[strings.LastIndexByte(*made.Path, '/')+1:], ".ics")
		if len(secret) < 20 || !strings.Contains(string(stored), string(made.CalendarLink.ID)) || strings.Contains(string(stored), secret) {
			t.Errorf("the secret %q is stored: %s", secret, stored)
		}
		revoked, err := s.Portal.Calendars.RevokeLink(focal, events.RevokeCalendarLinkInput{ID: made.CalendarLink.ID, ExpectedVersion: int(made.CalendarLink.Version)})
		if err != nil || len(revoked.UserErrors) > 0 {
			t.Fatal(err, revoked.UserErrors)
		}
		if a := ask(t, s, "GET", *made.Path); a.StatusCode != 404 {
			t.Errorf("revoked: HTTP %d", a.StatusCode)
		}
		if a := ask(t, s, "GET", ownPath); a.StatusCode != 200 {
			t.Errorf("the other link: HTTP %d", a.StatusCode)
		}
		if strings.Contains(s.Log.String(), secret) {
			t.Errorf("the log has the secret: %s", s.Log)
		}
	})
}

func TestACalendarWithoutEventsIsOne(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	must(t, events.SeriesNoun.In(s.Store).Insert(t.Context(), &events.EventSeries{
		ID: "ser_EMPTY", Code: "EMPTY", Kind: "OTHER", Dataset: kit.Demonstration, Title: testkit.Events()[0].Title,
	}))
	r := feed(t, s, "/calendar/EMPTY.ics")
	if name := r.cal.Props.Get("X-WR-CALNAME"); len(r.cal.Children) != 1 || name == nil || name.Value != "Testbed briefing OPEN" {
		t.Errorf("%s", r.text)
	}
	if a := ask(t, s, "GET", "/calendar/EMPTY.ics"); len(a.Header.Values("Last-Modified")) > 0 {
		t.Errorf("nothing was changed on %v", a.Header)
	}
}

func TestFeedsSpeakSixLanguages(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Shared(t))
	french := feed(t, s, "/calendar.ics?lang=fr")
	if title := french.prop(t, "evt_OPEN", "SUMMARY"); title != "Séance d’information OPEN" {
		t.Errorf("%s", title)
	}
	if place := french.prop(t, "evt_OPEN", "LOCATION"); place != "Hall 1, Kampala, Ouganda" {
		t.Errorf("%s", place)
	}
	for path, header := range map[string]string{"/calendar.ics": "fr-CH, en;q=0.5", "/calendar.ics?lang=FR": "ru", "/calendar.ics?lang=fr-CA": "", "/calendar.ics?lang=tlh": "fr"} {
		if r := feed(t, s, path, "Accept-Language", header); r.text != french.text {
			t.Errorf("%s with %q is another feed:\n%s", path, header, r.text)
		}
	}
	seen := map[string]bool{}
	for _, l := range kit.Locales {
		r := feed(t, s, ownPath+"?lang="+string(l))
		said := []string{r.cal.Props.Get("NAME").Value}
		for id, name := range map[string]string{"evt_POSTPONED": "SUMMARY", "evt_CANCELLED": "SUMMARY", "evt_MEMBERS": "SUMMARY", "evt_FULL": "DESCRIPTION", "evt_OPEN": "DESCRIPTION"} {
			said = append(said, r.prop(t, id, name))
		}
		for _, text := range said {
			if seen[text] || len(text) < 6 {
				t.Errorf("%s says %q", l, text)
			}
			seen[text] = true
		}
		if slices.Contains(said, "") {
			t.Errorf("%s: %q", l, said)
		}
	}
}
