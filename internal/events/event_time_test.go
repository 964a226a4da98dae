package events

import (
	"context"
	"slices"
	"testing"
	"time"

	"memberportal/internal/kit"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestALocalTimeIsTheInstantThatTheClockThereShows(t *testing.T) {
	for name, c := range map[string]struct {
		local LocalDateTime
		zone  string
		want  kit.DateTime // empty if no clock shows the time
	}{
		"a winter day": {"2025-01-15T09:30", "Europe/Zurich", "2025-01-15T08:30:00.000Z"},
		"a summer day": {"2025-07-15T09:30", "Europe/Zurich", "2025-07-15T07:30:00.000Z"},
		"the last minute before the clocks go forward":      {"2025-03-30T01:59", "Europe/Zurich", "2025-03-30T00:59:00.000Z"},
		"the first minute that is skipped":                  {"2025-03-30T02:00", "Europe/Zurich", ""},
		"the last minute that is skipped":                   {"2025-03-30T02:59", "Europe/Zurich", ""},
		"the first minute after the clocks went forward":    {"2025-03-30T03:00", "Europe/Zurich", "2025-03-30T01:00:00.000Z"},
		"the last minute that is shown once":                {"2025-10-26T01:59", "Europe/Zurich", "2025-10-25T23:59:00.000Z"},
		"an hour that is shown twice is the first":          {"2025-10-26T02:00", "Europe/Zurich", "2025-10-26T00:00:00.000Z"},
		"the last minute of it, too":                        {"2025-10-26T02:59", "Europe/Zurich", "2025-10-26T00:59:00.000Z"},
		"the first minute that is shown once again":         {"2025-10-26T03:00", "Europe/Zurich", "2025-10-26T02:00:00.000Z"},
		"in the south, the clocks go forward in spring":     {"2025-09-28T02:30", "Pacific/Auckland", ""},
		"and back in autumn":                                {"2025-04-06T02:30", "Pacific/Auckland", "2025-04-05T13:30:00.000Z"},
		"clocks that move by half an hour: what is skipped": {"2025-10-05T02:15", "Australia/Lord_Howe", ""},
		"and what is shown twice":                           {"2025-04-06T01:45", "Australia/Lord_Howe", "2025-04-05T14:45:00.000Z"},
		"where days begin first":                            {"2025-06-10T00:30", "Pacific/Kiritimati", "2025-06-09T10:30:00.000Z"},
		"where days begin last":                             {"2025-06-10T23:30", "Pacific/Honolulu", "2025-06-11T09:30:00.000Z"},
		"a day that a country skipped":                      {"2011-12-30T12:00", "Pacific/Apia", ""},
		"the day before it":                                 {"2011-12-29T23:59", "Pacific/Apia", "2011-12-30T09:59:00.000Z"},
		"the day after it":                                  {"2011-12-31T00:00", "Pacific/Apia", "2011-12-30T10:00:00.000Z"},
		"an offset of three quarters of an hour":            {"2025-06-10T09:00", "Asia/Kathmandu", "2025-06-10T03:15:00.000Z"},
		"a midnight that is skipped":                        {"2025-09-07T00:30", "America/Santiago", ""},
		"the leap day":                                      {"2028-02-29T12:00", "Africa/Kampala", "2028-02-29T09:00:00.000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			at, ok := c.local.in(zone(t, c.zone))
			if ok != (c.want != "") || ok && kit.DateTimeOf(at) != c.want {
				t.Errorf("got %s, %v; want %q", kit.DateTimeOf(at), ok, c.want)
			}
		})
	}
}

func TestATimeThatNoClockShowsIsTakenAsIfTheClocksHadNotMoved(t *testing.T) {
	at, ok := LocalDateTime("2025-03-30T02:30").in(zone(t, "Europe/Zurich"))
	if got := at.In(zone(t, "Europe/Zurich")).Format(localLayout); ok || got != "2025-03-30T03:30" {
		t.Errorf("got %s, %v", got, ok)
	}
}

