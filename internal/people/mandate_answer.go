package people

import (
	"context"
	"errors"

	"memberportal/internal/kit"
)

// ConfirmHandOverInput accepts or declines a proposal.
type ConfirmHandOverInput struct {
	Mandate         kit.ID
	ExpectedVersion int
	Accept          bool
	Reason          *string
}

// ConfirmHandOverPayload has the record after the change: Mandate is nil if UserErrors is not empty.
type ConfirmHandOverPayload struct {
	Mandate    *Mandate
	UserErrors []kit.UserError
}

// ConfirmHandOver accepts or declines a proposal, and sends a message to the person who proposed it and to the
// focal point. Only the successor may. Others get FORBIDDEN for a mandate that they may see, and NOT_FOUND
// otherwise. Without an open proposal the error is NOT_ALLOWED_IN_STATE. After acceptance the mandate ends on the
// day of the hand-over, or today if that day is past, and the successor's mandate as focal point begins.
func (s *MandateService) ConfirmHandOver(ctx context.Context, in ConfirmHandOverInput) (*ConfirmHandOverPayload, error) {
	if err := kit.Require(ctx, kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration); err != nil {
		return nil, err
	}
	err := s.core.Write(ctx, "confirmHandOver", func(ctx context.Context, note func(kit.Change)) error { return s.answer(ctx, note, in) })
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &ConfirmHandOverPayload{UserErrors: faults}, err
	}
	m, err := s.Get(ctx, in.Mandate)
	return &ConfirmHandOverPayload{Mandate: m}, err
}

func (s *MandateService) answer(ctx context.Context, note func(kit.Change), in ConfirmHandOverInput) error {
	m, err := s.seen(ctx, in.Mandate)
	if err != nil {
		return err
	}
	h, actor := m.HandOver, kit.ActorOf(ctx)
	if h != nil && (actor.Subject != h.Person || !actor.ActsFor(m.Entity)) {
		return kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	f := kit.NewFaults(ctx)
	f.Version(in.ExpectedVersion, m.Version)
	f.Evidence(in.Reason, nil)
	if h == nil {
		f.Add(kit.CodeNotAllowedInState, "input.mandate", "notAllowedInState.noHandOver", nil)
		return f
	}
	on, settle := h.On, s.decline
	if in.Accept {
		on, settle = max(h.On, s.core.Clock.Today()), s.accept
		if err := s.mayBeAccepted(ctx, f, m, on); err != nil {
			return err
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	if err := settle(ctx, note, m, on, in.Reason); err != nil {
		return err
	}
	return s.tellProposer(ctx, m, h, on, in.Accept)
}

// mayBeAccepted checks again what may have changed since the proposal.
func (s *MandateService) mayBeAccepted(ctx context.Context, f *kit.Faults, m *Mandate, on kit.Date) error {
	if m.State() == MandateEnded || m.Until != nil && *m.Until < on {
		f.Add(kit.CodeNotAllowedInState, "input.mandate", "notAllowedInState.ended", map[string]string{"date": string(*m.Until)})
	}
	if err := s.mayTakeOver(ctx, f, "input.mandate", m.HandOver.Person, m.Entity, on); err != nil {
		return err
	}
	return s.mayGoOn(ctx, f, m)
}

// mayGoOn checks that the entity of a mandate can still have mandates.
func (s *MandateService) mayGoOn(ctx context.Context, f *kit.Faults, m *Mandate) error {
	e, err := s.members.Entity(ctx, m.Entity)
	checkMayHaveMandates(f, "input.mandate", e)
	return err
}

// accept ends a focal point's mandate on a day and gives the successor a mandate from that day on.
func (s *MandateService) accept(ctx context.Context, note func(kit.Change), m *Mandate, on kit.Date, reason *string) error {
	next := &Mandate{
		ID: s.core.NewID(mandatePrefix), Entity: m.Entity, Person: m.HandOver.Person, Role: MandateFocalPoint, From: on, TakenOverFrom: &m.ID,
		RecordedAt: kit.DateTimeOf(s.core.Clock.Now()), RecordedBy: kit.ActorOf(ctx).Subject, Dataset: kit.DatasetOf(ctx),
	}
	if err := errors.Join(s.persons.keep(ctx, note, next.Person, next.held()), s.mandates.Insert(ctx, next)); err != nil {
		return err
	}
	m.record(ctx, s.core.Clock, HandOverAccepted, on, kit.Trimmed(reason))
	m.Until, m.HandedOverTo, m.HandOver = &on, &next.ID, nil
	if err := errors.Join(s.persons.keep(ctx, note, m.Person, m.held()), s.mandates.Replace(ctx, m)); err != nil {
		return err
	}
	note(kit.Changed(MandateNoun, next, kit.Created, "entity", "person", "role", "from", "takenOverFrom"))
	note(kit.Changed(MandateNoun, m, kit.Updated, "until", "handedOverTo", "handOver", "history").Because(reason))
	return nil
}

func (s *MandateService) decline(ctx context.Context, note func(kit.Change), m *Mandate, on kit.Date, reason *string) error {
	m.record(ctx, s.core.Clock, HandOverDeclined, on, kit.Trimmed(reason))
	m.HandOver = nil
	if err := s.mandates.Replace(ctx, m); err != nil {
		return err
	}
	note(kit.Changed(MandateNoun, m, kit.Updated, "handOver", "history").Because(reason))
	return nil
}
