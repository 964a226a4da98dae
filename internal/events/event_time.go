package events

import (
	"fmt"
	"io"
	"regexp"
	"time"

	"memberportal/internal/kit"
)

// LocalDateTime is a date and a time of day without an offset, as 2006-01-02T15:04. The zone stored with it says
// where it holds.
type LocalDateTime string

const localLayout = "2006-01-02T15:04"

// UnmarshalGQL reads a local time from a request.
func (l *LocalDateTime) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	t, err := time.Parse(localLayout, s)
	if !ok || err != nil || t.Format(localLayout) != s || t.Year() < 1865 || t.Year() > 2999 {
		return kit.Malformed("a local time is a string of the form 2025-05-12T09:30")
	}
	*l = LocalDateTime(s)
	return nil
}

// MarshalGQL writes the local time, null if there is none.
func (l LocalDateTime) MarshalGQL(w io.Writer) { kit.WriteText(w, string(l)) }

// Valid refuses a text that is not a local time.
func (l LocalDateTime) Valid() error {
	if _, err := time.Parse(localLayout, string(l)); err != nil || len(l) != len(localLayout) {
		return fmt.Errorf("local time %q", kit.Clip(string(l)))
	}
	return nil
}

// Day is the local time's calendar date.
func (l LocalDateTime) Day() kit.Date { return kit.Date(l[:len(time.DateOnly)]) }

