package events

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// maxAnswer is how many characters an answer may have.
const maxAnswer = 2000

// admit adds a fault for each reason why nobody of these audiences can register for the event now. The faults are
// at the path event or entity; the path entity is empty for a guest. The messages say what would have to change.
func (s *RegistrationService) admit(f *kit.Faults, e *Event, event, entity string, tokens []string) {
	now, today := s.core.Clock.Now(), s.core.Clock.Today()
	zone := e.Time.location(s.core.Clock.Zone)
	there := kit.Date(now.In(zone).Format("2006-01-02"))
	r := e.Registration
	switch status := e.on(today); {
	case r == nil:
		f.Add(kit.CodeNotAllowedInState, event, "notAllowedInState.noRegistration", nil)
	case e.StoredStatus != EventPublished:
		checkEventState(f, event, status, []EventStatus{EventPublished})
	case status == EventOver || !now.Before(e.ends(s.core.Clock.Zone)):
		f.Add(kit.CodeClosed, event, "closed.over", nil)
	case r.OpensOn != nil && there < *r.OpensOn:
		f.Add(kit.CodeClosed, event, "closed.notYet", map[string]string{"date": string(*r.OpensOn)})
	case r.ClosesOn != nil && there > *r.ClosesOn:
		f.Add(kit.CodeClosed, event, "closed.since", map[string]string{"date": string(*r.ClosesOn)})
	}
	if entity != "" {
		e.addressed(f, entity, tokens)
	}
}

// addressed adds a fault if the event is not for these audiences. Without tokens the membership is not active.
func (e *Event) addressed(f *kit.Faults, path string, tokens []string) {
	switch {
	case len(tokens) == 0:
		f.Add(kit.CodeNotEligible, path, "notEligible.membership", nil)
	case !e.Audience.has(tokens):
		f.Add(kit.CodeNotEligible, path, "notEligible.audience", map[string]string{"audience": e.Audience.named()})
	}
}

// has says whether the audience has one of the tokens.
func (a EventAudience) has(tokens []string) bool {
	open := a.tokens()
	return slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(open, t) })
}

// named lists the audience for a message. The audience must not be everyone.
func (a EventAudience) named() string {
	var names []string
	for _, k := range a.Kinds {
		name := string(k)
		if k == membership.RespondentAssociate && len(a.StudyGroups) > 0 {
			name += " (" + strings.Join(kit.Strings(a.StudyGroups), ", ") + ")"
		}
		names = append(names, name)
	}
	if a.Guests {
		names = append(names, string(RegistrantGuest))
	}
	return strings.Join(names, ", ")
}

// answer checks mode, consent and answers of a registration and returns the answers to store.
func (e *Event) answer(f *kit.Faults, mode AttendanceMode, consent bool, answers []RegistrationAnswerInput) []RegistrationAnswer {
	if !e.Format.has(mode) {
		f.Add(kit.CodeInvalid, "input.mode", "invalid.mode", nil)
	}
	if !consent {
		f.Add(kit.CodeRequired, "input.consent", "required.consent", nil)
	}
	var questions []RegistrationQuestion
	if e.Registration != nil {
		questions = e.Registration.Questions
	}
	given := []RegistrationAnswer{}
	for i, a := range answers {
		path := fmt.Sprintf("input.answers.%d.", i)
		if !slices.ContainsFunc(questions, func(q RegistrationQuestion) bool { return q.Code == a.Question }) {
			f.Add(kit.CodeUnknownReference, path+"question", "unknownReference.question", nil)
		}
		if slices.ContainsFunc(answers[:i], func(o RegistrationAnswerInput) bool { return o.Question == a.Question }) {
			f.Add(kit.CodeDuplicate, path+"question", "duplicate.entry", nil)
		}
		f.Text(path+"text", &a.Text, maxAnswer, true)
		given = append(given, RegistrationAnswer(a))
	}
	for _, q := range questions {
		if q.Required && !slices.ContainsFunc(answers, func(a RegistrationAnswerInput) bool { return a.Question == q.Code }) {
			f.Add(kit.CodeRequired, "input.answers", "required.answer", map[string]string{"question": q.Code})
		}
	}
	return given
}

