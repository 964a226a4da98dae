package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/store"
)

// decode reads a document, or says with a *store.Damaged why it cannot be used: its bytes are none, or they
// are of another document or version than the row.
func decode(k *store.Kind, raw []byte, id string, version int64) any {
	doc := k.Blank()
	if err := bson.Unmarshal(raw, doc); err != nil {
		return &store.Damaged{Noun: k.Name, ID: id, Reason: err.Error()}
	}
	if has, v := k.Identity(doc); has != id || *v != version {
		return &store.Damaged{Noun: k.Name, ID: id, Reason: fmt.Sprintf("the document says id %s, version %d; its row %s, version %d", has, *v, id, version)}
	}
	return doc
}

// Damage is what was found that cannot be used.
func (s *Store) Damage() *store.Damage { return &s.damage }

// marks is n question marks for an IN list.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Get reads documents by id. The list of question marks is padded to a power of two, so that few
// statements are prepared.
func (s *Store) Get(ctx context.Context, k *store.Kind, ids []string) ([]any, error) {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	args := make([]any, n)
	for i := range args {
		args[i] = ids[min(i, len(ids)-1)]
	}
	var docs []any
	err := s.query(ctx, "SELECT doc, id, version FROM "+quote(k.Name)+" WHERE id IN ("+marks(n)+")", args, func(rows *sql.Rows) error {
		var raw sql.RawBytes
		var id string
		var version int64
		if err := rows.Scan(&raw, &id, &version); err != nil {
			return err
		}
		docs = append(docs, decode(k, raw, id, version))
		return nil
	})
	return docs, err
}

