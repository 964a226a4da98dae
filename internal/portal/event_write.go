package portal

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"memberportal/internal/store"
)

// EventLinkInput is a link as it is written.
type EventLinkInput struct {
	Title string
	URL   string
}

// EventRoleInput is a person on the programme as it is written.
type EventRoleInput struct {
	Role        EventRoleKind
	Name        string
	Affiliation *string
}

// EventSessionInput is a session as it is written.
type EventSessionInput struct {
	Title    []TranslationInput
	StartsAt *LocalDateTime
	EndsAt   *LocalDateTime
	Roles    []EventRoleInput
}

// EventAudienceInput is an audience as it is written.
type EventAudienceInput struct {
	Everyone    bool
	Kinds       []RespondentKind
	StudyGroups []StudyGroup
	Guests      bool
}

// RegistrationQuestionInput is a question as it is written.
type RegistrationQuestionInput struct {
	Code     string
	Text     []TranslationInput
	Required bool
}

// EventRegistrationInput is how one registers, as it is written.
type EventRegistrationInput struct {
	OpensOn          *Date
	ClosesOn         *Date
	CapacityInPerson *int
	CapacityRemote   *int
	WaitingList      bool
	Questions        []RegistrationQuestionInput
}

// ContributionTopicInput is a topic as it is written.
type ContributionTopicInput struct {
	Code  string
	Title []TranslationInput
}

// CallForContributionsInput is a call as it is written.
type CallForContributionsInput struct {
	ClosesOn Date
	Topics   []ContributionTopicInput
}

// CreateEventInput makes an event, as a draft.
type CreateEventInput struct {
	IdempotencyKey       *string
	Code                 string
	Series               ID
	Title                []TranslationInput
	Summary              []TranslationInput
	PracticalInformation []TranslationInput
	Time                 EventTimeInput
	Format               EventFormat
	City                 []TranslationInput
	Venue                *string
	Country              *ID
	Links                []EventLinkInput
	JoinURL              *string
	Sessions             []EventSessionInput
	Parent               *ID
	Visibility           EventVisibility
	Audience             EventAudienceInput
	Registration         *EventRegistrationInput
	Contributions        *CallForContributionsInput
	RetainUntil          *Date
	Source               *string
}

// CreateEventPayload is the new event, or what is wrong.
type CreateEventPayload struct {
	Event      *Event
	UserErrors []UserError
}

// UpdateEventInput changes an event; its code and series never change. A field left out stays, null
// empties it; lists are replaced whole, texts language by language.
type UpdateEventInput struct {
	ID                   ID
	ExpectedVersion      int
	Title                Opt[[]TranslationInput]
	Summary              Opt[[]TranslationInput]
	PracticalInformation Opt[[]TranslationInput]
	Time                 Opt[EventTimeInput]
	Format               Opt[EventFormat]
	City                 Opt[[]TranslationInput]
	Venue                Opt[string]
	Country              Opt[ID]
	Links                Opt[[]EventLinkInput]
	JoinURL              Opt[string]
	Sessions             Opt[[]EventSessionInput]
	Parent               Opt[ID]
	Visibility           Opt[EventVisibility]
	Audience             Opt[EventAudienceInput]
	Registration         Opt[EventRegistrationInput]
	Contributions        Opt[CallForContributionsInput]
	RetainUntil          Opt[Date]
	Source               Opt[string]
}

// UpdateEventPayload is the event as it is now, or what is wrong.
type UpdateEventPayload struct {
	Event      *Event
	UserErrors []UserError
}

// retainDays is how long after its last day the personal data of an event's registrants are kept, if
// nothing else is said.
const retainDays = 366

