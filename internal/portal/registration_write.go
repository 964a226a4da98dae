package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/store"
)

// RegistrationAnswerInput answers a question of the event.
type RegistrationAnswerInput struct {
	Question string
	Text     string
}

// RegisterForEventInput registers a person. Entity and Person are left out by whoever registers for
// its own member or State, and itself.
type RegisterForEventInput struct {
	IdempotencyKey *string
	Event          ID
	Entity         *ID
	Person         *ID
	Mode           AttendanceMode
	Consent        bool
	NameVisibility NameVisibility
	Answers        []RegistrationAnswerInput
}

// RegisterForEventPayload is the registration, or what is wrong.
type RegisterForEventPayload struct {
	Registration *Registration
	UserErrors   []UserError
}

// ConfirmRegistrationInput confirms what a delegate requested.
type ConfirmRegistrationInput struct {
	ID              ID
	ExpectedVersion int
}

// ConfirmRegistrationPayload is the registration as it is now, or what is wrong.
type ConfirmRegistrationPayload struct {
	Registration *Registration
	UserErrors   []UserError
}

// CancelRegistrationInput cancels a registration.
type CancelRegistrationInput struct {
	ID              ID
	ExpectedVersion int
}

// CancelRegistrationPayload is the registration as it is now, or what is wrong.
type CancelRegistrationPayload struct {
	Registration *Registration
	UserErrors   []UserError
}

// maxAnswer is how many characters an answer may have.
const maxAnswer = 2000

// admit finds every reason for which nobody of these audiences can register for the event now, and notes
// it at the path of what names the event, or the entity; without a path for an entity it is a guest. The
// messages say what would have to be otherwise.
func (s *RegistrationService) admit(f *faults, e *Event, event, entity string, tokens []string) {
	now, today := s.clock.Now(), s.clock.Today()
	zone := e.Time.location(s.clock.zone)
	there := Date(now.In(zone).Format("2006-01-02"))
	r := e.Registration
	switch status := e.on(today); {
	case r == nil:
		f.add(CodeNotAllowedInState, event, "notAllowedInState.noRegistration", nil)
	case e.State != EventPublished:
		f.state(event, status, []EventStatus{EventPublished})
	case status == EventOver || !now.Before(e.Time.ends(s.clock.zone)):
		f.add(CodeClosed, event, "closed.over", nil)
	case r.OpensOn != nil && there < *r.OpensOn:
		f.add(CodeClosed, event, "closed.notYet", map[string]string{"date": string(*r.OpensOn)})
	case r.ClosesOn != nil && there > *r.ClosesOn:
		f.add(CodeClosed, event, "closed.since", map[string]string{"date": string(*r.ClosesOn)})
	}
	if entity != "" {
		e.addressed(f, entity, tokens)
	}
}

// addressed finds out why the event is not for whoever belongs to these audiences.
func (e *Event) addressed(f *faults, path string, tokens []string) {
	open := e.Audience.tokens()
	switch {
	case len(tokens) == 0:
		f.add(CodeNotEligible, path, "notEligible.membership", nil)
	case !slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(open, t) }):
		f.add(CodeNotEligible, path, "notEligible.audience", map[string]string{"audience": e.Audience.named()})
	}
}

// named says in a message for whom the audience is that is not for everyone.
func (a EventAudience) named() string {
	var names []string
	for _, k := range a.Kinds {
		name := string(k)
		if k == RespondentAssociate && len(a.StudyGroups) > 0 {
			name += " (" + strings.Join(texts(a.StudyGroups), ", ") + ")"
		}
		names = append(names, name)
	}
	if a.Guests {
		names = append(names, string(RegistrantGuest))
	}
	return strings.Join(names, ", ")
}

