package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"memberportal/internal/config"
	"memberportal/internal/portal"
)

type eraseFlags struct {
	config.Store
	config.Domain
	PersonsAfterDays int  `help:"Erase persons whose last mandate ended more than so many days ago." default:"366" env:"MEMBERPORTAL_PERSONS_AFTER_DAYS"`
	DryRun           bool `help:"Count what is due, write nothing. Runs beside a server."`
	JSON             bool `name:"json" help:"Print {\"events\":n,\"registrations\":n,\"persons\":n}."`
}

// Run erases what names persons and is past its date.
func (f eraseFlags) Run(ctx context.Context, stdout results) error {
	if f.PersonsAfterDays < 0 {
		return fmt.Errorf("%w: --persons-after-days must be at least 0", errMisuse)
	}
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal erase", f.DryRun)
	if err != nil {
		return err
	}
	erased, err := p.Erase(portal.WithActor(ctx, operator), f.PersonsAfterDays, f.DryRun)
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	if f.JSON {
		return json.NewEncoder(stdout).Encode(erased)
	}
	verb := "erased"
	if f.DryRun {
		verb = "to erase"
	}
	_, err = fmt.Fprintf(stdout, "%s: %d registrations of %d events, %d persons\n", verb, erased.Registrations, erased.Events, erased.Persons)
	return err
}
