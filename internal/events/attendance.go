package events

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// RecordAttendanceInput says whether a registrant came, and how.
type RecordAttendanceInput struct {
	ID              kit.ID
	ExpectedVersion int
	Attended        bool
	Mode            *AttendanceMode
}

// RecordAttendancePayload has the registration after the change; it is nil if there are UserErrors.
type RecordAttendancePayload struct {
	Registration *Registration
	UserErrors   []kit.UserError
}

// Attend records whether a registrant came. SECRETARIAT only. The registration must be confirmed and the event must
// have begun.
func (s *RegistrationService) Attend(ctx context.Context, in RecordAttendanceInput) (*RecordAttendancePayload, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	may := func(context.Context, *Registration) error { return nil }
	r, err := s.amend(ctx, kit.Amendment{Operation: "recordAttendance", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, "attendance", may, func(e *Event, r *Registration, _ *Seats, f *kit.Faults) {
		s.attend(f, "input.", e, r, in.Attended, in.Mode)
	}, nil)
	faults, err := kit.UserErrorsOf(err)
	return &RecordAttendancePayload{r, faults}, err
}

// attend sets the attendance of a registration, or adds a fault that says why it cannot be recorded.
func (s *RegistrationService) attend(f *kit.Faults, path string, e *Event, r *Registration, attended bool, mode *AttendanceMode) {
	how := r.Mode
	kit.Set(&how, mode)
	switch {
	case r.Status != RegistrationConfirmed:
		f.Add(kit.CodeNotAllowedInState, path+"id", "notAllowedInState", map[string]string{"status": string(r.Status), "allowed": string(RegistrationConfirmed)})
	case e.StoredStatus != EventPublished:
		checkEventState(f, path+"id", e.StoredStatus, []EventStatus{EventPublished, EventOver})
	case e.Time.StartsOn > kit.Date(s.core.Clock.Now().In(e.Time.location(s.core.Clock.Zone)).Format("2006-01-02")):
		f.Add(kit.CodeNotAllowedInState, path+"id", "notAllowedInState.notBegun", map[string]string{"date": string(e.Time.StartsOn)})
	case !e.Format.has(how):
		f.Add(kit.CodeInvalid, path+"mode", "invalid.mode", nil)
	}
	r.Attendance = &Attendance{attended, how, kit.DateTimeOf(s.core.Clock.Now())}
}

// KindCount and ModeCount are parts of a ParticipationCount.
type (
	// KindCount counts registrants of a kind.
	KindCount struct {
		Kind  RegistrantKind
		Count int64
	}

	// ModeCount counts registrants in a mode.
	ModeCount struct {
		Mode  AttendanceMode
		Count int64
	}
)

// ParticipationCount counts registrants, in total and by property. Each list adds up to the total and leaves out
// zero counts.
type ParticipationCount struct {
	Total     int64
	ByKind    []KindCount
	ByRegion  []country.RegionCount
	ByCountry []country.CountryCount
	ByMode    []ModeCount
}

// EventStatistics counts who is registered for an event and who came.
type EventStatistics struct {
	Confirmed ParticipationCount
	Waiting   ParticipationCount
	Attended  ParticipationCount
}

// Statistics counts an event's registrants with one call, nil for an event that the caller may not see. It uses
// keys that stay when the personal data are erased. SECRETARIAT only.
func (s *RegistrationService) Statistics(ctx context.Context, event kit.ID) (*EventStatistics, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	e, err := s.events.Get(ctx, event)
	if err != nil || e == nil {
		return nil, err
	}
	counts, err := s.registrations.CountBy(ctx, "tally", string(event)+TallySeparator)
	if err != nil {
		return nil, err
	}
	var confirmed, waiting, attended tally
	for token, n := range counts {
		part := strings.Split(token, TallySeparator)
		status, came, of := RegistrationStatus(part[1]), AttendanceMode(part[2]), part[3:]
		switch status {
		case RegistrationConfirmed:
			confirmed.tick(of, AttendanceMode(of[3]), n)
		case RegistrationWaiting:
			waiting.tick(of, AttendanceMode(of[3]), n)
		}
		if came != "" {
			attended.tick(of, came, n)
		}
	}
	return &EventStatistics{Confirmed: s.count(confirmed), Waiting: s.count(waiting), Attended: s.count(attended)}, nil
}

// tally adds up counts of registrations by property.
type tally struct {
	total   int64
	kind    map[RegistrantKind]int64
	region  map[country.Region]int64
	country map[kit.ID]int64
	mode    map[AttendanceMode]int64
}

// tick adds n registrations; of has their kind, region and country.
func (t *tally) tick(of []string, mode AttendanceMode, n int64) {
	if t.kind == nil {
		*t = tally{0, map[RegistrantKind]int64{}, map[country.Region]int64{}, map[kit.ID]int64{}, map[AttendanceMode]int64{}}
	}
	t.total += n
	t.kind[RegistrantKind(of[0])] += n
	t.region[country.Region(of[1])] += n
	t.country[kit.ID(of[2])] += n
	t.mode[mode] += n
}

func (s *RegistrationService) count(t tally) ParticipationCount {
	c := ParticipationCount{Total: t.total, ByKind: []KindCount{}, ByRegion: []country.RegionCount{}, ByCountry: []country.CountryCount{}, ByMode: []ModeCount{}}
	for _, k := range RegistrantKinds {
		if n := t.kind[k]; n > 0 {
			c.ByKind = append(c.ByKind, KindCount{k, n})
		}
	}
	for _, r := range append(slices.Clone(country.Regions), "") {
		if n := t.region[r]; n > 0 {
			c.ByRegion = append(c.ByRegion, country.RegionCount{Region: kit.Optional(r), Count: n})
		}
	}
	for _, of := range s.countries.All {
		if n := t.country[of.ID]; n > 0 {
			c.ByCountry = append(c.ByCountry, country.CountryCount{Country: of, Count: n})
		}
	}
	if n := t.country[""]; n > 0 {
		c.ByCountry = append(c.ByCountry, country.CountryCount{Country: nil, Count: n})
	}
	for _, m := range AttendanceModes {
		if n := t.mode[m]; n > 0 {
			c.ByMode = append(c.ByMode, ModeCount{m, n})
		}
	}
	return c
}