// answer checks a registration's own part: mode, consent and answers.
func (e *Event) answer(f *faults, mode AttendanceMode, consent bool, answers []RegistrationAnswerInput) []RegistrationAnswer {
	if !e.Format.has(mode) {
		f.add(CodeInvalid, "input.mode", "invalid.mode", nil)
	}
	if !consent {
		f.add(CodeRequired, "input.consent", "required.consent", nil)
	}
	var questions []RegistrationQuestion
	if e.Registration != nil {
		questions = e.Registration.Questions
	}
	given := []RegistrationAnswer{}
	for i, a := range answers {
		path := fmt.Sprintf("input.answers.%d.", i)
		if !slices.ContainsFunc(questions, func(q RegistrationQuestion) bool { return q.Code == a.Question }) {
			f.add(CodeUnknownReference, path+"question", "unknownReference.question", nil)
		}
		if slices.ContainsFunc(answers[:i], func(o RegistrationAnswerInput) bool { return o.Question == a.Question }) {
			f.add(CodeInvalid, path+"question", "invalid.repeated", nil)
		}
		f.text(path+"text", a.Text, maxAnswer, true)
		given = append(given, RegistrationAnswer{a.Question, strings.TrimSpace(a.Text)})
	}
	for _, q := range questions {
		if q.Required && !slices.ContainsFunc(answers, func(a RegistrationAnswerInput) bool { return a.Question == q.Code }) {
			f.add(CodeRequired, "input.answers", "required.answer", map[string]string{"question": q.Code})
		}
	}
	return given
}

// entity is the member or country for which the actor acts, empty for none.
func (a Actor) entity() ID {
	switch {
	case a.of(a.Member):
		return a.Member
	case a.Has(RoleAdministration):
		return CountryID(a.Country)
	}
	return ""
}

// standing is what an entity is today: the audiences it belongs to, and what is counted of it. One that
// is not there is UNKNOWN_REFERENCE.
func (s *RegistrationService) standing(ctx context.Context, entity ID) (tokens []string, r Registration, err error) {
	r.EntityID = &entity
	if c := s.countries.Get(entity); c != nil {
		r.Kind, r.CountryID, r.Region = RegistrantMemberState, &c.ID, new(c.Region(nil))
		return []string{audienceToken(RespondentMemberState, "")}, r, nil
	}
	f := newFaults(ctx)
	if entity == "" {
		f.add(CodeRequired, "input.entity", "required", nil)
		return nil, r, f
	}
	m, err := MemberNoun.In(s.store).Get(ctx, string(entity))
	if errors.Is(err, store.ErrNotFound) {
		f.add(CodeUnknownReference, "input.entity", "unknownReference", nil)
		return nil, r, f
	}
	if err != nil {
		return nil, r, err
	}
	now := m.on(s.clock.Today())
	r.Kind, r.Region = RegistrantKind(now.Category), &now.Region
	if now.Country != "" {
		r.CountryID = &now.Country
	}
	return memberTokens(now), r, nil
}

// Register registers a person for an event. FOCAL_POINT and ADMINISTRATION register persons with a
// mandate for their own member or State, and those are CONFIRMED while there are places, or else WAIT;
// DELEGATE registers itself, which its focal point confirms; SECRETARIAT registers anybody with a
// mandate. What stands in the way is told all at once: CLOSED, NOT_ALLOWED_IN_STATE, NOT_ELIGIBLE,
// FULL, DUPLICATE with the registration that there is.
func (s *RegistrationService) Register(ctx context.Context, in RegisterForEventInput) (*RegisterForEventPayload, error) {
	actor := ActorOf(ctx)
	if err := actor.require(RoleDelegate, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	entity, person := actor.entity(), actor.Subject
	set(&entity, in.Entity)
	set(&person, in.Person)
	itself := person == actor.Subject && actor.of(entity)
	speaks := actor.Has(RoleSecretariat) || actor.speaksFor(entity)
	if !speaks && !itself {
		return nil, refuse(Forbidden, "forbidden", nil)
	}
	id, err := s.create(ctx, "registerForEvent", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		e, err := s.events.Get(ctx, in.Event)
		if err != nil {
			return "", err
		}
		if e == nil {
			return "", refuse(NotFound, "notFound", nil)
		}
		tokens, r, err := s.standing(ctx, entity)
		if err != nil {
			return "", err
		}
		f := newFaults(ctx)
		f.idempotencyKey(in.IdempotencyKey)
		s.admit(f, e, "input.event", "input.entity", tokens)
		r.Answers = e.answer(f, in.Mode, in.Consent, in.Answers)
		if err := s.eligible(ctx, f, e, person, entity); err != nil {
			return "", err
		}
		r.PersonID, r.Mode, r.NameVisibility = &person, in.Mode, in.NameVisibility
		return s.insert(ctx, f, e, &r, speaks, note)
	})
	if err != nil {
		faults, err := refused(err)
		return &RegisterForEventPayload{UserErrors: faults}, err
	}
	r, err := one(ctx, s.ByIDs, id)
	return &RegisterForEventPayload{Registration: r}, err
}