// Page answers each branch with one statement that merges its index ranges in order, and merges the
// branches.
func (s *Store) Page(ctx context.Context, k *store.Kind, plan store.Plan, r store.Range) ([]store.Row, error) {
	pages := make([][]store.Row, len(plan.Branches))
	for i, b := range plan.Branches {
		q, args := pageQuery(k, b, r)
		err := s.query(ctx, q, args, func(rows *sql.Rows) error {
			var raw sql.RawBytes
			var row store.Row
			var id string
			var version int64
			if err := rows.Scan(&raw, &row.Token, &id, &version); err != nil {
				return err
			}
			row.Doc = decode(k, raw, id, version)
			pages[i] = append(pages[i], row)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return store.Merge(pages, r), nil
}

// pageQuery is one SELECT for each index range, joined by UNION ALL: SQLite then merges ranges that
// are each in index order and sorts nothing.
func pageQuery(k *store.Kind, b store.Branch, r store.Range) (string, []any) {
	from, tok, columns := source(k, b.Listing)
	leg := "SELECT m.doc, " + tok + ", m.id, m.version FROM " + from + " WHERE "
	for _, c := range columns {
		leg += c + " = ? AND "
	}
	within, ends := between(tok, r.Bounds)
	leg += within
	points := b.Points()
	legs := make([]string, len(points))
	var args []any
	for i, p := range points {
		legs[i] = leg
		for _, v := range p {
			args = append(args, v)
		}
		args = append(args, ends...)
	}
	limit := r.Limit
	if b.Listing.Has != "" {
		limit *= len(b.Values[0])
	}
	q := strings.Join(legs, " UNION ALL ") + " ORDER BY 2"
	if r.Backward {
		q += " DESC"
	}
	return q + " LIMIT ?", append(args, limit)
}

// between is the condition that a token lies within the bounds. It always has a lower one: without,
// SQLite calls reading an index from its start a scan.
func between(tok string, b store.Bounds) (string, []any) {
	if b.Before == "" {
		return tok + " > ?", []any{b.After}
	}
	return tok + " > ? AND " + tok + " < ?", []any{b.After, b.Before}
}

// source is the table that a listing reads, its token and its columns. CROSS JOIN keeps SQLite from
// starting with the documents.
func source(k *store.Kind, l store.Listing) (from, tok string, columns []string) {
	prefix := "m."
	from, tok = quote(k.Name)+" m", "m."+quote(token(l))
	if l.Has != "" {
		from = quote(side(k, l)) + " x CROSS JOIN " + from + " ON m.id = x.id"
		prefix, tok, columns = "x.", "x.token", []string{"x.value"}
	}
	for _, e := range l.Equal {
		columns = append(columns, prefix+quote("k_"+e))
	}
	return from, tok, columns
}

// Count adds up branches that cannot overlap, and counts distinct ids of those that can.
func (s *Store) Count(ctx context.Context, k *store.Kind, plan store.Plan, within store.Bounds) (int64, error) {
	parts := make([]string, len(plan.Branches))
	args := make([][]any, len(plan.Branches))
	for i, b := range plan.Branches {
		parts[i], args[i] = idsQuery(k, b, within)
		if len(plan.Without) > 0 {
			parts[i] += " AND id NOT IN (" + marks(len(plan.Without)) + ")"
			args[i] = appendAll(args[i], plan.Without)
		}
	}
	if !plan.Disjoint {
		return s.count(ctx, "SELECT COUNT(*) FROM ("+strings.Join(parts, " UNION ")+")", join(args))
	}
	var total int64
	for i, part := range parts {
		q := "SELECT COUNT(*) FROM (" + part + ")"
		if b := plan.Branches[i]; b.Listing.Has != "" && len(b.Values[0]) > 1 {
			q = "SELECT COUNT(DISTINCT id) FROM (" + part + ")"
		}
		n, err := s.count(ctx, q, args[i])
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

func appendAll(args []any, texts []string) []any {
	for _, t := range texts {
		args = append(args, t)
	}
	return args
}

func join(args [][]any) []any {
	var all []any
	for _, a := range args {
		all = append(all, a...)
	}
	return all
}

func (s *Store) count(ctx context.Context, q string, args []any) (n int64, err error) {
	err = s.query(ctx, q, args, func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n, err
}

// idsQuery selects the ids of a branch from the index alone.
func idsQuery(k *store.Kind, b store.Branch, within store.Bounds) (string, []any) {
	table, alias, columns := quote(k.Name), "k_", []string(nil)
	if b.Listing.Has != "" {
		table, columns = quote(side(k, b.Listing)), []string{"value"}
	}
	for _, e := range b.Listing.Equal {
		columns = append(columns, quote(alias+e))
	}
	tok := quote(token(b.Listing))
	if b.Listing.Has != "" {
		tok = "token"
	}
	q := "SELECT id FROM " + table + " WHERE "
	var args []any
	for i, c := range columns {
		q += c + " IN (" + marks(len(b.Values[i])) + ") AND "
		for _, v := range b.Values[i] {
			args = append(args, v)
		}
	}
	condition, ends := between(tok, within)
	return q + condition, append(args, ends...)
}

// Lookup reads the index of a unique key.
func (s *Store) Lookup(ctx context.Context, k *store.Kind, key, value string) (id string, err error) {
	q := "SELECT id FROM " + quote(k.Name) + " WHERE " + quote("u_"+key) + " = ?"
	err = s.query(ctx, q, []any{value}, func(rows *sql.Rows) error { return rows.Scan(&id) })
	if err == nil && id == "" {
		err = fmt.Errorf("%w: %s with this %s", store.ErrNotFound, k.Name, key)
	}
	return id, err
}

// CountBy groups one index.
func (s *Store) CountBy(ctx context.Context, k *store.Kind, key, prefix string, without []string) (map[string]int64, error) {
	l, err := k.Leading(key)
	if err != nil {
		return nil, err
	}
	table, column, what := quote(k.Name), quote("k_"+key), "COUNT(*)"
	if l.Has != "" {
		table, column, what = quote(side(k, l)), "value", "COUNT(DISTINCT id)"
	}
	q := fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s >= ?", column, what, table, column)
	args := []any{prefix}
	if end := store.PrefixEnd(prefix); end != "" {
		q += " AND " + column + " < ?"
		args = append(args, end)
	}
	if len(without) > 0 {
		q += " AND id NOT IN (" + marks(len(without)) + ")"
		args = appendAll(args, without)
	}
	counts := map[string]int64{}
	err = s.query(ctx, q+" GROUP BY "+column, args, func(rows *sql.Rows) error {
		var value string
		var n int64
		err := rows.Scan(&value, &n)
		counts[value] = n
		return err
	})
	return counts, err
}

// Probe reads ids from a multi-valued key's index. A document that has several values with the
// prefix stands there several times, so it reads on until it has enough different ones.
func (s *Store) Probe(ctx context.Context, k *store.Kind, key, prefix string, limit int) ([]string, error) {
	l, err := k.Leading(key)
	if err != nil {
		return nil, err
	}
	q := "SELECT id FROM " + quote(side(k, l)) + " WHERE value >= ? AND value < ?"
	seen, ids := map[string]bool{}, []string(nil)
	err = s.query(ctx, q, []any{prefix, store.PrefixEnd(prefix)}, func(rows *sql.Rows) error {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
		if len(ids) == limit {
			return errEnough
		}
		return nil
	})
	if err == errEnough {
		err = nil
	}
	return ids, err
}
