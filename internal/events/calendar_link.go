package events

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

const calendarLinkPrefix = "cal"

// CalendarLink is a secret address under which people subscribe to the calendar of a member or State. The calendar
// has the events that the member or State may see, and does not say who is registered. Only a hash of the secret is
// kept.
type CalendarLink struct {
	ID       kit.ID `bson:"_id"`
	Version  int64  `bson:"version"`
	EntityID kit.ID `bson:"entity"`
	// MadeBy is the person who made the link. The link works while that person speaks for the member or State.
	MadeBy     kit.ID       `bson:"madeBy,omitempty" valid:"empty"`
	SecretHash string       `bson:"secretHash"`
	CreatedAt  kit.DateTime `bson:"createdAt"`
	// RevokedAt is when the link was ended; nil if it was not.
	RevokedAt *kit.DateTime `bson:"revokedAt,omitempty"`
	Dataset   kit.Dataset   `bson:"dataset"`
}

// CalendarLinkNoun is how calendar links are stored.
var CalendarLinkNoun = store.Declare(store.Noun[CalendarLink]{
	Name:     "calendarLinks",
	Identity: func(l *CalendarLink) (string, *int64) { return string(l.ID), &l.Version },
	Keys: []store.Key[CalendarLink]{
		store.One("entity", func(l *CalendarLink, _ string) string { return string(l.EntityID) }),
		store.One("madeBy", func(l *CalendarLink, _ string) string { return string(l.MadeBy) }),
		store.OneOf("kept", []string{"KEPT", "REVOKED"}, func(l *CalendarLink, _ string) string {
			if l.RevokedAt != nil {
				return "REVOKED"
			}
			return "KEPT"
		}),
		store.One("createdAt", func(l *CalendarLink, _ string) string { return string(l.CreatedAt) }),
		store.Unique("secret", func(l *CalendarLink) string { return l.SecretHash }),
	},
	Listings: []store.Listing{{Equal: []string{"entity"}, Sort: "createdAt"}, {Equal: []string{"madeBy", "kept"}, Sort: "createdAt"}},
})

// IsNode marks a type that node and nodes can answer.
func (l *CalendarLink) IsNode() {}

// CreateCalendarLinkInput makes a secret calendar address for the caller's member or State.
type CreateCalendarLinkInput struct {
	// Entity is the member or State; nil for the caller's only one.
	Entity         *kit.ID
	IdempotencyKey *string
}

// CreateCalendarLinkPayload has the link and its path; both are nil if there are UserErrors. Only the first answer
// has the path: a repeat with the idempotency key does not.
type CreateCalendarLinkPayload struct {
	CalendarLink *CalendarLink
	Path         *string
	UserErrors   []kit.UserError
}

// RevokeCalendarLinkInput ends a link.
type RevokeCalendarLinkInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// RevokeCalendarLinkPayload has the link after the change; it is nil if there are UserErrors.
type RevokeCalendarLinkPayload struct {
	CalendarLink *CalendarLink
	UserErrors   []kit.UserError
}

// CalendarService serves calendars and manages their secret links.
type CalendarService struct {
	core      *kit.Core
	countries *country.CountryService
	links     store.Collection[CalendarLink]
	events    *EventService
	mandates  *people.MandateService
}

// maxLinks is how many unrevoked links a person may have.
const maxLinks = 10

// ByIDs reads links of the caller's own member or State that are revoked or still work. Other links are nil.
func (s *CalendarService) ByIDs(ctx context.Context, ids []kit.ID) ([]*CalendarLink, error) {
	found, err := s.links.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	var entities []kit.ID
	for i, l := range found {
		if l != nil && !kit.ActorOf(ctx).SpeaksFor(l.EntityID) {
			found[i] = nil
		}
		if found[i] != nil && !slices.Contains(entities, l.EntityID) {
			entities = append(entities, l.EntityID)
		}
	}
	makers, err := s.mandates.Speakers(ctx, entities...)
	if err != nil {
		return nil, err
	}
	for i, l := range found {
		if l != nil && l.RevokedAt == nil && !slices.Contains(makers[l.EntityID], l.MadeBy) {
			found[i] = nil
		}
	}
	return found, nil
}

