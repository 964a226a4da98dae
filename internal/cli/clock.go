package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"memberportal/internal/applications"
	"memberportal/internal/config"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

type clockFlags struct {
	onStore
	config.Applications
	config.Invoices
	DryRun bool `help:"List what has fallen due, record nothing."`
	JSON   bool `name:"json" help:"Print a list of {\"kind\",\"target\",\"on\",\"text\",\"recorded\",\"failed\"}."`
}

// settle takes from the server what its invoices say, beside what is the same for all commands.
func (f *clockFlags) settle(c config.Serve) {
	f.onStore.settle(c)
	f.Invoices = c.Invoices
}

// terms puts the terms of administrations among the domain's options.
func terms(a config.Applications, o *portal.Options) {
	o.Terms = applications.Terms{First: a.FirstMonths, Second: a.SecondMonths, Provision: a.Provision}
	o.DirectCountries = a.DirectCountries
}

// Run records what has fallen due, or lists it.
func (f clockFlags) Run(ctx context.Context, stdout results) error {
	if err := f.Applications.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal clock", f.DryRun, func(o *portal.Options) (err error) {
		terms(f.Applications, o)
		if o.PayTo, err = f.Invoices.PayTo(); err == nil && !f.DryRun { // links that switch messages off are sealed with the secret
			err = sharedSecret(ctx)(o)
		}
		return err
	})
	if err != nil {
		return err
	}
	all, err := p.Tick(kit.WithActor(ctx, operator), f.DryRun)
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	if f.JSON {
		return json.NewEncoder(stdout).Encode(all)
	}
	for _, due := range all {
		state := "due"
		switch {
		case due.Recorded:
			state = "recorded"
		case due.Failed != "":
			state = "not recorded: " + due.Failed
		}
		if _, err := fmt.Fprintf(stdout, "%s  %s  %s  %s  %s\n", due.On, due.Kind, due.Target, due.Text, state); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(stdout, "%d due\n", len(all))
	return err
}

// hourly tidies, records what has fallen due, and sends daily messages. The log says how much, and nothing of whom.
func hourly(ctx context.Context, p *portal.Portal, log *slog.Logger) error {
	all, err := p.Tick(kit.WithActor(ctx, operator), false)
	recorded, failed := 0, 0
	for _, due := range all {
		if due.Recorded {
			recorded++
		}
		if due.Failed != "" {
			failed++
		}
	}
	if len(all) > 0 {
		log.Info("clock", "due", len(all), "recorded", recorded, "failed", failed)
	}
	return errors.Join(err, p.Notifications.SendDigests(ctx), p.Tidy(ctx))
}
