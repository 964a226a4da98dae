package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/seed"
)

// recorded loads what is real of the data. What is there already stays as it is.
func (f seedFlags) recorded(ctx context.Context, stdout results) error {
	countries, err := country.Countries()
	if err != nil {
		return err
	}
	_, s, done, err := open(ctx, f.Store, f.Domain, "memberportal seed", false)
	if err != nil {
		return err
	}
	counts, err := seed.LoadRecorded(kit.WithActor(ctx, operator), seed.Options{Store: s, Countries: countries, Zone: time.UTC})
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	if f.JSON {
		return json.NewEncoder(stdout).Encode(counts)
	}
	for _, c := range counts {
		if _, err := fmt.Fprintf(stdout, "recorded: %d %s\n", c.N, c.Of); err != nil {
			return err
		}
	}
	return nil
}
