package portal

import (
	"context"
	"slices"

	"memberportal/internal/store"
)

// erasure erases something, or with dry counts it, and gives how many records that is.
type erasure = func(ctx context.Context, c *core, dry bool) (int, error)

// messageErasure removes the messages that are on their way to a person, whose addresses has knows.
func messageErasure(has func(address string) bool) erasure {
	return sweep[outgoing]{of: outboxNoun, traceless: true, query: store.Query{Sort: "at"}, away: true, due: alone(func(m *outgoing) []string {
		if m.To == "" || !has(m.To) {
			return nil
		}
		return []string{"to"}
	})}.run
}

// erasedText stands where a text was that a record cannot be without.
const erasedText = "—"

// emptied notes a field whose value it takes away, if there is one.
func emptied[T any](fields *[]string, name string, value **T) {
	if *value != nil {
		*value, *fields = nil, append(*fields, name)
	}
}

// blotted notes a field whose text it replaces by erasedText, if that was not done before.
func blotted(fields *[]string, name string, text *string) {
	if *text != erasedText {
		*text, *fields = erasedText, append(*fields, name)
	}
}

func sweepAuditReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	old := store.Bounds{Before: string(before)}
	return sweep[AuditEntry]{of: auditNoun, traceless: true, query: store.Query{Sort: "at"}, within: old, due: alone(func(e *AuditEntry) (fields []string) {
		emptied(&fields, "reason", &e.Reason)
		return fields
	})}.run(ctx, c, dry)
}

const eraseBatch = 100

// sweep is a walk over records that empties some of them, or removes them. It goes on past damaged
// documents, which count as left out.
type sweep[T any] struct {
	of     store.Declared[T]
	query  store.Query
	within store.Bounds
	// due empties what is due of each record of a batch and gives the fields, none for a record that stays
	// as it is. It is asked again for records that changed meanwhile.
	due func(ctx context.Context, docs []*T) ([][]string, error)
	// traceless leaves no entry in the audit log: drafts and messages leave none, and of the log's own entries
	// every run would leave more to erase.
	traceless bool
	// away removes the records of which something is due.
	away bool
	// batch is eraseBatch if it is left out.
	batch int
}

// alone is due of records that need no others to be looked at.
func alone[T any](due func(*T) []string) func(context.Context, []*T) ([][]string, error) {
	return func(_ context.Context, docs []*T) ([][]string, error) { return each(docs, due), nil }
}

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
		if !s.traceless {
			note(changed(s.of, doc, kind, fields[i]...))
		}
	}
	return erased, nil
}
