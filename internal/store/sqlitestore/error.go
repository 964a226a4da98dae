package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"memberportal/internal/store"
)

// translate turns faults of the file, the disk or a closed store into ErrUnavailable; others stay.
func translate(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, sql.ErrConnDone) || err.Error() == "sql: database is closed" {
		return fmt.Errorf("%w: closed", store.ErrUnavailable)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
			sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM:
			return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
	}
	return err
}

// isUnique says whether the error is a violated unique index or primary key.
func isUnique(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// duplicate finds which unique key of the document another one already has.
func (s *Store) duplicate(ctx context.Context, k *store.Kind, id string, values store.Values, cause error) error {
	var taken int
	count := func(rows *sql.Rows) error { return rows.Scan(&taken) }
	for _, key := range k.Keys {
		if !key.Unique || len(values.Key[key.Name]) == 0 {
			continue
		}
		q := fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s = ? AND id <> ?", quote(k.Name), quote("u_"+key.Name))
		if err := s.query(ctx, q, []any{values.Key[key.Name][0], id}, count); err != nil {
			return err
		}
		if taken > 0 {
			return &store.DuplicateError{Noun: k.Name, Key: key.Name}
		}
	}
	if err := s.query(ctx, "SELECT COUNT(*) FROM "+quote(k.Name)+" WHERE id = ?", []any{id}, count); err != nil {
		return err
	}
	if taken > 0 {
		return &store.DuplicateError{Noun: k.Name, Key: "id"}
	}
	return translate(cause)
}