// eligible finds what stands in the way of a person: no mandate for the entity, or a registration for the
// event. That there is one is told only of those who have a mandate, and which it is only to whoever may
// see it, so that nobody finds out who comes for others.
func (s *RegistrationService) eligible(ctx context.Context, f *faults, e *Event, person, entity ID) error {
	mandate, err := s.mandates.holds(ctx, person, entity, s.clock.Today())
	if err != nil {
		return err
	}
	if mandate == nil {
		f.add(CodeNotEligible, "input.person", "notEligible.mandate", nil)
		return nil
	}
	id, err := s.registrations.Lookup(ctx, "holder", holder(e.ID, person))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	there, err := s.registrations.Get(ctx, id)
	if err != nil {
		return err
	}
	if fault := f.add(CodeDuplicate, "input.person", "duplicate.registration", nil); there.may(ActorOf(ctx)) {
		fault.RelatedID = &there.ID
	}
	return nil
}

// insert gives a new registration its place and stores it, unless a fault was found.
func (s *RegistrationService) insert(ctx context.Context, f *faults, e *Event, r *Registration, placed bool, note func(change)) (ID, error) {
	at := DateTimeOf(s.clock.Now())
	r.ID, r.EventID, r.RegisteredAt, r.ConsentedAt, r.Dataset = s.newID(registrationPrefix), e.ID, at, at, datasetOf(ctx)
	r.Changes = []RegistrationChange{}
	taken, err := s.seats.seats.Get(ctx, string(e.ID))
	if err != nil {
		return "", err
	}
	if e.Registration != nil && !taken.room(e, r.Mode) {
		f.add(CodeFull, "input.mode", "full.event", nil)
	}
	if err := f.err(); err != nil {
		return "", err
	}
	if placed {
		taken.take(e, r, at)
	} else {
		r.become(RegistrationRequested, at)
	}
	if err := s.registrations.Insert(ctx, r); err != nil {
		return "", err
	}
	if err := s.seats.seats.Replace(ctx, taken); err != nil {
		return "", err
	}
	note(registrationChange(r, Created, "event", "mode", "status"))
	return r.ID, nil
}

// amend changes a field of a registration together with the count of places.
func (s *RegistrationService) amend(ctx context.Context, a amendment, field string, may func(context.Context, *Registration) error, alter func(e *Event, r *Registration, taken *Seats, f *faults)) (*Registration, error) {
	var amended *Registration
	err := s.transact(ctx, func(ctx context.Context) error {
		r, err := s.registrations.Get(ctx, string(a.id))
		if errors.Is(err, store.ErrNotFound) || err == nil && !r.may(ActorOf(ctx)) {
			return refuse(NotFound, "notFound", nil)
		}
		if err != nil {
			return err
		}
		if err := may(ctx, r); err != nil {
			return err
		}
		e, err := EventNoun.In(s.store).Get(ctx, string(r.EventID))
		if err != nil {
			return err
		}
		taken, err := s.seats.seats.Get(ctx, string(e.ID))
		if err != nil {
			return err
		}
		amended, err = amend(ctx, s.core, RegistrationNoun, a, func(context.Context, *Registration) error { return nil }, func(r *Registration, f *faults) []string {
			alter(e, r, taken, f)
			return []string{field}
		})
		if err != nil {
			return err
		}
		return s.write(ctx, a.operation, func(ctx context.Context, note func(change)) error {
			if err := s.seats.promote(ctx, e, taken, note); err != nil {
				return err
			}
			return s.seats.seats.Replace(ctx, taken)
		})
	})
	if err != nil {
		return nil, err
	}
	join([]*Registration{amended})
	return amended, nil
}

