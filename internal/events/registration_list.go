package events

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// RegistrationConnection and RegistrationEdge page through registrations.
type (
	RegistrationConnection = kit.Connection[*Registration]
	RegistrationEdge       = kit.Edge[*Registration]
)

// RegistrationService registers persons for events. The person, the focal point of the member or the administration
// of the State, and SECRETARIAT see a registration; for others it does not exist.
type RegistrationService struct {
	core          *kit.Core
	countries     *country.CountryService
	registrations store.Collection[Registration]
	events        *EventService
	seats         *seatService
	persons       *people.PersonService
	mandates      *people.MandateService
	members       *membership.MemberService
	notifications *people.NotificationService
	teller        *registrantTeller
}

// may says whether the caller may see the registration.
func (r *Registration) may(a kit.Actor) bool {
	return a.Has(kit.EventsSecretariat) || !a.Anonymous() && r.PersonID != nil && *r.PersonID == a.Subject || r.EntityID != nil && a.SpeaksFor(*r.EntityID)
}

// ByIDs reads registrations in the order of the ids, nil for registrations that the caller may not see.
func (s *RegistrationService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Registration, error) {
	found, err := s.registrations.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	for i, r := range found {
		if r != nil && !r.may(kit.ActorOf(ctx)) {
			found[i] = nil
		}
	}
	join(found)
	return found, nil
}

// join groups registrations of one page, so that one call reads the related records of all of them.
func join(found []*Registration) {
	with := &kit.Together[*Registration]{}
	for _, r := range found {
		if r != nil {
			r.with, with.Items = with, append(with.Items, r)
		}
	}
}

