package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

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
	config.Store
	config.Domain
	ID string `arg:"" name:"id" help:"The person (usr_…)."`
}

// dueFlags are those of erase.
type dueFlags struct {
	config.Store
	config.Domain
	PersonsAfterDays int    `help:"Erase persons whose last mandate ended more than so many days ago." default:"366" env:"MEMBERPORTAL_PERSONS_AFTER_DAYS"`
	MailsAfterDays   int    `help:"Remove files of development's outbox that are older than so many days." default:"30" env:"MEMBERPORTAL_MAILS_AFTER_DAYS"`
	Outbox           string `help:"Folder of development's outbox; left out, outbox in the data folder." placeholder:"FOLDER" type:"path"`
	DryRun           bool   `help:"Count what is due, write nothing. Runs beside a server."`
	JSON             bool   `name:"json" help:"Print {\"events\":n,\"registrations\":n,\"persons\":n,\"classes\":{…}}."`
}

// scrubber is a store that can leave no byte of what was erased in its files.
type scrubber interface{ Scrub(context.Context) error }

// Run erases what names persons and is past its date. It goes on past damaged documents and fails at its end
// if there were some: what is due of them is still there.
func (f dueFlags) Run(ctx context.Context, stdout results) error {
	if f.PersonsAfterDays < 0 || f.MailsAfterDays < 0 {
		return fmt.Errorf("%w: --persons-after-days and --mails-after-days must be at least 0", errMisuse)
	}
	p, s, done, err := open(ctx, f.Store, f.Domain, "memberportal erase", f.DryRun)
	if err != nil {
		return err
	}
	ctx, omitted := store.CountOmitted(kit.WithActor(ctx, operator))
	erased, err := p.Erase(ctx, f.PersonsAfterDays, f.DryRun)
	var classes map[string]int
	if err == nil {
		classes, err = p.EraseClasses(ctx, f.DryRun)
	}
	if err == nil {
		folder := f.Outbox
		if folder == "" {
			folder = filepath.Join(f.Data, "outbox")
		}
		classes["mails"], err = mail.Clean(folder, f.MailsAfterDays, f.DryRun)
	}
	if files, ok := s.(scrubber); ok && err == nil && !f.DryRun {
		err = files.Scrub(ctx)
	}
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	return errors.Join(f.print(stdout, erased, classes), stillThere(omitted))
}

// stillThere is an error if an erasure left records out: what is to be erased of them is still there.
func stillThere(omitted *store.Omitted) error {
	if n := omitted.Count(); n > 0 {
		return fmt.Errorf("%d damaged records were left out, and what is to be erased of them is still there; memberportal check names them", n)
	}
	return nil
}

// print prints what was erased, or would be.
func (f dueFlags) print(stdout io.Writer, erased portal.Erased, classes map[string]int) error {
	if f.JSON {
		return json.NewEncoder(stdout).Encode(struct {
			portal.Erased
			Classes map[string]int `json:"classes"`
		}{erased, classes})
	}
	verb := "erased"
	if f.DryRun {
		verb = "to erase"
	}
	_, err := fmt.Fprintf(stdout, "%s: %d registrations of %d events, %d persons\n", verb, erased.Registrations, erased.Events, erased.Persons)
	for _, class := range portal.ErasureClasses {
		if err == nil {
			_, err = fmt.Fprintf(stdout, "%s: %d %s\n", verb, classes[class.Name], class.Name)
		}
	}
	if err == nil {
		_, err = fmt.Fprintf(stdout, "%s: %d mails\n", verb, classes["mails"])
	}
	return err
}