// Confirm confirms what a delegate requested, by the focal point of its member, the administration of
// its State or SECRETARIAT. It is then CONFIRMED while there are places, or else WAITS. What would stand in
// the way of registering now does so too.
func (s *RegistrationService) Confirm(ctx context.Context, in ConfirmRegistrationInput) (*ConfirmRegistrationPayload, error) {
	if err := Require(ctx, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	var tokens []string
	var mandate *Mandate
	may := func(ctx context.Context, r *Registration) (err error) {
		actor := ActorOf(ctx)
		switch {
		case !actor.Has(RoleSecretariat) && (r.EntityID == nil || !actor.speaksFor(*r.EntityID)):
			return refuse(Forbidden, "forbidden", nil)
		case r.EntityID == nil || r.PersonID == nil:
			return nil
		}
		if tokens, _, err = s.standing(ctx, *r.EntityID); err == nil {
			mandate, err = s.mandates.holds(ctx, *r.PersonID, *r.EntityID, s.clock.Today())
		}
		return err
	}
	r, err := s.amend(ctx, amendment{"confirmRegistration", in.ID, in.ExpectedVersion, nil}, "status", may, func(e *Event, r *Registration, taken *Seats, f *faults) {
		if r.Status != RegistrationRequested {
			f.add(CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{"status": string(r.Status), "allowed": string(RegistrationRequested)})
			return
		}
		s.admit(f, e, "input.id", "input.id", tokens)
		if mandate == nil {
			f.add(CodeNotEligible, "input.id", "notEligible.mandate", nil)
		}
		if !e.Format.has(r.Mode) {
			f.add(CodeInvalid, "input.id", "invalid.mode", nil)
		}
		if e.Registration != nil && !taken.room(e, r.Mode) {
			f.add(CodeFull, "input.id", "full.event", nil)
		}
		if len(f.list) == 0 {
			taken.take(e, r, DateTimeOf(s.clock.Now()))
		}
	})
	faults, err := refused(err)
	return &ConfirmRegistrationPayload{r, faults}, err
}

// Cancel cancels a registration, by the person itself, the focal point of its member, the
// administration of its State or SECRETARIAT. Whoever waits longest gets the place in the same
// transaction. What is over is CLOSED.
func (s *RegistrationService) Cancel(ctx context.Context, in CancelRegistrationInput) (*CancelRegistrationPayload, error) {
	if err := Require(ctx, RoleDelegate, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	may := func(context.Context, *Registration) error { return nil }
	r, err := s.amend(ctx, amendment{"cancelRegistration", in.ID, in.ExpectedVersion, nil}, "status", may, func(e *Event, r *Registration, taken *Seats, f *faults) {
		switch {
		case r.Status == RegistrationCancelled:
			f.add(CodeNotAllowedInState, "input.id", "notAllowedInState.cancelled", nil)
		case e.State != EventPostponed && !s.clock.Now().Before(e.Time.ends(s.clock.zone)):
			f.add(CodeClosed, "input.id", "closed.over", nil)
		default:
			taken.leave(r)
			r.become(RegistrationCancelled, DateTimeOf(s.clock.Now()))
		}
	})
	faults, err := refused(err)
	return &CancelRegistrationPayload{r, faults}, err
}

// RegistrationEligibility says whether the caller's member or State can register for an event now,
// and if not, everything that stands in the way.
type RegistrationEligibility struct {
	Eligible bool
	Reasons  []UserError
}

// Eligibility says whether the caller could register; nil for whoever acts for no member or State.
func (s *RegistrationService) Eligibility(ctx context.Context, e *Event) (*RegistrationEligibility, error) {
	if ActorOf(ctx).entity() == "" {
		return nil, nil
	}
	f := newFaults(ctx)
	s.admit(f, e, "input.event", "input.entity", e.view.tokens)
	places, err := s.events.PlacesOf(ctx, e)
	if err != nil {
		return nil, err
	}
	room := func(p EventPlaces) bool { return p.Left == nil || *p.Left > 0 || e.Registration.WaitingList }
	if e.Registration != nil && !slices.ContainsFunc(places, room) {
		f.add(CodeFull, "input.mode", "full.event", nil)
	}
	return &RegistrationEligibility{Eligible: len(f.list) == 0, Reasons: orNone(f.list)}, nil
}
