package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"memberportal/internal/store"
)

// keyed is a document as stored: its columns and side rows as text, to be compared.
type keyed struct {
	id      string
	version int64
	doc     any
	columns []any
	values  store.Values
}

// Reindex compares a stretch of documents with their keys and renews the keys that differ.
func (s *Store) Reindex(ctx context.Context, k *store.Kind, after string, limit int, write bool) (store.Reindexed, error) {
	if !write {
		return s.reindex(ctx, k, after, limit, false)
	}
	var result store.Reindexed
	err := s.Tx(ctx, func(ctx context.Context) (err error) {
		result, err = s.reindex(ctx, k, after, limit, true)
		return err
	})
	return result, err
}

func (s *Store) reindex(ctx context.Context, k *store.Kind, after string, limit int, write bool) (store.Reindexed, error) {
	var result store.Reindexed
	columns := keyColumns(k)
	docs, seen, err := s.stored(ctx, k, columns, after, limit, &result)
	if err != nil {
		return result, err
	}
	if len(seen) == limit {
		result.Next = seen[len(seen)-1]
	}
	renew := fmt.Sprintf("UPDATE %s SET version = version%s WHERE id = ?", quote(k.Name), columnList(columns, ", %s = ?"))
	for _, d := range docs {
		result.Sound = append(result.Sound, d.doc)
		d.values = k.Derive(d.doc, s.Day())
		fresh, err := s.isFresh(ctx, k, columns, d)
		if err != nil {
			return result, err
		}
		if fresh {
			continue
		}
		result.Stale = append(result.Stale, d.id)
		if !write {
			continue
		}
		if _, err := s.exec(ctx, renew, append(columnValues(columns, d.values), d.id)...); err != nil {
			return result, s.writeFault(ctx, k, d.id, d.values, err)
		}
		if err := s.writeSides(ctx, k, d.id, d.values, true); err != nil {
			return result, err
		}
	}
	return result, nil
}

// stored reads a stretch of documents by id. What cannot be decoded, or is not valid, is noted as
// broken and left out.
func (s *Store) stored(ctx context.Context, k *store.Kind, columns []string, after string, limit int, result *store.Reindexed) ([]keyed, []string, error) {
	q := "SELECT id, version, doc" + columnList(columns, ", %s") + " FROM " + quote(k.Name) + " WHERE id > ? ORDER BY id LIMIT ?"
	var docs []keyed
	var seen []string
	err := s.query(ctx, q, []any{after, limit}, func(rows *sql.Rows) error {
		d := keyed{columns: make([]any, len(columns))}
		var raw []byte
		into := []any{&d.id, &d.version, &raw}
		for i := range d.columns {
			into = append(into, &d.columns[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		seen = append(seen, d.id)
		d.doc = decode(k, raw, d.id, d.version)
		if bad, ok := errors.AsType[*store.Damaged](k.Accept(d.doc)); ok {
			result.Broken = append(result.Broken, bad)
			return nil
		}
		docs = append(docs, d)
		return nil
	})
	return docs, seen, err
}

func (s *Store) isFresh(ctx context.Context, k *store.Kind, columns []string, d keyed) (bool, error) {
	if !slices.Equal(d.columns, columnValues(columns, d.values)) {
		return false, nil
	}
	for _, l := range k.Listings {
		if l.Has == "" {
			continue
		}
		var have [][]any
		err := s.query(ctx, "SELECT * FROM "+quote(side(k, l))+" WHERE id = ?", []any{d.id}, func(rows *sql.Rows) error {
			row := make([]any, 3+len(l.Equal))
			into := make([]any, len(row))
			for i := range row {
				into[i] = &row[i]
			}
			have = append(have, row)
			return rows.Scan(into...)
		})
		if err != nil {
			return false, err
		}
		want := sideRows(l, d.id, d.values)
		slices.SortFunc(have, func(a, b []any) int { return compareText(a[0], b[0]) })
		if !slices.EqualFunc(have, want, func(a, b []any) bool { return slices.Equal(a, b) }) {
			return false, nil
		}
	}
	return true, nil
}

func compareText(a, b any) int {
	x, _ := a.(string)
	y, _ := b.(string)
	if x < y {
		return -1
	}
	if x > y {
		return 1
	}
	return 0
}

// Explain gives SQLite's plan for a page, a line a step. Tests hold it against scans and sorts.
func (s *Store) Explain(ctx context.Context, k *store.Kind, plan store.Plan, r store.Range) ([]string, error) {
	var lines []string
	for _, b := range plan.Branches {
		q, args := pageQuery(k, b, r)
		err := s.query(ctx, "EXPLAIN QUERY PLAN "+q, args, func(rows *sql.Rows) error {
			var id, parent, unused int
			var detail string
			err := rows.Scan(&id, &parent, &unused, &detail)
			lines = append(lines, detail)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return lines, nil
}