func TestAMalformedLocalTimeIsRefused(t *testing.T) {
	for _, raw := range []any{
		nil, "", "2025-05-12", "2025-05-12T09:30:00", "2025-05-12T09:30Z", "2025-05-12T09:30+02:00", "2025-05-12 09:30", "2025-05-12T9:30", "2025-05-12T24:00",
		"2025-02-29T09:30", "1864-12-31T09:30", "3000-01-01T09:30", int64(1), true, []any{"2025-05-12T09:30"},
	} {
		var l LocalDateTime
		if err := l.UnmarshalGQL(raw); err == nil {
			t.Errorf("%v is taken as %s", raw, l)
		}
	}
	var l LocalDateTime
	if err := l.UnmarshalGQL("2024-02-29T23:59"); err != nil || l.Day() != "2024-02-29" {
		t.Errorf("%s: %v", l, err)
	}
}

func timed(from, to LocalDateTime, zone string) EventTimeInput {
	return EventTimeInput{StartsAt: &from, EndsAt: &to, Zone: &zone}
}

func dated(from, to kit.Date, zone string) EventTimeInput {
	in := EventTimeInput{StartsOn: &from, EndsOn: &to}
	if zone != "" {
		in.Zone = &zone
	}
	return in
}

func TestAnEventTimeIsMadeOfWhatIsKnown(t *testing.T) {
	for name, c := range map[string]struct {
		in                 EventTimeInput
		precision          EventPrecision
		starts, ends       kit.Date
		begins             string
		lastInZurich, over string // the last day, and the instant from which it is over, seen from Zurich
	}{
		"a time": {timed("2025-06-10T09:00", "2025-06-10T17:00", "Africa/Kampala"), PrecisionTime, "2025-06-10", "2025-06-10",
			"2025-06-10T06:00:00.000Z", "2025-06-10", "2025-06-10T14:00:00.000Z"},
		"a time through the hour that is shown twice": {timed("2025-10-26T01:30", "2025-10-26T03:30", "Europe/Zurich"), PrecisionTime, "2025-10-26", "2025-10-26",
			"2025-10-25T23:30:00.000Z", "2025-10-26", "2025-10-26T02:30:00.000Z"},
		"a time to midnight in Zurich ends the day before": {timed("2025-06-10T20:00", "2025-06-11T00:00", "Europe/Zurich"), PrecisionTime, "2025-06-10", "2025-06-11",
			"2025-06-10T18:00:00.000Z", "2025-06-10", "2025-06-10T22:00:00.000Z"},
		"a morning in Auckland ends the day before in Zurich": {timed("2025-06-10T08:00", "2025-06-10T09:30", "Pacific/Auckland"), PrecisionTime, "2025-06-10", "2025-06-10",
			"2025-06-09T20:00:00.000Z", "2025-06-09", "2025-06-09T21:30:00.000Z"},
		"an evening in Honolulu ends the day after in Zurich": {timed("2025-06-10T18:00", "2025-06-10T20:00", "Pacific/Honolulu"), PrecisionTime, "2025-06-10", "2025-06-10",
			"2025-06-11T04:00:00.000Z", "2025-06-11", "2025-06-11T06:00:00.000Z"},
		"a day is the organisation's": {dated("2025-06-10", "2025-06-10", ""), PrecisionDay, "2025-06-10", "2025-06-10", "2025-06-10", "2025-06-10", "2025-06-10T22:00:00.000Z"},
		"days with a zone end there":  {dated("2025-06-10", "2025-06-12", "Pacific/Honolulu"), PrecisionDay, "2025-06-10", "2025-06-12", "2025-06-10", "2025-06-13", "2025-06-13T10:00:00.000Z"},
		"a day in Kiritimati ends by noon in Zurich": {dated("2025-06-10", "2025-06-10", "Pacific/Kiritimati"), PrecisionDay, "2025-06-10", "2025-06-10", "2025-06-10", "2025-06-10",
			"2025-06-10T10:00:00.000Z"},
		"a day ends where midnight is skipped": {dated("2025-09-06", "2025-09-06", "America/Santiago"), PrecisionDay, "2025-09-06", "2025-09-06", "2025-09-06", "2025-09-07",
			"2025-09-07T04:00:00.000Z"},
		"a day ends where midnight comes twice": {dated("2025-11-01", "2025-11-01", "America/Havana"), PrecisionDay, "2025-11-01", "2025-11-01", "2025-11-01", "2025-11-02",
			"2025-11-02T04:00:00.000Z"},
		"a month has no day": {EventTimeInput{Month: new(kit.Date("2025-02-17"))}, PrecisionMonth, "2025-02-01", "2025-02-28", "2025-02-01", "2025-02-28", "2025-02-28T23:00:00.000Z"},
		"months over a year's end": {EventTimeInput{Month: new(kit.Date("2027-12-31")), LastMonth: new(kit.Date("2028-02-01"))}, PrecisionMonth, "2027-12-01", "2028-02-29",
			"2027-12-01", "2028-02-29", "2028-02-29T23:00:00.000Z"},
		"a first day counts for a week": {EventTimeInput{StartsOn: new(kit.Date("2025-06-10")), LastDayUnknown: true}, PrecisionFirstDay, "2025-06-10", "", "2025-06-10", "2025-06-16",
			"2025-06-16T22:00:00.000Z"},
		"a first day in Kiritimati": {EventTimeInput{StartsOn: new(kit.Date("2025-06-10")), LastDayUnknown: true, Zone: new("Pacific/Kiritimati")}, PrecisionFirstDay, "2025-06-10", "",
			"2025-06-10", "2025-06-16", "2025-06-16T10:00:00.000Z"},
		"a month in Kiritimati": {EventTimeInput{Month: new(kit.Date("2025-12-01")), Zone: new("Pacific/Kiritimati")}, PrecisionMonth, "2025-12-01", "2025-12-31", "2025-12-01", "2025-12-31",
			"2025-12-31T10:00:00.000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			f := kit.NewFaults(context.Background())
			got := c.in.time(f)
			if len(f.List) > 0 {
				t.Fatalf("faults: %+v", f.List)
			}
			zurich := zone(t, "Europe/Zurich")
			if got.Precision != c.precision || got.StartsOn != c.starts || kit.Deref(got.EndsOn) != string(c.ends) || got.Valid() != nil {
				t.Errorf("%s from %s to %s", got.Precision, got.StartsOn, kit.Deref(got.EndsOn))
			}
			e := &Event{Time: got}
			if got.begins() != c.begins || e.dayOfEnd(zurich) != kit.Date(c.lastInZurich) || string(kit.DateTimeOf(e.ends(zurich))) != c.over {
				t.Errorf("begins %s, last day %s, over from %s", got.begins(), e.dayOfEnd(zurich), kit.DateTimeOf(e.ends(zurich)))
			}
			if exact := got.Precision == PrecisionTime; (got.LocalStart != nil) != exact || (got.StartsAt() != nil) != exact || (got.EndsAt() != nil) != exact {
				t.Errorf("local %v, instants %v to %v", got.LocalStart, got.StartsAt(), got.EndsAt())
			}
		})
	}
}

