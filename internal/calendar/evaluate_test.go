package calendar_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-ical"
)

// clock is an observance: from an instant on, clocks are so many seconds before UTC.
type clock struct {
	onset  time.Time
	offset time.Duration
}

const localForm = "20060102T150405"

// resolve is the instant of a property by what the feed itself says of its zone (RFC 5545, 3.3.5): a
// time that clocks show twice is the first of both.
func (r read) resolve(t *testing.T, p *ical.Prop) time.Time {
	t.Helper()
	zone := p.Params.Get("TZID")
	if zone == "" {
		at, err := p.DateTime(nil)
		must(t, err)
		return at
	}
	local, err := time.Parse(localForm, p.Value)
	must(t, err)
	clocks := r.clocks(t, zone)
	for i, c := range clocks {
		at := local.Add(-c.offset)
		if !at.Before(c.onset) && (i == len(clocks)-1 || at.Before(clocks[i+1].onset)) {
			return at
		}
	}
	t.Fatalf("no clock of %s shows %s: %v", zone, p.Value, clocks)
	return time.Time{}
}

// clocks are the observances of the feed's only VTIMEZONE of a name.
func (r read) clocks(t *testing.T, zone string) (clocks []clock) {
	t.Helper()
	found := 0
	for _, c := range r.cal.Children {
		if c.Name != "VTIMEZONE" || c.Props.Get("TZID").Value != zone {
			continue
		}
		found++
		for _, o := range c.Children {
			local, err := time.Parse(localForm, o.Props.Get("DTSTART").Value)
			must(t, err)
			from := offset(t, o.Props.Get("TZOFFSETFROM").Value)
			if n := len(clocks); o.Props.Get("TZNAME").Value == "" || n > 0 && clocks[n-1].offset != from {
				t.Errorf("an observance of %s from %v has no name, or does not follow on %v", zone, from, clocks)
			}
			clocks = append(clocks, clock{local.Add(-from), offset(t, o.Props.Get("TZOFFSETTO").Value)})
		}
	}
	if found != 1 || !slices.IsSortedFunc(clocks, func(a, b clock) int { return a.onset.Compare(b.onset) }) {
		t.Errorf("%s is told %d times, with %v", zone, found, clocks)
	}
	return clocks
}

func offset(t *testing.T, s string) time.Duration {
	t.Helper()
	s += "00"
	n, err := strconv.Atoi(s[1:7])
	must(t, err)
	d := time.Duration(n/10000)*time.Hour + time.Duration(n/100%100)*time.Minute + time.Duration(n%100)*time.Second
	if s[0] == '-' {
		return -d
	}
	return d
}

// wellFormed fails for lines that are longer than 75 octets, cut a character, or hold what no line may.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	if !strings.HasPrefix(text, "BEGIN:VCALENDAR\r\n") || !strings.HasSuffix(text, "\r\nEND:VCALENDAR\r\n") {
		t.Errorf("%.40q … %q", text, text[max(0, len(text)-40):])
	}
	for _, l := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(l) > 75 || len(l) == 0 || !utf8.ValidString(l) || strings.ContainsFunc(l, unicode.IsControl) {
			t.Errorf("%d octets: %.200q", len(l), l)
		}
	}
}
