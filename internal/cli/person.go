package cli

import (
	"context"
	"errors"
	"fmt"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Run writes all that is held about a person. It leaves an entry in the audit log.
func (f exportPerson) Run(ctx context.Context, stdout results) error {
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal export", false)
	if err != nil {
		return err
	}
	err = p.PersonHoldings(kit.WithActor(ctx, operator), kit.ID(f.ID), stdout)
	return errors.Join(noSuch(err, "person", f.ID), done())
}

// Run erases what names a person, and leaves no byte of it in the files of the store. It fails if damaged
// records were left out.
func (f erasePerson) Run(ctx context.Context, stdout results) error {
	p, s, done, err := open(ctx, f.Store, f.Domain, "memberportal erase", false)
	if err != nil {
		return err
	}
	ctx, omitted := store.CountOmitted(kit.WithActor(ctx, operator))
	err = p.ErasePerson(ctx, kit.ID(f.ID))
	if err == nil {
		err = scrub(ctx, s)
	}
	if err = errors.Join(noSuch(err, "person", f.ID), done()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "erased: %s\n", f.ID)
	return errors.Join(err, stillThere(omitted))
}

// noSuch says in words that a record is not there.
func noSuch(err error, what, id string) error {
	if r, ok := errors.AsType[*kit.Refusal](err); ok && r.Code == kit.NotFound {
		return fmt.Errorf("there is no %s with the id %q", what, id)
	}
	return err
}
