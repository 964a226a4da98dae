package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrSpoilt says that the file is no database, or that its pages do not fit together.
var ErrSpoilt = errors.New("the database is spoilt: bring back a backup with memberportal restore FILE --replace")

// QuickCheck has SQLite look through the pages of the file (PRAGMA quick_check), for at most some time; whole says
// whether the time was enough. It returns ErrSpoilt with the first fault that is found.
func (s *Store) QuickCheck(ctx context.Context, most time.Duration) (whole bool, err error) {
	bounded, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	faults, err := s.inspect(bounded, "PRAGMA quick_check(1)")
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case bounded.Err() != nil && err != nil:
		return false, nil
	case err != nil:
		return false, err
	case len(faults) > 0:
		return false, fmt.Errorf("%w (%s)", ErrSpoilt, faults[0])
	}
	return true, nil
}

// Inspect has SQLite look through the whole file and hold indexes against tables (PRAGMA integrity_check). It gives
// a line for each fault, of a hundred at most.
func (s *Store) Inspect(ctx context.Context) ([]string, error) {
	return s.inspect(ctx, "PRAGMA integrity_check")
}

func (s *Store) inspect(ctx context.Context, pragma string) (faults []string, err error) {
	if err := s.present(); err != nil {
		return nil, err
	}
	rows, err := s.reader.QueryContext(ctx, pragma)
	if err != nil {
		return nil, spoilt(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var line sql.NullString
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		if line.String != "ok" {
			faults = append(faults, line.String)
		}
	}
	return faults, spoilt(rows.Err())
}

// spoilt makes of SQLite's words about a damaged file an ErrSpoilt; other errors are translated.
func spoilt(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return fmt.Errorf("%w: %w", ErrSpoilt, err)
		}
	}
	return translate(err)
}
