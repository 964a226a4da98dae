package calendar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/figures"
	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// precise is what readers make of an event of one precision on testkit.Today.
type precise struct {
	// running is the last time at which such an event still goes on, and over the next one, at which it is over.
	running, over events.EventTimeInput
	// last is the day that counts as the last of running, and known whether endsOn says it.
	last  kit.Date
	known bool
	// start and end are DTSTART and DTEND of running, the end empty for none; summary and description are what its calendar
	// says of what is not known.
	start, end, summary, description string
}

func on(d kit.Date) *kit.Date                              { return &d }
func clockAt(s string) *events.LocalDateTime               { return new(events.LocalDateTime(s)) }
func today(days int) *kit.Date                             { return on(testkit.Today.AddDays(days)) }
func inUTC(in events.EventTimeInput) events.EventTimeInput { in.Zone = new("UTC"); return in }

// precisions has an entry for each value of events.EventPrecisions. Today is 31 March 2025.
var precisions = map[events.EventPrecision]precise{
	events.PrecisionTime: {
		running: inUTC(events.EventTimeInput{StartsAt: clockAt("2025-03-30T09:00"), EndsAt: clockAt("2025-03-31T21:00")}),
		over:    inUTC(events.EventTimeInput{StartsAt: clockAt("2025-03-29T09:00"), EndsAt: clockAt("2025-03-30T21:00")}),
		last:    testkit.Today, known: true, start: "20250330T090000Z", end: "20250331T210000Z",
	},
	events.PrecisionDay: {
		running: events.EventTimeInput{StartsOn: today(-1), EndsOn: today(0)}, over: events.EventTimeInput{StartsOn: today(-1)},
		last: testkit.Today, known: true, start: "20250330", end: "20250401",
	},
	events.PrecisionFirstDay: {
		running: events.EventTimeInput{StartsOn: today(-6), LastDayUnknown: true}, over: events.EventTimeInput{StartsOn: today(-7), LastDayUnknown: true},
		last: testkit.Today, start: "20250325", description: "its last day is not known yet",
	},
	events.PrecisionMonth: {
		running: events.EventTimeInput{Month: on("2025-03-15")}, over: events.EventTimeInput{Month: on("2025-02-15")},
		last: testkit.Today, known: true, start: "20250301", end: "20250401", summary: " (day not yet known)",
	},
}

// TestEveryPrecisionIsReadEverywhere holds what each reader makes of an event whose time is known so exactly: its status,
// the lists by status and day, registration, retention, the figures of events, and feeds.
func TestEveryPrecisionIsReadEverywhere(t *testing.T) {
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		focal := kit.WithActor(t.Context(), testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL"))
		for i, p := range events.EventPrecisions {
			c, ok := precisions[p]
			if !ok {
				t.Errorf("nothing says how the precision %s is read", p)
				continue
			}
			t.Run(string(p), func(t *testing.T) {
				running, over := published(t, s, fmt.Sprint("RUNNING_", i), c.running), published(t, s, fmt.Sprint("OVER_", i), c.over)
				if running.Time.Precision != p || (running.Time.EndsOn != nil) != c.known || running.LastDay != c.last || running.RetainUntil != c.last.AddDays(366) {
					t.Errorf("its time is %+v, its last day %s, its data kept until %s", running.Time, running.LastDay, running.RetainUntil)
				}
				for e, want := range map[*events.Event]events.EventStatus{running: events.EventPublished, over: events.EventOver} {
					read, err := s.Portal.Events.Get(focal, e.ID)
					must(t, err)
					if read.Status() != want {
						t.Errorf("%s is %s, want %s", e.Code, read.Status(), want)
					}
					for _, status := range events.EventStatuses {
						filter := &events.EventFilter{Statuses: []events.EventStatus{status}, From: &e.Time.StartsOn, To: &e.Time.StartsOn}
						found, err := s.Portal.Events.List(focal, filter, nil, kit.PageArgs{First: new(50)})
						must(t, err)
						if got := slices.ContainsFunc(found.Nodes(), func(x *events.Event) bool { return x.ID == e.ID }); got != (status == want) {
							t.Errorf("%s among those that are %s on its first day: %t", e.Code, status, got)
						}
					}
					may, err := s.Portal.Registrations.Eligibility(focal, read)
					must(t, err)
					if may.Eligible != (want == events.EventPublished) {
						t.Errorf("one registers for %s: %+v", e.Code, may)
					}
					counted(t, s, e)
				}
				r := feed(t, s, "/calendar.ics")
				props := r.one[string(running.ID)].Props
				end := ""
				if p := props.Get("DTEND"); p != nil {
					end = p.Value
				}
				if got := props.Get("DTSTART").Value; got != c.start || end != c.end || props.Get("DURATION") != nil {
					t.Errorf("a calendar has it from %q to %q", got, end)
				}
				if got := r.prop(t, string(running.ID), "SUMMARY"); got != "Precise"+c.summary {
					t.Errorf("its title is %q", got)
				}
				if got := r.prop(t, string(running.ID), "DESCRIPTION"); strings.Contains(got, "known") != (c.description != "") || !strings.Contains(got, c.description) {
					t.Errorf("its description is %q", got)
				}
			})
		}
	})
}

// published makes an event of the testbed and publishes it.
func published(t *testing.T, s *golden.Server, code string, at events.EventTimeInput) *events.Event {
	t.Helper()
	made, err := s.Portal.Events.Create(secretariat, events.CreateEventInput{
		Code: code, Series: "ser_TESTBED", Title: []kit.TranslationInput{{Locale: kit.English, Text: new("Precise")}}, Time: at, Format: new(events.FormatVirtual),
		Visibility: events.VisiblePublic, Audience: events.EventAudienceInput{Everyone: true}, Registration: &events.EventRegistrationInput{},
	})
	must(t, err)
	if len(made.UserErrors) > 0 {
		t.Fatal(made.UserErrors)
	}
	done, err := s.Portal.Events.Publish(secretariat, events.PublishEventInput{ID: made.Event.ID, ExpectedVersion: 1})
	must(t, err)
	if len(done.UserErrors) > 0 {
		t.Fatal(done.UserErrors)
	}
	return done.Event
}

// counted holds that the figures count the event on its first day.
func counted(t *testing.T, s *golden.Server, e *events.Event) {
	t.Helper()
	file := fmt.Sprintf("id,figure,scope,period,value,unit,paragraph\n1,briefings,EVENTS,%s..%s,0,events,\n", e.Time.StartsOn, e.Time.StartsOn)
	report, err := s.Portal.Figures.Check(secretariat, strings.NewReader(file))
	must(t, err)
	if f := report.Figures[0]; f.Result != figures.FigureDifferent || !slices.ContainsFunc(f.Rows, func(r figures.FigureRow) bool { return r.ID == e.ID && r.On == e.Time.StartsOn }) {
		t.Errorf("the figures of its day have %+v", f)
	}
}
