package people

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// HandOverFocalPointInput proposes that another person takes over from a focal point. On is today if
// it is left out.
type HandOverFocalPointInput struct {
	IdempotencyKey  *string
	Mandate         kit.ID
	ExpectedVersion int
	To              kit.ID
	On              *kit.Date
}

// HandOverFocalPointPayload has the result: Mandate is nil if UserErrors is not empty.
type HandOverFocalPointPayload struct {
	Mandate    *Mandate
	UserErrors []kit.UserError
}

// CancelHandOverInput takes back a proposal.
type CancelHandOverInput struct {
	Mandate         kit.ID
	ExpectedVersion int
	Reason          *string
}

// CancelHandOverPayload has the record after the change: Mandate is nil if UserErrors is not empty.
type CancelHandOverPayload struct {
	Mandate    *Mandate
	UserErrors []kit.UserError
}

// HandOver proposes that a person with a mandate for the same entity takes over from a focal point, and sends that
// person a message. Nothing changes until the person accepts. The person of the mandate may propose, while its
// token speaks for the entity, and SECRETARIAT. Others get FORBIDDEN for a mandate that they may see, and NOT_FOUND
// otherwise. A mandate that does not hold today or has an open proposal is NOT_ALLOWED_IN_STATE.
// PRESENCE_REQUIRED as in kit.Core.Present.
func (s *MandateService) HandOver(ctx context.Context, in HandOverFocalPointInput) (*HandOverFocalPointPayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "handOverFocalPoint", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		return in.Mandate, s.propose(ctx, note, in)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &HandOverFocalPointPayload{UserErrors: faults}, err
	}
	m, err := s.Get(ctx, id)
	return &HandOverFocalPointPayload{Mandate: m}, err
}

func (s *MandateService) propose(ctx context.Context, note func(kit.Change), in HandOverFocalPointInput) error {
	m, err := s.seen(ctx, in.Mandate)
	if err == nil {
		err = s.mayHandOver(ctx, m)
	}
	if err == nil {
		err = s.core.Present(ctx)
	}
	if err != nil {
		return err
	}
	today := s.core.Clock.Today()
	on := today
	kit.Set(&on, in.On)
	f := kit.NewFaults(ctx)
	f.Version(in.ExpectedVersion, m.Version)
	f.IdempotencyKey(in.IdempotencyKey)
	f.Day("input.on", on, today, today)
	m.mayBeHandedOver(f, on)
	to, err := s.asked(ctx, f, m, in.To, on)
	if err == nil {
		err = s.mayGoOn(ctx, f, m)
	}
	if err == nil {
		err = f.Err()
	}
	if err != nil {
		return err
	}
	m.HandOver = &HandOver{To: to.ID, Person: to.Person, On: on, ProposedBy: kit.ActorOf(ctx).Subject, ProposedAt: kit.DateTimeOf(s.core.Clock.Now())}
	m.record(ctx, s.core.Clock, HandOverProposed, on, nil)
	if err := s.mandates.Replace(ctx, m); err != nil {
		return err
	}
	note(kit.Changed(MandateNoun, m, kit.Updated, "handOver", "history"))
	return errors.Join(s.tellSuccessor(ctx, m), s.tellBeside(ctx, m))
}

// seen reads a mandate that is to be changed. It is NOT_FOUND if the caller may not see it.
func (s *MandateService) seen(ctx context.Context, id kit.ID) (*Mandate, error) {
	m, err := s.mandates.Get(ctx, string(id))
	if errors.Is(err, store.ErrNotFound) || err == nil && !s.show(ctx, m) {
		return nil, kit.Refuse(kit.NotFound, "notFound", nil)
	}
	return m, err
}

