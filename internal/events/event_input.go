package events

import (
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// EventLinkInput is a link in a request.
type EventLinkInput struct {
	Title string
	URL   string
}

// EventRoleInput is a person on the programme in a request.
type EventRoleInput struct {
	Role        EventRoleKind
	Name        string
	Affiliation *string
}

// EventSessionInput is a session in a request.
type EventSessionInput struct {
	Title    []kit.TranslationInput
	StartsAt *LocalDateTime
	EndsAt   *LocalDateTime
	Roles    []EventRoleInput
}

// EventAudienceInput is an audience in a request.
type EventAudienceInput struct {
	Everyone    bool
	Kinds       []membership.RespondentKind
	StudyGroups []membership.StudyGroup
	Guests      bool
}

// RegistrationQuestionInput is a question to registrants in a request.
type RegistrationQuestionInput struct {
	Code     string
	Text     []kit.TranslationInput
	Required bool
}

// EventRegistrationInput says in a request how one registers.
type EventRegistrationInput struct {
	OpensOn          *kit.Date
	ClosesOn         *kit.Date
	CapacityInPerson *int
	CapacityRemote   *int
	WaitingList      bool
	Questions        []RegistrationQuestionInput
}

// ContributionTopicInput is a topic in a request.
type ContributionTopicInput struct {
	Code  string
	Title []kit.TranslationInput
}

// CallForContributionsInput is a call for contributions in a request.
type CallForContributionsInput struct {
	ClosesOn kit.Date
	Topics   []ContributionTopicInput
}

// CreateEventInput makes an event as a draft.
type CreateEventInput struct {
	IdempotencyKey       *string
	Code                 string
	Series               kit.ID
	Title                []kit.TranslationInput
	Summary              []kit.TranslationInput
	PracticalInformation []kit.TranslationInput
	Time                 EventTimeInput
	Format               *EventFormat
	City                 []kit.TranslationInput
	Venue                *string
	Country              *kit.ID
	Links                []EventLinkInput
	JoinURL              *string
	Sessions             []EventSessionInput
	Parent               *kit.ID
	Visibility           EventVisibility
	Audience             EventAudienceInput
	Registration         *EventRegistrationInput
	Contributions        *CallForContributionsInput
	RetainUntil          *kit.Date
	Source               *string
}

// CreateEventPayload has the new event; it is nil if there are UserErrors.
type CreateEventPayload struct {
	Event      *Event
	UserErrors []kit.UserError
}

// UpdateEventInput changes an event, but never its code or series. A field left out stays, and null empties it.
// Lists are replaced as a whole, texts language by language.
type UpdateEventInput struct {
	ID                   kit.ID
	ExpectedVersion      int
	Title                kit.Opt[[]kit.TranslationInput]
	Summary              kit.Opt[[]kit.TranslationInput]
	PracticalInformation kit.Opt[[]kit.TranslationInput]
	Time                 kit.Opt[EventTimeInput]
	Format               kit.Opt[EventFormat]
	City                 kit.Opt[[]kit.TranslationInput]
	Venue                kit.Opt[string]
	Country              kit.Opt[kit.ID]
	Links                kit.Opt[[]EventLinkInput]
	JoinURL              kit.Opt[string]
	Sessions             kit.Opt[[]EventSessionInput]
	Parent               kit.Opt[kit.ID]
	Visibility           kit.Opt[EventVisibility]
	Audience             kit.Opt[EventAudienceInput]
	Registration         kit.Opt[EventRegistrationInput]
	Contributions        kit.Opt[CallForContributionsInput]
	RetainUntil          kit.Opt[kit.Date]
	Source               kit.Opt[string]
}

// UpdateEventPayload has the event after the change; it is nil if there are UserErrors.
type UpdateEventPayload struct {
	Event      *Event
	UserErrors []kit.UserError
}

// changes returns the fields of a new event as changes of an empty event.
func (in CreateEventInput) changes() UpdateEventInput {
	u := UpdateEventInput{
		Title: kit.Some(in.Title), Summary: kit.Some(in.Summary), PracticalInformation: kit.Some(in.PracticalInformation), Time: kit.Some(in.Time),
		City: kit.Some(in.City), Links: kit.Some(in.Links), Sessions: kit.Some(in.Sessions), Visibility: kit.Some(in.Visibility),
		Audience: kit.Some(in.Audience),
	}
	u.Format, u.Venue, u.Country, u.JoinURL, u.Parent = kit.OptOf(in.Format), kit.OptOf(in.Venue), kit.OptOf(in.Country), kit.OptOf(in.JoinURL), kit.OptOf(in.Parent)
	u.Registration, u.Contributions, u.RetainUntil, u.Source = kit.OptOf(in.Registration), kit.OptOf(in.Contributions), kit.OptOf(in.RetainUntil), kit.OptOf(in.Source)
	return u
}

func (in UpdateEventInput) apply(e *Event, f *kit.Faults) []string {
	var fields []string
	kit.ApplyTranslations(&fields, "title", in.Title, &e.Title)
	kit.ApplyTranslations(&fields, "summary", in.Summary, &e.Summary)
	kit.ApplyTranslations(&fields, "practicalInformation", in.PracticalInformation, &e.StoredPracticalInformation)
	kit.ApplyTranslations(&fields, "city", in.City, &e.City)
	kit.ApplyText(&fields, "venue", in.Venue, &e.Venue)
	kit.ApplyText(&fields, "joinUrl", in.JoinURL, &e.JoinURL)
	kit.ApplyText(&fields, "source", in.Source, &e.Source)
	kit.ApplyList(&fields, "links", in.Links, &e.Links, func(l EventLinkInput) EventLink { return EventLink(l) })
	kit.ApplyList(&fields, "sessions", in.Sessions, &e.Sessions, EventSessionInput.session)
	kit.ApplyValue(&fields, "format", in.Format, &e.Format)
	kit.ApplyNeeded(&fields, f, "visibility", in.Visibility, &e.Visibility)
	kit.ApplyValue(&fields, "country", in.Country, &e.CountryID)
	kit.ApplyValue(&fields, "parent", in.Parent, &e.ParentID)
	if v, ok := kit.Needed(f, "time", in.Time); ok {
		kit.Become(&fields, "time", &e.Time, v.time(f))
	}
	if v, ok := kit.Needed(f, "audience", in.Audience); ok {
		kit.Become(&fields, "audience", &e.Audience, EventAudience{v.Everyone, kit.OrEmpty(v.Kinds), kit.OrEmpty(v.StudyGroups), v.Guests})
	}
	if in.Registration.Set {
		kit.Become(&fields, "registration", &e.Registration, in.Registration.Value.registration())
	}
	if in.Contributions.Set {
		kit.Become(&fields, "contributions", &e.Contributions, in.Contributions.Value.call())
	}
	kit.ApplyNeeded(&fields, f, "retainUntil", in.RetainUntil, &e.RetainUntil)
	return fields
}

func (in EventSessionInput) session() EventSession {
	s := EventSession{Title: (*kit.LocalizedText)(nil).With(in.Title), StartsAt: in.StartsAt, EndsAt: in.EndsAt, Roles: []EventRole{}}
	for _, r := range in.Roles {
		s.Roles = append(s.Roles, EventRole{r.Role, r.Name, kit.Trimmed(r.Affiliation)})
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
		r.Questions = append(r.Questions, RegistrationQuestion{q.Code, (*kit.LocalizedText)(nil).With(q.Text), q.Required})
	}
	return r
}

func (in *CallForContributionsInput) call() *CallForContributions {
	if in == nil {
		return nil
	}
	c := &CallForContributions{ClosesOn: in.ClosesOn, Topics: []ContributionTopic{}}
	for _, t := range in.Topics {
		c.Topics = append(c.Topics, ContributionTopic{t.Code, (*kit.LocalizedText)(nil).With(t.Title)})
	}
	return c
}

// PublishEventInput publishes a draft or a postponed event. Time may be left out if it stays.
type PublishEventInput struct {
	ID              kit.ID
	ExpectedVersion int
	Time            *EventTimeInput
	Reason          *string
}

// PublishEventPayload has the event after the change; it is nil if there are UserErrors.
type PublishEventPayload struct {
	Event      *Event
	UserErrors []kit.UserError
}

// PostponeEventInput postpones an event; the new time is not known yet.
type PostponeEventInput struct {
	ID              kit.ID
	ExpectedVersion int
	Reason          string
}

// PostponeEventPayload has the event after the change; it is nil if there are UserErrors.
type PostponeEventPayload struct {
	Event      *Event
	UserErrors []kit.UserError
}

// CancelEventInput cancels an event for good.
type CancelEventInput struct {
	ID              kit.ID
	ExpectedVersion int
	Reason          string
}

// CancelEventPayload has the event after the change; it is nil if there are UserErrors.
type CancelEventPayload struct {
	Event      *Event
	UserErrors []kit.UserError
}
