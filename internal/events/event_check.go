package events

import (
	"fmt"
	"slices"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// check adds all faults of an event after its change, and of the texts that were written. It also sets LastDay,
// RetainUntil and ErasedAt from the new time.
func (s *EventService) check(e *Event, in UpdateEventInput, f *kit.Faults, parent *Event, parts int64) {
	f.Titled("input.title", in.Title, e.Title, 300, true)
	f.Written("input.summary", in.Summary, e.Summary, 4000, false)
	f.Written("input.practicalInformation", in.PracticalInformation, e.StoredPracticalInformation, 8000, false)
	f.Titled("input.city", in.City, e.City, 200, false)
	f.Line("input.venue", e.Venue, 500, true)
	f.Line("input.source", e.Source, 500, true)
	f.Link("input.joinUrl", e.JoinURL)
	for i := range e.Links {
		l := &e.Links[i]
		f.Line(fmt.Sprintf("input.links.%d.title", i), &l.Title, 200, true)
		f.Link(fmt.Sprintf("input.links.%d.url", i), &l.URL)
	}
	if e.CountryID != nil && s.countries.Get(*e.CountryID) == nil {
		f.Add(kit.CodeUnknownReference, "input.country", "unknownReference.country", nil)
	}
	switch {
	case e.ParentID == nil || !in.Parent.Set:
	case parent == nil:
		f.Add(kit.CodeUnknownReference, "input.parent", "unknownReference", nil)
	case parent.ID == e.ID || parent.ParentID != nil || parts > 0:
		f.Add(kit.CodeInvalid, "input.parent", "invalid.parent", nil)
	}
	e.checkSessions(f, in)
	e.checkAudience(f)
	e.checkContributions(f, in)
	e.checkRegistration(f, in)
	if e.Time.StartsOn != "" {
		before := e.LastDay
		e.LastDay = e.dayOfEnd(s.core.Clock.Zone)
		switch {
		case e.RetainUntil == "":
			e.RetainUntil = e.LastDay.AddDays(retainDays)
		case !in.RetainUntil.Set: // the promise was a number of days after the event
			e.RetainUntil = e.RetainUntil.AddDays(before.DaysTo(e.LastDay))
		}
		if e.LastDay >= s.core.Clock.Today() {
			e.ErasedAt = nil // the event moved: new registrants must be erased too
		}
		if e.RetainUntil < e.LastDay || e.RetainUntil > e.LastDay.AddDays(10*366) {
			f.Add(kit.CodeOutOfRange, "input.retainUntil", "outOfRange.retainUntil", map[string]string{"from": string(e.LastDay), "to": string(e.LastDay.AddDays(10 * 366))})
		}
	}
}

func (e *Event) checkSessions(f *kit.Faults, in UpdateEventInput) {
	inputs, _ := kit.Given(in.Sessions)
	zone := e.Time.location(nil)
	timed := func(s EventSession) bool { return s.StartsAt != nil || s.EndsAt != nil }
	if e.Time.Zone == nil && e.Time.Precision != PrecisionTime && slices.ContainsFunc(e.Sessions, timed) {
		f.Add(kit.CodeRequired, "input.time.zone", "required", nil)
	}
	for i, s := range e.Sessions {
		path := fmt.Sprintf("input.sessions.%d.", i)
		if i < len(inputs) {
			f.Titled(path+"title", kit.Some(inputs[i].Title), s.Title, 300, true)
		}
		for j := range s.Roles {
			r, at := &s.Roles[j], path+"roles."+strconv.Itoa(j)
			f.Line(at+".name", &r.Name, 200, true)
			f.Line(at+".affiliation", r.Affiliation, 200, true)
		}
		if s.StartsAt != nil && zone != nil {
			instantOf(f, path+"startsAt", *s.StartsAt, zone)
		}
		if s.EndsAt != nil && zone != nil {
			instantOf(f, path+"endsAt", *s.EndsAt, zone)
		}
		if s.StartsAt != nil && s.EndsAt != nil && *s.EndsAt <= *s.StartsAt {
			f.Add(kit.CodeOutOfRange, path+"endsAt", "outOfRange.end", nil)
		}
	}
}

func (e *Event) checkAudience(f *kit.Faults) {
	a := e.Audience
	if a.Everyone && len(a.Kinds)+len(a.StudyGroups) > 0 {
		f.Add(kit.CodeInvalid, "input.audience.everyone", "invalid.everyone", nil)
	}
	if !a.Everyone && !a.Guests || len(a.Kinds) > 0 {
		f.Some("input.audience.kinds", len(a.Kinds))
	}
	if len(a.StudyGroups) > 0 {
		f.Some("input.audience.studyGroups", len(a.StudyGroups))
		if !slices.Contains(a.Kinds, membership.RespondentAssociate) {
			f.Add(kit.CodeInvalid, "input.audience.studyGroups", "invalid.studyGroup", nil)
		}
	}
}

func (e *Event) checkContributions(f *kit.Faults, in UpdateEventInput) {
	call, _ := kit.Given(in.Contributions)
	for i, t := range call.Topics {
		path := fmt.Sprintf("input.contributions.topics.%d.", i)
		f.Code(path+"code", t.Code)
		f.Titled(path+"title", kit.Some(t.Title), e.Contributions.Topics[i].Title, 300, true)
		if slices.ContainsFunc(call.Topics[:i], func(o ContributionTopicInput) bool { return o.Code == t.Code }) {
			f.Add(kit.CodeDuplicate, path+"code", "duplicate.entry", nil)
		}
	}
}

// capacityPath is the path of a mode's capacity in an input.
func capacityPath(m AttendanceMode) string {
	if m == InPerson {
		return "input.registration.capacityInPerson"
	}
	return "input.registration.capacityRemote"
}

func (e *Event) checkRegistration(f *kit.Faults, in UpdateEventInput) {
	r := e.Registration
	if r == nil {
		return
	}
	if e.Format == nil {
		f.Add(kit.CodeRequired, "input.format", "required", nil)
	}
	if r.OpensOn != nil && r.ClosesOn != nil && *r.ClosesOn < *r.OpensOn {
		f.Add(kit.CodeOutOfRange, "input.registration.closesOn", "outOfRange.end", nil)
	}
	for _, m := range AttendanceModes {
		path := capacityPath(m)
		switch n := r.capacity(m); {
		case n == nil:
		case e.Format != nil && !e.Format.has(m):
			f.Add(kit.CodeInvalid, path, "invalid.mode", nil)
		case *n < 1 || *n > 1_000_000:
			f.Add(kit.CodeOutOfRange, path, "outOfRange.number", map[string]string{"min": "1", "max": "1000000"})
		}
	}
	written, _ := kit.Given(in.Registration)
	for i, q := range written.Questions {
		path := fmt.Sprintf("input.registration.questions.%d.", i)
		f.Code(path+"code", q.Code)
		f.Written(path+"text", kit.Some(q.Text), r.Questions[i].Text, 500, true)
		if slices.ContainsFunc(written.Questions[:i], func(o RegistrationQuestionInput) bool { return o.Code == q.Code }) {
			f.Add(kit.CodeDuplicate, path+"code", "duplicate.entry", nil)
		}
	}
}
