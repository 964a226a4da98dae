package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"memberportal/internal/config"
	"memberportal/internal/kit"
	"memberportal/internal/mail"
	"memberportal/internal/portal"
	"memberportal/internal/store"
)

type eraseFlags struct {
	Due    dueFlags    `cmd:"" default:"withargs" help:"Erase what is past its date (the command if none is named)."`
	Person erasePerson `cmd:"" help:"Erase what names one person, at its request. A mandate of today must end first."`
}

type erasePerson struct {
	onStore
	ID string `arg:"" name:"id" help:"The person (usr_…)."`
}

// dueFlags are those of erase.
type dueFlags struct {
	onStore
	config.Erasure
	Outbox string `help:"Folder of development's outbox; left out, outbox in the data folder." placeholder:"FOLDER" type:"path"`
	DryRun bool   `help:"Count what is due, write nothing."`
	JSON   bool   `name:"json" help:"Print {\"events\":n,\"registrations\":n,\"persons\":n,\"classes\":{…}}."`
}

// scrubber is a store that can leave no byte of what was erased in its files.
type scrubber interface{ Scrub(context.Context) error }

// Run erases what names persons and is past its date. It goes on past damaged documents and fails at its end
// if there were some: what is due of them is still there.
func (f dueFlags) Run(ctx context.Context, stdout results) error {
	if err := f.Erasure.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	folder := f.Outbox
	switch {
	case folder == "":
		folder = filepath.Join(f.Data, "outbox")
	case runningOf(ctx) != nil: // which removes no files that somebody names
		return fmt.Errorf("%w: --outbox: a running server looks after its own outbox; leave it out", errMisuse)
	}
	p, s, done, err := open(ctx, f.Store, f.Domain, "memberportal erase", f.DryRun)
	if err != nil {
		return err
	}
	ctx, omitted := store.CountOmitted(kit.WithActor(ctx, operator))
	all, err := eraseDue(ctx, p, s, f.Erasure, folder, f.DryRun)
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	return errors.Join(f.print(stdout, all), stillThere(omitted))
}

// erasure is how much was erased, or would be: of each class by its name, and of mails.
type erasure struct {
	portal.Erased
	Classes map[string]int `json:"classes"`
}

// eraseDue erases what is past its date, and leaves no byte of it in the files of the store.
func eraseDue(ctx context.Context, p *portal.Portal, s store.Store, e config.Erasure, outbox string, dry bool) (all erasure, err error) {
	if all.Erased, err = p.Erase(ctx, e.PersonsAfterDays, dry); err != nil {
		return all, err
	}
	if all.Classes, err = p.EraseClasses(ctx, dry); err != nil {
		return all, err
	}
	if all.Classes["mails"], err = mail.Clean(outbox, e.MailsAfterDays, dry); err != nil || dry {
		return all, err
	}
	return all, scrub(ctx, s)
}

// scrub leaves no byte of what was erased in the files of a store. Whoever reads at that moment is in the way, so
// it tries again.
func scrub(ctx context.Context, s store.Store) (err error) {
	files, ok := s.(scrubber)
	if !ok {
		return nil
	}
	for range 3 {
		if err = files.Scrub(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// nextErasure is the first instant after another at which a zone's clocks show a time of day.
func nextErasure(after time.Time, zone *time.Location, at time.Duration) time.Time {
	day := after.In(zone)
	for n := 0; ; n++ {
		next := time.Date(day.Year(), day.Month(), day.Day()+n, 0, int(at/time.Minute), 0, 0, zone)
		if next.After(after) {
			return next
		}
	}
}

// eraseDaily erases once a day, at a time of day of the clock, until the context ends. It looks at the clock at
// each tick. A day that it misses, because no server ran, is made up for by the next.
func eraseDaily(ctx context.Context, clock kit.Clock, at time.Duration, ticks <-chan time.Time, erase func(context.Context) error, log *slog.Logger) {
	next := nextErasure(clock.Now(), clock.Zone, at)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		if clock.Now().Before(next) {
			continue
		}
		if err := erase(ctx); err != nil && ctx.Err() == nil {
			log.Error("erasing what is past its date", "error", err)
		}
		next = nextErasure(clock.Now(), clock.Zone, at)
	}
}

// eraseNow erases what is past its date. The log says how much, and nothing of whom.
func eraseNow(ctx context.Context, p *portal.Portal, s store.Store, e config.Erasure, outbox string, log *slog.Logger) error {
	ctx, omitted := store.CountOmitted(kit.WithActor(ctx, operator))
	all, err := eraseDue(ctx, p, s, e, outbox, false)
	counts := []any{"registrations", all.Registrations, "events", all.Events, "persons", all.Persons}
	for _, class := range slices.Sorted(maps.Keys(all.Classes)) {
		if n := all.Classes[class]; n > 0 {
			counts = append(counts, class, n)
		}
	}
	log.Info("erased", counts...)
	return errors.Join(err, stillThere(omitted))
}

// stillThere is an error if an erasure left records out: what is to be erased of them is still there.
func stillThere(omitted *store.Omitted) error {
	if n := omitted.Count(); n > 0 {
		return fmt.Errorf("%d damaged records were left out, and what is to be erased of them is still there; memberportal check names them", n)
	}
	return nil
}

// print prints what was erased, or would be.
func (f dueFlags) print(stdout io.Writer, all erasure) error {
	if f.JSON {
		return json.NewEncoder(stdout).Encode(all)
	}
	verb := "erased"
	if f.DryRun {
		verb = "to erase"
	}
	_, err := fmt.Fprintf(stdout, "%s: %d registrations of %d events, %d persons\n", verb, all.Registrations, all.Events, all.Persons)
	for _, class := range portal.ErasureClasses {
		if err == nil {
			_, err = fmt.Fprintf(stdout, "%s: %d %s\n", verb, all.Classes[class.Name], class.Name)
		}
	}
	if err == nil {
		_, err = fmt.Fprintf(stdout, "%s: %d mails\n", verb, all.Classes["mails"])
	}
	return err
}
