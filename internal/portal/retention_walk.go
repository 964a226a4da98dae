package portal

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/store"
)

// eraseBatch is how many records one transaction erases, and personBatch how many persons are looked at
// together: for each one, a listing merges three streams.
const (
	eraseBatch  = 100
	personBatch = 20
)

// sweep is a walk over records that empties some of them, or removes them. It goes on past damaged
// documents, which count as left out.
type sweep[T any] struct {
	of     store.Declared[T]
	query  store.Query
	within store.Bounds
	// due empties what is due of each record of a batch and gives the fields, none for a record that stays
	// as it is. It is asked again for records that changed meanwhile.
	due func(ctx context.Context, docs []*T) ([][]string, error)
	// away removes the records of which something is due.
	away bool
	// batch is eraseBatch if it is left out.
	batch int
}

// alone is due of records that need no others to be looked at.
func alone[T any](due func(*T) []string) func(context.Context, []*T) ([][]string, error) {
	return func(_ context.Context, docs []*T) ([][]string, error) { return each(docs, due), nil }
}

// traceless are the nouns whose erasure leaves no entry in the audit log: drafts and messages leave none, and
// of the log's own entries every run would leave more to erase.
var traceless = map[*store.Kind]bool{auditNoun.Kind: true, DraftNoun.Kind: true, outboxNoun.Kind: true}

// run erases, a transaction for each batch, and gives how many records it erased. With dry it only counts.
func (s sweep[T]) run(ctx context.Context, c *core, dry bool) (total int, err error) {
	docs, size := s.of.In(c.store), s.batch
	if size == 0 {
		size = eraseBatch
	}
	err = eachWithin(store.Looking(ctx), docs, s.query, s.within, size, func(page []*T) error {
		fields, err := s.due(ctx, page)
		if err != nil {
			return err
		}
		var ids []string
		for i, doc := range page {
			if id, _ := s.of.Kind.Identity(doc); len(fields[i]) > 0 {
				ids = append(ids, id)
			}
		}
		if n := len(ids); dry || n == 0 {
			total += n
			return nil
		}
		batch := 0
		err = c.write(ctx, "erase", func(ctx context.Context, note func(change)) error {
			found, err := docs.Many(store.Looking(ctx), ids)
			if err != nil {
				return err
			}
			batch, err = s.erase(ctx, c, slices.DeleteFunc(found, func(d *T) bool { return d == nil }), note)
			return err
		})
		if err == nil {
			total += batch
		}
		return err
	})
	return total, err
}

// erase erases a batch inside of a transaction.
func (s sweep[T]) erase(ctx context.Context, c *core, batch []*T, note func(change)) (erased int, err error) {
	fields, err := s.due(ctx, batch)
	if err != nil {
		return 0, err
	}
	docs, kind := s.of.In(c.store), Updated
	for i, doc := range batch {
		if len(fields[i]) == 0 {
			continue
		}
		if s.away {
			id, version := s.of.Kind.Identity(doc)
			kind, err = Deleted, docs.Delete(ctx, id, *version)
		} else {
			err = docs.Replace(ctx, doc)
		}
		if err != nil {
			return 0, err
		}
		erased++
		if !traceless[s.of.Kind] {
			note(changed(s.of, doc, kind, fields[i]...))
		}
	}
	return erased, nil
}

// idlePersons is due of persons whom no registration names and whose last mandate is past. Past gets the
// day on which that ends, empty for a person who never had one. A person about whom a damaged document
// decides stays, and that document counts as left out.
func (c *core) idlePersons(past func(p *Person, last Date) bool) func(context.Context, []*Person) ([][]string, error) {
	return func(ctx context.Context, persons []*Person) ([][]string, error) {
		fields, err := c.idle(store.Deciding(ctx), persons, past)
		if !errors.Is(err, store.ErrCorrupt) {
			return fields, err
		}
		fields = make([][]string, len(persons))
		for i, p := range persons {
			one, err := c.idle(store.Deciding(ctx), []*Person{p}, past)
			if d, ok := errors.AsType[*store.Damaged](err); ok {
				store.Omit(ctx, d.Noun, d.ID)
				continue
			}
			if err != nil {
				return nil, err
			}
			fields[i] = one[0]
		}
		return fields, nil
	}
}

func (c *core) idle(ctx context.Context, persons []*Person, past func(p *Person, last Date) bool) ([][]string, error) {
	last, err := c.lastDays(ctx, persons)
	if err != nil {
		return nil, err
	}
	registrations := RegistrationNoun.In(c.store)
	fields := make([][]string, len(persons))
	for i, p := range persons {
		if p.ErasedOn != nil || !past(p, last[p.ID]) {
			continue
		}
		plan, err := registrations.Plan(ofThePerson(p.ID, "registeredAt"))
		if err != nil {
			return nil, err
		}
		page, err := registrations.Page(ctx, plan, store.Range{Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(page.Docs) == 0 {
			fields[i] = p.erase(c.clock.Today())
		}
	}
	return fields, nil
}

// ofThePerson asks for what names a person, by the key person.
func ofThePerson(id ID, sort string) store.Query {
	return store.Query{Any: []store.Where{{"person": {string(id)}}}, Sort: sort}
}

// lastDays are the days on which the last mandates of persons end, never for an open one. A person
// without a mandate is left out.
func (c *core) lastDays(ctx context.Context, persons []*Person) (map[ID]Date, error) {
	last := map[ID]Date{}
	if len(persons) == 0 {
		return last, nil
	}
	where := store.Where{"person": each(persons, func(p *Person) string { return string(p.ID) })}
	err := eachPage(ctx, MandateNoun.In(c.store), store.Query{Any: []store.Where{where}, Sort: "from"}, store.MaxLimit-1, func(page []*Mandate) error {
		for _, m := range page {
			end := never
			set(&end, m.Until)
			last[m.Person] = max(last[m.Person], end)
		}
		return nil
	})
	return last, err
}
