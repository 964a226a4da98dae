package kit

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestADateIsADayOfTheCalendar(t *testing.T) {
	for name, c := range map[string]struct {
		raw any
		ok  bool
	}{
		"an ordinary day":                       {"2025-03-31", true},
		"a leap day":                            {"2024-02-29", true},
		"the leap day of a century by 400":      {"2000-02-29", true},
		"no leap day in a year that is not one": {"2025-02-29", false},
		"no leap day in a century":              {"1900-02-29", false},
		"no 30 February":                        {"2025-02-30", false},
		"no thirteenth month":                   {"2025-13-01", false},
		"the first year":                        {"1865-01-01", true},
		"no year before the Union":              {"1864-12-31", false},
		"the last year":                         {"2999-12-31", true},
		"no year too far ahead":                 {"3000-01-01", false},
		"no day of one digit":                   {"2025-3-1", false},
		"no space around it":                    {" 2025-03-31", false},
		"no time of day":                        {"2025-03-31T00:00:00Z", false},
		"no empty text":                         {"", false},
		"no number":                             {json.Number("20250331"), false},
		"no null":                               {nil, false},
		"no digits of another script":           {"٢٠٢٥-٠٣-٣١", false},
	} {
		t.Run(name, func(t *testing.T) {
			var d Date
			err := d.UnmarshalGQL(c.raw)
			if (err == nil) != c.ok {
				t.Fatalf("%v: %v", c.raw, err)
			}
			if c.ok && string(d) != c.raw {
				t.Errorf("read as %s", d)
			}
			if !c.ok && d != "" {
				t.Errorf("refused, but read as %s", d)
			}
		})
	}
}

func TestAFaultRepeatsLittleOfTheInput(t *testing.T) {
	_, err := ParseDate(strings.Repeat("é", 5000))
	if err == nil || len(err.Error()) > 200 || !strings.Contains(err.Error(), strings.Repeat("é", 40)+"…") {
		t.Errorf("got %v", err)
	}
}

func TestDatesAreCountedOn(t *testing.T) {
	for name, c := range map[string]struct{ got, want Date }{
		"a month's end is kept within a shorter month":          {Date("2025-08-31").AddMonths(6), "2026-02-28"},
		"a month's end is kept within a leap February":          {Date("2023-08-31").AddMonths(6), "2024-02-29"},
		"a day that the month has is kept":                      {Date("2025-08-15").AddMonths(6), "2026-02-15"},
		"a short month's end does not become a long one's":      {Date("2025-02-28").AddMonths(1), "2025-03-28"},
		"a leap day is 28 February a year later":                {Date("2024-02-29").AddMonths(12), "2025-02-28"},
		"a leap day is a leap day four years later":             {Date("2024-02-29").AddMonths(48), "2028-02-29"},
		"months go over several years":                          {Date("2025-12-31").AddMonths(14), "2027-02-28"},
		"months go back":                                        {Date("2025-03-31").AddMonths(-1), "2025-02-28"},
		"months go back over the year":                          {Date("2025-01-31").AddMonths(-2), "2024-11-30"},
		"no months are the same day":                            {Date("2025-01-31").AddMonths(0), "2025-01-31"},
		"days go over the month":                                {Date("2025-01-31").AddDays(1), "2025-02-01"},
		"days go over a leap day":                               {Date("2024-02-28").AddDays(2), "2024-03-01"},
		"days go back over the year":                            {Date("2025-01-01").AddDays(-1), "2024-12-31"},
		"366 days after a day before no leap day is a day more": {Date("2025-03-31").AddDays(366), "2026-04-01"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %s, want %s", c.got, c.want)
			}
		})
	}
}

func TestAnInstantIsKeptInUTCWithMilliseconds(t *testing.T) {
	for name, c := range map[string]struct {
		raw  any
		want DateTime // empty: refused
	}{
		"UTC":                                 {"2025-03-31T12:00:00Z", "2025-03-31T12:00:00.000Z"},
		"an offset ahead of UTC":              {"2025-04-01T00:30:00+02:00", "2025-03-31T22:30:00.000Z"},
		"an offset behind UTC":                {"2025-12-31T20:00:00-05:30", "2026-01-01T01:30:00.000Z"},
		"milliseconds":                        {"2025-03-31T12:00:00.007Z", "2025-03-31T12:00:00.007Z"},
		"nanoseconds are cut and not rounded": {"2025-03-31T23:59:59.999999999Z", "2025-03-31T23:59:59.999Z"},
		"tenths":                              {"2025-03-31T12:00:00.5Z", "2025-03-31T12:00:00.500Z"},
		"no instant without an offset":        {"2025-03-31T12:00:00", ""},
		"no date alone":                       {"2025-03-31", ""},
		"no 25th hour":                        {"2025-03-31T25:00:00Z", ""},
		"no 30 February":                      {"2025-02-30T12:00:00Z", ""},
		"no number":                           {json.Number("1743422400"), ""},
		"no null":                             {nil, ""},
		"none that is in UTC after the year 9999": {"9999-12-31T23:59:59-12:00", ""},
		"none that is in UTC before the year 0":   {"0000-01-01T00:00:00+12:00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var d DateTime
			err := d.UnmarshalGQL(c.raw)
			if (err == nil) != (c.want != "") || d != c.want {
				t.Fatalf("got %q, %v; want %q", d, err, c.want)
			}
			if c.want != "" && (len(d) != 24 || DateTimeOf(d.Time()) != d) {
				t.Errorf("%s has %d characters and comes back as %s", d, len(d), DateTimeOf(d.Time()))
			}
		})
	}
}

func TestAnEmptyDateIsWrittenAsNull(t *testing.T) {
	var b strings.Builder
	Date("").MarshalGQL(&b)
	DateTime("").MarshalGQL(&b)
	Date("2025-03-31").MarshalGQL(&b)
	DateTime("2025-03-31T12:00:00.000Z").MarshalGQL(&b)
	if b.String() != `nullnull"2025-03-31""2025-03-31T12:00:00.000Z"` {
		t.Errorf("got %s", b.String())
	}
	if !DateTime("").Time().IsZero() {
		t.Error("no instant is an instant")
	}
}

func TestTodayIsTheDayInTheOrganisationsZone(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		at    string
		today Date
	}{
		"a minute before midnight in winter":           {"2025-01-15T22:59:00Z", "2025-01-15"},
		"midnight in winter":                           {"2025-01-15T23:00:00Z", "2025-01-16"},
		"a minute before midnight in summer":           {"2025-07-15T21:59:00Z", "2025-07-15"},
		"midnight in summer":                           {"2025-07-15T22:00:00Z", "2025-07-16"},
		"the evening before the clocks go forward":     {"2025-03-29T23:00:00Z", "2025-03-30"},
		"the evening of the day the clocks go forward": {"2025-03-30T22:00:00Z", "2025-03-31"},
		"New Year comes an hour before UTC's":          {"2024-12-31T23:30:00Z", "2025-01-01"},
	} {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			clock := NewClock(func() time.Time { return at.Add(999_999 * time.Nanosecond) }, zurich)
			if got := clock.Today(); got != c.today {
				t.Errorf("today is %s, want %s", got, c.today)
			}
			if now := clock.Now(); !now.Equal(at) || now.Location() != time.UTC {
				t.Errorf("now is %s, want %s in UTC, cut to milliseconds", now, at)
			}
		})
	}
}
