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

// admit finds every reason for which nobody of these audiences can register for the event now. The
// messages say what would have to be otherwise.
func (s *RegistrationService) admit(f *faults, e *Event, tokens []string, guest bool) {
	now, today := s.clock.Now(), s.clock.Today()
	zone := e.Time.location(s.clock.zone)
	there := Date(now.In(zone).Format("2006-01-02"))
	r := e.Registration
	switch status := e.on(today); {
	case r == nil:
		f.add(CodeNotAllowedInState, "input.event", "notAllowedInState.noRegistration", nil)
	case status == EventOver || !now.Before(e.Time.ends(s.clock.zone)):
		f.add(CodeClosed, "input.event", "closed.over", nil)
	case status != EventPublished:
		f.state("input.event", status, []EventStatus{EventPublished})
	case r.OpensOn != nil && there < *r.OpensOn:
		f.add(CodeClosed, "input.event", "closed.notYet", map[string]string{"date": string(*r.OpensOn)})
	case r.ClosesOn != nil && there > *r.ClosesOn:
		f.add(CodeClosed, "input.event", "closed.since", map[string]string{"date": string(*r.ClosesOn)})
	}
	open := e.Audience.tokens()
	switch {
	case guest:
	case len(tokens) == 0:
		f.add(CodeNotEligible, "input.entity", "notEligible.membership", nil)
	case !slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(open, t) }):
		f.add(CodeNotEligible, "input.entity", "notEligible.audience", map[string]string{"audience": strings.Join(open, ", ")})
	}
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

// standing is what an entity is today: the audiences it belongs to, and what is counted of it.
func (s *RegistrationService) standing(ctx context.Context, entity ID) (tokens []string, r Registration, err error) {
	r.EntityID = &entity
	if c := s.countries.Get(entity); c != nil {
		r.Kind, r.CountryID, r.Region = RegistrantKind(RespondentMemberState), &c.ID, new(c.Region(nil))
		return []string{audienceToken(RespondentMemberState, "")}, r, nil
	}
	m, err := MemberNoun.In(s.store).Get(ctx, string(entity))
	if errors.Is(err, store.ErrNotFound) {
		return nil, r, refuse(NotFound, "notFound", nil)
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
		s.admit(f, e, tokens, false)
		r.Answers = e.answer(f, in.Mode, in.Consent, in.Answers)
		mandate, err := s.mandates.holds(ctx, person, entity, s.clock.Today())
		if err != nil {
			return "", err
		}
		if mandate == nil {
			f.add(CodeNotEligible, "input.person", "notEligible.mandate", nil)
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

// insert gives a new registration its place and stores it, unless a fault was found.
func (s *RegistrationService) insert(ctx context.Context, f *faults, e *Event, r *Registration, placed bool, note func(change)) (ID, error) {
	at := DateTimeOf(s.clock.Now())
	r.ID, r.EventID, r.RegisteredAt, r.ConsentedAt, r.Dataset = s.newID(registrationPrefix), e.ID, at, at, datasetOf(ctx)
	r.Status, r.Changes = RegistrationRequested, []RegistrationChange{}
	there, err := s.registrations.Lookup(ctx, "holder", r.holder())
	switch {
	case err == nil:
		f.add(CodeDuplicate, "input.person", "duplicate.registration", nil).RelatedID = new(ID(there))
	case !errors.Is(err, store.ErrNotFound):
		return "", err
	}
	if len(f.list) > 0 {
		return "", f
	}
	taken, err := s.seats.seats.Get(ctx, string(e.ID))
	if err != nil {
		return "", err
	}
	switch {
	case !placed && (taken.free(e, r.Mode) || e.Registration.WaitingList):
		r.become(RegistrationRequested, at)
	case !placed || !taken.take(e, r, at):
		f.add(CodeFull, "input.mode", "full.event", nil)
		return "", f
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
func (s *RegistrationService) amend(ctx context.Context, a amendment, field string, may func(Actor, *Registration) bool, alter func(e *Event, r *Registration, taken *Seats, f *faults)) (*Registration, error) {
	var amended *Registration
	err := s.transact(ctx, func(ctx context.Context) error {
		r, err := s.registrations.Get(ctx, string(a.id))
		if errors.Is(err, store.ErrNotFound) || err == nil && !r.may(ActorOf(ctx)) {
			return refuse(NotFound, "notFound", nil)
		}
		if err != nil {
			return err
		}
		if !may(ActorOf(ctx), r) {
			return refuse(Forbidden, "forbidden", nil)
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
// its State or SECRETARIAT. It is then CONFIRMED while there are places, or else WAITS; FULL says that
// there is neither.
func (s *RegistrationService) Confirm(ctx context.Context, in ConfirmRegistrationInput) (*ConfirmRegistrationPayload, error) {
	if err := Require(ctx, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	may := func(a Actor, r *Registration) bool {
		return a.Has(RoleSecretariat) || r.EntityID != nil && a.speaksFor(*r.EntityID)
	}
	r, err := s.amend(ctx, amendment{"confirmRegistration", in.ID, in.ExpectedVersion, nil}, "status", may, func(e *Event, r *Registration, taken *Seats, f *faults) {
		if r.Status != RegistrationRequested {
			f.add(CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{"status": string(r.Status), "allowed": string(RegistrationRequested)})
			return
		}
		s.admit(f, e, nil, true)
		if len(f.list) == 0 && !taken.take(e, r, DateTimeOf(s.clock.Now())) {
			f.add(CodeFull, "input.id", "full.event", nil)
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
	may := func(Actor, *Registration) bool { return true }
	r, err := s.amend(ctx, amendment{"cancelRegistration", in.ID, in.ExpectedVersion, nil}, "status", may, func(e *Event, r *Registration, taken *Seats, f *faults) {
		switch {
		case r.Status == RegistrationCancelled:
			f.add(CodeNotAllowedInState, "input.id", "notAllowedInState.cancelled", nil)
		case !s.clock.Now().Before(e.Time.ends(s.clock.zone)):
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
	s.admit(f, e, e.view.tokens, false)
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
