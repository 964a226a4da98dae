package calendar

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
)

// The forms of time in a calendar: an instant in UTC, a local time, a date.
const (
	instantForm = "20060102T150405Z"
	localForm   = "20060102T150405"
	dateForm    = "20060102"
)

// domain makes ids of events unique among all calendars. It is no host, so that an event stays the
// same one wherever the portal is.
const domain = "@memberportal"

// refresh is how often programs are asked to look again.
const refresh = "PT1H"

// feed is one calendar.
type feed struct {
	name      string
	file      string
	cache     string
	events    []*events.Event
	countryOf func(*events.Event) *country.Country
	// consultations are those whose deadlines the feed has.
	consultations []*consultations.Consultation
	// personal says whether the feed is that of one person, whose registrations stand as standings say, by the event; and
	// locale is then the language to write in.
	personal  bool
	standings map[kit.ID]events.Standing
	locale    kit.Locale
	// text is the calendar once it is written.
	text []byte
}

// changedAt is when an event of the feed was last changed, empty if it has none.
func (f *feed) changedAt() (latest kit.DateTime) {
	for _, e := range f.events {
		if e != nil {
			latest = max(latest, e.ChangedAt, f.standings[e.ID].ChangedAt)
		}
	}
	return latest
}

// write writes the calendar: what it is, the zones of its events, its events, and the deadlines. A calendar must not be
// empty, so that one without events says what UTC is.
func (f *feed) write(ctx context.Context) error {
	c := ics.NewCalendar()
	c.SetProductId("-//memberportal//Events//EN")
	c.SetName(line(f.name))
	c.SetRefreshInterval(refresh)
	c.SetXPublishedTTL(refresh)
	zones := zones{}
	var events []ics.Component
	for _, e := range f.events {
		if e != nil { // changed since the list was read
			events = append(events, f.event(ctx, e, zones))
			if f.personal && !e.Addressed() {
				continue // its deadlines are those of others
			}
			for _, d := range deadlinesOf(ctx, e) {
				events = append(events, d.component())
			}
		}
	}
	for _, x := range f.consultations {
		events = append(events, consultationDeadline(ctx, x).component())
	}
	c.Components = append(zones.components(), events...)
	if len(c.Components) == 0 {
		c.AddVTimezone(timezone("UTC", time.UTC, epoch, epoch))
	}
	var text bytes.Buffer
	err := c.SerializeTo(&text, ics.WithNewLineWindows) // the standard's, on every system
	f.text = text.Bytes()
	return err
}

// event is one event. The number of its changes counts those of the reader's registration. How to join its meeting is
// never told: feeds are read by whoever has their address.
func (f *feed) event(ctx context.Context, e *events.Event, zones zones) *ics.VEvent {
	v, w, standing := ics.NewEvent(string(e.ID)+domain), wordsOf(ctx), f.standings[e.ID]
	changed := max(e.ChangedAt, standing.ChangedAt).Time().Format(instantForm)
	set := func(p ics.ComponentProperty, text string) {
		if text != "" {
			v.SetProperty(p, text)
		}
	}
	set(ics.ComponentPropertyDtstamp, changed)
	set(ics.ComponentPropertyLastModified, changed)
	set(ics.ComponentPropertySequence, strconv.FormatInt(e.Sequence+standing.Changes, 10))
	zones.setTime(v, e.Time)
	status, transparency, before, after := ics.ObjectStatusConfirmed, ics.TransparencyTransparent, "", ""
	switch e.Status() {
	case events.EventCancelled:
		status, before = ics.ObjectStatusCancelled, w.cancelled
	case events.EventPostponed:
		status, before = ics.ObjectStatusTentative, w.postponed
	default:
		// Whole days do not make their readers busy: most subscribe to more than they attend.
		if e.Time.Precision == events.PrecisionTime {
			transparency = ics.TransparencyOpaque
		}
	}
	if e.Time.Precision == events.PrecisionMonth {
		after = w.monthOnly
		if status == ics.ObjectStatusConfirmed {
			status = ics.ObjectStatusTentative
		}
	}
	if status == ics.ObjectStatusConfirmed {
		switch standing.Status {
		case events.RegistrationRequested, events.RegistrationWaiting:
			status = ics.ObjectStatusTentative
		case events.RegistrationCancelled: // the event takes place, but without this person
			status, transparency = ics.ObjectStatusCancelled, ics.TransparencyTransparent
		}
	}
	set(ics.ComponentPropertySummary, before+line(e.Title.Text(ctx, nil))+after)
	set(ics.ComponentPropertyDescription, description(ctx, e, w.standing[standing.Status]))
	set(ics.ComponentPropertyLocation, f.location(ctx, e))
	set(ics.ComponentPropertyUrl, firstLink(e))
	set(ics.ComponentPropertyCategories, string(e.Kind))
	set(ics.ComponentPropertyStatus, string(status))
	set(ics.ComponentPropertyTransp, string(transparency))
	return v
}

// description is what is told of an event beside its time and place, after how the reader's registration stands.
func description(ctx context.Context, e *events.Event, standing string) string {
	parts := []string{standing}
	if e.Dataset == kit.Demonstration {
		parts = append(parts, wordsOf(ctx).madeUp)
	}
	if e.Time.Precision == events.PrecisionFirstDay {
		parts = append(parts, wordsOf(ctx).lastDayUnknown)
	}
	for _, t := range []*kit.LocalizedText{e.Summary, e.StoredPracticalInformation} {
		if t != nil {
			parts = append(parts, block(t.Text(ctx, nil)))
		}
	}
	var links []string
	for _, l := range e.Links {
		if address := link(l.URL); address != "" {
			links = append(links, line(l.Title)+": "+address)
		}
	}
	parts = append(parts, strings.Join(links, "\n"))
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n\n")
}

func firstLink(e *events.Event) string {
	for _, l := range e.Links {
		if address := link(l.URL); address != "" {
			return address
		}
	}
	return ""
}

// location is the place, from the room to the country.
func (f *feed) location(ctx context.Context, e *events.Event) string {
	var parts []string
	if e.Venue != nil {
		parts = append(parts, line(*e.Venue))
	}
	if e.City != nil {
		parts = append(parts, line(e.City.Text(ctx, nil)))
	}
	if c := f.countryOf(e); c != nil {
		parts = append(parts, line(c.Name.Text(ctx, nil)))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