// in is the instant of a local time in a zone. If clocks show the hour twice, it is the first instant. If clocks
// skip the hour, ok is false and the instant is computed with the offset before the change.
func (l LocalDateTime) in(zone *time.Location) (at time.Time, ok bool) {
	wall, _ := time.Parse(localLayout, string(l))
	instant := func(near time.Duration) (time.Time, bool) {
		_, offset := wall.Add(near).In(zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		return at, at.In(zone).Format(localLayout) == string(l)
	}
	earlier, ok := instant(-24 * time.Hour)
	if ok {
		return earlier, true
	}
	if later, ok := instant(24 * time.Hour); ok {
		return later, true
	}
	return earlier, false
}

// EventPrecision says how exactly the time of an event is known.
type EventPrecision string

// The precisions: the time of day, the days only, the first day without the last, or the months only.
const (
	PrecisionTime     EventPrecision = "TIME"
	PrecisionDay      EventPrecision = "DAY"
	PrecisionFirstDay EventPrecision = "FIRST_DAY"
	PrecisionMonth    EventPrecision = "MONTH"
)

// EventPrecisions are all values of EventPrecision.
var EventPrecisions = []EventPrecision{PrecisionTime, PrecisionDay, PrecisionFirstDay, PrecisionMonth}

// Valid returns an error for a value that is not in EventPrecisions.
func (v EventPrecision) Valid() error { return kit.CheckOneOf(v, EventPrecisions, "event precision") }

// EventTime is when an event takes place: between two local times, on whole days, from a first day on, or in months
// without known days. Local times are stored, so they stay right if a country changes its clock rules.
//
// With the precision FIRST_DAY the last day is not known yet. Until the secretariat enters it, the event counts as going
// on for assumedDays days, the first one included, and at least to the last day on its programme (Event.finalDay). It is
// over after that day. So registration does not close while the event may still go on, and no event is to come for ever.
// Calendars show the first day alone.
type EventTime struct {
	Precision EventPrecision `bson:"precision"`
	// StartsOn and EndsOn are the first and the last day at the event's place, or of the first and last month. EndsOn is
	// nil only with the precision FIRST_DAY.
	StartsOn kit.Date  `bson:"startsOn"`
	EndsOn   *kit.Date `bson:"endsOn,omitempty"`
	// LocalStart and LocalEnd are set only with the precision TIME, which also needs a zone.
	LocalStart *LocalDateTime `bson:"localStart,omitempty"`
	LocalEnd   *LocalDateTime `bson:"localEnd,omitempty"`
	// Zone is the IANA name of the zone at the event's place. If nil, days are in the organisation's zone.
	Zone *string `bson:"zone,omitempty"`
}

// assumedDays is how many days an event counts as going on for while its last day is not known. Most meetings and
// conferences end within a week.
const assumedDays = 7

// Valid refuses a time whose last day is missing although its precision says that it is known, and the reverse.
func (t *EventTime) Valid() error {
	if (t.EndsOn == nil) != (t.Precision == PrecisionFirstDay) {
		return fmt.Errorf("the precision %s and the last day do not agree", t.Precision)
	}
	return nil
}

// EventTimeInput says when an event takes place: with startsAt, endsAt and a zone, or with startsOn and endsOn or
// lastDayUnknown, or with a month.
type EventTimeInput struct {
	StartsAt *LocalDateTime
	EndsAt   *LocalDateTime
	// StartsOn without EndsOn is an event of one day, unless LastDayUnknown says that its last day is not known yet.
	StartsOn       *kit.Date
	EndsOn         *kit.Date
	LastDayUnknown bool
	// Month is any day of the first month, and LastMonth any day of the last; without LastMonth the event is in one
	// month.
	Month     *kit.Date
	LastMonth *kit.Date
	Zone      *string
}

// StartsAt is the instant at which the event begins; nil if only days or months are known.
func (t EventTime) StartsAt() *kit.DateTime { return t.instant(t.LocalStart) }

// EndsAt is the instant at which the event ends; nil if only days or months are known.
func (t EventTime) EndsAt() *kit.DateTime { return t.instant(t.LocalEnd) }

func (t EventTime) instant(l *LocalDateTime) *kit.DateTime {
	if l == nil || t.Zone == nil {
		return nil
	}
	at, _ := l.in(t.location(time.UTC))
	return new(kit.DateTimeOf(at))
}

// location is the event's zone, or the given one if the event has none.
func (t EventTime) location(otherwise *time.Location) *time.Location {
	if t.Zone != nil {
		if zone, err := time.LoadLocation(*t.Zone); err == nil {
			return zone
		}
	}
	return otherwise
}

// begins is the sort key of events: the instant, or the first day. A day sorts before all instants of that day in
// UTC.
func (t EventTime) begins() string {
	if at := t.StartsAt(); at != nil {
		return string(*at)
	}
	return string(t.StartsOn)
}

// EndOf is the instant at which a day at the event's place ends. It also works if clocks skip midnight.
func (t EventTime) EndOf(day kit.Date, zone *time.Location) time.Time {
	end, _ := LocalDateTime(day.AddDays(1) + "T00:00").in(t.location(zone))
	return end
}

// finalDay is the last day of the event at its place, or the day that counts as the last while it is not known; see
// EventTime.
func (e *Event) finalDay() kit.Date {
	if e.Time.EndsOn != nil {
		return *e.Time.EndsOn
	}
	last := e.Time.StartsOn.AddDays(assumedDays - 1)
	for _, s := range e.Sessions {
		for _, at := range []*LocalDateTime{s.StartsAt, s.EndsAt} {
			if at != nil {
				last = max(last, at.Day())
			}
		}
	}
	return last
}

// ends is the instant from which the event is over.
func (e *Event) ends(zone *time.Location) time.Time {
	if at := e.Time.EndsAt(); at != nil {
		return at.Time()
	}
	return e.Time.EndOf(e.finalDay(), zone)
}

// dayOfEnd is the day on which the event ends, in the organisation's zone.
func (e *Event) dayOfEnd(zone *time.Location) kit.Date {
	return kit.Date(e.ends(zone).Add(-time.Millisecond).In(zone).Format(time.DateOnly))
}

// knownLastDay is LastDay, nil while the last day of the event is not known.
func (e *Event) knownLastDay() *kit.Date {
	if e.Time.EndsOn == nil {
		return nil
	}
	return &e.LastDay
}

// ZoneForm matches names of zones that mean the same on every machine.
var ZoneForm = regexp.MustCompile(`^(UTC|(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)/.+)$`)

// time makes the time of an event from an input and adds all its faults.
func (in EventTimeInput) time(f *kit.Faults) EventTime {
	t := EventTime{Zone: kit.Trimmed(in.Zone)}
	var zone *time.Location
	if t.Zone != nil {
		var err error
		if zone, err = time.LoadLocation(*t.Zone); err != nil || !ZoneForm.MatchString(*t.Zone) {
			f.Add(kit.CodeInvalid, "input.time.zone", "invalid.zone", nil)
			zone = nil
		}
	}
	given := func(set ...bool) (n int) {
		for _, s := range set {
			if s {
				n++
			}
		}
		return n
	}
	timed, dated, monthly := in.StartsAt != nil || in.EndsAt != nil, in.StartsOn != nil || in.EndsOn != nil, in.Month != nil || in.LastMonth != nil
	if in.LastDayUnknown && (timed || monthly) {
		f.Add(kit.CodeInvalid, "input.time.lastDayUnknown", "invalid.lastDayUnknown", nil)
		return t
	}
	dated = dated || in.LastDayUnknown
	if given(timed, dated, monthly) != 1 {
		f.Add(kit.CodeInvalid, "input.time", "invalid.eventTime", nil)
		return t
	}
	need := func(path string, missing bool) {
		if missing {
			f.Add(kit.CodeRequired, path, "required", nil)
		}
	}
	switch {
	case timed:
		need("input.time.startsAt", in.StartsAt == nil)
		need("input.time.endsAt", in.EndsAt == nil)
		need("input.time.zone", in.Zone == nil)
		if in.StartsAt == nil || in.EndsAt == nil {
			return t
		}
		t.Precision, t.LocalStart, t.LocalEnd = PrecisionTime, in.StartsAt, in.EndsAt
		t.StartsOn, t.EndsOn = in.StartsAt.Day(), new(in.EndsAt.Day())
		if zone != nil {
			start := instantOf(f, "input.time.startsAt", *in.StartsAt, zone)
			end := instantOf(f, "input.time.endsAt", *in.EndsAt, zone)
			if !end.After(start) {
				f.Add(kit.CodeOutOfRange, "input.time.endsAt", "outOfRange.end", nil)
			}
		}
	case dated:
		need("input.time.startsOn", in.StartsOn == nil)
		if in.LastDayUnknown && in.EndsOn != nil {
			f.Add(kit.CodeInvalid, "input.time.endsOn", "invalid.lastDayKnown", nil)
		}
		if in.StartsOn == nil {
			return t
		}
		if in.LastDayUnknown {
			t.Precision, t.StartsOn = PrecisionFirstDay, *in.StartsOn
			return t
		}
		t.Precision, t.StartsOn, t.EndsOn = PrecisionDay, *in.StartsOn, new(*in.StartsOn)
		kit.Set(t.EndsOn, in.EndsOn)
		if *t.EndsOn < t.StartsOn {
			f.Add(kit.CodeOutOfRange, "input.time.endsOn", "outOfRange.end", nil)
		}
	default:
		need("input.time.month", in.Month == nil)
		if in.Month == nil {
			return t
		}
		last := *in.Month
		kit.Set(&last, in.LastMonth)
		t.Precision = PrecisionMonth
		t.StartsOn, t.EndsOn = (*in.Month)[:8]+"01", new((last[:8] + "01").AddMonths(1).AddDays(-1))
		if *t.EndsOn < t.StartsOn {
			f.Add(kit.CodeOutOfRange, "input.time.lastMonth", "outOfRange.end", nil)
		}
	}
	return t
}

// instantOf is the instant of a local time. A time that the clocks skip is INVALID.
func instantOf(f *kit.Faults, path string, l LocalDateTime, zone *time.Location) time.Time {
	at, ok := l.in(zone)
	if !ok {
		f.Add(kit.CodeInvalid, path, "invalid.localTime", nil)
	}
	return at
}
