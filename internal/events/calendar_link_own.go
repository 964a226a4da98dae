package events

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// maxCalendar bounds the events of one calendar; older events are left out.
const maxCalendar = 1000

// Public lists the public events, of one series if a code is given, in the order in which they begin. ok is false
// if there is no such series. Cancelled events are included, so that calendars show the cancellation.
func (s *CalendarService) Public(ctx context.Context, series string) (events []*Event, ok bool, err error) {
	where := store.Where{"seen": {seenByPublic}}
	if series != "" {
		found, err := s.events.series.ByCode(ctx, series)
		if found == nil || err != nil {
			return nil, false, err
		}
		where["series"] = []string{string(found.ID)}
	}
	events, err = s.events.latest(ctx, where, &eventView{today: s.core.Clock.Today()}, maxCalendar)
	return events, true, err
}

// OwnCalendar is what the calendar of a person who acts for a member or State holds.
type OwnCalendar struct {
	// Reader acts for the member or State and is no person.
	Reader kit.Actor
	// Locale is the language of the person.
	Locale kit.Locale
	// Events are those that are for the member or State and those for which the person registered for it, in the order
	// in which they begin: at most maxCalendar of each.
	Events []*Event
	// Standings say how the registrations of the person stand, by the event.
	Standings map[kit.ID]Standing
}

// Standing says how a person's registration for an event stands.
type Standing struct {
	Status RegistrationStatus
	// Changes counts the changes of it, those of earlier registrations for the same event included. ChangedAt is the
	// latest of them.
	Changes   int64
	ChangedAt kit.DateTime
}

// Own is the calendar of a secret. It is nil if the secret is unknown or revoked, or if its maker no longer acts for the
// member or State. It costs the same number of store calls however many events there are.
func (s *CalendarService) Own(ctx context.Context, secret string) (*OwnCalendar, error) {
	id, err := s.links.Lookup(ctx, "secret", kit.Hash(secret))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	link, err := s.links.Get(ctx, id)
	if err != nil || link.RevokedAt != nil || link.MadeBy == "" {
		return nil, err
	}
	held, err := s.mandates.Holds(ctx, link.MadeBy, link.EntityID, s.core.Clock.Today())
	if err != nil || held == nil {
		return nil, err
	}
	makers, err := s.persons.Stored(ctx, []kit.ID{link.MadeBy})
	if err != nil {
		return nil, err
	}
	all := &OwnCalendar{Reader: kit.ActingFor("usr_calendar", kit.RoleDelegate, link.EntityID), Locale: kit.English}
	if s.countries.Get(link.EntityID) != nil {
		all.Reader = kit.ActingFor("usr_calendar", kit.RoleAdministration, link.EntityID)
	}
	if makers[0] != nil {
		all.Locale = makers[0].Language()
	}
	if all.Standings, err = s.registrations.standings(ctx, link.MadeBy, link.EntityID); err != nil {
		return nil, err
	}
	all.Events, err = s.events.attended(kit.WithActor(ctx, all.Reader), all.Standings)
	return all, err
}

// attended lists the events that are for the reader and the given ones, as far as the reader sees them, in the order in
// which they begin.
func (s *EventService) attended(ctx context.Context, also map[kit.ID]Standing) ([]*Event, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.latest(ctx, store.Where{"seen": v.forMe()}, v, maxCalendar)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(e *Event) bool { return e == nil })
	var missing []string
	for id := range also {
		if !slices.ContainsFunc(all, func(e *Event) bool { return e.ID == id }) {
			missing = append(missing, string(id))
		}
	}
	found, err := s.events.Many(ctx, missing)
	if err != nil {
		return nil, err
	}
	v.show(found)
	all = append(all, slices.DeleteFunc(found, func(e *Event) bool { return e == nil })...)
	slices.SortFunc(all, func(a, b *Event) int {
		return cmp.Or(cmp.Compare(a.Time.begins(), b.Time.begins()), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// standings are the latest maxCalendar registrations of a person for an entity, without a check of permissions. Of two for
// one event the one that is not cancelled counts, or else the later one.
func (s *RegistrationService) standings(ctx context.Context, person, entity kit.ID) (map[kit.ID]Standing, error) {
	plan, err := s.registrations.Plan(store.Query{Any: []store.Where{{"person": {string(person)}}}, Sort: "registeredAt"})
	if err != nil {
		return nil, err
	}
	page, err := s.registrations.Page(ctx, plan, store.Range{Backward: true, Limit: maxCalendar})
	all := map[kit.ID]Standing{}
	for _, r := range page.Docs {
		if kit.Deref(r.EntityID) != string(entity) {
			continue
		}
		of, known := all[r.EventID]
		if !known || r.Status != RegistrationCancelled { // the later one comes first
			of.Status = r.Status
		}
		of.Changes += int64(len(r.Changes))
		for _, c := range r.Changes {
			of.ChangedAt = max(of.ChangedAt, c.At)
		}
		all[r.EventID] = of
	}
	return all, err
}

// Addressed says whether the event is for the member or State for which the reader acts.
func (e *Event) Addressed() bool { return e.view.addressed(e) }