func TestAnEventWhoseLastDayIsNotKnownGoesOnToTheEndOfItsProgramme(t *testing.T) {
	session := func(from, to *LocalDateTime) EventSession { return EventSession{StartsAt: from, EndsAt: to} }
	at := func(l LocalDateTime) *LocalDateTime { return &l }
	for name, c := range map[string]struct {
		sessions []EventSession
		want     kit.Date
	}{
		"without a programme":              {nil, "2025-06-16"},
		"a programme without times":        {[]EventSession{session(nil, nil)}, "2025-06-16"},
		"a programme of three days":        {[]EventSession{session(at("2025-06-12T09:00"), at("2025-06-12T10:00"))}, "2025-06-16"},
		"a programme of nine days":         {[]EventSession{session(at("2025-06-18T09:00"), at("2025-06-18T10:00")), session(at("2025-06-11T09:00"), nil)}, "2025-06-18"},
		"a session whose end is not known": {[]EventSession{session(at("2025-06-19T09:00"), nil)}, "2025-06-19"},
	} {
		e := &Event{Time: EventTime{Precision: PrecisionFirstDay, StartsOn: "2025-06-10", Zone: new("Europe/Zurich")}, Sessions: c.sessions}
		if got := e.dayOfEnd(zone(t, "Europe/Zurich")); got != c.want {
			t.Errorf("%s: it ends on %s, want %s", name, got, c.want)
		}
		e.Time.Precision, e.Time.EndsOn = PrecisionDay, new(kit.Date("2025-06-11"))
		if got := e.dayOfEnd(zone(t, "Europe/Zurich")); got != "2025-06-11" {
			t.Errorf("%s: with a last day it ends on %s", name, got)
		}
	}
}