// standing returns the audiences to which an entity belongs today, and a registration with the properties that are
// counted of it. An unknown entity is UNKNOWN_REFERENCE.
func (s *RegistrationService) standing(ctx context.Context, entity kit.ID) (tokens []string, r Registration, err error) {
	r.EntityID = &entity
	if c := s.countries.Get(entity); c != nil {
		r.Kind, r.CountryID, r.Region = RegistrantMemberState, &c.ID, new(c.Region(nil))
		return []string{audienceToken(membership.RespondentMemberState, "")}, r, nil
	}
	f := kit.NewFaults(ctx)
	if entity == "" {
		f.Add(kit.CodeRequired, "input.entity", "required", nil)
		return nil, r, f
	}
	m, err := s.members.StoredOne(ctx, entity)
	if errors.Is(err, store.ErrNotFound) {
		f.Add(kit.CodeUnknownReference, "input.entity", "unknownReference", nil)
		return nil, r, f
	}
	if err != nil {
		return nil, r, err
	}
	now := m.On(s.core.Clock.Today())
	r.Kind, r.Region = RegistrantKind(now.Category), &now.Region
	if now.Country != "" {
		r.CountryID = &now.Country
	}
	return memberTokens(now), r, nil
}

// eligible adds a fault if the person has no mandate for the entity, or has a registration for the event that the
// caller may see. A registration by another member or State is ignored: the caller must not learn of it.
func (s *RegistrationService) eligible(ctx context.Context, f *kit.Faults, e *Event, person, entity kit.ID) error {
	mandate, err := s.mandates.Holds(ctx, person, entity, s.core.Clock.Today())
	if err != nil {
		return err
	}
	if mandate == nil {
		f.Add(kit.CodeNotEligible, "input.person", "notEligible.mandate", nil)
		return nil
	}
	plan, err := s.registrations.Plan(store.Query{Any: []store.Where{{"event": {string(e.ID)}, "person": {string(person)}}}, Sort: "registeredAt"})
	if err != nil {
		return err
	}
	page, err := s.registrations.Page(ctx, plan, store.Range{Backward: true, Limit: store.MaxLimit - 1})
	for _, there := range page.Docs {
		if there.holder() != "" && (there.may(kit.ActorOf(ctx)) || kit.Deref(there.EntityID) == string(entity)) {
			f.Add(kit.CodeDuplicate, "input.person", "duplicate.registration", nil).RelatedID = &there.ID
			break
		}
	}
	return err
}

// RegistrationEligibility says whether the caller's member or State can register for an event now. Reasons lists
// everything that prevents it.
type RegistrationEligibility struct {
	Eligible bool
	Reasons  []kit.UserError
}

// Eligibility says whether the caller could register; nil if the caller acts for no member or State.
func (s *RegistrationService) Eligibility(ctx context.Context, e *Event) (*RegistrationEligibility, error) {
	if len(kit.ActorOf(ctx).Entities()) == 0 {
		return nil, nil
	}
	f := kit.NewFaults(ctx)
	s.admit(f, e, "input.event", "input.entity", e.view.tokens)
	places, err := s.PlacesOf(ctx, e)
	if err != nil {
		return nil, err
	}
	room := func(p EventPlaces) bool { return p.Left == nil || *p.Left > 0 || e.Registration.WaitingList }
	if e.Registration != nil && !slices.ContainsFunc(places, room) {
		f.Add(kit.CodeFull, "input.mode", "full.event", nil)
	}
	return &RegistrationEligibility{Eligible: len(f.List) == 0, Reasons: kit.OrEmpty(f.List)}, nil
}