func (s *CalendarService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// Of lists the working links of the members and States for which the viewer speaks, latest first: the links of their
// focal points. It is empty for a viewer who speaks for none.
func (s *CalendarService) Of(ctx context.Context) ([]CalendarLink, error) {
	actor := kit.ActorOf(ctx)
	entities := slices.DeleteFunc(actor.Entities(), func(id kit.ID) bool { return !actor.SpeaksFor(id) })
	speakers, err := s.mandates.Speakers(ctx, entities...)
	var makers []kit.ID
	for _, of := range speakers {
		makers = append(makers, of...)
	}
	slices.Sort(makers)
	makers = slices.Compact(makers)
	if makers = makers[:min(len(makers), store.MaxLimit/maxLinks)]; err != nil || len(makers) == 0 {
		return []CalendarLink{}, err
	}
	plan, err := s.links.Plan(store.Query{Any: []store.Where{{"madeBy": kit.Strings(makers), "kept": {"KEPT"}}}, Sort: "createdAt"})
	if err != nil {
		return nil, err
	}
	page, err := s.links.Page(ctx, plan, store.Range{Backward: true, Limit: maxLinks * len(makers)})
	found := []CalendarLink{}
	for _, l := range page.Docs {
		if slices.Contains(speakers[l.EntityID], l.MadeBy) {
			found = append(found, *l)
		}
	}
	return found, err
}

// CreateLink makes a secret address for a member or State for which the caller speaks: FOCAL_POINT and
// ADMINISTRATION. Another entity is FORBIDDEN. It is FULL for a caller with maxLinks links.
func (s *CalendarService) CreateLink(ctx context.Context, in CreateCalendarLinkInput) (*CreateCalendarLinkPayload, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleFocalPoint, kit.RoleAdministration); err != nil {
		return nil, err
	}
	entity, err := actor.Writes(ctx, in.Entity)
	if err == nil && !actor.SpeaksFor(entity) {
		err = kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &CreateCalendarLinkPayload{UserErrors: faults}, err
	}
	var secret string
	id, err := s.core.Create(ctx, "createCalendarLink", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		f.IdempotencyKey(in.IdempotencyKey)
		if err := s.mayMake(ctx, f, actor); err != nil {
			return "", err
		}
		if f.Err() != nil {
			return "", f
		}
		var err error
		if secret, err = s.core.Secret(); err != nil {
			return "", err
		}
		l := &CalendarLink{ID: s.core.NewID(calendarLinkPrefix), EntityID: entity, MadeBy: actor.Subject, SecretHash: kit.Hash(secret), CreatedAt: kit.DateTimeOf(s.core.Clock.Now()), Dataset: kit.DatasetOf(ctx)}
		if err := s.links.Insert(ctx, l); err != nil {
			return "", err
		}
		note(kit.Changed(CalendarLinkNoun, l, kit.Created, "entity"))
		return l.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &CreateCalendarLinkPayload{UserErrors: faults}, err
	}
	l, err := kit.One(ctx, s.ByIDs, id)
	payload := &CreateCalendarLinkPayload{CalendarLink: l}
	if l != nil && kit.Hash(secret) == l.SecretHash {
		payload.Path = new("/calendar/own/" + secret + ".ics")
	}
	return payload, err
}

// mayMake adds a fault if the caller has too many links.
func (s *CalendarService) mayMake(ctx context.Context, f *kit.Faults, actor kit.Actor) error {
	plan, err := s.links.Plan(store.Query{Any: []store.Where{{"madeBy": {string(actor.Subject)}, "kept": {"KEPT"}}}, Sort: "createdAt"})
	if err != nil {
		return err
	}
	n, err := s.links.Count(ctx, plan, store.Bounds{})
	if n >= maxLinks {
		f.Add(kit.CodeFull, "input", "full.links", map[string]string{"max": strconv.Itoa(maxLinks)})
	}
	return err
}

// RevokeLink ends a link of the caller's member or State, effective immediately. FOCAL_POINT and ADMINISTRATION.
func (s *CalendarService) RevokeLink(ctx context.Context, in RevokeCalendarLinkInput) (*RevokeCalendarLinkPayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration); err != nil {
		return nil, err
	}
	may := func(ctx context.Context, l *CalendarLink) error {
		if !kit.ActorOf(ctx).SpeaksFor(l.EntityID) {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		return nil
	}
	l, err := kit.Amend(ctx, s.core, CalendarLinkNoun, kit.Amendment{Operation: "revokeCalendarLink", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, may, func(l *CalendarLink, f *kit.Faults) []string {
		if l.RevokedAt != nil {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.revoked", nil)
		}
		l.RevokedAt = new(kit.DateTimeOf(s.core.Clock.Now()))
		return []string{"revokedAt"}
	})
	faults, err := kit.UserErrorsOf(err)
	return &RevokeCalendarLinkPayload{l, faults}, err
}

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

// Own lists the events that the member or State of a secret may see, and returns who reads: somebody who
// acts for the member or State and is no person. reader is nil if the secret is unknown or revoked, or if its maker no
// longer speaks for the member or State.
func (s *CalendarService) Own(ctx context.Context, secret string) (events []*Event, reader *kit.Actor, err error) {
	id, err := s.links.Lookup(ctx, "secret", kit.Hash(secret))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	link, err := s.links.Get(ctx, id)
	if err != nil || link.RevokedAt != nil {
		return nil, nil, err
	}
	makers, err := s.mandates.Speakers(ctx, link.EntityID)
	if err != nil || !slices.Contains(makers[link.EntityID], link.MadeBy) {
		return nil, nil, err
	}
	actor := kit.ActingFor("usr_calendar", kit.RoleDelegate, link.EntityID)
	if s.countries.Get(link.EntityID) != nil {
		actor = kit.ActingFor("usr_calendar", kit.RoleAdministration, link.EntityID)
	}
	v, err := s.events.view(kit.WithActor(ctx, actor))
	if err != nil {
		return nil, nil, err
	}
	events, err = s.events.latest(ctx, store.Where{"seen": v.keys()}, v, maxCalendar)
	return events, &actor, err
}

// ShownVersion is the version for whoever speaks for the member or State, nil for others.
func (l *CalendarLink) ShownVersion(ctx context.Context) *int64 {
	return kit.ShownVersion(&l.Version, kit.ActorOf(ctx).SpeaksFor(l.EntityID))
}

// LinkErasure ends the calendar links that a person made.
func LinkErasure(c *kit.Core, p *people.Person) kit.Erasure {
	at := kit.DateTimeOf(c.Clock.Now())
	return kit.Sweep[CalendarLink]{Of: CalendarLinkNoun, Query: store.Query{Any: []store.Where{{"madeBy": {string(p.ID)}}}, Sort: "createdAt"}, Due: kit.Alone(func(l *CalendarLink) []string {
		if l.RevokedAt != nil {
			return nil
		}
		l.RevokedAt = &at
		return []string{"revokedAt"}
	})}.Run
}
