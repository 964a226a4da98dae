package sqlitestore

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"memberportal/internal/store"
)

// watch notices what happens to the database file of an open store. SQLite would go on with a file that was deleted
// or replaced, and everything that it is given would be gone with the process. It asks by stat, and opens nothing.
type watch struct {
	path string
	file os.FileInfo
	lost atomic.Pointer[string]
	// writes says that this process alone may scrub the file, and that its log stays as long as it is open. log is that
	// file once it was seen.
	writes bool
	log    atomic.Pointer[os.FileInfo]

	// mu keeps a size that was asked for before the file shrank from being noted afterwards.
	mu sync.RWMutex
	// size is the greatest that was seen.
	size atomic.Int64
	// shrinks says that the file may become smaller: it is written anew, or another process may do so.
	shrinks bool
}

func newWatch(path string, writes bool) (*watch, error) {
	file, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	w := &watch{path: path, file: file, writes: writes, shrinks: !writes}
	w.size.Store(file.Size())
	return w, nil
}

// look returns ErrUnavailable from the moment on at which the file is found to be another, gone or cut, and for
// good: what was written meanwhile may be in either.
func (w *watch) look() error {
	if why := w.lost.Load(); why != nil {
		return fmt.Errorf("%w: %s; stop the server, put the file back or run memberportal restore FILE, and start again", store.ErrUnavailable, *why)
	}
	if why := w.fault(); why != "" {
		w.lost.CompareAndSwap(nil, &why)
		return w.look()
	}
	return nil
}

// fault says what has happened to the file, if something has.
func (w *watch) fault() string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	file, err := os.Stat(w.path)
	switch {
	case err != nil:
		return fmt.Sprintf("the database is gone: %v", err)
	case !os.SameFile(file, w.file):
		return w.path + " is another file than the one that was opened"
	case file.Size() == 0 && w.file.Size() > 0:
		return w.path + " was cut to nothing"
	}
	if why := w.logFault(); why != "" || w.shrinks {
		return why
	}
	for {
		seen := w.size.Load()
		if file.Size() == seen || file.Size() > seen && w.size.CompareAndSwap(seen, file.Size()) {
			return ""
		}
		if file.Size() > seen {
			continue
		}
		if again, err := os.Stat(w.path); err == nil && again.Size() >= seen { // somebody else has seen it grow
			return ""
		}
		return fmt.Sprintf("%s was cut to %d bytes, from %d", w.path, file.Size(), seen)
	}
}

// logFault says whether the log was taken away, in which acknowledged writes may be that are nowhere else.
func (w *watch) logFault() string {
	if !w.writes {
		return ""
	}
	name := w.path + "-wal"
	seen := w.log.Load()
	switch log, err := os.Stat(name); {
	case err != nil && seen == nil: // nothing was written yet
	case err != nil:
		return fmt.Sprintf("the log of the database is gone: %v", err)
	case seen == nil:
		w.log.CompareAndSwap(nil, &log)
	case !os.SameFile(log, *seen):
		return name + " is another file than the one that was opened"
	}
	return ""
}

// mayShrink says from when on, and until when, the file may become smaller.
func (w *watch) mayShrink(may bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shrinks = may
	w.size.Store(0)
}

// Lost is an error once the database file was found to be deleted, replaced or cut; see store.ErrUnavailable. From
// then on nothing is read or written.
func (s *Store) Lost() error { return s.present() }

// present looks after the file.
func (s *Store) present() error {
	if s.watch == nil {
		return nil
	}
	return s.watch.look()
}
