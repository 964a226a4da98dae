package portal

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/store"
)

// HandOverFocalPointInput proposes that another person takes over from a focal point. On is today if
// it is left out.
type HandOverFocalPointInput struct {
	IdempotencyKey  *string
	Mandate         ID
	ExpectedVersion int
	To              ID
	On              *Date
}

// HandOverFocalPointPayload is the mandate with the proposal, or what is wrong.
type HandOverFocalPointPayload struct {
	Mandate    *Mandate
	UserErrors []UserError
}

// CancelHandOverInput takes a proposal back.
type CancelHandOverInput struct {
	Mandate         ID
	ExpectedVersion int
	Reason          *string
}

// CancelHandOverPayload is the mandate as it is now, or what is wrong.
type CancelHandOverPayload struct {
	Mandate    *Mandate
	UserErrors []UserError
}

// HandOver proposes that a person who has a mandate for the same entity takes over from a focal point,
// and writes to that person. Nothing changes until the person accepts. The person of the mandate may,
// while its token speaks for the entity, and SECRETARIAT; others get FORBIDDEN for a mandate that they
// see and NOT_FOUND for one that they do not. One that does not hold today, or on which a proposal is
// open, is NOT_ALLOWED_IN_STATE.
func (s *MandateService) HandOver(ctx context.Context, in HandOverFocalPointInput) (*HandOverFocalPointPayload, error) {
	if err := Require(ctx, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.create(ctx, "handOverFocalPoint", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		return in.Mandate, s.propose(ctx, note, in)
	})
	if err != nil {
		faults, err := refused(err)
		return &HandOverFocalPointPayload{UserErrors: faults}, err
	}
	m, err := s.Get(ctx, id)
	return &HandOverFocalPointPayload{Mandate: m}, err
}

func (s *MandateService) propose(ctx context.Context, note func(change), in HandOverFocalPointInput) error {
	m, err := s.seen(ctx, in.Mandate)
	if err == nil {
		err = s.mayHandOver(ctx, m)
	}
	if err != nil {
		return err
	}
	today := s.core.clock.Today()
	on := today
	set(&on, in.On)
	f := newFaults(ctx)
	f.version(in.ExpectedVersion, m.Version)
	f.idempotencyKey(in.IdempotencyKey)
	f.day("input.on", on, today, today)
	m.mayBeHandedOver(f, on)
	to, err := s.asked(ctx, f, m, in.To, on)
	if err == nil {
		err = s.mayGoOn(ctx, f, m)
	}
	if err == nil {
		err = f.err()
	}
	if err != nil {
		return err
	}
	m.HandOver = &HandOver{To: to.ID, Person: to.Person, On: on, ProposedBy: ActorOf(ctx).Subject, ProposedAt: DateTimeOf(s.core.clock.Now())}
	m.record(ctx, s.core.clock, HandOverProposed, on, nil)
	if err := s.mandates.Replace(ctx, m); err != nil {
		return err
	}
	note(changed(MandateNoun, m, Updated, "handOver", "history"))
	return s.tellSuccessor(ctx, m)
}

// seen reads a mandate to change it, NOT_FOUND if the caller does not see it.
func (s *MandateService) seen(ctx context.Context, id ID) (*Mandate, error) {
	m, err := s.mandates.Get(ctx, string(id))
	if errors.Is(err, store.ErrNotFound) || err == nil && !s.show(ctx, m) {
		return nil, refuse(NotFound, "notFound", nil)
	}
	return m, err
}

// mayHandOver asks whether the caller may propose a hand-over, or take it back.
func (s *MandateService) mayHandOver(ctx context.Context, m *Mandate) error {
	actor := ActorOf(ctx)
	if !actor.Has(RoleSecretariat) && (actor.Subject != m.Person || !actor.speaksFor(m.Entity)) {
		return refuse(Forbidden, "forbidden", nil)
	}
	return nil
}

