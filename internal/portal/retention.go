package portal

import (
	"context"

	"memberportal/internal/store"
)

// Erased says what a run of Erase did.
type Erased struct {
	Events        int `json:"events"`
	Registrations int `json:"registrations"`
}

// eraseBatch is how many registrations one transaction erases.
const eraseBatch = 100

// Erase removes what names persons from the registrations of events whose retention date is past:
// who, answers, guests. What is counted stays. It may be run again at any time, also after it was
// interrupted. With dry it only counts. SECRETARIAT or OPERATOR.
func (p *Portal) Erase(ctx context.Context, dry bool) (Erased, error) {
	var done Erased
	if err := Require(ctx, RoleSecretariat, RoleOperator); err != nil {
		return done, err
	}
	events := EventNoun.In(p.core.store)
	plan, err := events.Plan(store.Query{Any: []store.Where{{"keepsPersons": {"yes"}}}, Sort: "retainUntil"})
	if err != nil {
		return done, err
	}
	r := store.Range{Bounds: store.Bounds{Before: string(p.core.clock.Today())}, Limit: eraseBatch}
	for {
		page, err := events.Page(ctx, plan, r)
		if err != nil {
			return done, err
		}
		for _, e := range page.Docs {
			n, err := p.eraseEvent(ctx, e.ID, dry)
			if done.Registrations += n; err != nil {
				return done, err
			}
			done.Events++
		}
		if !page.More {
			return done, nil
		}
		r.After = page.Tokens[len(page.Tokens)-1]
	}
}

// eraseEvent erases the registrations of an event in batches, and then notes in the event that it is
// done.
func (p *Portal) eraseEvent(ctx context.Context, event ID, dry bool) (erased int, err error) {
	c := RegistrationNoun.In(p.core.store)
	plan, err := c.Plan(store.Query{Any: []store.Where{{"event": {string(event)}}}, Sort: "order"})
	if err != nil {
		return 0, err
	}
	after := ""
	for more := true; more; {
		var batch int
		var next string
		err = p.core.write(ctx, "erase", func(ctx context.Context, note func(change)) error {
			batch = 0
			page, err := c.Page(ctx, plan, store.Range{Bounds: store.Bounds{After: after}, Limit: eraseBatch})
			if err != nil {
				return err
			}
			for i, r := range page.Docs {
				next = page.Tokens[i]
				if r.ErasedAt != nil {
					continue
				}
				if batch++; dry {
					continue
				}
				r.erase(DateTimeOf(p.core.clock.Now()))
				if err := c.Replace(ctx, r); err != nil {
					return err
				}
				note(registrationChange(r, Updated, "answers", "guest", "person"))
			}
			more = page.More
			return nil
		})
		if err != nil {
			return erased, err
		}
		erased, after = erased+batch, next
	}
	if dry {
		return erased, nil
	}
	return erased, p.core.write(ctx, "erase", func(ctx context.Context, note func(change)) error {
		e, err := EventNoun.In(p.core.store).Get(ctx, string(event))
		if err != nil {
			return err
		}
		e.ErasedAt = new(DateTimeOf(p.core.clock.Now()))
		if err := EventNoun.In(p.core.store).Replace(ctx, e); err != nil {
			return err
		}
		note(eventChange(e, Updated, []string{"erasedAt"}))
		return nil
	})
}

// erase removes what names a person.
func (r *Registration) erase(at DateTime) {
	r.PersonID, r.Guest, r.Answers, r.ErasedAt = nil, nil, []RegistrationAnswer{}, &at
}
