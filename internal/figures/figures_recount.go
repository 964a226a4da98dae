package figures

import (
	"context"
	"strconv"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/statistics"
)

// beyond returns why there are no records for the days of a figure; empty if there are.
func (c *figureCheck) beyond(f *Figure, first kit.DayNumber) string {
	today := c.core.Clock.Today()
	switch {
	case first == kit.Forever:
		return kit.Message(c.locale, "figures.noRecords", nil)
	case f.from.Number() < first:
		return kit.Message(c.locale, "figures.beforeRecords", map[string]string{"date": string(first.Date())})
	case f.to > today && !f.kind.forecasts():
		return kit.Message(c.locale, "figures.afterRecords", map[string]string{"date": string(today)})
	case f.known > today:
		return kit.Message(c.locale, "figures.afterRecords", map[string]string{"date": string(today)})
	}
	return ""
}

// unsplit returns that the records cannot be split by the scope of the figure.
func (c *figureCheck) unsplit(f *Figure) recounted {
	return recounted{why: kit.Message(c.locale, "figures.scope", map[string]string{"scope": f.Scope})}
}

// first returns the first day for which the membership is recorded.
func (c *figureCheck) first(known kit.DayNumber) kit.DayNumber {
	defer c.ledger.Hold()()
	return c.ledger.Members.First(known)
}

// knownOn returns the day up to which records count for a question about a day; Everything from today on.
func (c *figureCheck) knownOn(day kit.Date) kit.DayNumber {
	if day >= c.core.Clock.Today() {
		return statistics.Everything
	}
	return day.Number()
}

func (c *figureCheck) memberRow(member int32, on kit.Date) FigureRow {
	id := c.ledger.IDs.IDs[member]
	return FigureRow{ID: id, On: on, named: id}
}

func (c *figureCheck) applicationRow(application int32, on kit.Date) FigureRow {
	id := c.ledger.Asked.IDs[application]
	return FigureRow{ID: id, On: on, named: id}
}

// rowsOf counts rows.
func rowsOf(rows []FigureRow) recounted { return recounted{amount: int64(len(rows)), rows: rows} }

// recountMovements counts who joined or left.
func recountMovements(_ context.Context, c *figureCheck, f *Figure) (recounted, error) {
	if f.scope == (figureScope{}) {
		return c.unsplit(f), nil
	}
	if why := c.beyond(f, c.first(statistics.Everything)); why != "" {
		return recounted{why: why}, nil
	}
	return rowsOf(c.moved(f.from, f.to, statistics.Everything, f.kind.count == countLeft, f.scope, f.region)), nil
}

// moved returns the members that joined or left in a period.
func (c *figureCheck) moved(from, to kit.Date, known kit.DayNumber, left bool, scope figureScope, region country.Region) (rows []FigureRow) {
	defer c.ledger.Hold()()
	c.ledger.Members.Begun(from.Number(), to.Number(), known, func(day kit.DayNumber, m *statistics.MemberState) {
		moved, stood := m.Joins(), m.Is
		if left {
			moved, stood = m.Leaves(), m.Was
		}
		if moved && scope.holds(stood, region) {
			rows = append(rows, c.memberRow(m.Member, day.Date()))
		}
	})
	return rows
}

// recountMembers counts the members of a day.
func recountMembers(_ context.Context, c *figureCheck, f *Figure) (recounted, error) {
	if f.scope == (figureScope{}) {
		return c.unsplit(f), nil
	}
	if why := c.beyond(f, c.first(statistics.Everything)); why != "" {
		return recounted{why: why}, nil
	}
	var rows []FigureRow
	defer c.ledger.Hold()()
	c.ledger.Members.On(f.to.Number(), statistics.Everything, func(m *statistics.MemberState) {
		if m.Is.Belongs() && f.scope.holds(m.Is, f.region) {
			rows = append(rows, c.memberRow(m.Member, f.to))
		}
	})
	return rowsOf(rows), nil
}