// mayBeHandedOver checks what a mandate must be to be handed over on a day.
func (m *Mandate) mayBeHandedOver(f *faults, on Date) {
	const path = "input.mandate"
	if m.Role != MandateFocalPoint {
		f.add(CodeNotEligible, path, "notEligible.focalPoint", nil)
	}
	switch state := m.State(); {
	case state == MandateEnded:
		f.add(CodeNotAllowedInState, path, "notAllowedInState.ended", map[string]string{"date": string(*m.Until)})
	case state == MandateComing:
		f.add(CodeNotAllowedInState, path, "notAllowedInState", map[string]string{"status": string(state), "allowed": string(MandateCurrent)})
	case m.HandedOverTo != nil:
		f.add(CodeNotAllowedInState, path, "notAllowedInState.handedOver", map[string]string{"date": string(*m.Until)}).RelatedID = m.HandedOverTo
	case m.HandOver != nil:
		f.add(CodeNotAllowedInState, path, "notAllowedInState.handOver", nil).RelatedID = &m.HandOver.To
	case m.Until != nil && *m.Until < on:
		f.add(CodeOutOfRange, "input.on", "outOfRange.after", map[string]string{"date": string(*m.Until)})
	}
	if len(m.History) >= maxMandateEvents {
		f.add(CodeFull, path, "full", nil)
	}
}

// asked is the mandate of the successor whom an input names: of another person, for the same entity,
// current.
func (s *MandateService) asked(ctx context.Context, f *faults, m *Mandate, id ID, on Date) (*Mandate, error) {
	const path = "input.to"
	to, err := s.Get(ctx, id)
	switch {
	case err != nil:
	case to == nil || to.Entity != m.Entity:
		f.add(CodeUnknownReference, path, "unknownReference", nil)
	case to.Person == m.Person:
		f.add(CodeNotEligible, path, "notEligible.oneself", nil)
	default:
		err = s.mayTakeOver(ctx, f, path, to.Person, m.Entity, on)
	}
	return to, err
}

// mayTakeOver checks what a successor must be: one who acts for the entity today, and will not be its
// focal point on that day anyway.
func (s *MandateService) mayTakeOver(ctx context.Context, f *faults, path string, person, entity ID, on Date) error {
	all, err := s.between(ctx, person, entity)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(m *Mandate) bool { return m.on(s.core.clock.Today()) == MandateCurrent }) {
		f.add(CodeNotEligible, path, "notEligible.mandate", nil)
	}
	if i := slices.IndexFunc(all, func(m *Mandate) bool { return m.Role == MandateFocalPoint && m.on(on) != MandateEnded }); i >= 0 {
		f.add(CodeDuplicate, path, "duplicate.mandate", nil).RelatedID = &all[i].ID
	}
	return nil
}

// CancelHandOver takes a proposal back, by the rules of HandOver. Where none is open it is
// NOT_ALLOWED_IN_STATE.
func (s *MandateService) CancelHandOver(ctx context.Context, in CancelHandOverInput) (*CancelHandOverPayload, error) {
	if err := Require(ctx, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	may := func(ctx context.Context, m *Mandate) error {
		if !s.show(ctx, m) {
			return refuse(NotFound, "notFound", nil)
		}
		return s.mayHandOver(ctx, m)
	}
	m, err := amend(ctx, s.core, MandateNoun, amendment{"cancelHandOver", in.Mandate, in.ExpectedVersion, in.Reason}, may, func(m *Mandate, f *faults) []string {
		f.evidence(in.Reason, nil)
		if m.HandOver == nil {
			f.add(CodeNotAllowedInState, "input.mandate", "notAllowedInState.noHandOver", nil)
			return nil
		}
		m.record(ctx, s.core.clock, HandOverCancelled, m.HandOver.On, trimmed(in.Reason))
		m.HandOver = nil
		return []string{"handOver", "history"}
	})
	faults, err := refused(err)
	return &CancelHandOverPayload{m, faults}, err
}
