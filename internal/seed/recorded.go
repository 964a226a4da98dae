package seed

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// Count is how many records of one sort the recorded source has.
type Count struct {
	Of string `json:"of"`
	N  int    `json:"n"`
}

// LoadRecorded makes what is real of the source and not there yet, for a store that is no demonstration: benefits,
// series and events, the liaison statement, the organisations that the Council exempted and the applications that
// waited for their administrations. Consultations are not among them, because their questions and replies are made
// up, nor are members and persons. It acts for the actor of the context, as SECRETARIAT, and says how many records of
// each sort are there now because of it. Nobody is told, because all of it happened long ago. Options.Members, People
// and Progress are for others.
func LoadRecorded(ctx context.Context, o Options) ([]Count, error) {
	ctx = kit.Quietly(ctx)
	statements := 0
	for _, step := range []struct {
		name string
		make func(context.Context) error
	}{
		{"series", o.series}, {"benefits", o.benefits}, {"calendar", o.calendar},
		{"liaison statements", func(ctx context.Context) (err error) {
			statements, err = o.statements(ctx, true)
			return err
		}},
		{"exemptions", o.exemptions}, {"applications", o.applications},
	} {
		if err := step.make(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	var benefits, series, events []struct{}
	for _, list := range []struct {
		text []byte
		into *[]struct{}
	}{{benefitsJSON, &benefits}, {seriesJSON, &series}, {eventsJSON, &events}} {
		if err := json.Unmarshal(list.text, list.into); err != nil {
			return nil, err
		}
	}
	exempted, err := csv.NewReader(strings.NewReader(exemptionsCSV)).ReadAll()
	if err != nil {
		return nil, err
	}
	pending, err := csv.NewReader(strings.NewReader(pendingCSV)).ReadAll()
	if err != nil {
		return nil, err
	}
	known := 0
	for _, row := range pending[1:] {
		if slices.ContainsFunc(o.Countries, func(c *country.Country) bool { return c.ISO2 == row[2] }) {
			known++
		}
	}
	return []Count{
		{"benefits", len(benefits)}, {"event series", len(series)}, {"events", len(events)}, {"liaison statements", statements},
		{"exempted organisations", len(exempted) - 1}, {"applications", known},
	}, nil
}
