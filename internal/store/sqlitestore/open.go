// Package sqlitestore keeps documents in one SQLite file: the store that the portal has when nobody
// configured one. It imports the port, the SQLite driver and the BSON encoding (both engines store
// the same bytes); it knows no noun.
//
// Each kind is one table: the document as BSON, one column for each single-valued key, and one side
// table for each listing with a multi-valued key. One connection writes, several read.
package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // registers the driver

	"memberportal/internal/store"
)

// Options say how a file is opened.
type Options struct {
	// ReadOnly opens beside a process that writes: no lock is taken, nothing is made, and every write
	// is refused as ErrUnavailable.
	ReadOnly bool
	// Holder is what a second process is told about this one, such as "serve".
	Holder string
	// Existing makes no store where there is none: it is store.ErrNone then.
	Existing bool
	// scratch is for a new store that is worth nothing until it is whole, and is synced then.
	scratch bool
}

// Store is one SQLite file. Make it with Open.
type Store struct {
	path   string
	hold   *hold
	watch  *watch
	reader *sql.DB
	writer *writer
	day    atomic.Value
	damage store.Damage

	mu    sync.RWMutex
	stmts map[string]*sql.Stmt

	close func() error
}

var _ store.Store = (*Store)(nil)

// Open opens or makes the file. It returns a LockedError if another process writes to it, a MissingError if a store
// was here and is gone.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	path, err := realPath(path)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	s := &Store{path: path, stmts: map[string]*sql.Stmt{}}
	s.close = sync.OnceValue(s.release)
	s.day.Store("")
	if o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("opening the store: %w", err)
		}
	} else if err := s.take(o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.connect(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// take takes the locks, and looks whether a store is there that should be, before anything is made.
func (s *Store) take(o Options) error {
	if o.Existing && !exists(s.path) && !exists(s.path+".lock") {
		return fmt.Errorf("%s: %w", s.path, store.ErrNone)
	}
	var err error
	if s.hold, err = take(s.path, o.Holder); err != nil {
		return err
	}
	file, err := os.Stat(s.path)
	if err == nil && file.Size() > 0 {
		return nil
	}
	if s.hold.was {
		return &MissingError{Path: s.path, Lock: s.path + ".lock", Empty: err == nil}
	}
	if o.Existing {
		return fmt.Errorf("%s: %w", s.path, store.ErrNone)
	}
	return nil
}

// realPath is the one path of a file, however it was spelt: absolute, and where symbolic links lead. A
// file that is not there yet has no links.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target, nil
	}
	return path, nil
}

func (s *Store) connect(ctx context.Context, o Options) error {
	if !o.ReadOnly {
		// SQLite would make it readable by others, and its other files with the mode of this one.
		file, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return fmt.Errorf("opening the store: %w", err)
		}
		if err := errors.Join(file.Close(), s.hold.lockDatabase(s.path)); err != nil {
			return err
		}
		synchronous := "synchronous(FULL)"
		if o.scratch {
			synchronous = "synchronous(OFF)"
		}
		w, err := openWriter(ctx, s.dsn("journal_mode(WAL)", synchronous, "secure_delete(ON)", "cache_size(-64000)"))
		if err != nil {
			return fmt.Errorf("opening %s: %w", s.path, spoilt(err))
		}
		s.writer = w
	}
	reader, err := sql.Open("sqlite", s.dsn("query_only(1)", "cache_size(-16000)"))
	if err != nil {
		return fmt.Errorf("opening %s: %w", s.path, err)
	}
	reader.SetMaxOpenConns(max(4, runtime.NumCPU()))
	reader.SetMaxIdleConns(max(4, runtime.NumCPU()))
	s.reader = reader
	if s.watch, err = newWatch(s.path, !o.ReadOnly); err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	if err := s.Ping(ctx); err != nil {
		return fmt.Errorf("opening %s: %w", s.path, spoilt(err))
	}
	return nil
}

func (s *Store) dsn(pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{"busy_timeout(5000)", "temp_store(MEMORY)"}, pragmas...)}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: s.path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// Name is "sqlite".
func (s *Store) Name() string { return "sqlite" }

// Atomic is true: SQLite has transactions.
func (s *Store) Atomic() bool { return true }

// Exclusive is true: locks keep other writers out.
func (s *Store) Exclusive() bool { return true }

// Day is the date for which keys are derived.
func (s *Store) Day() string { return s.day.Load().(string) }

// SetDay changes the date for which later writes derive keys.
func (s *Store) SetDay(day string) { s.day.Store(day) }

// Ping reads from the file, if it is still the one that was opened.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.present(); err != nil {
		return err
	}
	var n int
	return translate(s.reader.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'none'").Scan(&n))
}

// Close waits for the running write, then releases connections and lock. Later calls do nothing.
func (s *Store) Close() error { return s.close() }

func (s *Store) release() error {
	var errs []error
	s.mu.Lock()
	for _, stmt := range s.stmts {
		errs = append(errs, stmt.Close())
	}
	s.stmts = map[string]*sql.Stmt{}
	s.mu.Unlock()
	if s.reader != nil {
		errs = append(errs, s.reader.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	if s.hold != nil {
		errs = append(errs, s.hold.release())
	}
	return errors.Join(errs...)
}
