package portal

import (
	"context"
	"errors"

	"memberportal/internal/store"
)

// Erased says what a run of Erase did, or would do.
type Erased struct {
	Events        int `json:"events"`
	Registrations int `json:"registrations"`
	Persons       int `json:"persons"`
}

// Erase removes what names persons from the registrations of events whose retention date is past (who,
// answers, guests; what is counted stays), and then name and address of persons whose last mandate
// ended more than personsAfter days ago and who have no registration left that names them. It may be
// run again at any time, also after it was interrupted. It goes on past damaged documents; an event with a
// damaged registration is looked at again by the next run. With dry it only counts; persons whose
// registrations would have to be erased first are then not among those counted. SECRETARIAT or
// OPERATOR.
func (p *Portal) Erase(ctx context.Context, personsAfter int, dry bool) (done Erased, err error) {
	if err := Require(ctx, RoleSecretariat, RoleOperator); err != nil {
		return done, err
	}
	c, today := p.core, p.core.clock.Today()
	query := store.Query{Any: []store.Where{{"keepsPersons": {"yes"}}}, Sort: "retainUntil"}
	err = eachWithin(store.Looking(ctx), EventNoun.In(c.store), query, store.Bounds{Before: string(today)}, eraseBatch, func(page []*Event) error {
		for _, e := range page {
			n, err := c.eraseEvent(ctx, e.ID, dry)
			if done.Registrations += n; err != nil {
				return err
			}
			done.Events++
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	before := today.AddDays(-personsAfter)
	gone := c.idlePersons(func(_ *Person, last Date) bool { return last != "" && last < before })
	done.Persons, err = sweep[Person]{of: PersonNoun, due: gone, batch: personBatch}.run(ctx, c, dry)
	return done, err
}

// eraseEvent erases the registrations of an event in batches, and then notes in the event that it is
// done.
func (c *core) eraseEvent(ctx context.Context, event ID, dry bool) (erased int, err error) {
	query := store.Query{Any: []store.Where{{"event": {string(event)}}}, Sort: "order"}
	at := DateTimeOf(c.clock.Now())
	erased, err = sweep[Registration]{of: RegistrationNoun, query: query, due: alone(func(r *Registration) []string { return r.erase(at) })}.run(ctx, c, dry)
	if err != nil || dry {
		return erased, err
	}
	return erased, c.write(ctx, "erase", func(ctx context.Context, note func(change)) error {
		registrations := RegistrationNoun.In(c.store)
		if len(c.store.Damage().IDs(RegistrationNoun.Kind.Name)) > 0 {
			err := eachPage(ctx, registrations, query, eraseBatch, func([]*Registration) error { return nil })
			if errors.Is(err, store.ErrCorrupt) {
				return nil // one of this event's was left out
			}
			if err != nil {
				return err
			}
		}
		e, err := EventNoun.In(c.store).Get(ctx, string(event))
		if err != nil {
			return err
		}
		e.ErasedAt = &at
		if err := EventNoun.In(c.store).Replace(ctx, e); err != nil {
			return err
		}
		note(changed(EventNoun, e, Updated, "erasedAt"))
		return nil
	})
}
