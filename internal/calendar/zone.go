package calendar

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"memberportal/internal/events"
	"memberportal/internal/kit"
)

// span is the time in which a zone is needed.
type span struct {
	zone     *time.Location
	from, to time.Time
}

// zones are those of a feed's events, by name.
type zones map[string]*span

// setTime says when an event is. A local time keeps its zone, so that it stays right when a country
// changes its clocks; one that a clock shows twice is the first of both, here as in the standard. Days
// end before the day after the last, and months are all their days. An event whose last day is not known has no end, which
// in the standard is its first day alone.
func (z zones) setTime(v *ics.VEvent, t events.EventTime) {
	start, end := t.StartsAt(), t.EndsAt()
	if start == nil || end == nil {
		date := func(d kit.Date) string { return strings.ReplaceAll(string(d), "-", "") }
		v.SetProperty(ics.ComponentPropertyDtStart, date(t.StartsOn), ics.WithValue(string(ics.ValueDataTypeDate)))
		if t.EndsOn != nil {
			v.SetProperty(ics.ComponentPropertyDtEnd, date(t.EndsOn.AddDays(1)), ics.WithValue(string(ics.ValueDataTypeDate)))
		}
		return
	}
	if !z.need(*t.Zone, start.Time(), end.Time()) {
		v.SetProperty(ics.ComponentPropertyDtStart, start.Time().Format(instantForm))
		v.SetProperty(ics.ComponentPropertyDtEnd, end.Time().Format(instantForm))
		return
	}
	local := func(l events.LocalDateTime) string {
		return strings.NewReplacer("-", "", ":", "").Replace(string(l)) + "00"
	}
	v.SetProperty(ics.ComponentPropertyDtStart, local(*t.LocalStart), ics.WithTZID(*t.Zone))
	v.SetProperty(ics.ComponentPropertyDtEnd, local(*t.LocalEnd), ics.WithTZID(*t.Zone))
}

// need notes that a zone is needed for a time; false for UTC, which needs no zone, and for a zone that
// is not known any more.
func (z zones) need(name string, from, to time.Time) bool {
	s := z[name]
	if s == nil {
		zone, err := time.LoadLocation(name)
		if err != nil || name == "UTC" || name == "Etc/UTC" {
			return false
		}
		s = &span{zone, from, to}
		z[name] = s
	}
	if from.Before(s.from) {
		s.from = from
	}
	if to.After(s.to) {
		s.to = to
	}
	return true
}

// components are the zones in the order of their names.
func (z zones) components() (all []ics.Component) {
	for _, name := range slices.Sorted(maps.Keys(z)) {
		all = append(all, timezone(name, z[name].zone, z[name].from, z[name].to))
	}
	return all
}

// timezone says how the clocks of a zone go from one instant to another: one observance for each time
// that they were changed, beginning with the one that holds at first.
func timezone(name string, zone *time.Location, from, to time.Time) *ics.VTimezone {
	tz := ics.NewTimezone(name)
	for at := from.In(zone); ; {
		onset, next := at.ZoneBounds()
		tz.Components = append(tz.Components, observance(at, onset))
		if next.IsZero() || next.After(to) {
			return tz
		}
		at = next
	}
}

// epoch is before what calendar programs are asked for, and late enough for all of them.
var epoch = time.Unix(0, 0).UTC()

// observance is the clock at an instant, which was set at the onset. Clocks that were last set before
// the epoch are said to go as they do since then, if that is early enough.
func observance(at, onset time.Time) ics.Component {
	name, offset := at.Zone()
	before, set := offset, epoch
	switch {
	case onset.IsZero() && at.Before(epoch):
		set = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)
	case !onset.Before(epoch) || at.Before(epoch):
		_, before = onset.Add(-time.Second).Zone()
		set = onset.UTC().Add(time.Duration(before) * time.Second)
	}
	c := ics.ComponentBase{}
	c.SetProperty(ics.ComponentPropertyDtStart, set.Format(localForm))
	c.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), offsetOf(before))
	c.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), offsetOf(offset))
	c.SetProperty(ics.ComponentProperty(ics.PropertyTzname), name)
	if at.IsDST() {
		return &ics.Daylight{ComponentBase: c}
	}
	return &ics.Standard{ComponentBase: c}
}

// offsetOf writes a distance from UTC, with seconds if it has any, as local mean times do.
func offsetOf(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}