func TestATimeSaysItsLastDayUnlessThatIsUnknown(t *testing.T) {
	for _, p := range EventPrecisions {
		for _, last := range []*kit.Date{nil, new(kit.Date("2025-06-11"))} {
			want := (last == nil) == (p == PrecisionFirstDay)
			if err := (&EventTime{Precision: p, StartsOn: "2025-06-10", EndsOn: last}).Valid(); (err == nil) != want {
				t.Errorf("%s to %v: %v", p, last, err)
			}
		}
	}
}

func TestTheLastDayIsThatOfTheOrganisation(t *testing.T) {
	evening := &Event{Time: timed("2025-06-10T18:00", "2025-06-10T20:00", "Pacific/Honolulu").time(kit.NewFaults(context.Background()))}
	for name, want := range map[string]kit.Date{"Pacific/Honolulu": "2025-06-10", "UTC": "2025-06-11", "Pacific/Auckland": "2025-06-11", "Pacific/Kiritimati": "2025-06-11"} {
		if got := evening.dayOfEnd(zone(t, name)); got != want {
			t.Errorf("seen from %s it ends on %s, want %s", name, got, want)
		}
	}
}

func TestEventsAreSortedByTheInstantAtWhichTheyBegin(t *testing.T) {
	f := kit.NewFaults(context.Background())
	var got []string
	for _, in := range []EventTimeInput{
		timed("2025-06-10T09:00", "2025-06-10T10:00", "Pacific/Kiritimati"), {StartsOn: new(kit.Date("2025-06-10"))}, timed("2025-06-10T09:00", "2025-06-10T10:00", "Europe/Zurich"),
		timed("2025-06-10T09:00", "2025-06-10T10:00", "Pacific/Honolulu"), {StartsOn: new(kit.Date("2025-06-11"))},
	} {
		got = append(got, in.time(f).begins())
	}
	if !slices.IsSorted(got) || len(f.List) > 0 {
		t.Errorf("got %q, %+v", got, f.List)
	}
}

func TestZonesAreThoseThatEveryMachineKnows(t *testing.T) {
	for name, good := range map[string]bool{
		"UTC": true, "Etc/GMT+12": true, "America/Argentina/Buenos_Aires": true, "Antarctica/Troll": true, "Indian/Maldives": true,
		"": false, "Local": false, "localtime": false, "posixrules": false, "posix/Europe/Zurich": false, "right/Europe/Zurich": false, "../../etc/passwd": false,
		"Africa/Atlantis": false, "Africa/": false, "CET": false, "+02:00": false, "africa/kampala": false,
	} {
		f := kit.NewFaults(context.Background())
		EventTimeInput{StartsOn: new(kit.Date("2025-06-10")), Zone: &name}.time(f)
		if (len(f.List) == 0) != good {
			t.Errorf("%q: %+v", name, f.List)
		}
	}
}

func TestDaysAreCountedBetweenAnyTwoDates(t *testing.T) {
	for _, c := range []struct {
		from, to kit.Date
		want     int
	}{{"2025-03-29", "2025-03-31", 2}, {"2025-03-31", "2025-03-29", -2}, {"2024-02-28", "2024-03-01", 2}, {"1865-01-01", "2999-12-31", 414549}, {"2025-03-31", "2025-03-31", 0}} {
		if got := c.from.DaysTo(c.to); got != c.want || c.from.AddDays(got) != c.to {
			t.Errorf("from %s to %s are %d days, want %d", c.from, c.to, got, c.want)
		}
	}
}
