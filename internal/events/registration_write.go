package events

import (
	"context"
	"errors"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// RegistrationAnswerInput answers a question of the event.
type RegistrationAnswerInput struct {
	Question string
	Text     string
}

// RegisterForEventInput registers a person. Entity may be left out, it is then the caller's own; Person may be left
// out, it is then the caller.
type RegisterForEventInput struct {
	IdempotencyKey *string
	Event          kit.ID
	Entity         *kit.ID
	Person         *kit.ID
	Mode           AttendanceMode
	Consent        bool
	NameVisibility NameVisibility
	Answers        []RegistrationAnswerInput
}

// RegisterForEventPayload has the new registration; it is nil if there are UserErrors.
type RegisterForEventPayload struct {
	Registration *Registration
	UserErrors   []kit.UserError
}

// ConfirmRegistrationInput confirms the registration that a delegate requested.
type ConfirmRegistrationInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// ConfirmRegistrationPayload has the registration after the change; it is nil if there are UserErrors.
type ConfirmRegistrationPayload struct {
	Registration *Registration
	UserErrors   []kit.UserError
}

// CancelRegistrationInput cancels a registration.
type CancelRegistrationInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// CancelRegistrationPayload has the registration after the change; it is nil if there are UserErrors.
type CancelRegistrationPayload struct {
	Registration *Registration
	UserErrors   []kit.UserError
}

// Register registers a person for an event. FOCAL_POINT and ADMINISTRATION register persons with a mandate for their
// own member or State; SECRETARIAT registers anybody with a mandate. Such registrations are CONFIRMED while there are
// places, then WAITING. DELEGATE registers itself, and its focal point confirms. A person whom somebody else registers
// is told, and can accept or refuse; see Accept. All faults are reported together: CLOSED, NOT_ALLOWED_IN_STATE,
// NOT_ELIGIBLE, FULL, and DUPLICATE with the id of the existing registration.
func (s *RegistrationService) Register(ctx context.Context, in RegisterForEventInput) (*RegisterForEventPayload, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	person := actor.Subject
	kit.Set(&person, in.Person)
	entity, err := actor.Writes(ctx, in.Entity)
	itself := person == actor.Subject && actor.Of(entity)
	speaks := actor.Has(kit.EventsSecretariat) || actor.SpeaksFor(entity)
	if err == nil && !speaks && !itself {
		err = kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &RegisterForEventPayload{UserErrors: faults}, err
	}
	id, err := s.core.Create(ctx, "registerForEvent", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		e, err := s.events.Get(ctx, in.Event)
		if err != nil {
			return "", err
		}
		if e == nil {
			return "", kit.Refuse(kit.NotFound, "notFound", nil)
		}
		tokens, r, err := s.standing(ctx, entity)
		if err != nil {
			return "", err
		}
		f := kit.NewFaults(ctx)
		f.IdempotencyKey(in.IdempotencyKey)
		s.admit(f, e, "input.event", "input.entity", tokens)
		r.StoredAnswers = e.answer(f, in.Mode, in.Consent, in.Answers)
		if err := s.eligible(ctx, f, e, person, entity); err != nil {
			return "", err
		}
		r.PersonID, r.Mode, r.NameVisibility = &person, in.Mode, in.NameVisibility
		if person != actor.Subject {
			r.RegisteredBy = &actor.Subject
		}
		return s.insert(ctx, f, e, &r, speaks, note)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &RegisterForEventPayload{UserErrors: faults}, err
	}
	r, err := kit.One(ctx, s.ByIDs, id)
	return &RegisterForEventPayload{Registration: r}, err
}

// insert stores a new registration unless there are faults. If placed is set the registration takes a place,
// otherwise it is REQUESTED.
func (s *RegistrationService) insert(ctx context.Context, f *kit.Faults, e *Event, r *Registration, placed bool, note func(kit.Change)) (kit.ID, error) {
	at := kit.DateTimeOf(s.core.Clock.Now())
	r.ID, r.EventID, r.RegisteredAt, r.ConsentedAt, r.Dataset = s.core.NewID(registrationPrefix), e.ID, at, at, kit.DatasetOf(ctx)
	r.Changes = []RegistrationChange{}
	taken, err := s.seats.storedOne(ctx, e.ID)
	if err != nil {
		return "", err
	}
	if e.Registration != nil && !taken.room(e, r.Mode) {
		f.Add(kit.CodeFull, "input.mode", "full.event", nil)
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	if placed {
		taken.take(e, r, at)
	} else {
		r.become(RegistrationRequested, at)
	}
	if err := s.tellNew(ctx, r, e, taken); err != nil {
		return "", err
	}
	if err := s.registrations.Insert(ctx, r); err != nil {
		return "", err
	}
	if err := s.seats.keep(ctx, taken); err != nil {
		return "", err
	}
	note(kit.Changed(RegistrationNoun, r, kit.Created, "event", "mode", "status"))
	return r.ID, nil
}

// amend changes a field of a registration, updates the count of places, and tells who is to know if tell is given, in the
// same transaction. A registration that the caller may not see is NOT_FOUND.
func (s *RegistrationService) amend(ctx context.Context, a kit.Amendment, field string, may func(context.Context, *Registration) error, alter func(e *Event, r *Registration, taken *Seats, f *kit.Faults), tell func(ctx context.Context, e *Event, r *Registration, taken *Seats) error) (*Registration, error) {
	var amended *Registration
	err := s.core.Transact(ctx, func(ctx context.Context) error {
		r, err := s.registrations.Get(ctx, string(a.ID))
		if errors.Is(err, store.ErrNotFound) || err == nil && !r.may(kit.ActorOf(ctx)) {
			return kit.Refuse(kit.NotFound, "notFound", nil)
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
		amended, err = kit.Amend(ctx, s.core, RegistrationNoun, a, func(context.Context, *Registration) error { return nil }, func(r *Registration, f *kit.Faults) []string {
			alter(e, r, taken, f)
			return []string{field}
		})
		if err != nil {
			return err
		}
		return s.core.Write(ctx, a.Operation, func(ctx context.Context, note func(kit.Change)) error {
			if tell != nil {
				if err := tell(ctx, e, amended, taken); err != nil {
					return err
				}
			}
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

// Confirm confirms a registration that a delegate requested: FOCAL_POINT of its member, ADMINISTRATION of its
// State, SECRETARIAT. The registration is then CONFIRMED while there are places, or else WAITING. The same faults
// apply as for a new registration.
func (s *RegistrationService) Confirm(ctx context.Context, in ConfirmRegistrationInput) (*ConfirmRegistrationPayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	var tokens []string
	var mandate *people.Mandate
	may := func(ctx context.Context, r *Registration) (err error) {
		actor := kit.ActorOf(ctx)
		switch {
		case !actor.Has(kit.EventsSecretariat) && (r.EntityID == nil || !actor.SpeaksFor(*r.EntityID)):
			return kit.Refuse(kit.Forbidden, "forbidden", nil)
		case r.EntityID == nil || r.PersonID == nil:
			return nil
		}
		if tokens, _, err = s.standing(ctx, *r.EntityID); err == nil {
			mandate, err = s.mandates.Holds(ctx, *r.PersonID, *r.EntityID, s.core.Clock.Today())
		}
		return err
	}
	r, err := s.amend(ctx, kit.Amendment{Operation: "confirmRegistration", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, "status", may, func(e *Event, r *Registration, taken *Seats, f *kit.Faults) {
		if r.Status != RegistrationRequested {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{"status": string(r.Status), "allowed": string(RegistrationRequested)})
			return
		}
		s.admit(f, e, "input.id", "input.id", tokens)
		if mandate == nil {
			f.Add(kit.CodeNotEligible, "input.id", "notEligible.mandate", nil)
		}
		if !e.Format.has(r.Mode) {
			f.Add(kit.CodeInvalid, "input.id", "invalid.mode", nil)
		}
		if e.Registration != nil && !taken.room(e, r.Mode) {
			f.Add(kit.CodeFull, "input.id", "full.event", nil)
		}
		if len(f.List) == 0 {
			taken.take(e, r, kit.DateTimeOf(s.core.Clock.Now()))
		}
	}, s.tellPlaced)
	faults, err := kit.UserErrorsOf(err)
	return &ConfirmRegistrationPayload{r, faults}, err
}

// Cancel cancels a registration: the person itself, FOCAL_POINT of its member, ADMINISTRATION of its State,
// SECRETARIAT. In the same transaction the first person in the queue gets the place. After the event it is CLOSED.
func (s *RegistrationService) Cancel(ctx context.Context, in CancelRegistrationInput) (*CancelRegistrationPayload, error) {
	if err := kit.Require(ctx, kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	may := func(context.Context, *Registration) error { return nil }
	r, err := s.amend(ctx, kit.Amendment{Operation: "cancelRegistration", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, "status", may, func(e *Event, r *Registration, taken *Seats, f *kit.Faults) {
		switch {
		case r.Status == RegistrationCancelled:
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.cancelled", nil)
		case s.over(e):
			f.Add(kit.CodeClosed, "input.id", "closed.over", nil)
		default:
			taken.leave(r)
			r.become(RegistrationCancelled, kit.DateTimeOf(s.core.Clock.Now()))
			r.CodeHash, r.LinkedTo = "", ""
		}
	}, s.tellCancelled)
	faults, err := kit.UserErrorsOf(err)
	return &CancelRegistrationPayload{r, faults}, err
}
