package events

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// eventView is what a reader may see of events.
type eventView struct {
	today       kit.Date
	secretariat bool
	// tokens are the audiences to which the reader belongs; see audienceToken.
	tokens []string
}

// audienceToken names a group of respondents that no audience divides: a kind, and for Associates also their study
// group.
func audienceToken(k membership.RespondentKind, g membership.StudyGroup) string {
	if k == membership.RespondentAssociate {
		return string(k) + "/" + string(g)
	}
	return string(k)
}

// tokens lists the audience tokens to which the event is open.
func (a EventAudience) tokens() []string {
	kinds, groups := a.Kinds, append([]membership.StudyGroup{""}, membership.StudyGroups...)
	if a.Everyone {
		kinds = membership.RespondentKinds
	} else if len(a.StudyGroups) > 0 {
		groups = a.StudyGroups
	}
	var tokens []string
	for _, k := range kinds {
		if k != membership.RespondentAssociate {
			tokens = append(tokens, audienceToken(k, ""))
			continue
		}
		for _, g := range groups {
			tokens = append(tokens, audienceToken(k, g))
		}
	}
	return tokens
}

// The values of the key seen, by which a reader's listings find an event.
const (
	seenByAll    = "ALL" // SECRETARIAT, which also sees drafts
	seenByPublic = "PUBLIC"
	seesPrefix   = "sees "
	forPrefix    = "for "
	forEveryone  = forPrefix + "EVERYONE"
)

// announced says whether readers other than SECRETARIAT may know of the event. They may not know of a draft that
// was cancelled before it was published.
func (e *Event) announced() bool {
	return e.StoredStatus != EventDraft && slices.ContainsFunc(e.Changes, func(c EventChange) bool { return c.Status == EventPublished })
}

// seen are the values of the key seen: which readers find the event, and which audiences it is for.
func (e *Event) seen() []string {
	seen := []string{seenByAll}
	if !e.announced() {
		return seen
	}
	if e.Visibility == VisiblePublic {
		seen = append(seen, seenByPublic)
	}
	if e.Audience.Everyone {
		seen = append(seen, forEveryone)
	}
	for _, token := range e.Audience.tokens() {
		if e.Visibility == VisibleAudience {
			seen = append(seen, seesPrefix+token)
		}
		if !e.Audience.Everyone {
			seen = append(seen, forPrefix+token)
		}
	}
	return seen
}

// keys are the values of the key seen that the reader may query.
func (v *eventView) keys() []string {
	if v.secretariat {
		return []string{seenByAll}
	}
	keys := []string{seenByPublic}
	for _, t := range v.tokens {
		keys = append(keys, seesPrefix+t)
	}
	return keys
}

// forMe are the values of the key seen of events that are for the reader; none for a reader who acts for nobody.
func (v *eventView) forMe() []string {
	keys := []string{}
	if len(v.tokens) > 0 {
		keys = append(keys, forEveryone)
	}
	for _, t := range v.tokens {
		keys = append(keys, forPrefix+t)
	}
	return keys
}

// sees says whether the reader may see the event.
func (v *eventView) sees(e *Event) bool {
	seen := e.seen()
	return slices.ContainsFunc(v.keys(), func(k string) bool { return slices.Contains(seen, k) })
}

// addressed says whether the event is for the reader.
func (v *eventView) addressed(e *Event) bool {
	tokens := e.Audience.tokens()
	return slices.ContainsFunc(v.tokens, func(t string) bool { return slices.Contains(tokens, t) })
}

// eventSeats are the places of events, as far as a change of an event has to do with them.
type eventSeats interface {
	// open begins the count of a new event.
	open(ctx context.Context, e *Event) error
	// keepers returns a check that adds faults for a change that takes places or answers away from those who have
	// them. registration says whether the change is about the registration.
	keepers(ctx context.Context, event kit.ID, registration bool) (func(f *kit.Faults, before, after *Event), error)
	// settle gives places that became free to those who wait.
	settle(ctx context.Context, operation string, e *Event) error
}

// EventService reads and changes events. Everybody may read public events; members and States also read the events
// that are for them. SECRETARIAT reads all events, drafts included, and is the only one who may change them.
type EventService struct {
	core      *kit.Core
	countries *country.CountryService
	events    store.Collection[Event]
	series    *EventSeriesService
	members   *membership.MemberService
	seats     eventSeats
	files     *files.FileService
	// registrants tells those who are registered.
	registrants eventRegistrants
	// guests tells those who are invited.
	guests eventGuests
}

// view works out what the caller may see of events. It costs one call if the caller acts for members. If the
// record of a member is damaged, the caller sees only public events, and decisions that need the member are
// refused.
func (s *EventService) view(ctx context.Context) (*eventView, error) {
	actor := kit.ActorOf(ctx)
	v := &eventView{today: s.core.Clock.Today(), secretariat: actor.Has(kit.EventsSecretariat)}
	acts := actor.Entities()
	if v.secretariat {
		acts = slices.DeleteFunc(acts, func(id kit.ID) bool { return id.Prefix() != kit.CountryPrefix })
	}
	var err error
	if v.tokens, err = s.tokensOf(ctx, acts); err != nil {
		return nil, err
	}
	return v, nil
}

