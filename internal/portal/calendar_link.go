package portal

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"memberportal/internal/store"
)

const calendarLinkPrefix = "cal"

// CalendarLink is a secret address under which a member's or State's own calendar can be subscribed
// to: the events that are for it, and which of its people are registered is not told. Of the secret
// only a hash is kept.
type CalendarLink struct {
	ID       ID    `bson:"_id"`
	Version  int64 `bson:"version"`
	EntityID ID    `bson:"entity"`
	// MadeBy is the person who made it. It works while that person speaks for the member or State.
	MadeBy     ID       `bson:"madeBy,omitempty" valid:"empty"`
	SecretHash string   `bson:"secretHash"`
	CreatedAt  DateTime `bson:"createdAt"`
	// RevokedAt is when the link ceased to work.
	RevokedAt *DateTime `bson:"revokedAt,omitempty"`
	Dataset   Dataset   `bson:"dataset"`
}

// CalendarLinkNoun is how links are stored.
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

// CreateCalendarLinkInput makes a secret address for the caller's member or State.
type CreateCalendarLinkInput struct {
	IdempotencyKey *string
}

// CreateCalendarLinkPayload is the link with its path, or what is wrong. The path is told this once; a
// repeat under the idempotency key has none.
type CreateCalendarLinkPayload struct {
	CalendarLink *CalendarLink
	Path         *string
	UserErrors   []UserError
}

// RevokeCalendarLinkInput ends a link.
type RevokeCalendarLinkInput struct {
	ID              ID
	ExpectedVersion int
}

// RevokeCalendarLinkPayload is the link as it is now, or what is wrong.
type RevokeCalendarLinkPayload struct {
	CalendarLink *CalendarLink
	UserErrors   []UserError
}

// CalendarService gives calendars out.
type CalendarService struct {
	core      *core
	countries *CountryService
	links     store.Collection[CalendarLink]
	events    *EventService
	mandates  *MandateService
}

// maxLinks is how many links that were not revoked a person may have.
const maxLinks = 10

// makers are the persons whose links for a member or State work today: its focal points, and who is its
// administration by role alone and has never had a mandate of it, if that is asked for.
func (s *CalendarService) makers(ctx context.Context, entity ID, by ...ID) ([]ID, error) {
	makers, err := s.mandates.speakers(ctx, entity)
	if s.countries.Get(entity) == nil {
		return makers, err
	}
	for _, person := range by {
		if err != nil || slices.Contains(makers, person) {
			continue
		}
		var all []*Mandate
		if all, err = s.mandates.between(ctx, person, entity); len(all) == 0 {
			makers = append(makers, person)
		}
	}
	return makers, err
}

// ByIDs reads the links of the caller's own member or State that were revoked or still work, nil for
// others.
func (s *CalendarService) ByIDs(ctx context.Context, ids []ID) ([]*CalendarLink, error) {
	found, err := s.links.Many(ctx, texts(ids))
	if err != nil {
		return nil, err
	}
	var makers []ID
	for i, l := range found {
		if l == nil {
			continue
		}
		if !ActorOf(ctx).speaksFor(l.EntityID) {
			found[i] = nil
			continue
		}
		if makers == nil {
			if makers, err = s.makers(ctx, l.EntityID, ActorOf(ctx).Subject); err != nil {
				return nil, err
			}
		}
		if l.RevokedAt == nil && !slices.Contains(makers, l.MadeBy) {
			found[i] = nil
		}
	}
	return found, nil
}

func (s *CalendarService) nodes(ctx context.Context, ids []ID) ([]Node, error) {
	return asNodes(s.ByIDs(ctx, ids))
}

// Of are the links of a viewer's member or State that work, latest first: those of its focal points and
// the viewer's own, at most maxLinks for each of them. None for whoever does not speak for one.
func (s *CalendarService) Of(ctx context.Context) ([]CalendarLink, error) {
	actor := ActorOf(ctx)
	entity := actor.entity()
	if !actor.speaksFor(entity) {
		return []CalendarLink{}, nil
	}
	makers, err := s.makers(ctx, entity, actor.Subject)
	if err != nil || len(makers) == 0 {
		return []CalendarLink{}, err
	}
	plan, err := s.links.Plan(store.Query{Any: []store.Where{{"madeBy": texts(makers), "kept": {"KEPT"}}}, Sort: "createdAt"})
	if err != nil {
		return nil, err
	}
	page, err := s.links.Page(ctx, plan, store.Range{Backward: true, Limit: maxLinks * len(makers)})
	found := []CalendarLink{}
	for _, l := range page.Docs {
		if l.EntityID == entity {
			found = append(found, *l)
		}
	}
	return found, err
}

