package events

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// EventFilter narrows events. A nil field does not narrow; an empty list matches nothing.
type EventFilter struct {
	Kinds     []EventKind
	Series    []kit.ID
	Countries []kit.ID
	Statuses  []EventStatus
	// From and To bound the day on which an event begins; both days are included.
	From *kit.Date
	To   *kit.Date
	// ForMe selects the events whose audience includes the caller's member or administration.
	ForMe *bool
	// Parent selects the parts of an event. Only Statuses, From, To and ForMe combine with it.
	Parent *kit.ID
}

// EventOrderField is a field by which events are sorted.
type EventOrderField string

// EventByStart sorts by the instant or day on which an event begins.
const EventByStart EventOrderField = "START"

// EventOrderFields are all values of EventOrderField.
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

// List pages through events that the caller may see, in the order in which they begin. An unknown country is
// BAD_USER_INPUT, and so is a parent together with kinds, series or countries.
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

// stretch is the range of the sort key begins between the two days. An event with a time begins on its day in UTC.
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

// where maps the filter to keys of a listing.
func (s *EventService) where(ctx context.Context, filter EventFilter, v *eventView) (store.Where, error) {
	where := store.Where{"seen": v.keys()}
	if filter.ForMe != nil && *filter.ForMe {
		where["seen"] = v.forMe()
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