// mayHandOver asks whether the caller may propose a hand-over or take back a proposal.
func (s *MandateService) mayHandOver(ctx context.Context, m *Mandate) error {
	actor := kit.ActorOf(ctx)
	if !actor.Has(kit.MembershipSecretariat) && (actor.Subject != m.Person || !actor.SpeaksFor(m.Entity)) {
		return kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	return nil
}

// mayBeHandedOver adds a fault if a mandate cannot be handed over on a day.
func (m *Mandate) mayBeHandedOver(f *kit.Faults, on kit.Date) {
	const path = "input.mandate"
	if m.Role != MandateFocalPoint {
		f.Add(kit.CodeNotEligible, path, "notEligible.focalPoint", nil)
	}
	switch state := m.State(); {
	case state == MandateEnded:
		f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState.ended", map[string]string{"date": string(*m.Until)})
	case state != MandateCurrent:
		f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState", map[string]string{"status": string(state), "allowed": string(MandateCurrent)})
	case m.HandedOverTo != nil:
		f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState.handedOver", map[string]string{"date": string(*m.Until)}).RelatedID = m.HandedOverTo
	case m.HandOver != nil:
		f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState.handOver", nil).RelatedID = &m.HandOver.To
	case m.Until != nil && *m.Until < on:
		f.Add(kit.CodeOutOfRange, "input.on", "outOfRange.after", map[string]string{"date": string(*m.Until)})
	}
	if len(m.History) >= maxMandateEvents {
		f.Add(kit.CodeFull, path, "full", nil)
	}
}

// asked reads the successor's mandate that an input names. It must be current, of another person and for the same
// entity.
func (s *MandateService) asked(ctx context.Context, f *kit.Faults, m *Mandate, id kit.ID, on kit.Date) (*Mandate, error) {
	const path = "input.to"
	to, err := s.Get(ctx, id)
	switch {
	case err != nil:
	case to == nil || to.Entity != m.Entity:
		f.Add(kit.CodeUnknownReference, path, "unknownReference", nil)
	case to.Person == m.Person:
		f.Add(kit.CodeNotEligible, path, "notEligible.oneself", nil)
	default:
		err = s.mayTakeOver(ctx, f, path, to.Person, m.Entity, on)
	}
	return to, err
}

// mayTakeOver checks a successor: the person must act for the entity today, and must not be its focal point on that
// day already.
func (s *MandateService) mayTakeOver(ctx context.Context, f *kit.Faults, path string, person, entity kit.ID, on kit.Date) error {
	all, err := s.Between(ctx, person, entity)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(m *Mandate) bool { return m.on(s.core.Clock.Today()) == MandateCurrent }) {
		f.Add(kit.CodeNotEligible, path, "notEligible.mandate", nil)
	}
	if i := slices.IndexFunc(all, func(m *Mandate) bool { return m.Role == MandateFocalPoint && m.on(on) != MandateEnded }); i >= 0 {
		f.Add(kit.CodeDuplicate, path, "duplicate.mandate", nil).RelatedID = &all[i].ID
	}
	return nil
}

// CancelHandOver takes back a proposal. The rights are those of HandOver. Without an open proposal the error is
// NOT_ALLOWED_IN_STATE.
func (s *MandateService) CancelHandOver(ctx context.Context, in CancelHandOverInput) (*CancelHandOverPayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	may := func(ctx context.Context, m *Mandate) error {
		if !s.show(ctx, m) {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		return s.mayHandOver(ctx, m)
	}
	var m *Mandate
	var off *HandOver
	err := s.core.Transact(kit.WithOperation(ctx, "cancelHandOver"), func(ctx context.Context) (err error) {
		if m, err = s.cancelled(ctx, in, may, &off); err == nil {
			err = s.tellCancelled(ctx, m, off)
		}
		return err
	})
	faults, err := kit.UserErrorsOf(err)
	return &CancelHandOverPayload{m, faults}, err
}

// cancelled takes back a proposal, which it leaves in off.
func (s *MandateService) cancelled(ctx context.Context, in CancelHandOverInput, may func(context.Context, *Mandate) error, off **HandOver) (*Mandate, error) {
	return kit.Amend(ctx, s.core, MandateNoun, kit.Amendment{Operation: "cancelHandOver", ID: in.Mandate, Expected: in.ExpectedVersion, Reason: in.Reason}, may, func(m *Mandate, f *kit.Faults) []string {
		f.Evidence(in.Reason, nil)
		if m.HandOver == nil {
			f.Add(kit.CodeNotAllowedInState, "input.mandate", "notAllowedInState.noHandOver", nil)
			return nil
		}
		m.record(ctx, s.core.Clock, HandOverCancelled, m.HandOver.On, kit.Trimmed(in.Reason))
		*off, m.HandOver = m.HandOver, nil
		return []string{"handOver", "history"}
	})
}
