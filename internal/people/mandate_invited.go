package people

import (
	"context"
	"errors"
	"maps"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// ProposeFocalPoint proposes a mandate as focal point to the contact of a new member, in the caller's transaction. It
// sends nothing: PersonInvitationService.SendPrepared does so once the member is active. It does not check the caller's
// rights.
func (s *MandateService) ProposeFocalPoint(ctx context.Context, note func(kit.Change), entity kit.ID, name, email string, l kit.Locale) error {
	m, f := s.made(ctx, entity, MandateFocalPoint, s.core.Clock.Today()), kit.NewFaults(ctx)
	id, err := s.invite(ctx, note, f, m, invitee{name, email, &l}, false)
	if err == nil {
		err = f.Err()
	}
	if err != nil {
		return err
	}
	m.Invitation = &id
	return s.insert(ctx, note, m)
}

// Headless says whether a country or member has delegates today and no focal point, so that nobody speaks for it. It
// does not check the caller's rights.
func (s *MandateService) Headless(ctx context.Context, entity kit.ID) (bool, error) {
	var counts [2]int64
	for n, role := range []MandateRole{MandateFocalPoint, MandateDelegate} {
		plan, err := s.mandates.Plan(store.Query{Sort: "from", Any: []store.Where{{"entity": {string(entity)}, "role": {string(role)}, "state": {string(MandateCurrent)}}}})
		if err != nil {
			return false, err
		}
		if counts[n], err = s.mandates.Count(ctx, plan, store.Bounds{}); err != nil || counts[0] > 0 {
			return false, err
		}
	}
	return counts[1] > 0, nil
}

// WithoutFocalPoint lists the countries of a store that have delegates on a day and no focal point, one line for each.
func WithoutFocalPoint(ctx context.Context, s store.Store, day kit.Date) ([]string, error) {
	led := map[kit.ID]bool{}
	err := kit.EachPage(ctx, MandateNoun.In(s), store.Query{}, store.MaxLimit-1, func(page []*Mandate) error {
		for _, m := range page {
			if m.Entity.Prefix() == kit.CountryPrefix && m.on(day) == MandateCurrent {
				led[m.Entity] = led[m.Entity] || m.Role == MandateFocalPoint
			}
		}
		return nil
	})
	var lines []string
	for _, entity := range slices.Sorted(maps.Keys(led)) {
		if !led[entity] {
			lines = append(lines, string(entity)+" has delegates and no focal point: the secretariat decides applications there until one is appointed")
		}
	}
	return lines, err
}

// accepted makes a person the holder of a proposed mandate, from today on if its first day is past. A mandate of the
// person in the same role that has not ended is a DUPLICATE, and an entity that can have no mandates is
// NOT_ALLOWED_IN_STATE.
func (s *MandateService) accepted(ctx context.Context, note func(kit.Change), f *kit.Faults, id kit.ID, p *Person) error {
	m, err := s.open(ctx, id)
	if err != nil {
		return err
	}
	e, err := s.members.Entity(asInvited(ctx, p.ID, m.Entity), m.Entity)
	if err != nil {
		return err
	}
	checkMayHaveMandates(f, "input.code", e)
	if f.Err() != nil {
		return nil
	}
	m.From = max(m.From, s.core.Clock.Today())
	if err := s.give(ctx, note, f, m, p); err != nil {
		return err
	}
	if err := s.mandates.Replace(ctx, m); err != nil {
		return err
	}
	note(kit.Changed(MandateNoun, m, kit.Updated, "person", "from"))
	return nil
}

// asInvited returns a context in which an invited person sees the entity for which it is to act.
func asInvited(ctx context.Context, person, entity kit.ID) context.Context {
	return kit.WithActor(ctx, kit.ActingFor(person, kit.RoleDelegate, entity))
}

// refused ends a proposed mandate, which never held.
func (s *MandateService) refused(ctx context.Context, note func(kit.Change), id kit.ID) error {
	m, err := s.open(ctx, id)
	if err != nil {
		return err
	}
	m.Until = &m.From
	if err := s.mandates.Replace(ctx, m); err != nil {
		return err
	}
	note(kit.Changed(MandateNoun, m, kit.Updated, "until"))
	return nil
}

// open reads a proposed mandate. It is NOT_FOUND if there is none, or somebody has accepted it.
func (s *MandateService) open(ctx context.Context, id kit.ID) (*Mandate, error) {
	m, err := s.mandates.Get(ctx, string(id))
	if errors.Is(err, store.ErrNotFound) || err == nil && m.on(s.core.Clock.Today()) != MandateProposed {
		return nil, kit.Refuse(kit.NotFound, "notFound", nil)
	}
	return m, err
}
