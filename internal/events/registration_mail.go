package events

import (
	"context"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// linksToAPerson is how many messages with a link one address gets in a day, so that nobody can flood it by registering
// and cancelling.
const linksToAPerson = 20

// tellRegistered gives a registration that the caller makes for another person a code, and sends the person the link.
// Without an address there is no link; the person can accept when it is signed in. The caller stores the registration.
// The code stands behind the #, so that no server and no referrer sees it. More than linksToAPerson are RATE_LIMITED.
func (s *RegistrationService) tellRegistered(ctx context.Context, r *Registration, e *Event) error {
	persons, err := s.persons.Stored(ctx, []kit.ID{*r.PersonID, *r.RegisteredBy})
	if err != nil {
		return err
	}
	to, by := persons[0], persons[1]
	if !to.Reachable() {
		return nil
	}
	sent, err := s.core.RecentlyPosted(ctx, *to.Email, "mail.registration.made", s.core.Wall().Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if sent >= linksToAPerson {
		return kit.TooMany(24 * time.Hour)
	}
	code, err := s.core.Secret()
	if err != nil {
		return err
	}
	r.CodeHash, r.LinkedTo = codeHash(code), linkedTo(*to.Email)
	l := to.Language()
	entity, err := s.entityName(ctx, r, l)
	if err != nil {
		return err
	}
	link := kit.Letter{Key: "mail.registration.made", Path: "/registration#" + code, Action: "mail.action.registration"}
	registrar := entity // who is not recorded registers for the member or State all the same
	if by != nil && by.Name != nil {
		registrar = *by.Name
	}
	link.Params = map[string]any{"name": registrar, "entity": entity, "event": e.Title}
	return s.core.Post(ctx, *to.Email, l, link)
}

// tellRegistrar tells who registered a person that the person refused.
func (s *RegistrationService) tellRegistrar(ctx context.Context, r *Registration, e *Event) error {
	persons, err := s.persons.Stored(ctx, []kit.ID{*r.RegisteredBy, *r.PersonID})
	if err != nil || persons[0] == nil {
		return err
	}
	to, name := persons[0], ""
	held, err := s.mandates.Holds(store.Looking(ctx), to.ID, *r.EntityID, s.core.Clock.Today())
	if err != nil || held == nil && !to.OnStaff(s.core.Clock.Today()) {
		return err // whoever acts for the member or State no longer is not told who comes for it
	}
	l := to.Language()
	if persons[1] != nil {
		name = kit.Deref(persons[1].Name)
	}
	entity, err := s.entityName(ctx, r, l)
	if err != nil {
		return err
	}
	_, err = s.notifications.Tell(ctx, kit.Letter{
		Key: "mail.registration.refused", Params: map[string]any{"name": name, "entity": entity, "event": e.Title}, About: e.ID, Mentions: []kit.ID{*r.PersonID},
	}, to)
	return err
}

// tellNew tells of a new registration: somebody whom another person registered gets a link, a delegate that asked for a
// place a receipt and its focal points the question, everybody else the place or the position in the queue.
func (s *RegistrationService) tellNew(ctx context.Context, r *Registration, e *Event, taken *Seats) error {
	switch {
	case r.RegisteredBy != nil:
		return s.tellRegistered(ctx, r, e)
	case r.Status != RegistrationRequested:
		return s.teller.placed(ctx, e, r, taken)
	}
	persons, err := s.persons.Stored(store.Looking(ctx), []kit.ID{*r.PersonID})
	if err != nil {
		return err
	}
	name := ""
	if persons[0] != nil {
		name = kit.Deref(persons[0].Name)
	}
	if _, err := s.notifications.Tell(ctx, s.teller.about(e, kit.Letter{Key: "mail.registration.received"}), persons...); err != nil {
		return err
	}
	asked := kit.Letter{Key: "mail.registration.requested", Params: map[string]any{"name": name}, Mentions: []kit.ID{*r.PersonID}}
	_, err = s.mandates.TellFocalPoints(ctx, *r.EntityID, s.teller.about(e, asked), *r.PersonID)
	return err
}

// tellPlaced tells a person whose registration another one confirmed.
func (s *RegistrationService) tellPlaced(ctx context.Context, e *Event, r *Registration, taken *Seats) error {
	if r.own(ctx) {
		return nil
	}
	return s.teller.placed(ctx, e, r, taken)
}

// tellCancelled tells a person or guest whose registration another one cancelled.
func (s *RegistrationService) tellCancelled(ctx context.Context, e *Event, r *Registration, _ *Seats) error {
	if r.own(ctx) {
		return nil
	}
	return s.teller.tell(ctx, e, s.teller.about(e, kit.Letter{Key: "mail.registration.cancelled"}), r)
}

// own says whether the registered person acts.
func (r *Registration) own(ctx context.Context) bool {
	return r.PersonID != nil && *r.PersonID == kit.ActorOf(ctx).Subject
}