// Create makes an event as a draft. SECRETARIAT only. A code that was ever used is a DUPLICATE, a
// series, parent or country that is not there an UNKNOWN_REFERENCE.
func (s *EventService) Create(ctx context.Context, in CreateEventInput) (*CreateEventPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	id, err := s.create(ctx, "createEvent", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		f := newFaults(ctx)
		now := DateTimeOf(s.clock.Now())
		e := &Event{
			ID: s.newID(eventPrefix), Code: in.Code, SeriesID: in.Series, State: EventDraft, Dataset: datasetOf(ctx),
			Links: []EventLink{}, Sessions: []EventSession{}, AllDocuments: []EventDocument{}, ChangedAt: now,
			Changes: []EventChange{{Status: EventDraft, At: now, Actor: ActorOf(ctx).Subject}},
		}
		f.idempotencyKey(in.IdempotencyKey)
		f.code("input.code", in.Code)
		series, err := s.series.ByIDs(ctx, []ID{in.Series})
		if err != nil {
			return "", err
		}
		if series[0] == nil {
			f.add(CodeUnknownReference, "input.series", "unknownReference", nil)
		} else {
			e.Kind = series[0].Kind
		}
		parent, err := s.parent(ctx, in.Parent)
		if err != nil {
			return "", err
		}
		change := in.changes()
		change.apply(e, f)
		s.check(e, change, f, parent, 0)
		if err := free(ctx, f, s.events, "code", "input.code", in.Code); err != nil {
			return "", err
		}
		if err := f.err(); err != nil {
			return "", err
		}
		if err := s.seats.open(ctx, e); err != nil {
			return "", err
		}
		if err := s.events.Insert(ctx, e); err != nil {
			return "", err
		}
		note(eventChange(e, Created, []string{"code", "time", "title"}))
		return e.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &CreateEventPayload{UserErrors: faults}, err
	}
	e, err := s.Get(ctx, id)
	return &CreateEventPayload{Event: e}, err
}

func eventChange(e *Event, kind ChangeKind, fields []string) change {
	return change{noun: EventNoun.Kind.Name, target: e.ID, version: e.Version, kind: kind, fields: fields}
}

// changes are what a new event is given, as changes of an empty one.
func (in CreateEventInput) changes() UpdateEventInput {
	u := UpdateEventInput{
		Title: Some(in.Title), Summary: Some(in.Summary), PracticalInformation: Some(in.PracticalInformation), Time: Some(in.Time),
		Format: Some(in.Format), City: Some(in.City), Links: Some(in.Links), Sessions: Some(in.Sessions), Visibility: Some(in.Visibility),
		Audience: Some(in.Audience),
	}
	u.Venue, u.Country, u.JoinURL, u.Parent = optOf(in.Venue), optOf(in.Country), optOf(in.JoinURL), optOf(in.Parent)
	u.Registration, u.Contributions, u.RetainUntil, u.Source = optOf(in.Registration), optOf(in.Contributions), optOf(in.RetainUntil), optOf(in.Source)
	return u
}

// optOf is a field that was given a value, or was left out.
func optOf[T any](v *T) Opt[T] { return Opt[T]{Set: v != nil, Value: v} }

