package figures

import (
	"context"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/statistics"
)

// recountAwaiting counts the applications that awaited approval on a day, as known on that day.
func recountAwaiting(_ context.Context, c *figureCheck, f *Figure) (recounted, error) {
	if f.scope == (figureScope{}) {
		return c.unsplit(f), nil
	}
	known := c.knownOn(f.to)
	var rows []FigureRow
	defer c.ledger.Hold()()
	if why := c.beyond(f, c.ledger.Applications.First(statistics.Everything)); why != "" {
		return recounted{why: why}, nil
	}
	c.ledger.Applications.On(f.to.Number(), known, func(a *statistics.ApplicationState) {
		if f.scope.holds(statistics.Footing{Category: a.Category, Region: a.Region}, f.region) {
			rows = append(rows, c.applicationRow(a.Application, f.to))
		}
	})
	return rowsOf(rows), nil
}

// readGranted reads the exemptions that the Council granted, whether they still hold or not.
func (c *figureCheck) readGranted(ctx context.Context) error {
	return kit.EveryPage(func(args kit.PageArgs) (*membership.FeeExemptionConnection, error) {
		return c.exemptions.List(ctx, nil, []membership.ExemptionState{membership.ExemptionHolds, membership.ExemptionOver}, args)
	}, func(page []*membership.FeeExemption) {
		for _, x := range page {
			if x != nil {
				c.granted = append(c.granted, x)
			}
		}
	})
}

// recountExemptions counts the exemptions that were granted in a period, of any organisation.
func recountExemptions(_ context.Context, c *figureCheck, f *Figure) (recounted, error) {
	if f.scope != (figureScope{true, true, true}) {
		return c.unsplit(f), nil
	}
	if why := c.beyond(f, c.first(statistics.Everything)); why != "" {
		return recounted{why: why}, nil
	}
	var rows []FigureRow
	for _, x := range c.grantedIn(f.figurePeriod) {
		rows = append(rows, FigureRow{ID: x.ID, On: x.Decision.On, named: x.Member})
	}
	return rowsOf(rows), nil
}

func (c *figureCheck) grantedIn(p figurePeriod) (in []*membership.FeeExemption) {
	for _, x := range c.granted {
		if p.from <= x.Decision.On && x.Decision.On <= p.to {
			in = append(in, x)
		}
	}
	return in
}

// recountEvents counts the events of a kind whose first day is in a period. It leaves out drafts, and events that
// were postponed or cancelled.
func recountEvents(ctx context.Context, c *figureCheck, f *Figure) (recounted, error) {
	if f.scope != (figureScope{}) {
		return c.unsplit(f), nil
	}
	held := []events.EventStatus{events.EventPublished, events.EventOver}
	earliest, err := c.events.List(ctx, &events.EventFilter{Statuses: held}, nil, kit.PageArgs{First: new(1)})
	if err != nil {
		return recounted{}, err
	}
	first := kit.Forever
	for _, e := range earliest.Nodes() {
		first = e.Time.StartsOn.Number()
	}
	if why := c.beyond(f, first); why != "" {
		return recounted{why: why}, nil
	}
	// The calendar is in UTC, and the first day of an event is by the time of its place: so one day more at each
	// end.
	filter := &events.EventFilter{Kinds: []events.EventKind{f.kind.event}, Statuses: held, From: new(f.from.AddDays(-1)), To: new(f.to.AddDays(1))}
	var rows []FigureRow
	err = kit.EveryPage(func(args kit.PageArgs) (*events.EventConnection, error) { return c.events.List(ctx, filter, nil, args) }, func(page []*events.Event) {
		for _, e := range page {
			if on := e.Time.StartsOn; f.from <= on && on <= f.to {
				rows = append(rows, FigureRow{ID: e.ID, Name: e.Title.Text(ctx, &c.locale), On: on})
			}
		}
	})
	return rowsOf(rows), err
}