// tokensOf are the audiences to which members and States belong today. It costs one call if there are members. One whose
// record is damaged belongs to none, unless the context decides by it.
func (s *EventService) tokensOf(ctx context.Context, entities []kit.ID) (tokens []string, err error) {
	if slices.ContainsFunc(entities, func(id kit.ID) bool { return id.Prefix() == kit.CountryPrefix }) {
		tokens = append(tokens, audienceToken(membership.RespondentMemberState, ""))
	}
	members := slices.DeleteFunc(slices.Clone(entities), func(id kit.ID) bool { return id.Prefix() != membership.MemberPrefix })
	if len(members) == 0 {
		return tokens, nil
	}
	found, err := s.members.Stored(ctx, members)
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		if m != nil {
			tokens = append(tokens, memberTokens(m.On(s.core.Clock.Today()))...)
		}
	}
	return tokens, nil
}

// memberTokens are the audiences to which a membership belongs. There are none unless the membership is active.
func memberTokens(s membership.Membership) []string {
	if s.Status != membership.Active {
		return nil
	}
	return []string{audienceToken(membership.RespondentKind(s.Category), s.StudyGroup)}
}

// show sets the caller's view on events that were read in one call, and sets to nil the events that the caller may
// not see.
func (v *eventView) show(events []*Event) {
	with := &kit.Together[*Event]{}
	for i, e := range events {
		if e == nil || !v.sees(e) {
			events[i] = nil
			continue
		}
		e.view, e.with = v, with
		with.Items = append(with.Items, e)
	}
}

// ByIDs reads events in the order of the ids, nil for events that the caller may not see.
func (s *EventService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Event, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.events.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	v.show(found)
	return found, nil
}

// Get reads one event, nil if there is none that the caller may see.
func (s *EventService) Get(ctx context.Context, id kit.ID) (*Event, error) {
	return kit.One(ctx, s.ByIDs, id)
}

// ByCode reads the event with a code, nil if there is none that the caller may see.
func (s *EventService) ByCode(ctx context.Context, code string) (*Event, error) {
	id, err := s.events.Lookup(ctx, "code", code)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, kit.ID(id))
}

func (s *EventService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// SeriesOf is an event's series, nil if its record is damaged. One call serves all events of a page.
func (s *EventService) SeriesOf(ctx context.Context, e *Event) (*EventSeries, error) {
	return kit.Neighbour(ctx, e.with, "series", e, func(ctx context.Context, events []*Event) ([]*EventSeries, error) {
		return s.series.ByIDs(ctx, kit.Map(events, func(e *Event) kit.ID { return e.SeriesID }))
	})
}

// ParentOf is the event of which this one is a part, nil if there is none or the caller may not see it. One call
// serves all events of a page.
func (s *EventService) ParentOf(ctx context.Context, e *Event) (*Event, error) {
	return kit.Neighbour(ctx, e.with, "parent", e, func(ctx context.Context, events []*Event) ([]*Event, error) {
		found, err := s.events.Many(ctx, kit.Map(events, func(e *Event) string { return kit.Deref(e.ParentID) }))
		if err == nil {
			e.view.show(found)
		}
		return found, err
	})
}

// CountryOf is the country in which an event takes place, nil if there is none or it is not known.
func (s *EventService) CountryOf(e *Event) *country.Country {
	return s.countries.Get(kit.ID(kit.Deref(e.CountryID)))
}

// found sets to nil the search hits that the caller may not see.
func (s *EventService) found(ctx context.Context, events []*Event) error {
	v, err := s.view(ctx)
	if err == nil {
		v.show(events)
	}
	return err
}

// storedOne reads one stored event without a check of permissions; store.ErrNotFound if it is missing.
func (s *EventService) storedOne(ctx context.Context, id kit.ID) (*Event, error) {
	return s.events.Get(ctx, string(id))
}

// storedIf is storedOne, but nil for an event that is missing, or damaged where nothing is decided.
func (s *EventService) storedIf(ctx context.Context, id kit.ID) (*Event, error) {
	found, err := s.events.Many(ctx, []string{string(id)})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// storedByCode reads the event with a code without a check of permissions; NOT_FOUND if there is none.
func (s *EventService) storedByCode(ctx context.Context, code string) (*Event, error) {
	id, err := s.events.Lookup(ctx, "code", code)
	if errors.Is(err, store.ErrNotFound) {
		return nil, kit.Refuse(kit.NotFound, "notFound", nil)
	}
	if err != nil {
		return nil, err
	}
	return s.events.Get(ctx, id)
}

// keepDocuments stores an event whose documents changed with another record, and adds the change record.
func (s *EventService) keepDocuments(ctx context.Context, e *Event, note func(kit.Change)) error {
	if err := s.events.Replace(ctx, e); err != nil {
		return err
	}
	note(kit.Changed(EventNoun, e, kit.Updated, "documents"))
	return nil
}

// latest reads the latest events of a listing, oldest first.
func (s *EventService) latest(ctx context.Context, where store.Where, v *eventView, most int) ([]*Event, error) {
	plan, err := s.events.Plan(store.Query{Any: []store.Where{where}, Sort: "begins"})
	if err != nil {
		return nil, err
	}
	page, err := s.events.Page(ctx, plan, store.Range{Backward: true, Limit: most})
	if err != nil {
		return nil, err
	}
	v.show(page.Docs)
	slices.Reverse(page.Docs)
	return page.Docs, nil
}

// Searchable says how a search finds events by their words.
func (s *EventService) Searchable() kit.Searchable {
	announced := store.Query{Any: []store.Where{{"seen": {seenByPublic}}}, Sort: "begins"}
	return kit.NewSearchable(kit.SearchEvents, s.events, announced, s.found, func(ctx context.Context, e *Event) (kit.ID, []string, []string) {
		return e.ID, append([]string{e.Title.Text(ctx, nil)}, e.Title.Texts()...), e.publicTexts()
	})
}
