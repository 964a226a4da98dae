package people

import (
	"context"
	"errors"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// EraseOwn erases the person's own record, unless it is erased already.
func (s *PersonService) EraseOwn(ctx context.Context, id kit.ID) error {
	return s.core.Write(ctx, "erasePerson", func(ctx context.Context, note func(kit.Change)) error {
		person, err := s.Named(ctx, id)
		if err != nil || person.ErasedOn != nil {
			return err
		}
		fields := person.Erase(s.core.Clock.Today())
		if err := s.persons.Replace(ctx, person); err != nil {
			return err
		}
		note(kit.Changed(PersonNoun, person, kit.Updated, fields...))
		return nil
	})
}

// Erased returns the persons whose own record is erased, by id. SECRETARIAT or OPERATOR.
func (s *PersonService) Erased(ctx context.Context) (ids []kit.ID, err error) {
	if err := kit.Require(ctx, kit.RoleSecretariat, kit.RoleOperator); err != nil {
		return nil, err
	}
	err = kit.EachPage(ctx, s.persons, store.Query{}, 500, func(page []*Person) error {
		for _, p := range page {
			if p.ErasedOn != nil {
				ids = append(ids, p.ID)
			}
		}
		return nil
	})
	return ids, err
}

// Named reads a person that a command names, without checking the caller's rights. The error is NOT_FOUND if there
// is none.
func (s *PersonService) Named(ctx context.Context, id kit.ID) (*Person, error) {
	p, err := s.persons.Get(ctx, string(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, kit.Refuse(kit.NotFound, "notFound", nil)
	}
	return p, err
}

// addressKept is how long an address is kept after its code expired. It is measured by the time of the machine, as
// the expiry of the code is.
const addressKept = 24 * time.Hour

// SweepPendingAddresses empties addresses that persons asked for and never confirmed.
func SweepPendingAddresses(ctx context.Context, c *kit.Core, _ kit.Date, dry bool) (int, error) {
	before := kit.DateTimeOf(c.Wall().Add(-addressKept))
	return kit.Sweep[Person]{Of: PersonNoun, Due: kit.Alone(func(p *Person) (fields []string) {
		if p.NewEmail != nil && p.NewEmail.ExpiresAt < before {
			kit.Emptied(&fields, "newEmail", &p.NewEmail)
		}
		return fields
	})}.Run(ctx, c, dry)
}

// personBatch is how many persons are checked together for erasure. A listing merges four index ranges for each
// person, and at most 64.
const personBatch = 16

// Sweep erases the persons of whom due gives fields, or counts them if dry is true.
func (s *PersonService) Sweep(ctx context.Context, dry bool, due func(context.Context, []*Person) ([][]string, error)) (int, error) {
	return kit.Sweep[Person]{Of: PersonNoun, Due: due, Batch: personBatch}.Run(ctx, s.core, dry)
}