// recountRevenue adds up how much annual fees rose, fell, or both.
func recountRevenue(ctx context.Context, c *figureCheck, f *Figure) (recounted, error) {
	in, ok := f.scope.wholly()
	if !ok {
		return c.unsplit(f), nil
	}
	if why := c.beyond(f, c.first(statistics.Everything)); why != "" {
		return recounted{why: why}, nil
	}
	r, err := c.statistics.Revenue(ctx, c.all, f.from, f.to)
	if err != nil {
		return recounted{}, err
	}
	var t recounted
	unpriced := int64(0)
	defer c.ledger.Hold()()
	take := func(side *statistics.RevenueSide, sign kit.Decimal) {
		t.amount += int64(sign * side.Total.Amount)
		for _, row := range side.Rows {
			r := c.memberRow(row.Member, row.Day)
			r.Amount = new(row.Difference().String())
			t.rows = append(t.rows, r)
		}
	}
	for group, m := range []*statistics.RevenueMovement{&r.SectorMembersAndAssociates, &r.Academia} {
		if !in[group] {
			continue
		}
		unpriced += m.Unpriced.Changes
		switch f.kind.count {
		case countGain:
			take(&m.Gain, 1)
		case countLoss:
			take(&m.Loss, 1)
		default:
			take(&m.Gain, 1)
			take(&m.Loss, -1)
		}
	}
	if unpriced > 0 {
		return recounted{why: kit.Message(c.locale, "figures.unpriced", map[string]string{"count": strconv.FormatInt(unpriced, 10)})}, nil
	}
	return t, nil
}

// recountForecast counts who joined or left up to the day on whose records a forecast is based, and who was
// expected to do so after that day.
func recountForecast(ctx context.Context, c *figureCheck, f *Figure) (recounted, error) {
	in, ok := f.scope.wholly()
	if !ok {
		return c.unsplit(f), nil
	}
	known := c.knownOn(f.known)
	first := c.first(known)
	next, last := f.known.AddDays(1), f.known.AddDays(kit.MaxAhead)
	switch why := c.beyond(f, first); {
	case why != "":
		return recounted{why: why}, nil
	case f.known.Number() < first:
		return recounted{why: kit.Message(c.locale, "figures.beforeRecords", map[string]string{"date": string(first.Date())})}, nil
	case f.from > next:
		return recounted{why: kit.Message(c.locale, "figures.forecastFrom", map[string]string{"date": string(next)})}, nil
	case f.to > last:
		return recounted{why: kit.Message(c.locale, "figures.forecastUntil", map[string]string{"date": string(last)})}, nil
	}
	leaving := f.kind.count == countForecastLeave
	t := rowsOf(c.moved(f.from, min(f.known, f.to), known, leaving, f.scope, ""))
	if f.to <= f.known {
		return t, nil
	}
	q, err := c.statistics.Of(ctx, &f.known, &f.known)
	if err != nil {
		return recounted{}, err
	}
	expected, err := c.statistics.Forecast(ctx, q, f.to)
	if err != nil {
		return recounted{}, err
	}
	for group, g := range []*statistics.ForecastGroup{&expected.SectorMembersAndAssociates, &expected.Academia} {
		if !in[group] {
			continue
		}
		if leaving {
			t.amount += g.Leaving.Foreseen
		} else {
			t.amount += g.Joining.Foreseen
		}
	}
	t.rows = append(t.rows, c.foreseen(f, known, in, leaving)...)
	return t, nil
}

// foreseen returns the members and applications that a forecast expects to join or leave.
func (c *figureCheck) foreseen(f *Figure, known kit.DayNumber, in [statistics.Groups]bool, leaving bool) (rows []FigureRow) {
	kinds := []statistics.ForecastKind{statistics.ForecastRecorded, statistics.ForecastApprovedUnpaid, statistics.ForecastPendingApproval}
	if leaving {
		kinds = []statistics.ForecastKind{statistics.ForecastNotified}
	}
	defer c.ledger.Hold()()
	for group, expected := range c.ledger.Expected(f.known, f.to, known) {
		if !in[group] {
			continue
		}
		for _, kind := range kinds {
			part := expected.Part(kind)
			if kind == statistics.ForecastPendingApproval {
				for _, application := range part.Applications {
					rows = append(rows, c.applicationRow(application, f.known))
				}
				continue
			}
			for _, member := range part.Members {
				rows = append(rows, c.memberRow(member, f.known))
			}
		}
	}
	return rows
}