func (s *RegistrationService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// RegistrationFilter narrows registrations. A nil field does not narrow.
type RegistrationFilter struct {
	Event    *kit.ID
	Entity   *kit.ID
	Statuses []RegistrationStatus
	Modes    []AttendanceMode
}

// List pages through registrations. SECRETARIAT names an event or an entity; a focal point or an administration
// reads the registrations of its own member or State, in the order in which they were made. Registrations of one
// event without an entity are in the order of the queue. Modes need an event and no entity, otherwise the filter is
// BAD_USER_INPUT.
func (s *RegistrationService) List(ctx context.Context, filter *RegistrationFilter, args kit.PageArgs) (*RegistrationConnection, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleFocalPoint, kit.RoleAdministration, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	var f RegistrationFilter
	kit.Set(&f, filter)
	var entities []kit.ID // none for all
	if f.Entity != nil {
		entities = []kit.ID{*f.Entity}
	}
	if !actor.Has(kit.EventsSecretariat) {
		var err error
		if entities, err = actor.Among(f.Entity, actor.SpeaksFor); err != nil {
			return nil, err
		}
	}
	where, sort := store.Where{}, "registeredAt"
	if f.Statuses != nil {
		where["status"] = kit.Strings(f.Statuses)
	}
	if f.Event != nil {
		where["event"] = []string{string(*f.Event)}
	}
	switch {
	case entities != nil && f.Modes == nil:
		where["entity"] = kit.Strings(entities)
	case entities == nil && f.Event != nil:
		if sort = "order"; f.Modes != nil {
			where["mode"] = kit.Strings(f.Modes)
		}
	default:
		return nil, kit.Refuse(kit.BadUserInput, "registrationFilter", nil)
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.registrations, store.Query{Any: []store.Where{where}, Sort: sort}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	join(found.Nodes())
	return found, nil
}

// Mine pages through the caller's own registrations, latest first.
func (s *RegistrationService) Mine(ctx context.Context, v *kit.Viewer, args kit.PageArgs) (*RegistrationConnection, error) {
	found, err := kit.PageOf(ctx, s.core.Sealer, s.registrations, store.Query{Any: []store.Where{{"person": {string(v.ID)}}}, Sort: "registeredAt"}, store.Bounds{}, true, args)
	if err != nil {
		return nil, err
	}
	join(found.Nodes())
	return found, nil
}

// EventOf is a registration's event, nil if the caller may no longer see it. One call serves all registrations of a
// page.
func (s *RegistrationService) EventOf(ctx context.Context, r *Registration) (*Event, error) {
	return kit.Neighbour(ctx, r.with, "event", r, func(ctx context.Context, all []*Registration) ([]*Event, error) {
		return s.events.ByIDs(ctx, kit.Map(all, func(r *Registration) kit.ID { return r.EventID }))
	})
}

// PersonOf is the registered person, nil for a guest and after the erasure of personal data.
func (s *RegistrationService) PersonOf(ctx context.Context, r *Registration) (*people.Person, error) {
	return kit.Neighbour(ctx, r.with, "person", r, func(ctx context.Context, all []*Registration) ([]*people.Person, error) {
		return s.persons.ByIDs(ctx, kit.Map(all, func(r *Registration) kit.ID { return kit.ID(kit.Deref(r.PersonID)) }))
	})
}

// EntityOf is the member or country for which the person comes, nil for a guest.
func (s *RegistrationService) EntityOf(ctx context.Context, r *Registration) (membership.Entity, error) {
	return kit.Neighbour(ctx, r.with, "entity", r, func(ctx context.Context, all []*Registration) ([]membership.Entity, error) {
		return s.members.Entities(ctx, kit.Map(all, func(r *Registration) kit.ID { return kit.ID(kit.Deref(r.EntityID)) }))
	})
}

// JoinURLOf is the address of the online meeting. It is nil unless the registration is confirmed and the event is
// published and not over.
func (s *RegistrationService) JoinURLOf(ctx context.Context, r *Registration) (*string, error) {
	e, err := s.EventOf(ctx, r)
	if err != nil || e == nil || r.Status != RegistrationConfirmed || e.Status() != EventPublished {
		return nil, err
	}
	return e.JoinURL, nil
}

// Own is the caller's own registration for an event, nil if there is none or it is cancelled. One call serves all
// events of a page.
func (s *RegistrationService) Own(ctx context.Context, e *Event) (*Registration, error) {
	me := kit.ActorOf(ctx).Subject
	if me == "" {
		return nil, nil
	}
	return kit.Neighbour(ctx, e.with, "myRegistration", e, func(ctx context.Context, events []*Event) ([]*Registration, error) {
		plan, err := s.registrations.Plan(store.Query{Any: []store.Where{{"person": {string(me)}}}, Sort: "registeredAt"})
		if err != nil {
			return nil, err
		}
		// Only the person's latest registrations are read, a thousand at most; older ones do not matter.
		page, err := s.registrations.Page(ctx, plan, store.Range{Backward: true, Limit: store.MaxLimit - 1})
		if err != nil {
			return nil, err
		}
		byEvent := map[kit.ID]*Registration{}
		for _, r := range page.Docs {
			if r.Status != RegistrationCancelled && byEvent[r.EventID] == nil {
				byEvent[r.EventID] = r
			}
		}
		mine := make([]*Registration, len(events))
		for i, e := range events {
			mine[i] = byEvent[e.ID]
		}
		join(mine) // only these: nobody asks for related records of the others
		return mine, nil
	})
}

// ConfirmedSince lists the confirmed registrations of an entity since an instant, latest first, without a check of
// permissions.
func (s *RegistrationService) ConfirmedSince(ctx context.Context, entity kit.ID, since kit.DateTime) ([]*Registration, error) {
	plan, err := s.registrations.Plan(store.Query{Any: []store.Where{{"entity": {string(entity)}, "status": {string(RegistrationConfirmed)}}}, Sort: "registeredAt"})
	if err != nil {
		return nil, err
	}
	page, err := s.registrations.Page(ctx, plan, store.Range{Bounds: store.Bounds{After: string(since)}, Backward: true, Limit: store.MaxLimit - 1})
	return page.Docs, err
}
