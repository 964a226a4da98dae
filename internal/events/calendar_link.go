package events

import (
	"context"
	"slices"
	"strconv"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

const calendarLinkPrefix = "cal"

// CalendarLink is a secret address of the calendar of a person who acts for a member or State. The calendar has the
// events that are for the member or State, and those for which the person registered for it; it says how the person's own
// registration stands, and nothing of other persons. Only a hash of the secret is kept.
type CalendarLink struct {
	ID       kit.ID `bson:"_id"`
	Version  int64  `bson:"version"`
	EntityID kit.ID `bson:"entity"`
	// MadeBy is the person who made the link, and whose calendar it is. The link works while that person acts for the
	// member or State.
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
	core          *kit.Core
	countries     *country.CountryService
	links         store.Collection[CalendarLink]
	events        *EventService
	registrations *RegistrationService
	mandates      *people.MandateService
	persons       *people.PersonService
}

// maxLinks is how many unrevoked links a person may have.
const maxLinks = 10

// may says whether the caller made the link and acts for its member or State, or speaks for that one.
func (l *CalendarLink) may(a kit.Actor) bool {
	return a.SpeaksFor(l.EntityID) || l.MadeBy == a.Subject && a.ActsFor(l.EntityID)
}

// ByIDs reads the caller's own links, and those of focal points of the member or State for which the caller speaks, that
// are revoked or still work. Other links are nil.
func (s *CalendarService) ByIDs(ctx context.Context, ids []kit.ID) ([]*CalendarLink, error) {
	actor := kit.ActorOf(ctx)
	found, err := s.links.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	working := make([]*CalendarLink, 0, len(found))
	for i, l := range found {
		if l != nil && !l.may(actor) {
			found[i] = nil
		}
		if found[i] != nil && l.RevokedAt == nil {
			working = append(working, l)
		}
	}
	works, err := s.works(ctx, actor, working)
	if err != nil {
		return nil, err
	}
	for i, l := range found {
		if l != nil && l.RevokedAt == nil && !works(l) {
			found[i] = nil
		}
	}
	return found, nil
}

// works says which links work for an actor that may see them: its own while it holds a mandate, others while their makers
// speak for the member or State. It costs one call, and one for each member or State of the actor's own links.
func (s *CalendarService) works(ctx context.Context, actor kit.Actor, links []*CalendarLink) (func(*CalendarLink) bool, error) {
	var of []kit.ID
	holds := map[kit.ID]bool{}
	for _, l := range links {
		if !slices.Contains(of, l.EntityID) {
			of = append(of, l.EntityID)
		}
		if _, known := holds[l.EntityID]; known || l.MadeBy != actor.Subject {
			continue
		}
		held, err := s.mandates.Holds(ctx, actor.Subject, l.EntityID, s.core.Clock.Today())
		if err != nil {
			return nil, err
		}
		holds[l.EntityID] = held != nil
	}
	speakers, err := s.mandates.Speakers(ctx, of...)
	return func(l *CalendarLink) bool {
		if l.MadeBy == actor.Subject {
			return holds[l.EntityID]
		}
		return slices.Contains(speakers[l.EntityID], l.MadeBy)
	}, err
}

func (s *CalendarService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// Of lists the working links of the viewer, and those of the focal points of the members and States for which the viewer
// speaks, latest first. It is empty for a viewer who acts for none.
func (s *CalendarService) Of(ctx context.Context) ([]CalendarLink, error) {
	actor := kit.ActorOf(ctx)
	acts := slices.DeleteFunc(actor.Entities(), func(id kit.ID) bool { return !actor.ActsFor(id) })
	if len(acts) == 0 {
		return []CalendarLink{}, nil
	}
	speakers, err := s.mandates.Speakers(ctx, slices.DeleteFunc(slices.Clone(acts), func(id kit.ID) bool { return !actor.SpeaksFor(id) })...)
	makers := []kit.ID{actor.Subject}
	for _, of := range speakers {
		makers = append(makers, of...)
	}
	slices.Sort(makers)
	makers = slices.Compact(makers)
	if makers = makers[:min(len(makers), store.MaxLimit/maxLinks)]; err != nil {
		return []CalendarLink{}, err
	}
	plan, err := s.links.Plan(store.Query{Any: []store.Where{{"madeBy": kit.Strings(makers), "kept": {"KEPT"}}}, Sort: "createdAt"})
	if err != nil {
		return nil, err
	}
	page, err := s.links.Page(ctx, plan, store.Range{Backward: true, Limit: maxLinks * len(makers)})
	if err != nil {
		return nil, err
	}
	mine := slices.DeleteFunc(page.Docs, func(l *CalendarLink) bool { return !l.may(actor) })
	works, err := s.works(ctx, actor, mine)
	if err != nil {
		return nil, err
	}
	found := []CalendarLink{}
	for _, l := range mine {
		if works(l) {
			found = append(found, *l)
		}
	}
	return found, nil
}

// CreateLink makes a secret address for a member or State for which the caller acts: FOCAL_POINT, DELEGATE and
// ADMINISTRATION. Another entity is FORBIDDEN. It is FULL for a caller with maxLinks links.
func (s *CalendarService) CreateLink(ctx context.Context, in CreateCalendarLinkInput) (*CreateCalendarLinkPayload, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleFocalPoint, kit.RoleDelegate, kit.RoleAdministration); err != nil {
		return nil, err
	}
	entity, err := actor.Writes(ctx, in.Entity)
	if err == nil && !actor.ActsFor(entity) {
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

// RevokeLink ends a link, effective immediately: one of the caller's own, or of the member or State for which the caller
// speaks. FOCAL_POINT, DELEGATE and ADMINISTRATION.
func (s *CalendarService) RevokeLink(ctx context.Context, in RevokeCalendarLinkInput) (*RevokeCalendarLinkPayload, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleDelegate, kit.RoleAdministration); err != nil {
		return nil, err
	}
	may := func(ctx context.Context, l *CalendarLink) error {
		if !l.may(kit.ActorOf(ctx)) {
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

// ShownVersion is the version for whoever may revoke the link, nil for others.
func (l *CalendarLink) ShownVersion(ctx context.Context) *int64 {
	return kit.ShownVersion(&l.Version, l.may(kit.ActorOf(ctx)))
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
