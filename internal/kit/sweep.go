package kit

import (
	"context"
	"slices"

	"memberportal/internal/store"
)

// Erasure erases something, or with dry counts it, and gives how many records that is.
type Erasure = func(ctx context.Context, c *Core, dry bool) (int, error)

// MessageErasure removes the messages that are on their way to a person, whose addresses has knows.
func MessageErasure(has func(address string) bool) Erasure {
	return Sweep[Outgoing]{Of: OutboxNoun, Traceless: true, Query: store.Query{Sort: "at"}, Away: true, Due: Alone(func(m *Outgoing) []string {
		if m.To == "" || !has(m.To) {
			return nil
		}
		return []string{"to"}
	})}.Run
}

// erasedText stands where a text was that a record cannot be without.
const erasedText = "—"

// Emptied notes a field whose value it takes away, if there is one.
func Emptied[T any](fields *[]string, name string, value **T) {
	if *value != nil {
		*value, *fields = nil, append(*fields, name)
	}
}

// Blotted notes a field whose text it replaces by erasedText, if that was not done before.
func Blotted(fields *[]string, name string, text *string) {
	if *text != erasedText {
		*text, *fields = erasedText, append(*fields, name)
	}
}

// SweepAuditReasons empties the reasons of audit entries from before a day.
func SweepAuditReasons(ctx context.Context, c *Core, before Date, dry bool) (int, error) {
	old := store.Bounds{Before: string(before)}
	return Sweep[AuditEntry]{Of: AuditNoun, Traceless: true, Query: store.Query{Sort: "at"}, Within: old, Due: Alone(func(e *AuditEntry) (fields []string) {
		Emptied(&fields, "reason", &e.Reason)
		return fields
	})}.Run(ctx, c, dry)
}

// EraseBatch is how many records an erasure takes at once.
const EraseBatch = 100

// Sweep is a walk over records that empties some of them, or removes them. It goes on past damaged
// documents, which count as left out.
type Sweep[T any] struct {
	Of     store.Declared[T]
	Query  store.Query
	Within store.Bounds
	// due empties what is due of each record of a batch and gives the fields, none for a record that stays
	// as it is. It is asked again for records that changed meanwhile.
	Due func(ctx context.Context, docs []*T) ([][]string, error)
	// traceless leaves no entry in the audit log: drafts and messages leave none, and of the log's own entries
	// every run would leave more to erase.
	Traceless bool
	// away removes the records of which something is due.
	Away bool
	// batch is eraseBatch if it is left out.
	Batch int
}

// Alone is due of records that need no others to be looked at.
func Alone[T any](due func(*T) []string) func(context.Context, []*T) ([][]string, error) {
	return func(_ context.Context, docs []*T) ([][]string, error) { return Map(docs, due), nil }
}

// Run erases, a transaction for each batch, and gives how many records it erased. With dry it only counts.
func (s Sweep[T]) Run(ctx context.Context, c *Core, dry bool) (total int, err error) {
	docs, size := s.Of.In(c.Store), s.Batch
	if size == 0 {
		size = EraseBatch
	}
	err = EachWithin(store.Looking(ctx), docs, s.Query, s.Within, size, func(page []*T) error {
		fields, err := s.Due(ctx, page)
		if err != nil {
			return err
		}
		var ids []string
		for i, doc := range page {
			if id, _ := s.Of.Kind.Identity(doc); len(fields[i]) > 0 {
				ids = append(ids, id)
			}
		}
		if n := len(ids); dry || n == 0 {
			total += n
			return nil
		}
		batch := 0
		err = c.Write(ctx, "erase", func(ctx context.Context, note func(Change)) error {
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
func (s Sweep[T]) erase(ctx context.Context, c *Core, batch []*T, note func(Change)) (erased int, err error) {
	fields, err := s.Due(ctx, batch)
	if err != nil {
		return 0, err
	}
	docs, kind := s.Of.In(c.Store), Updated
	for i, doc := range batch {
		if len(fields[i]) == 0 {
			continue
		}
		if s.Away {
			id, version := s.Of.Kind.Identity(doc)
			kind, err = Deleted, docs.Delete(ctx, id, *version)
		} else {
			err = docs.Replace(ctx, doc)
		}
		if err != nil {
			return 0, err
		}
		erased++
		if !s.Traceless {
			note(Changed(s.Of, doc, kind, fields[i]...))
		}
	}
	return erased, nil
}
