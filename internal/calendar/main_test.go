package calendar_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apognu/gocal"
	"github.com/emersion/go-ical"

	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const ownPath = "/calendar/own/" + testkit.CalendarSecret + ".ics"

var secretariat = kit.WithActor(context.Background(), testkit.Actor("SECRETARIAT"))

type answer struct {
	*http.Response
	body string
}

// ask sends a request with headers that are given as name and value.
func ask(t *testing.T, s *golden.Server, method, path string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	must(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.Client().Do(r)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return answer{response, string(body)}
}

// read is a feed as two parsers understand it that are not its writer, by the id of the event.
type read struct {
	text string
	one  map[string]ical.Event
	two  map[string]gocal.Event
	cal  *ical.Calendar
}

// feed reads a feed with both parsers, which must agree on what is in it.
func feed(t *testing.T, s *golden.Server, path string, headers ...string) read {
	t.Helper()
	a := ask(t, s, http.MethodGet, path, headers...)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s: HTTP %d: %s", path, a.StatusCode, a.body)
	}
	return parse(t, a.body)
}

func parse(t *testing.T, text string) read {
	t.Helper()
	r := read{text: text, one: map[string]ical.Event{}, two: map[string]gocal.Event{}}
	var err error
	r.cal, err = ical.NewDecoder(strings.NewReader(text)).Decode()
	must(t, err)
	must(t, ical.NewEncoder(io.Discard).Encode(r.cal)) // it holds what each component must and may have
	for _, e := range r.cal.Events() {
		uid, err := e.Props.Text("UID")
		must(t, err)
		id, ok := strings.CutSuffix(uid, "@memberportal")
		if _, twice := r.one[id]; twice || !ok {
			t.Errorf("the id %s", uid)
		}
		r.one[id] = e
	}
	other := gocal.NewParser(bytes.NewReader([]byte(text)))
	other.SkipBounds = true
	must(t, other.Parse())
	for _, e := range other.Events {
		r.two[strings.TrimSuffix(e.Uid, "@memberportal")] = e
	}
	if len(other.Events) != len(r.one) || len(r.two) != len(r.one) {
		t.Errorf("one parser finds %d events, the other %d", len(r.one), len(other.Events))
	}
	wellFormed(t, text)
	return r
}

func (r read) has(id string) bool { _, ok := r.one[id]; return ok }

// prop is a property as the first parser reads it, empty for none.
func (r read) prop(t *testing.T, id, name string) string {
	t.Helper()
	e, ok := r.one[id]
	if !ok {
		t.Fatalf("there is no %s", id)
	}
	text, err := e.Props.Text(name)
	if p := e.Props.Get(name); p != nil && err != nil { // not a text
		return p.Value
	}
	return text
}

// at is what both parsers and the feed's own zones say of an event's start and end.
func (r read) at(t *testing.T, id string) (times [3][2]time.Time) {
	t.Helper()
	e := r.one[id]
	var err error
	times[0][0], err = e.DateTimeStart(nil)
	must(t, err)
	times[0][1], err = e.DateTimeEnd(nil)
	must(t, err)
	times[1] = [2]time.Time{*r.two[id].Start, *r.two[id].End}
	times[2] = [2]time.Time{r.resolve(t, e.Props.Get("DTSTART")), r.resolve(t, e.Props.Get("DTEND"))}
	return times
}
