package calendar

import (
	"context"
	"strconv"
	"strings"

	ics "github.com/arran4/golang-ical"

	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
)

// deadline is a day on which something opens or ends, at the place or in the zone of what it is about. It makes nobody
// busy.
type deadline struct {
	// id is unique among the deadlines and events of all feeds, and stays the same.
	id, title, description, url, category string
	day                                   kit.Date
	changed                               kit.DateTime
	sequence                              int64
}

// deadlinesOf are the days on which registration for an event opens and ends, and on which contributions are due. A
// deadline of an event that is postponed, cancelled or over holds for nobody.
func deadlinesOf(ctx context.Context, e *events.Event) (all []deadline) {
	if e.Status() != events.EventPublished {
		return nil
	}
	w, title := wordsOf(ctx), line(e.Title.Text(ctx, nil))
	add := func(kind, before string, day *kit.Date) {
		if day == nil {
			return
		}
		d := deadline{
			id: string(e.ID) + "-" + kind, title: before + title, url: firstLink(e), category: string(e.Kind), day: *day, changed: e.ChangedAt, sequence: e.Sequence,
		}
		if e.Dataset == kit.Demonstration {
			d.description = w.madeUp
		}
		all = append(all, d)
	}
	if r := e.Registration; r != nil {
		add("registration-opens", w.opens, r.OpensOn)
		add("registration-closes", w.closes, r.ClosesOn)
	}
	if c := e.Contributions; c != nil {
		add("contributions", w.contributions, &c.ClosesOn)
	}
	return all
}

// consultationDeadline is the last day for replies to a consultation.
func consultationDeadline(ctx context.Context, c *consultations.Consultation) deadline {
	w := wordsOf(ctx)
	d := deadline{id: string(c.ID) + "-closes", title: w.consultation + line(c.Title.Text(ctx, nil)), category: "CONSULTATION", day: c.ClosesOn}
	for _, x := range c.Changes {
		d.changed = max(d.changed, x.At)
	}
	if c.OpenedAt != nil {
		d.sequence = int64(max(0, kit.Date((*c.OpenedAt)[:len(c.ClosesOn)]).DaysTo(c.ClosesOn))) // the last day of an open consultation only moves back
	}
	if c.Dataset == kit.Demonstration {
		d.description = w.madeUpConsultation
	}
	return d
}

// component writes the deadline as an event of the whole day.
func (d deadline) component() *ics.VEvent {
	v := ics.NewEvent(d.id + domain)
	set := func(p ics.ComponentProperty, text string, params ...ics.PropertyParameter) {
		if text != "" {
			v.SetProperty(p, text, params...)
		}
	}
	date := func(day kit.Date) string { return strings.ReplaceAll(string(day), "-", "") }
	set(ics.ComponentPropertyDtstamp, d.changed.Time().Format(instantForm))
	set(ics.ComponentPropertyLastModified, d.changed.Time().Format(instantForm))
	set(ics.ComponentPropertySequence, strconv.FormatInt(d.sequence, 10))
	set(ics.ComponentPropertyDtStart, date(d.day), ics.WithValue(string(ics.ValueDataTypeDate)))
	set(ics.ComponentPropertyDtEnd, date(d.day.AddDays(1)), ics.WithValue(string(ics.ValueDataTypeDate)))
	set(ics.ComponentPropertySummary, d.title)
	set(ics.ComponentPropertyDescription, d.description)
	set(ics.ComponentPropertyUrl, d.url)
	set(ics.ComponentPropertyCategories, d.category)
	set(ics.ComponentPropertyStatus, string(ics.ObjectStatusConfirmed))
	set(ics.ComponentPropertyTransp, string(ics.TransparencyTransparent))
	return v
}
