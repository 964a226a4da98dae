package portal

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
	Format               *EventFormat
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

// changes are what a new event is given, as changes of an empty one.
func (in CreateEventInput) changes() UpdateEventInput {
	u := UpdateEventInput{
		Title: Some(in.Title), Summary: Some(in.Summary), PracticalInformation: Some(in.PracticalInformation), Time: Some(in.Time),
		City: Some(in.City), Links: Some(in.Links), Sessions: Some(in.Sessions), Visibility: Some(in.Visibility),
		Audience: Some(in.Audience),
	}
	u.Format, u.Venue, u.Country, u.JoinURL, u.Parent = optOf(in.Format), optOf(in.Venue), optOf(in.Country), optOf(in.JoinURL), optOf(in.Parent)
	u.Registration, u.Contributions, u.RetainUntil, u.Source = optOf(in.Registration), optOf(in.Contributions), optOf(in.RetainUntil), optOf(in.Source)
	return u
}

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
	applyValue(&fields, "format", in.Format, &e.Format)
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