// CreateLink makes a secret address for the caller's member or State. FOCAL_POINT and ADMINISTRATION.
// Who has no mandate as a focal point of its member is NOT_ELIGIBLE, who has maxLinks links already is FULL.
func (s *CalendarService) CreateLink(ctx context.Context, in CreateCalendarLinkInput) (*CreateCalendarLinkPayload, error) {
	actor := ActorOf(ctx)
	if err := actor.require(RoleFocalPoint, RoleAdministration); err != nil {
		return nil, err
	}
	var secret string
	id, err := s.core.create(ctx, "createCalendarLink", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		f := newFaults(ctx)
		f.idempotencyKey(in.IdempotencyKey)
		if err := s.mayMake(ctx, f, actor); err != nil {
			return "", err
		}
		if f.err() != nil {
			return "", f
		}
		var err error
		if secret, err = s.core.secret(); err != nil {
			return "", err
		}
		l := &CalendarLink{ID: s.core.newID(calendarLinkPrefix), EntityID: actor.entity(), MadeBy: actor.Subject, SecretHash: hash(secret), CreatedAt: DateTimeOf(s.core.clock.Now()), Dataset: datasetOf(ctx)}
		if err := s.links.Insert(ctx, l); err != nil {
			return "", err
		}
		note(changed(CalendarLinkNoun, l, Created, "entity"))
		return l.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &CreateCalendarLinkPayload{UserErrors: faults}, err
	}
	l, err := one(ctx, s.ByIDs, id)
	payload := &CreateCalendarLinkPayload{CalendarLink: l}
	if l != nil && hash(secret) == l.SecretHash {
		payload.Path = new("/calendar/own/" + secret + ".ics")
	}
	return payload, err
}

// mayMake finds whether the caller's links would work, and whether there is room for one more.
func (s *CalendarService) mayMake(ctx context.Context, f *faults, actor Actor) error {
	makers, err := s.makers(ctx, actor.entity(), actor.Subject)
	if err != nil {
		return err
	}
	if !slices.Contains(makers, actor.Subject) {
		f.add(CodeNotEligible, "input", "notEligible.noMandate", nil)
	}
	plan, err := s.links.Plan(store.Query{Any: []store.Where{{"madeBy": {string(actor.Subject)}, "kept": {"KEPT"}}}, Sort: "createdAt"})
	if err != nil {
		return err
	}
	n, err := s.links.Count(ctx, plan, store.Bounds{})
	if n >= maxLinks {
		f.add(CodeFull, "input", "full.links", map[string]string{"max": strconv.Itoa(maxLinks)})
	}
	return err
}

// RevokeLink ends a link of the caller's member or State at once. FOCAL_POINT and ADMINISTRATION.
func (s *CalendarService) RevokeLink(ctx context.Context, in RevokeCalendarLinkInput) (*RevokeCalendarLinkPayload, error) {
	if err := Require(ctx, RoleFocalPoint, RoleAdministration); err != nil {
		return nil, err
	}
	may := func(ctx context.Context, l *CalendarLink) error {
		if !ActorOf(ctx).speaksFor(l.EntityID) {
			return refuse(NotFound, "notFound", nil)
		}
		return nil
	}
	l, err := amend(ctx, s.core, CalendarLinkNoun, amendment{"revokeCalendarLink", in.ID, in.ExpectedVersion, nil}, may, func(l *CalendarLink, f *faults) []string {
		if l.RevokedAt != nil {
			f.add(CodeNotAllowedInState, "input.id", "notAllowedInState.revoked", nil)
		}
		l.RevokedAt = new(DateTimeOf(s.core.clock.Now()))
		return []string{"revokedAt"}
	})
	faults, err := refused(err)
	return &RevokeCalendarLinkPayload{l, faults}, err
}

// maxCalendar bounds the events of one calendar: the latest ones.
const maxCalendar = 1000

// Public are the public events, of one series if a code is given, in the order in which they begin;
// ok is false if there is no such series. Cancelled events are among them, so that calendars learn of it.
func (s *CalendarService) Public(ctx context.Context, series string) (events []*Event, ok bool, err error) {
	where := store.Where{"seen": {seenByPublic}}
	if series != "" {
		found, err := s.events.series.ByCode(ctx, series)
		if found == nil || err != nil {
			return nil, false, err
		}
		where["series"] = []string{string(found.ID)}
	}
	events, err = s.events.latest(ctx, where, &eventView{today: s.core.clock.Today()}, maxCalendar)
	return events, true, err
}

// Own are the events of the member or State to which a secret belongs: those that it sees. ok is false
// for a secret that is unknown or revoked, or whose maker does not speak for the member or State any more.
func (s *CalendarService) Own(ctx context.Context, secret string) (events []*Event, ok bool, err error) {
	id, err := s.links.Lookup(ctx, "secret", hash(secret))
	if errors.Is(err, store.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	link, err := s.links.Get(ctx, id)
	if err != nil || link.RevokedAt != nil {
		return nil, false, err
	}
	makers, err := s.makers(ctx, link.EntityID, link.MadeBy)
	if err != nil || !slices.Contains(makers, link.MadeBy) {
		return nil, false, err
	}
	actor := Actor{Subject: "usr_calendar"}
	if c := s.countries.Get(link.EntityID); c != nil {
		actor.Roles, actor.Country = []Role{RoleAdministration}, c.ISO2
	} else {
		actor.Roles, actor.Member = []Role{RoleDelegate}, link.EntityID
	}
	v, err := s.events.view(WithActor(ctx, actor))
	if err != nil {
		return nil, false, err
	}
	events, err = s.events.latest(ctx, store.Where{"seen": v.keys()}, v, maxCalendar)
	return events, true, err
}

// ShownVersion is the version for whoever speaks for the member or State, nil for others.
func (l *CalendarLink) ShownVersion(ctx context.Context) *int64 {
	return shownVersion(&l.Version, ActorOf(ctx).speaksFor(l.EntityID))
}
