package events

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

const seriesPrefix = "ser"

// EventKind is the sort of the events in a series.
type EventKind string

// EventKinds are all values of EventKind.
var EventKinds = []EventKind{
	"IAGDI_CRO", "GSR", "TECH_TALK", "TDAG", "STUDY_GROUP", "RDF", "RPM", "WTDC", "BRIEFING", "VISIT", "TRAINING", "RECOGNITION", "OTHER",
}

// Valid returns an error for a value that is not in EventKinds.
func (v EventKind) Valid() error { return kit.CheckOneOf(v, EventKinds, "event kind") }

// EventSeries groups events, such as all meetings of one study group. Each event belongs to one series and has its
// kind. There are few series, so they are read in one call and sorted in memory.
type EventSeries struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Code names the series, never changes, and is part of the address of its calendar.
	Code        string             `bson:"code"`
	Kind        EventKind          `bson:"kind"`
	Title       *kit.LocalizedText `bson:"title"`
	Description *kit.LocalizedText `bson:"description,omitempty"`
	// Topics is nil unless the series takes topics.
	Topics  *CallForTopics `bson:"topics,omitempty"`
	Dataset kit.Dataset    `bson:"dataset"`
}

// CallForTopics says that members and States may propose topics to a series while it has no event for them yet. It has no
// last day: the secretariat closes it.
type CallForTopics struct {
	Open bool `bson:"open"`
	// Kinds are those that may propose; empty for all members that are active, and all States.
	Kinds []membership.RespondentKind `bson:"kinds" most:"4"`
	// Introduction says what topics are looked for; nil if nothing is said.
	Introduction *kit.LocalizedText `bson:"introduction,omitempty"`
}

// CallForTopicsInput is a call for topics in a request.
type CallForTopicsInput struct {
	Open         bool
	Kinds        []membership.RespondentKind
	Introduction []kit.TranslationInput
}

func (in *CallForTopicsInput) call() *CallForTopics {
	if in == nil {
		return nil
	}
	return &CallForTopics{Open: in.Open, Kinds: kit.OrEmpty(slices.Clone(in.Kinds)), Introduction: (*kit.LocalizedText)(nil).With(in.Introduction)}
}

const maxSeries = 500

// SeriesNoun is how series are stored.
var SeriesNoun = store.Declare(store.Noun[EventSeries]{
	Name:     "eventSeries",
	Identity: func(s *EventSeries) (string, *int64) { return string(s.ID), &s.Version },
	Keys:     []store.Key[EventSeries]{store.Unique("code", func(s *EventSeries) string { return s.Code })},
	Listings: []store.Listing{{}},
})

// IsNode marks a type that node and nodes can answer.
func (s *EventSeries) IsNode() {}

// EventSeriesConnection and EventSeriesEdge page through series.
type (
	EventSeriesConnection = kit.Connection[*EventSeries]
	EventSeriesEdge       = kit.Edge[*EventSeries]
)

// EventSeriesService reads and changes series. Everybody may read them; only SECRETARIAT may change them.
type EventSeriesService struct {
	core   *kit.Core
	series store.Collection[EventSeries]
}

// ByIDs reads series in the order of the ids, nil for a missing one.
func (s *EventSeriesService) ByIDs(ctx context.Context, ids []kit.ID) ([]*EventSeries, error) {
	return s.series.Many(ctx, kit.Strings(ids))
}

