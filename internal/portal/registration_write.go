package portal

import (
	"context"
	"errors"

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
	id, err := s.core.create(ctx, "registerForEvent", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
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

// insert gives a new registration its place and stores it, unless a fault was found.
func (s *RegistrationService) insert(ctx context.Context, f *faults, e *Event, r *Registration, placed bool, note func(change)) (ID, error) {
	at := DateTimeOf(s.core.clock.Now())
	r.ID, r.EventID, r.RegisteredAt, r.ConsentedAt, r.Dataset = s.core.newID(registrationPrefix), e.ID, at, at, datasetOf(ctx)
	r.Changes = []RegistrationChange{}
	taken, err := s.seats.storedOne(ctx, e.ID)
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
	if err := s.seats.keep(ctx, taken); err != nil {
		return "", err
	}
	note(changed(RegistrationNoun, r, Created, "event", "mode", "status"))
	return r.ID, nil
}

// amend changes a field of a registration together with the count of places.
func (s *RegistrationService) amend(ctx context.Context, a amendment, field string, may func(context.Context, *Registration) error, alter func(e *Event, r *Registration, taken *Seats, f *faults)) (*Registration, error) {
	var amended *Registration
	err := s.core.transact(ctx, func(ctx context.Context) error {
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
		e, err := s.events.storedOne(ctx, r.EventID)
		if err != nil {
			return err
		}
		taken, err := s.seats.storedOne(ctx, e.ID)
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
		return s.core.write(ctx, a.operation, func(ctx context.Context, note func(change)) error {
			if err := s.seats.promote(ctx, e, taken, note); err != nil {
				return err
			}
			return s.seats.keep(ctx, taken)
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
			mandate, err = s.mandates.holds(ctx, *r.PersonID, *r.EntityID, s.core.clock.Today())
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
			taken.take(e, r, DateTimeOf(s.core.clock.Now()))
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
		case e.State != EventPostponed && !s.core.clock.Now().Before(e.Time.ends(s.core.clock.zone)):
			f.add(CodeClosed, "input.id", "closed.over", nil)
		default:
			taken.leave(r)
			r.become(RegistrationCancelled, DateTimeOf(s.core.clock.Now()))
		}
	})
	faults, err := refused(err)
	return &CancelRegistrationPayload{r, faults}, err
}
