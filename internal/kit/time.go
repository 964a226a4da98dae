package kit

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Date is a calendar date as YYYY-MM-DD, empty for none. It is stored, indexed and compared as text, without a
// time zone.
type Date string

// DateTime is an instant in RFC 3339 and UTC with milliseconds. It always has 24 characters, so that the order of
// texts is the order of time.
type DateTime string

const dateTimeLayout = "2006-01-02T15:04:05.000Z"

// ParseDate reads a date of the calendar between 1865 and 2999; 2025-02-30 is an InputError.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1865 || t.Year() > 2999 {
		return "", Malformed("%q is not a date of the form YYYY-MM-DD between 1865 and 2999", s)
	}
	return Date(s), nil
}

// DateTimeOf returns an instant in the form of DateTime.
func DateTimeOf(t time.Time) DateTime { return DateTime(t.UTC().Format(dateTimeLayout)) }

// Time returns the instant, the zero time if it is empty.
func (d DateTime) Time() time.Time {
	t, _ := time.Parse(dateTimeLayout, string(d))
	return t
}

// Valid refuses a text that is not a date of the calendar.
func (d Date) Valid() error {
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		return fmt.Errorf("date %q", Clip(string(d)))
	}
	return nil
}

// Valid refuses a text that is not an instant in the form of DateTime: another form would not sort by time.
func (d DateTime) Valid() error {
	t, err := time.Parse(dateTimeLayout, string(d))
	if err != nil || d[19] != '.' || t.IsZero() {
		return fmt.Errorf("instant %q", Clip(string(d)))
	}
	return nil
}

// AddDays returns the date n days later.
func (d Date) AddDays(n int) Date {
	t, _ := time.Parse(time.DateOnly, string(d))
	return Date(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// DaysTo returns how many days later another date is; negative if it is earlier.
func (d Date) DaysTo(later Date) int {
	from, _ := time.Parse(time.DateOnly, string(d))
	to, _ := time.Parse(time.DateOnly, string(later))
	return int((to.Unix() - from.Unix()) / (24 * 60 * 60))
}

// AddMonths returns the same day n months later, or the last day of that month if the month is shorter.
func (d Date) AddMonths(n int) Date {
	t, _ := time.Parse(time.DateOnly, string(d))
	last := time.Date(t.Year(), t.Month()+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC)
	day := min(t.Day(), last.Day())
	return Date(time.Date(last.Year(), last.Month(), day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
}

// UnmarshalGQL reads a date from a request.
func (d *Date) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return Malformed("a date is a string of the form YYYY-MM-DD")
	}
	parsed, err := ParseDate(s)
	*d = parsed
	return err
}

// MarshalGQL writes the date, null if it is empty.
func (d Date) MarshalGQL(w io.Writer) { WriteText(w, string(d)) }

// UnmarshalGQL reads an instant from a request. It may have any offset from UTC.
func (d *DateTime) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return Malformed("an instant is a string in RFC 3339, such as 2025-03-31T12:00:00Z")
	}
	t, err := time.Parse(time.RFC3339, s)
	if year := t.UTC().Year(); err != nil || year < 1865 || year > 2999 {
		return Malformed("%q is not an instant in RFC 3339, such as 2025-03-31T12:00:00Z", s)
	}
	*d = DateTimeOf(t)
	return nil
}

// MarshalGQL writes the instant, null if it is empty.
func (d DateTime) MarshalGQL(w io.Writer) { WriteText(w, string(d)) }

// WriteText writes a text as a JSON string, null if it is empty.
func WriteText(w io.Writer, s string) {
	if s == "" {
		_, _ = io.WriteString(w, "null")
		return
	}
	_, _ = io.WriteString(w, strconv.Quote(s))
}

// Clock is domain time in the organisation's time zone. The option --now and the seed can stop or move it.
type Clock struct {
	now  func() time.Time
	Zone *time.Location
}

// NewClock makes a clock whose instants are cut to milliseconds, as they are stored.
func NewClock(now func() time.Time, zone *time.Location) Clock { return Clock{now, zone} }

// Now returns the instant in UTC.
func (c Clock) Now() time.Time { return c.now().UTC().Truncate(time.Millisecond) }

// Today returns the date in the organisation's time zone.
func (c Clock) Today() Date { return Date(c.now().In(c.Zone).Format(time.DateOnly)) }

// Year returns the year of the date, 0 if it is empty.
func (d Date) Year() int {
	year, _, _ := strings.Cut(string(d), "-")
	n, _ := strconv.Atoi(year)
	return n
}

// Never is later than the last day of every mandate.
const Never Date = "9999-12-31"