func (s *EventSeriesService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// ByCode is the series with a code, nil if there is none.
func (s *EventSeriesService) ByCode(ctx context.Context, code string) (*EventSeries, error) {
	id, err := s.series.Lookup(ctx, "code", code)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return kit.One(ctx, s.ByIDs, kit.ID(id))
}

func (s *EventSeriesService) all(ctx context.Context) ([]*EventSeries, error) {
	plan, err := s.series.Plan(store.Query{})
	if err != nil {
		return nil, err
	}
	page, err := s.series.Page(ctx, plan, store.Range{Limit: maxSeries})
	return page.Docs, err
}

// List pages through series, sorted by title in the caller's language. Nil kinds select all.
func (s *EventSeriesService) List(ctx context.Context, kinds []EventKind, args kit.PageArgs) (*EventSeriesConnection, error) {
	all, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	if kinds != nil {
		all = slices.DeleteFunc(all, func(e *EventSeries) bool { return !slices.Contains(kinds, e.Kind) })
	}
	l := kit.LocaleOf(ctx)
	order := kit.Collator(l)
	token := func(e *EventSeries) string { return kit.SortKey(order(e.Title.Text(ctx, nil))) + "\x1f" + string(e.ID) }
	return kit.PageOfMemory(s.core.Sealer, all, token, "eventSeries.title."+string(l), false, args)
}

// CreateEventSeriesInput makes a series.
type CreateEventSeriesInput struct {
	IdempotencyKey *string
	Code           string
	Kind           EventKind
	Title          []kit.TranslationInput
	Description    []kit.TranslationInput
	Topics         *CallForTopicsInput
}

// CreateEventSeriesPayload has the new series; it is nil if there are UserErrors.
type CreateEventSeriesPayload struct {
	EventSeries *EventSeries
	UserErrors  []kit.UserError
}

// UpdateEventSeriesInput changes the texts of a series and its call for topics, which is replaced as a whole and which null
// removes; its code and kind never change.
type UpdateEventSeriesInput struct {
	ID              kit.ID
	ExpectedVersion int
	Title           kit.Opt[[]kit.TranslationInput]
	Description     kit.Opt[[]kit.TranslationInput]
	Topics          kit.Opt[CallForTopicsInput]
}

// UpdateEventSeriesPayload has the series after the change; it is nil if there are UserErrors.
type UpdateEventSeriesPayload struct {
	EventSeries *EventSeries
	UserErrors  []kit.UserError
}

// Create makes a series. SECRETARIAT only. A code that was ever used is a DUPLICATE.
func (s *EventSeriesService) Create(ctx context.Context, in CreateEventSeriesInput) (*CreateEventSeriesPayload, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "createEventSeries", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		e := &EventSeries{
			ID: s.core.NewID(seriesPrefix), Code: in.Code, Kind: in.Kind, Dataset: kit.DatasetOf(ctx),
			Title: (*kit.LocalizedText)(nil).With(in.Title), Description: (*kit.LocalizedText)(nil).With(in.Description),
			Topics: in.Topics.call(),
		}
		f.IdempotencyKey(in.IdempotencyKey)
		f.Code("input.code", in.Code)
		e.check(f, kit.Some(in.Title), kit.Some(in.Description), kit.OptOf(in.Topics))
		if err := kit.CheckFree(ctx, f, s.series, "code", "input.code", in.Code); err != nil {
			return "", err
		}
		if err := kit.CheckRoom(ctx, f, s.series, maxSeries); err != nil {
			return "", err
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		if err := s.series.Insert(ctx, e); err != nil {
			return "", err
		}
		note(kit.Changed(SeriesNoun, e, kit.Created, "code", "kind", "title"))
		return e.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &CreateEventSeriesPayload{UserErrors: faults}, err
	}
	e, err := kit.One(ctx, s.ByIDs, id)
	return &CreateEventSeriesPayload{EventSeries: e}, err
}

// storedOne reads one stored series; store.ErrNotFound if it is missing.
func (s *EventSeriesService) storedOne(ctx context.Context, id kit.ID) (*EventSeries, error) {
	return s.series.Get(ctx, string(id))
}

// Update changes the texts of a series and whether it takes topics. SECRETARIAT only. Proposals that wait stay when the
// call is closed or removed: the secretariat still decides about them.
func (s *EventSeriesService) Update(ctx context.Context, in UpdateEventSeriesInput) (*UpdateEventSeriesPayload, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	may := func(context.Context, *EventSeries) error { return nil }
	e, err := kit.Amend(ctx, s.core, SeriesNoun, kit.Amendment{Operation: "updateEventSeries", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, may, func(e *EventSeries, f *kit.Faults) []string {
		var fields []string
		kit.ApplyTranslations(&fields, "title", in.Title, &e.Title)
		kit.ApplyTranslations(&fields, "description", in.Description, &e.Description)
		if in.Topics.Set {
			kit.Become(&fields, "topics", &e.Topics, in.Topics.Value.call())
		}
		e.check(f, in.Title, in.Description, in.Topics)
		return fields
	})
	faults, err := kit.UserErrorsOf(err)
	return &UpdateEventSeriesPayload{e, faults}, err
}

func (s *EventSeries) check(f *kit.Faults, title, description kit.Opt[[]kit.TranslationInput], topics kit.Opt[CallForTopicsInput]) {
	f.Titled("input.title", title, s.Title, 200, true)
	f.Written("input.description", description, s.Description, 2000, false)
	if call, given := kit.Given(topics); given {
		f.Written("input.topics.introduction", kit.Some(call.Introduction), s.Topics.Introduction, 2000, false)
	}
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (s *EventSeries) ShownVersion(ctx context.Context) *int64 {
	return kit.KeptBySecretariat(ctx, &s.Version)
}
