package events

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// EventFilter narrows events; a field left out does not narrow, and an empty list matches nothing.
type EventFilter struct {
	Kinds     []EventKind
	Series    []kit.ID
	Countries []kit.ID
	Statuses  []EventStatus
	// From and To are days, both included, between which an event begins.
	From *kit.Date
	To   *kit.Date
	// ForMe leaves only events whose audience the caller's member or administration belongs to.
	ForMe *bool
	// Parent leaves only the parts of an event. It is combined with Statuses, From, To and ForMe only.
	Parent *kit.ID
}

// EventOrderField is what events are sorted by.
type EventOrderField string

// EventByStart sorts by the instant or day at which events begin.
const EventByStart EventOrderField = "START"

// EventOrderFields are all of them.
var EventOrderFields = []EventOrderField{EventByStart}

// EventOrder sorts events.
type EventOrder struct {
	Field     EventOrderField
	Direction kit.OrderDirection
}

// EventConnection and EventEdge page through events.
type (
	EventConnection = kit.Connection[*Event]
	EventEdge       = kit.Edge[*Event]
)

// List pages through events that the caller may see, in the order in which they begin. An unknown
// country, and a parent together with kinds, series or countries, are BAD_USER_INPUT.
func (s *EventService) List(ctx context.Context, filter *EventFilter, order *EventOrder, args kit.PageArgs) (*EventConnection, error) {
	if filter == nil {
		filter = &EventFilter{}
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	where, err := s.where(ctx, *filter, v)
	if err != nil {
		return nil, err
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.events, store.Query{Any: []store.Where{where}, Sort: "begins"}, filter.stretch(), order != nil && order.Direction == kit.Descending, args)
	if err != nil {
		return nil, err
	}
	v.show(found.Nodes())
	return found, nil
}

// stretch is the part of the calendar between two days. An event with a time begins on the day that
// it is in UTC.
func (f EventFilter) stretch() store.Bounds {
	var b store.Bounds
	if f.From != nil {
		b.After = string(*f.From)
	}
	if f.To != nil {
		b.Before = string(f.To.AddDays(1))
	}
	return b
}

// where names the keys of a listing.
func (s *EventService) where(ctx context.Context, filter EventFilter, v *eventView) (store.Where, error) {
	where := store.Where{"seen": v.keys()}
	if filter.ForMe != nil && *filter.ForMe {
		where["seen"] = []string{}
		if len(v.tokens) > 0 {
			where["seen"] = []string{forEveryone}
		}
		for _, t := range v.tokens {
			where["seen"] = append(where["seen"], forPrefix+t)
		}
	}
	if filter.Statuses != nil {
		where["status"] = kit.Strings(filter.Statuses)
	}
	if filter.Parent != nil {
		if filter.Kinds != nil || filter.Series != nil || filter.Countries != nil {
			return nil, kit.Refuse(kit.BadUserInput, "parentAlone", nil)
		}
		where["parent"] = []string{string(*filter.Parent)}
	}
	for _, id := range filter.Countries {
		if s.countries.Get(id) == nil {
			return nil, kit.Refuse(kit.BadUserInput, "unknownCountry", map[string]string{"id": string(id)})
		}
	}
	if filter.Countries != nil {
		where["country"] = kit.Strings(filter.Countries)
	}
	switch {
	case filter.Series != nil && filter.Kinds != nil:
		series, err := s.series.ByIDs(ctx, filter.Series)
		if err != nil {
			return nil, err
		}
		series = slices.DeleteFunc(series, func(e *EventSeries) bool { return e == nil || !slices.Contains(filter.Kinds, e.Kind) })
		where["series"] = []string{}
		for _, e := range series {
			where["series"] = append(where["series"], string(e.ID))
		}
	case filter.Series != nil:
		where["series"] = kit.Strings(filter.Series)
	case filter.Kinds != nil:
		where["kind"] = kit.Strings(filter.Kinds)
	}
	return where, nil
}
