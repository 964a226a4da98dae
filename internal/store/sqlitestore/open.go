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
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
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
}

// LockedError says that another process holds the file for writing, and which.
type LockedError struct{ Path, Holder string }

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s is in use by %s", e.Path, e.Holder)
}

// Store is one SQLite file. Make it with Open.
type Store struct {
	path   string
	lock   *flock.Flock
	reader *sql.DB
	writer *writer
	day    atomic.Value
	damage store.Damage

	mu    sync.RWMutex
	stmts map[string]*sql.Stmt

	close func() error
}

var _ store.Store = (*Store)(nil)

// Open opens or makes the file. It returns a LockedError if another process writes to it.
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
	} else if err := s.hold(o.Holder); err != nil {
		return nil, err
	}
	if err := s.connect(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
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

// hold takes the lock file beside the database and writes into it who has it.
func (s *Store) hold(holder string) error {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	path := s.path + ".lock"
	lock := flock.New(path, flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("locking the store: %w", err)
	}
	if !ok {
		who, _ := os.ReadFile(path)
		return &LockedError{Path: s.path, Holder: strings.TrimSpace(string(who))}
	}
	s.lock = lock
	who := fmt.Sprintf("process %d (%s, since %s)\n", os.Getpid(), holder, time.Now().UTC().Format(time.RFC3339))
	if err := os.WriteFile(path, []byte(who), 0o600); err != nil {
		return fmt.Errorf("writing the lock file: %w", err)
	}
	return nil
}

func (s *Store) connect(ctx context.Context, o Options) error {
	if !o.ReadOnly {
		// SQLite would make it readable by others, and its other files with the mode of this one.
		file, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return fmt.Errorf("opening the store: %w", err)
		}
		if err := file.Close(); err != nil {
			return err
		}
		w, err := openWriter(ctx, s.dsn("journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)", "cache_size(-64000)"))
		if err != nil {
			return fmt.Errorf("opening %s: %w", s.path, err)
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
	if err := s.Ping(ctx); err != nil {
		return fmt.Errorf("opening %s: %w", s.path, err)
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

// Exclusive is true: the lock file keeps other writers out.
func (s *Store) Exclusive() bool { return true }

// Day is the date for which keys are derived.
func (s *Store) Day() string { return s.day.Load().(string) }

// SetDay changes the date for which later writes derive keys.
func (s *Store) SetDay(day string) { s.day.Store(day) }

// Ping reads from the file.
func (s *Store) Ping(ctx context.Context) error {
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
	if s.lock != nil {
		errs = append(errs, s.lock.Unlock())
	}
	return errors.Join(errs...)
}
