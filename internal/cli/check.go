package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"memberportal/internal/auth"
	"memberportal/internal/config"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
)

type checkFlags struct {
	config.Store
	config.Tokens
	JSON       bool     `name:"json" help:"Print {\"faults\":[…],\"damaged\":[{\"noun\",\"id\",\"reason\"}],\"warnings\":[{\"noun\",\"id\",\"field\",\"message\"}]}; with --repair, --quarantine or --put-back {\"moved\":[…],\"removed\":[…],\"held\":[…],\"back\":[…],\"stay\":[…]}."`
	Repair     bool     `xor:"what" help:"Move every damaged document into the quarantine, from which --put-back takes it, and remove files that no record has and pieces of files that are gone."`
	Quarantine bool     `xor:"what" help:"List what is in the quarantine."`
	PutBack    bool     `xor:"what" help:"Put back from the quarantine what the program can read again."`
	IDs        []string `arg:"" optional:"" name:"id" help:"For --put-back: ids of the quarantine; all of it if none is named."`
}

// checked is what check prints. A warning about several records has no id; its message names
// them.
type checked struct {
	Faults   []string         `json:"faults"`
	Damaged  []*store.Damaged `json:"damaged"`
	Warnings []kit.Warning    `json:"warnings"`
}

// served says that a check that moves documents needs the server. One that only looks asks no server: it finds
// what is in the file, and not what a server believes.
func (c *checkFlags) served() bool { return c.Repair || c.PutBack }

func (c *checkFlags) settle(s config.Serve) { c.Store, c.Tokens = s.Store, s.Tokens }

// Run looks at everything that the portal relies on and changes nothing, or looks after the
// quarantine.
func (c checkFlags) Run(ctx context.Context, stdout results) error {
	if err := c.Store.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	if len(c.IDs) > 0 && !c.PutBack {
		return fmt.Errorf("%w: ids go with --put-back", errMisuse)
	}
	if c.Repair || c.Quarantine || c.PutBack {
		return runQuarantine(ctx, c, stdout)
	}
	found := c.look(ctx)
	if c.JSON {
		if err := json.NewEncoder(stdout).Encode(found); err != nil {
			return err
		}
	} else {
		found.print(stdout)
	}
	switch faults, damaged := len(found.Faults), len(found.Damaged); {
	case damaged > 0:
		return fmt.Errorf("%d faults and %d damaged documents; check --repair moves damaged documents into the quarantine", faults, damaged)
	case faults > 0:
		return fmt.Errorf("%d faults", faults)
	}
	return nil
}

// look checks keys, reference data and the store.
func (c checkFlags) look(ctx context.Context) checked {
	found := checked{Faults: []string{}, Damaged: []*store.Damaged{}, Warnings: []kit.Warning{}}
	fault := func(err error) {
		if err != nil {
			found.Faults = append(found.Faults, err.Error())
		}
	}
	_, err := auth.LoadKeySet(c.KeyFile(c.Store))
	fault(err)
	_, err = country.Countries()
	fault(err)
	s, err := openStore(ctx, c.Store, "check", true)
	if fault(err); err != nil {
		return found
	}
	if file, ok := s.(*sqlitestore.Store); ok {
		faults, err := file.Inspect(ctx)
		found.Faults = append(found.Faults, faults...)
		fault(err)
	}
	f, err := store.Check(ctx, s, portal.Kinds(), func(k *store.Kind, doc any) {
		found.Warnings = append(found.Warnings, kit.Warnings(k, doc)...)
	})
	found.Faults, found.Damaged = append(found.Faults, f.Faults...), append(found.Damaged, f.Damaged...)
	if err == nil {
		var shared []kit.Warning
		shared, err = sharedAddresses(ctx, s)
		found.Warnings = append(found.Warnings, shared...)
	}
	if err == nil {
		var led []kit.Warning
		led, err = withoutFocalPoint(ctx, s)
		found.Warnings = append(found.Warnings, led...)
	}
	if err == nil {
		var lost []string
		var removable []kit.Warning
		lost, removable, err = lostFiles(ctx, s)
		found.Faults, found.Warnings = append(found.Faults, lost...), append(found.Warnings, removable...)
	}
	fault(errors.Join(err, s.Close()))
	return found
}

