package kit

import (
	"context"
	"slices"

	"memberportal/internal/store"
)

// Erasure erases something and returns how many records it changed or removed. With dry it only counts them.
type Erasure = func(ctx context.Context, c *Core, dry bool) (int, error)

// MessageErasure removes the messages that wait to be sent to a person. has says whether an address is one of
// that person.
func MessageErasure(has func(address string) bool) Erasure {
	return Sweep[Outgoing]{Of: OutboxNoun, Traceless: true, Query: store.Query{Sort: "at"}, Away: true, Due: Alone(func(m *Outgoing) []string {
		if m.To == "" || !has(m.To) {
			return nil
		}
		return []string{"to"}
	})}.Run
}

// erasedText replaces a text that a record must have.
const erasedText = "—"

// Emptied sets a field to nil and adds its name to fields, unless it is nil already.
func Emptied[T any](fields *[]string, name string, value **T) {
	if *value != nil {
		*value, *fields = nil, append(*fields, name)
	}
}

// Blotted replaces a text by erasedText and adds its name to fields, unless that was done before.
func Blotted(fields *[]string, name string, text *string) {
	if *text != erasedText {
		*text, *fields = erasedText, append(*fields, name)
	}
}

// IsBlotted says whether Blotted erased a text.
func IsBlotted(text string) bool { return text == erasedText }

// SweepAuditReasons removes the reasons from audit entries that were written before a day.
func SweepAuditReasons(ctx context.Context, c *Core, before Date, dry bool) (int, error) {
	old := store.Bounds{Before: string(before)}
	return Sweep[AuditEntry]{Of: AuditNoun, Traceless: true, Query: store.Query{Sort: "at"}, Within: old, Due: Alone(func(e *AuditEntry) (fields []string) {
		Emptied(&fields, "reason", &e.Reason)
		return fields
	})}.Run(ctx, c, dry)
}

// EraseBatch is how many records an erasure handles at once.
const EraseBatch = 100

// Sweep reads records and empties fields of some, or removes them. It skips damaged documents, which are counted
// as left out.
type Sweep[T any] struct {
	Of     store.Declared[T]
	Query  store.Query
	Within store.Bounds
	// Due changes the records of a batch as far as they are due, and returns the changed fields of each, none for
	// a record that stays as it is. It is called again for records that changed meanwhile.
	Due func(ctx context.Context, docs []*T) ([][]string, error)
	// Traceless writes no audit entries. Drafts and messages never have any, and erasing audit entries would
	// create new ones to erase at every run.
	Traceless bool
	// Away removes the records for which Due returns a field.
	Away bool
	// Batch is the number of records in a batch, EraseBatch if 0.
	Batch int
}

// Alone makes a Due from a function that looks at one record at a time.
func Alone[T any](due func(*T) []string) func(context.Context, []*T) ([][]string, error) {
	return func(_ context.Context, docs []*T) ([][]string, error) { return Map(docs, due), nil }
}

// Run erases, in one transaction for each batch, and returns how many records it erased. With dry it only counts.
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

// erase erases a batch, in a transaction.
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
