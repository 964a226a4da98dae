package sqlitestore

import (
	"context"
	"database/sql"
	"strings"

	"memberportal/internal/store"
)

// KeepStatements changes how many statements a store keeps, and gives the number of before.
func KeepStatements(n int) (before int) {
	before, maxStmts = maxStmts, n
	return before
}

// ReadPlans gives SQLite's plan for every statement that was read with so far, so that tests hold
// those against scans too that Explain does not show.
func (s *Store) ReadPlans(ctx context.Context) (map[string][]string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	plans := map[string][]string{}
	for query := range s.stmts {
		if strings.HasPrefix(query, "EXPLAIN") {
			continue
		}
		rows, err := s.reader.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
		if err != nil {
			return nil, err
		}
		if plans[query], err = details(rows); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// ExplainCount gives SQLite's plan for counting a branch, a line a step.
func (s *Store) ExplainCount(ctx context.Context, k *store.Kind, b store.Branch, within store.Bounds) ([]string, error) {
	q, args := idsQuery(k, b, within)
	rows, err := s.reader.QueryContext(ctx, "EXPLAIN QUERY PLAN SELECT COUNT(*) FROM ("+q+")", args...)
	if err != nil {
		return nil, err
	}
	return details(rows)
}

func details(rows *sql.Rows) (lines []string, err error) {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		lines = append(lines, detail)
	}
	return lines, rows.Err()
}
