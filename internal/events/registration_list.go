package events

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// RegistrationConnection and RegistrationEdge page through registrations.
type (
	RegistrationConnection = kit.Connection[*Registration]
	RegistrationEdge       = kit.Edge[*Registration]
)

// RegistrationService registers persons for events. A registration is seen by the person, by the focal
// point of the member or the administration of the State for which the person comes, and by
// SECRETARIAT; for others it does not exist.
type RegistrationService struct {
	core          *kit.Core
	countries     *country.CountryService
	registrations store.Collection[Registration]
	events        *EventService
	seats         *seatService
	persons       *membership.PersonService
	mandates      *membership.MandateService
	members       *membership.MemberService
}

// may says whether the caller may see the registration.
func (r *Registration) may(a kit.Actor) bool {
	return a.Has(kit.RoleSecretariat) || !a.Anonymous() && r.PersonID != nil && *r.PersonID == a.Subject || r.EntityID != nil && a.SpeaksFor(*r.EntityID)
}

// ByIDs reads registrations that the caller may see, in the ids' order, nil for the others.
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

// join lets registrations that were read in one call read their neighbours in one call.
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

// RegistrationFilter narrows registrations; a field left out does not narrow.
type RegistrationFilter struct {
	Event    *kit.ID
	Entity   *kit.ID
	Statuses []RegistrationStatus
	Modes    []AttendanceMode
}

// List pages through registrations: SECRETARIAT names an event or an entity; a focal point or an
// administration reads those of its own member or State, in the order in which they were made; those
// of one event come in the order of the queue. Modes go with an event and without an entity.
func (s *RegistrationService) List(ctx context.Context, filter *RegistrationFilter, args kit.PageArgs) (*RegistrationConnection, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleFocalPoint, kit.RoleAdministration, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	var f RegistrationFilter
	kit.Set(&f, filter)
	if !actor.Has(kit.RoleSecretariat) {
		own := actor.Entity()
		kit.Set(&own, f.Entity)
		if f.Entity = &own; !actor.SpeaksFor(own) {
			return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
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
	case f.Entity != nil && f.Modes == nil:
		where["entity"] = []string{string(*f.Entity)}
	case f.Entity == nil && f.Event != nil:
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

// EventOf is a registration's event, nil if the caller may not see it any more. Those of all
// registrations of a page cost one call.
func (s *RegistrationService) EventOf(ctx context.Context, r *Registration) (*Event, error) {
	return kit.Neighbour(ctx, r.with, "event", r, func(ctx context.Context, all []*Registration) ([]*Event, error) {
		return s.events.ByIDs(ctx, kit.Map(all, func(r *Registration) kit.ID { return r.EventID }))
	})
}

// PersonOf is who is registered, nil for a guest, and once the personal data are erased.
func (s *RegistrationService) PersonOf(ctx context.Context, r *Registration) (*membership.Person, error) {
	return kit.Neighbour(ctx, r.with, "person", r, func(ctx context.Context, all []*Registration) ([]*membership.Person, error) {
		return s.persons.ByIDs(ctx, kit.Map(all, func(r *Registration) kit.ID { return kit.ID(kit.Deref(r.PersonID)) }))
	})
}

// EntityOf is the member or country for which the person comes, nil for a guest.
func (s *RegistrationService) EntityOf(ctx context.Context, r *Registration) (membership.Entity, error) {
	return kit.Neighbour(ctx, r.with, "entity", r, func(ctx context.Context, all []*Registration) ([]membership.Entity, error) {
		return s.members.Entities(ctx, kit.Map(all, func(r *Registration) kit.ID { return kit.ID(kit.Deref(r.EntityID)) }))
	})
}

// JoinURLOf leads into the meeting, for a confirmed registration of an event that is neither over nor
// cancelled; nil otherwise.
func (s *RegistrationService) JoinURLOf(ctx context.Context, r *Registration) (*string, error) {
	e, err := s.EventOf(ctx, r)
	if err != nil || e == nil || r.Status != RegistrationConfirmed || e.Status() != EventPublished {
		return nil, err
	}
	return e.JoinURL, nil
}

// Own is the caller's own registration for an event, nil for none or a cancelled one. Those
// for all events of a page cost one call.
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
		// A person's latest thousand; nobody has more that matter.
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
		join(mine) // and not all of the person's, whose neighbours nobody asks for
		return mine, nil
	})
}

// ConfirmedSince are the confirmed registrations of an entity since an instant, latest first, whoever asks.
func (s *RegistrationService) ConfirmedSince(ctx context.Context, entity kit.ID, since kit.DateTime) ([]*Registration, error) {
	plan, err := s.registrations.Plan(store.Query{Any: []store.Where{{"entity": {string(entity)}, "status": {string(RegistrationConfirmed)}}}, Sort: "registeredAt"})
	if err != nil {
		return nil, err
	}
	page, err := s.registrations.Page(ctx, plan, store.Range{Bounds: store.Bounds{After: string(since)}, Backward: true, Limit: store.MaxLimit - 1})
	return page.Docs, err
}