// parent reads the event that another is to be a part of; nil if none is named or there is none.
func (s *EventService) parent(ctx context.Context, id *ID) (*Event, error) {
	if id == nil {
		return nil, nil
	}
	found, err := s.events.Many(ctx, []string{string(*id)})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// parts is how many parts an event has that is to be a part itself.
func (s *EventService) parts(ctx context.Context, in UpdateEventInput) (int64, error) {
	if in.Parent.Value == nil {
		return 0, nil
	}
	plan, err := s.events.Plan(store.Query{Any: []store.Where{{"seen": {seenByAll}, "parent": {string(in.ID)}}}, Sort: "begins"})
	if err != nil {
		return 0, err
	}
	return s.events.Count(ctx, plan, store.Bounds{})
}

// amend changes an event for SECRETARIAT. Whoever waits for a place that the change makes free gets it
// in the same transaction.
func (s *EventService) amend(ctx context.Context, a amendment, alter func(*Event, *faults) []string) (e *Event, err error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	err = s.transact(ctx, func(ctx context.Context) error {
		may := func(context.Context, *Event) error { return nil }
		if e, err = amend(ctx, s.core, EventNoun, a, may, func(e *Event, f *faults) []string {
			fields := alter(e, f)
			if len(fields) > 0 {
				e.ChangedAt = DateTimeOf(s.clock.Now())
			}
			return fields
		}); err != nil {
			return err
		}
		return s.seats.settle(ctx, a.operation, e)
	})
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	v.show([]*Event{e})
	return e, nil
}

// Update changes an event. SECRETARIAT only. What is no longer a draft keeps questions that were
// answered, and capacities hold at least those who are confirmed.
func (s *EventService) Update(ctx context.Context, in UpdateEventInput) (*UpdateEventPayload, error) {
	var e *Event
	err := s.transact(ctx, func(ctx context.Context) error {
		parent, err := s.parent(ctx, in.Parent.Value)
		if err != nil {
			return err
		}
		parts, err := s.parts(ctx, in)
		if err != nil {
			return err
		}
		taken, err := s.seats.of(ctx, in.ID)
		if err != nil {
			return err
		}
		registered := false
		if in.Registration.Set {
			if registered, err = s.seats.registered(ctx, in.ID); err != nil {
				return err
			}
		}
		e, err = s.amend(ctx, amendment{"updateEvent", in.ID, in.ExpectedVersion, nil}, func(e *Event, f *faults) []string {
			before := *e
			fields := in.apply(e, f)
			s.check(e, in, f, parent, parts)
			taken.check(f, &before, e, registered)
			if slices.ContainsFunc(fields, func(name string) bool { return slices.Contains(inCalendar, name) }) {
				e.Sequence++
			}
			return fields
		})
		return err
	})
	faults, err := refused(err)
	return &UpdateEventPayload{e, faults}, err
}

// inCalendar are the fields whose change a calendar must take over.
var inCalendar = []string{"time", "city", "venue", "country", "title"}

func (in UpdateEventInput) apply(e *Event, f *faults) []string {
	var fields []string
	applyTranslations(&fields, "title", in.Title, &e.Title)
	applyTranslations(&fields, "summary", in.Summary, &e.Summary)
	applyTranslations(&fields, "practicalInformation", in.PracticalInformation, &e.Practical)
	applyTranslations(&fields, "city", in.City, &e.City)
	applyText(&fields, "venue", in.Venue, &e.Venue)
	applyText(&fields, "joinUrl", in.JoinURL, &e.JoinURL)
	applyText(&fields, "source", in.Source, &e.Source)
	applyList(&fields, "links", in.Links, &e.Links, func(l EventLinkInput) EventLink { return EventLink(l) })
	applyList(&fields, "sessions", in.Sessions, &e.Sessions, EventSessionInput.session)
	applyNeeded(&fields, f, "format", in.Format, &e.Format)
	applyNeeded(&fields, f, "visibility", in.Visibility, &e.Visibility)
	applyValue(&fields, "country", in.Country, &e.CountryID)
	applyValue(&fields, "parent", in.Parent, &e.ParentID)
	if v, ok := needed(f, "time", in.Time); ok {
		become(&fields, "time", &e.Time, v.time(f))
	}
	if v, ok := needed(f, "audience", in.Audience); ok {
		become(&fields, "audience", &e.Audience, EventAudience{v.Everyone, orNone(v.Kinds), orNone(v.StudyGroups), v.Guests})
	}
	if in.Registration.Set {
		become(&fields, "registration", &e.Registration, in.Registration.Value.registration())
	}
	if in.Contributions.Set {
		become(&fields, "contributions", &e.Contributions, in.Contributions.Value.call())
	}
	applyNeeded(&fields, f, "retainUntil", in.RetainUntil, &e.RetainUntil)
	return fields
}

// orNone is the list, empty and not nil where there is none, as it is stored.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// needed is the new value of a field that must have one; ok is false if it stays as it is.
func needed[T any](f *faults, name string, o Opt[T]) (v T, ok bool) {
	if v, ok = given(o); o.Set && !ok {
		f.add(CodeRequired, "input."+name, "required", nil)
	}
	return v, ok
}

// applyNeeded changes a field that must have a value.
func applyNeeded[T any](fields *[]string, f *faults, name string, o Opt[T], to *T) {
	if v, ok := needed(f, name, o); ok {
		become(fields, name, to, v)
	}
}

// applyValue changes a field that may be empty.
func applyValue[T any](fields *[]string, name string, o Opt[T], to **T) {
	if o.Set {
		become(fields, name, to, o.Value)
	}
}

func (in EventSessionInput) session() EventSession {
	s := EventSession{Title: (*LocalizedText)(nil).with(in.Title), StartsAt: in.StartsAt, EndsAt: in.EndsAt, Roles: []EventRole{}}
	for _, r := range in.Roles {
		s.Roles = append(s.Roles, EventRole{r.Role, r.Name, trimmed(r.Affiliation)})
	}
	return s
}

func (in *EventRegistrationInput) registration() *EventRegistration {
	if in == nil {
		return nil
	}
	r := &EventRegistration{
		OpensOn: in.OpensOn, ClosesOn: in.ClosesOn, CapacityInPerson: in.CapacityInPerson, CapacityRemote: in.CapacityRemote, WaitingList: in.WaitingList,
		Questions: []RegistrationQuestion{},
	}
	for _, q := range in.Questions {
		r.Questions = append(r.Questions, RegistrationQuestion{q.Code, (*LocalizedText)(nil).with(q.Text), q.Required})
	}
	return r
}

func (in *CallForContributionsInput) call() *CallForContributions {
	if in == nil {
		return nil
	}
	c := &CallForContributions{ClosesOn: in.ClosesOn, Topics: []ContributionTopic{}}
	for _, t := range in.Topics {
		c.Topics = append(c.Topics, ContributionTopic{t.Code, (*LocalizedText)(nil).with(t.Title)})
	}
	return c
}

// check finds all faults of an event as it would be, and of the texts that were written.
func (s *EventService) check(e *Event, in UpdateEventInput, f *faults, parent *Event, parts int64) {
	f.written("input.title", in.Title, e.Title, 300, true)
	f.written("input.summary", in.Summary, e.Summary, 4000, false)
	f.written("input.practicalInformation", in.PracticalInformation, e.Practical, 8000, false)
	f.written("input.city", in.City, e.City, 200, false)
	if e.Venue != nil {
		f.line("input.venue", *e.Venue, 500, true)
	}
	if e.Source != nil {
		f.line("input.source", *e.Source, 500, true)
	}
	if e.JoinURL != nil {
		f.link("input.joinUrl", *e.JoinURL)
	}
	f.atMost("input.links", len(e.Links), 20)
	for i, l := range e.Links {
		f.line(fmt.Sprintf("input.links.%d.title", i), l.Title, 200, true)
		f.link(fmt.Sprintf("input.links.%d.url", i), l.URL)
	}
	if e.CountryID != nil && s.countries.Get(*e.CountryID) == nil {
		f.add(CodeUnknownReference, "input.country", "unknownReference.country", nil)
	}
	switch {
	case e.ParentID == nil || !in.Parent.Set:
	case parent == nil:
		f.add(CodeUnknownReference, "input.parent", "unknownReference", nil)
	case parent.ID == e.ID || parent.ParentID != nil || parts > 0:
		f.add(CodeInvalid, "input.parent", "invalid.parent", nil)
	}
	e.checkSessions(f, in)
	e.checkAudience(f)
	e.checkContributions(f, in)
	e.checkRegistration(f, in)
	if e.Time.StartsOn != "" && e.Time.EndsOn != "" {
		before := e.LastDay
		e.LastDay = e.Time.lastDay(s.clock.zone)
		switch {
		case e.RetainUntil == "":
			e.RetainUntil = e.LastDay.AddDays(retainDays)
		case !in.RetainUntil.Set: // what was promised is a span after the event
			e.RetainUntil = e.RetainUntil.AddDays(before.daysTo(e.LastDay))
		}
		if e.LastDay >= s.clock.Today() {
			e.ErasedAt = nil // it was moved: whoever registers now is to be erased as well
		}
		if e.RetainUntil < e.LastDay || e.RetainUntil > e.LastDay.AddDays(10*366) {
			f.add(CodeOutOfRange, "input.retainUntil", "outOfRange.retainUntil", map[string]string{"from": string(e.LastDay), "to": string(e.LastDay.AddDays(10 * 366))})
		}
	}
}

func (e *Event) checkSessions(f *faults, in UpdateEventInput) {
	f.atMost("input.sessions", len(e.Sessions), 100)
	inputs, _ := given(in.Sessions)
	zone := e.Time.location(nil)
	timed := func(s EventSession) bool { return s.StartsAt != nil || s.EndsAt != nil }
	if e.Time.Zone == nil && e.Time.Precision != PrecisionTime && slices.ContainsFunc(e.Sessions, timed) {
		f.add(CodeRequired, "input.time.zone", "required", nil)
	}
	for i, s := range e.Sessions {
		path := fmt.Sprintf("input.sessions.%d.", i)
		if i < len(inputs) {
			f.written(path+"title", Some(inputs[i].Title), s.Title, 300, true)
		}
		f.atMost(path+"roles", len(s.Roles), 50)
		for j, r := range s.Roles {
			at := path + "roles." + strconv.Itoa(j)
			f.line(at+".name", r.Name, 200, true)
			if r.Affiliation != nil {
				f.line(at+".affiliation", *r.Affiliation, 200, true)
			}
		}
		if s.StartsAt != nil && zone != nil {
			f.shown(path+"startsAt", *s.StartsAt, zone)
		}
		if s.EndsAt != nil && zone != nil {
			f.shown(path+"endsAt", *s.EndsAt, zone)
		}
		if s.StartsAt != nil && s.EndsAt != nil && *s.EndsAt <= *s.StartsAt {
			f.add(CodeOutOfRange, path+"endsAt", "outOfRange.end", nil)
		}
	}
}

func (e *Event) checkAudience(f *faults) {
	a := e.Audience
	if a.Everyone && len(a.Kinds)+len(a.StudyGroups) > 0 {
		f.add(CodeInvalid, "input.audience.everyone", "invalid.everyone", nil)
	}
	if !a.Everyone && !a.Guests || len(a.Kinds) > 0 {
		distinct(f, "input.audience.kinds", a.Kinds)
	}
	if len(a.StudyGroups) > 0 {
		distinct(f, "input.audience.studyGroups", a.StudyGroups)
		if !slices.Contains(a.Kinds, RespondentAssociate) {
			f.add(CodeInvalid, "input.audience.studyGroups", "invalid.studyGroup", nil)
		}
	}
}

func (e *Event) checkContributions(f *faults, in UpdateEventInput) {
	call, _ := given(in.Contributions)
	f.atMost("input.contributions.topics", len(call.Topics), 50)
	for i, t := range call.Topics {
		path := fmt.Sprintf("input.contributions.topics.%d.", i)
		f.code(path+"code", t.Code)
		f.written(path+"title", Some(t.Title), e.Contributions.Topics[i].Title, 300, true)
		if slices.ContainsFunc(call.Topics[:i], func(o ContributionTopicInput) bool { return o.Code == t.Code }) {
			f.add(CodeInvalid, path+"code", "invalid.repeated", nil)
		}
	}
}

// capacityPath is where the capacity of a mode stands in an input.
func capacityPath(m AttendanceMode) string {
	if m == InPerson {
		return "input.registration.capacityInPerson"
	}
	return "input.registration.capacityRemote"
}

func (e *Event) checkRegistration(f *faults, in UpdateEventInput) {
	r := e.Registration
	if r == nil {
		return
	}
	if e.Format == "" {
		f.add(CodeRequired, "input.format", "required", nil)
	}
	if r.OpensOn != nil && r.ClosesOn != nil && *r.ClosesOn < *r.OpensOn {
		f.add(CodeOutOfRange, "input.registration.closesOn", "outOfRange.end", nil)
	}
	for _, m := range AttendanceModes {
		path := capacityPath(m)
		switch n := r.capacity(m); {
		case n == nil:
		case e.Format != "" && !e.Format.has(m):
			f.add(CodeInvalid, path, "invalid.mode", nil)
		case *n < 1 || *n > 1_000_000:
			f.add(CodeOutOfRange, path, "outOfRange.number", map[string]string{"min": "1", "max": "1000000"})
		}
	}
	written, _ := given(in.Registration)
	f.atMost("input.registration.questions", len(written.Questions), 30)
	for i, q := range written.Questions {
		path := fmt.Sprintf("input.registration.questions.%d.", i)
		f.code(path+"code", q.Code)
		f.written(path+"text", Some(q.Text), r.Questions[i].Text, 500, true)
		if slices.ContainsFunc(written.Questions[:i], func(o RegistrationQuestionInput) bool { return o.Code == q.Code }) {
			f.add(CodeInvalid, path+"code", "invalid.repeated", nil)
		}
	}
}

// PublishEventInput makes a draft known, or gives a postponed event a new time.
type PublishEventInput struct {
	ID              ID
	ExpectedVersion int
	Time            *EventTimeInput
	Reason          *string
}

// PublishEventPayload is the event as it is now, or what is wrong.
type PublishEventPayload struct {
	Event      *Event
	UserErrors []UserError
}

// PostponeEventInput postpones an event to a time that is not known yet.
type PostponeEventInput struct {
	ID              ID
	ExpectedVersion int
	Reason          string
}

// PostponeEventPayload is the event as it is now, or what is wrong.
type PostponeEventPayload struct {
	Event      *Event
	UserErrors []UserError
}

// CancelEventInput cancels an event.
type CancelEventInput struct {
	ID              ID
	ExpectedVersion int
	Reason          string
}

// CancelEventPayload is the event as it is now, or what is wrong.
type CancelEventPayload struct {
	Event      *Event
	UserErrors []UserError
}

// eventMoves are the allowed moves: for each status, those from which it is reached.
var eventMoves = map[EventStatus][]EventStatus{
	EventPublished: {EventDraft, EventPostponed},
	EventPostponed: {EventPublished},
	EventCancelled: {EventDraft, EventPublished, EventPostponed},
}

// Publish makes a draft known, or a postponed event take place after all. SECRETARIAT only.
func (s *EventService) Publish(ctx context.Context, in PublishEventInput) (*PublishEventPayload, error) {
	e, err := s.move(ctx, amendment{"publishEvent", in.ID, in.ExpectedVersion, in.Reason}, EventPublished, func(e *Event, f *faults) []string {
		change := UpdateEventInput{Time: optOf(in.Time)}
		fields := change.apply(e, f)
		s.check(e, change, f, nil, 0)
		if e.State == EventPostponed && e.LastDay < s.clock.Today() {
			f.add(CodeRequired, "input.time", "required", nil)
		}
		return fields
	})
	faults, err := refused(err)
	return &PublishEventPayload{e, faults}, err
}

// Postpone postpones a published event; its time stays as it was until it is published again.
// SECRETARIAT only.
func (s *EventService) Postpone(ctx context.Context, in PostponeEventInput) (*PostponeEventPayload, error) {
	e, err := s.move(ctx, amendment{"postponeEvent", in.ID, in.ExpectedVersion, &in.Reason}, EventPostponed, nil)
	faults, err := refused(err)
	return &PostponeEventPayload{e, faults}, err
}

// Cancel cancels an event for good. SECRETARIAT only. Registrations stay on record.
func (s *EventService) Cancel(ctx context.Context, in CancelEventInput) (*CancelEventPayload, error) {
	e, err := s.move(ctx, amendment{"cancelEvent", in.ID, in.ExpectedVersion, &in.Reason}, EventCancelled, nil)
	faults, err := refused(err)
	return &CancelEventPayload{e, faults}, err
}

// move changes the status, if the table of moves allows it, and records that.
func (s *EventService) move(ctx context.Context, a amendment, to EventStatus, also func(*Event, *faults) []string) (*Event, error) {
	return s.amend(ctx, a, func(e *Event, f *faults) []string {
		if a.reason != nil {
			f.text("input.reason", *a.reason, 1000, true)
		}
		if from := e.on(s.clock.Today()); !slices.Contains(eventMoves[to], from) {
			f.state("input.id", from, eventMoves[to])
		}
		fields := []string{"status"}
		if also != nil {
			fields = append(fields, also(e, f)...)
		}
		if e.State != EventDraft {
			e.Sequence++
		}
		e.State = to
		e.Changes = append(e.Changes, EventChange{to, DateTimeOf(s.clock.Now()), ActorOf(ctx).Subject, a.reason})
		return fields
	})
}

// state notes that a record's status does not allow what was asked.
func (f *faults) state(path string, is EventStatus, allowed []EventStatus) {
	names := ""
	for i, a := range allowed {
		if i > 0 {
			names += ", "
		}
		names += string(a)
	}
	f.add(CodeNotAllowedInState, path, "notAllowedInState", map[string]string{"status": string(is), "allowed": names})
}
