package portal

import (
	"context"

	"memberportal/internal/store"
)

// Erased says what a run of Erase did, or would do.
type Erased struct {
	Events        int `json:"events"`
	Registrations int `json:"registrations"`
	Persons       int `json:"persons"`
}

// eraseBatch is how many registrations one transaction erases.
const eraseBatch = 100

// Erase removes what names persons from the registrations of events whose retention date is past (who,
// answers, guests; what is counted stays), and then name and address of persons whose last mandate
// ended more than personsAfter days ago and who have no registration left that names them. It may be
// run again at any time, also after it was interrupted. With dry it only counts; persons whose
// registrations would have to be erased first are then not among those counted. SECRETARIAT or
// OPERATOR.
func (p *Portal) Erase(ctx context.Context, personsAfter int, dry bool) (done Erased, err error) {
	if err := Require(ctx, RoleSecretariat, RoleOperator); err != nil {
		return done, err
	}
	events := EventNoun.In(p.core.store)
	plan, err := events.Plan(store.Query{Any: []store.Where{{"keepsPersons": {"yes"}}}, Sort: "retainUntil"})
	if err != nil {
		return done, err
	}
	for r := (store.Range{Bounds: store.Bounds{Before: string(p.core.clock.Today())}, Limit: eraseBatch}); ; {
		page, err := events.Page(ctx, plan, r)
		if err != nil {
			return done, err
		}
		for _, e := range page.Docs {
			n, err := p.core.eraseEvent(ctx, e.ID, dry)
			if done.Registrations += n; err != nil {
				return done, err
			}
			done.Events++
		}
		if !page.More {
			break
		}
		r.After = page.Tokens[len(page.Tokens)-1]
	}
	done.Persons, err = p.core.erasePersons(ctx, p.core.clock.Today().AddDays(-personsAfter), dry)
	return done, err
}

// erasing runs f as one transaction, or, for a dry run, as it is: f then writes nothing.
func (c *core) erasing(ctx context.Context, dry bool, f func(ctx context.Context, note func(change)) error) error {
	if dry {
		return f(ctx, func(change) {})
	}
	return c.write(ctx, "erase", f)
}

// eraseEvent erases the registrations of an event in batches, and then notes in the event that it is
// done.
func (c *core) eraseEvent(ctx context.Context, event ID, dry bool) (erased int, err error) {
	registrations := RegistrationNoun.In(c.store)
	plan, err := registrations.Plan(store.Query{Any: []store.Where{{"event": {string(event)}}}, Sort: "order"})
	if err != nil {
		return 0, err
	}
	for r, more := (store.Range{Limit: eraseBatch}), true; more; {
		var batch int
		var page store.Page[Registration]
		err = c.erasing(ctx, dry, func(ctx context.Context, note func(change)) (err error) {
			batch = 0
			if page, err = registrations.Page(ctx, plan, r); err != nil {
				return err
			}
			for _, r := range page.Docs {
				if r.ErasedAt != nil {
					continue
				}
				if batch++; dry {
					continue
				}
				r.erase(DateTimeOf(c.clock.Now()))
				if err := registrations.Replace(ctx, r); err != nil {
					return err
				}
				note(changed(RegistrationNoun, r, Updated, "answers", "guest", "person"))
			}
			return nil
		})
		if err != nil {
			return erased, err
		}
		erased += batch
		if more = page.More; more {
			r.After = page.Tokens[len(page.Tokens)-1]
		}
	}
	if dry {
		return erased, nil
	}
	return erased, c.write(ctx, "erase", func(ctx context.Context, note func(change)) error {
		e, err := EventNoun.In(c.store).Get(ctx, string(event))
		if err != nil {
			return err
		}
		e.ErasedAt = new(DateTimeOf(c.clock.Now()))
		if err := EventNoun.In(c.store).Replace(ctx, e); err != nil {
			return err
		}
		note(changed(EventNoun, e, Updated, "erasedAt"))
		return nil
	})
}

// erase removes what names a person.
func (r *Registration) erase(at DateTime) {
	r.PersonID, r.Guest, r.Answers, r.ErasedAt = nil, nil, []RegistrationAnswer{}, &at
}

// personBatch is how many persons are looked at together: for each one, a listing merges three streams.
const personBatch = 20

// erasePersons erases persons all of whose mandates ended before a day, in batches. A person without
// any mandate stays, and so does one whom a registration names.
func (c *core) erasePersons(ctx context.Context, before Date, dry bool) (erased int, err error) {
	persons := PersonNoun.In(c.store)
	plan, err := persons.Plan(store.Query{})
	if err != nil {
		return 0, err
	}
	for r, more := (store.Range{Limit: personBatch}), true; more; {
		var batch int
		var page store.Page[Person]
		err = c.erasing(ctx, dry, func(ctx context.Context, note func(change)) (err error) {
			batch = 0
			if page, err = persons.Page(ctx, plan, r); err != nil {
				return err
			}
			gone, err := c.gone(ctx, page.Docs, before)
			if err != nil {
				return err
			}
			for _, p := range gone {
				if batch++; dry {
					continue
				}
				p.erase(c.clock.Today())
				if err := persons.Replace(ctx, p); err != nil {
					return err
				}
				note(changed(PersonNoun, p, Updated, "email", "name"))
			}
			return nil
		})
		if err != nil {
			return erased, err
		}
		erased += batch
		if more = page.More; more {
			r.After = page.Tokens[len(page.Tokens)-1]
		}
	}
	return erased, nil
}

// gone leaves of persons those who had mandates, all of which ended before a day, and whom no
// registration names.
func (c *core) gone(ctx context.Context, persons []*Person, before Date) ([]*Person, error) {
	last, err := c.lastDays(ctx, persons)
	if err != nil {
		return nil, err
	}
	registrations := RegistrationNoun.In(c.store)
	var gone []*Person
	for _, p := range persons {
		if end := last[p.ID]; p.ErasedOn != nil || end == "" || end >= before {
			continue
		}
		plan, err := registrations.Plan(store.Query{Any: []store.Where{{"person": {string(p.ID)}}}, Sort: "registeredAt"})
		if err != nil {
			return nil, err
		}
		page, err := registrations.Page(ctx, plan, store.Range{Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(page.Docs) == 0 {
			gone = append(gone, p)
		}
	}
	return gone, nil
}

// never is later than every day on which a mandate ends.
const never Date = "9999-12-31"

// lastDays are the days on which the last mandates of persons end, never for an open one. A person
// without a mandate is left out.
func (c *core) lastDays(ctx context.Context, persons []*Person) (map[ID]Date, error) {
	last := map[ID]Date{}
	if len(persons) == 0 {
		return last, nil
	}
	mandates := MandateNoun.In(c.store)
	where := store.Where{"person": each(persons, func(p *Person) string { return string(p.ID) })}
	plan, err := mandates.Plan(store.Query{Any: []store.Where{where}, Sort: "from"})
	if err != nil {
		return nil, err
	}
	for r := (store.Range{Limit: store.MaxLimit - 1}); ; {
		page, err := mandates.Page(ctx, plan, r)
		if err != nil {
			return nil, err
		}
		for _, m := range page.Docs {
			end := never
			set(&end, m.Until)
			last[m.Person] = max(last[m.Person], end)
		}
		if !page.More {
			return last, nil
		}
		r.After = page.Tokens[len(page.Tokens)-1]
	}
}