// sharedAddresses are the warnings about persons that have one e-mail address, a warning for each address.
// It is no fault: the addresses may have become equal under a newer rule.
func sharedAddresses(ctx context.Context, s store.Store) (all []kit.Warning, err error) {
	ctx, _ = store.CountOmitted(ctx) // what it leaves out is already among the damaged documents
	lines, err := people.SharedAddresses(ctx, s)
	for _, line := range lines {
		all = append(all, kit.Warning{Noun: people.PersonNoun.Kind.Name, Field: "email", Message: line})
	}
	return all, err
}

// withoutFocalPoint are the warnings about countries that have delegates and no focal point, a warning for each country.
func withoutFocalPoint(ctx context.Context, s store.Store) (all []kit.Warning, err error) {
	ctx, _ = store.CountOmitted(ctx) // what it leaves out is already among the damaged documents
	lines, err := people.WithoutFocalPoint(ctx, s, kit.Date(s.Day()))
	for _, line := range lines {
		all = append(all, kit.Warning{Noun: people.MandateNoun.Kind.Name, Field: "role", Message: line})
	}
	return all, err
}

func (r checked) print(w io.Writer) {
	for _, f := range r.Faults {
		_, _ = fmt.Fprintln(w, f)
	}
	for _, d := range r.Damaged {
		_, _ = fmt.Fprintln(w, d)
	}
	for _, x := range r.Warnings {
		if x.ID == "" {
			_, _ = fmt.Fprintf(w, "warning: %s\n", x.Message)
			continue
		}
		_, _ = fmt.Fprintf(w, "warning: %s %s: %s: %s\n", x.Noun, x.ID, x.Field, x.Message)
	}
	if len(r.Faults)+len(r.Damaged) == 0 {
		_, _ = fmt.Fprintln(w, "no faults")
	}
}

// runQuarantine moves damaged documents aside, lists them or puts them back. It fails if something could
// not be put back.
func runQuarantine(ctx context.Context, c checkFlags, stdout io.Writer) error {
	s, closeStore, err := c.documents(ctx)
	if err != nil {
		return err
	}
	done := map[string]any{}
	var moved []*store.Quarantined
	var stay []*store.Damaged
	var removed []string
	verb := ""
	switch {
	case c.Repair:
		moved, err = store.Repair(ctx, s, portal.Kinds())
		verb, done["moved"] = "moved into the quarantine", list(moved)
		if err == nil {
			removed, err = removeLostFiles(ctx, s)
			done["removed"] = list(removed)
		}
	case c.Quarantine:
		moved, err = store.InQuarantine(ctx, s)
		verb, done["held"] = "in the quarantine", list(moved)
	default:
		moved, stay, err = store.PutBack(ctx, s, portal.Kinds(), c.IDs...)
		verb, done["back"], done["stay"] = "put back", list(moved), list(stay)
	}
	err = errors.Join(err, closeStore())
	if c.JSON {
		err = errors.Join(json.NewEncoder(stdout).Encode(done), err)
	} else {
		for _, q := range moved {
			_, _ = fmt.Fprintf(stdout, "%s: %s %s (%s)\n", q.ID, q.Noun, q.Document, q.Reason)
		}
		for _, d := range stay {
			_, _ = fmt.Fprintf(stdout, "not put back: %s %s: %s\n", d.Noun, d.ID, d.Reason)
		}
		_, _ = fmt.Fprintf(stdout, "%d documents %s\n", len(moved), verb)
		for _, id := range removed {
			_, _ = fmt.Fprintf(stdout, "removed what was left of the file %s\n", id)
		}
	}
	if len(stay) > 0 {
		err = errors.Join(err, fmt.Errorf("%d documents stay in the quarantine", len(stay)))
	}
	return err
}

// documents opens the store for what is done with the quarantine, and gives a way to close it.
func (c checkFlags) documents(ctx context.Context) (store.Store, func() error, error) {
	if r := runningOf(ctx); r != nil {
		return r.store, func() error { return nil }, nil
	}
	s, err := openStore(ctx, c.Store, "memberportal check", c.Quarantine)
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

// list is a list that is [] in JSON where there is nothing, not null.
func list[T any](all []T) []T { return append([]T{}, all...) }
