package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/store"
)

var errEnough = errors.New("enough rows")

// Insert stores new documents in one transaction.
func (s *Store) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	return s.Tx(ctx, func(ctx context.Context) error {
		for _, doc := range docs {
			raw, err := bson.Marshal(doc)
			if err != nil {
				id, _ := k.Identity(doc)
				return fmt.Errorf("encoding %s %s: %w", k.Name, id, err)
			}
			if err := s.insert(ctx, k, doc, raw); err != nil {
				return err
			}
		}
		return nil
	})
}

// insert stores a document's bytes with its keys.
func (s *Store) insert(ctx context.Context, k *store.Kind, doc any, raw []byte) error {
	return s.insertRow(ctx, k, doc, raw, k.Derive(doc, s.Day()))
}

// insertRow stores a document's bytes with these keys.
func (s *Store) insertRow(ctx context.Context, k *store.Kind, doc any, raw []byte, values store.Values) error {
	columns := keyColumns(k)
	q := fmt.Sprintf("INSERT INTO %s (id, version, doc%s) VALUES (%s)", quote(k.Name), columnList(columns, ", %s"), marks(3+len(columns)))
	id, version := k.Identity(doc)
	args := append([]any{id, *version, raw}, columnValues(columns, values)...)
	if _, err := s.exec(ctx, q, args...); err != nil {
		return s.writeFault(ctx, k, id, values, err)
	}
	return s.writeSides(ctx, k, id, values, false)
}

// Raw reads a document's bytes.
func (s *Store) Raw(ctx context.Context, k *store.Kind, id string) (raw []byte, err error) {
	err = s.query(ctx, "SELECT doc FROM "+quote(k.Name)+" WHERE id = ?", []any{id}, func(rows *sql.Rows) error { return rows.Scan(&raw) })
	if err == nil && raw == nil {
		err = fmt.Errorf("%w: %s %s", store.ErrNotFound, k.Name, id)
	}
	return raw, err
}

// Remove takes a row and its side rows out.
func (s *Store) Remove(ctx context.Context, k *store.Kind, id string) error {
	return s.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.exec(ctx, "DELETE FROM "+quote(k.Name)+" WHERE id = ?", id); err != nil {
			return translate(err)
		}
		return s.writeSides(ctx, k, id, store.Values{}, true)
	})
}

// Restore stores bytes that Raw gave.
func (s *Store) Restore(ctx context.Context, k *store.Kind, id string, raw []byte) error {
	doc := k.Blank()
	if err := bson.Unmarshal(raw, doc); err != nil {
		return &store.Damaged{Noun: k.Name, ID: id, Reason: err.Error()}
	}
	if err := k.Accept(doc); err != nil {
		return err
	}
	if has, _ := k.Identity(doc); has != id {
		return &store.Damaged{Noun: k.Name, ID: id, Reason: fmt.Sprintf("the document says id %s", has)}
	}
	return s.Tx(ctx, func(ctx context.Context) error { return s.insert(ctx, k, doc, raw) })
}

// Replace stores the document over the version that it carries.
func (s *Store) Replace(ctx context.Context, k *store.Kind, doc any) error {
	columns := keyColumns(k)
	q := fmt.Sprintf("UPDATE %s SET version = ?, doc = ?%s WHERE id = ? AND version = ?", quote(k.Name), columnList(columns, ", %s = ?"))
	id, version := k.Identity(doc)
	seen := *version
	*version = seen + 1
	raw, err := bson.Marshal(doc)
	*version = seen
	if err != nil {
		return fmt.Errorf("encoding %s %s: %w", k.Name, id, err)
	}
	return s.Tx(ctx, func(ctx context.Context) error {
		values := k.Derive(doc, s.Day())
		args := append([]any{seen + 1, raw}, columnValues(columns, values)...)
		n, err := s.exec(ctx, q, append(args, id, seen)...)
		if err != nil {
			return s.writeFault(ctx, k, id, values, err)
		}
		if n == 0 {
			return s.missed(ctx, k, id)
		}
		if err := s.writeSides(ctx, k, id, values, true); err != nil {
			return err
		}
		*version = seen + 1
		t := s.tx(ctx)
		t.undo = append(t.undo, func() { *version = seen })
		return nil
	})
}

// Delete removes the document if it has that version.
func (s *Store) Delete(ctx context.Context, k *store.Kind, id string, version int64) error {
	return s.Tx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, "DELETE FROM "+quote(k.Name)+" WHERE id = ? AND version = ?", id, version)
		if err != nil {
			return translate(err)
		}
		if n == 0 {
			return s.missed(ctx, k, id)
		}
		return s.writeSides(ctx, k, id, store.Values{}, true)
	})
}

func columnList(columns []string, format string) string {
	var b strings.Builder
	for _, c := range columns {
		fmt.Fprintf(&b, format, quote(c))
	}
	return b.String()
}

// writeSides renews the rows of a document in the side tables.
func (s *Store) writeSides(ctx context.Context, k *store.Kind, id string, v store.Values, deleteOld bool) error {
	for _, l := range k.Listings {
		if l.Has == "" {
			continue
		}
		table := quote(side(k, l))
		if deleteOld {
			if _, err := s.exec(ctx, "DELETE FROM "+table+" WHERE id = ?", id); err != nil {
				return translate(err)
			}
		}
		insert := "INSERT INTO " + table + " VALUES (" + marks(3+len(l.Equal)) + ")"
		for _, row := range sideRows(l, id, v) {
			if _, err := s.exec(ctx, insert, row...); err != nil {
				return translate(err)
			}
		}
	}
	return nil
}

// sideRows are a document's rows in one side table, in the order of its primary key.
func sideRows(l store.Listing, id string, v store.Values) [][]any {
	var rows [][]any
	for _, value := range v.Key[l.Has] {
		row := []any{value}
		for _, e := range l.Equal {
			row = append(row, v.Key[e][0])
		}
		tok := id
		if l.Sort != "" {
			tok = v.Sort[l.Sort]
		}
		rows = append(rows, append(row, tok, id))
	}
	return rows
}

func (s *Store) writeFault(ctx context.Context, k *store.Kind, id string, v store.Values, err error) error {
	if isUnique(err) {
		return s.duplicate(ctx, k, id, v, err)
	}
	return translate(err)
}

// missed says why a guarded write met no row.
func (s *Store) missed(ctx context.Context, k *store.Kind, id string) error {
	n, err := s.count(ctx, "SELECT COUNT(*) FROM "+quote(k.Name)+" WHERE id = ?", []any{id})
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%w: %s %s", store.ErrNotFound, k.Name, id)
	}
	return fmt.Errorf("%w: %s %s", store.ErrConflict, k.Name, id)
}
