package sqlitestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"
)

// LockedError says that another process holds the store for writing, and which.
type LockedError struct{ Path, Holder string }

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s is in use by %s", e.Path, e.Holder)
}

// MissingError says that there is no store, though one was here.
type MissingError struct {
	// Path is the database, Lock the file beside it that tells of the store.
	Path, Lock string
	// Empty says that the database is there and was cut to nothing.
	Empty bool
}

func (e *MissingError) Error() string {
	what := "is gone"
	if e.Empty {
		what = "is empty"
	}
	return fmt.Sprintf("%s %s, and this folder held a store: put the file back, or bring back a backup with memberportal restore FILE; if a new, empty store is meant, remove %s", e.Path, what, e.Lock)
}

// hold is what a process has of a store that it writes to: three locks, because each alone can be got around. All
// go with the process, however it ends.
//   - The lock file beside the database, which also names the holder. Who deletes it can lock another one.
//   - The database's folder, against a second process by a new lock file, or with another database in the place of
//     this one, whose log files would be this one's.
//   - The database itself, against a second name of it in another folder, whose log files would be others than this
//     one's. It is a lock of the whole file (flock), of which SQLite, which locks ranges, knows nothing. Only Linux
//     keeps the two kinds apart.
type hold struct {
	file, folder, database *flock.Flock
	// was says that a store was here before.
	was bool
	who string
}

func init() {
	// Closing any descriptor of a database drops a process's POSIX locks of it, those of SQLite too. OFD locks stay.
	// There are none outside of Linux, where nothing here opens a database beside SQLite.
	_, _ = sqlite.OFDLocking(true)
}

// storeHere is the line of the lock file that tells of a store.
const storeHere = "there is a store here"

// take takes all locks. The database need not be there.
func take(path, holder string) (*hold, error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	h := &hold{
		file: flock.New(path+".lock", flock.SetPermissions(0o600)), folder: flock.New(folder, flock.SetFlag(os.O_RDONLY)),
		database: flock.New(path, flock.SetFlag(os.O_RDONLY)), who: fmt.Sprintf("process %d (%s, since %s)", os.Getpid(), holder, time.Now().UTC().Format(time.RFC3339)),
	}
	if err := h.takeAll(path); err != nil {
		return nil, errors.Join(err, h.release())
	}
	return h, nil
}

func (h *hold) takeAll(path string) error {
	if err := h.lock(h.file, path); err != nil {
		return err
	}
	if runtime.GOOS != "windows" { // which locks no folders
		if err := h.lock(h.folder, path); err != nil {
			return err
		}
	}
	if err := h.lockDatabase(path); err != nil {
		return err
	}
	said, err := os.ReadFile(h.file.Path())
	if err != nil {
		return fmt.Errorf("reading the lock file: %w", err)
	}
	h.was = strings.Contains(string(said), storeHere)
	return h.write()
}

// lockDatabase locks the database if it is there.
func (h *hold) lockDatabase(path string) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return h.lock(h.database, path)
}

// lock takes one of the locks, or says who has the store.
func (h *hold) lock(l *flock.Flock, path string) error {
	ok, err := l.TryLock()
	if err != nil {
		return fmt.Errorf("locking the store: %w", err)
	}
	if ok {
		return nil
	}
	said, _ := os.ReadFile(path + ".lock")
	who, _, _ := strings.Cut(string(said), "\n")
	if l != h.file { // which another process has whose lock file this is not
		who = "another process, perhaps by another name of the file or its folder"
	}
	return &LockedError{Path: path, Holder: who}
}

// settle notes in the lock file that there is a store now.
func (h *hold) settle() error {
	if h.was {
		return nil
	}
	h.was = true
	return h.write()
}

func (h *hold) write() error {
	text := h.who + "\n"
	if h.was {
		text += storeHere + "\n"
	}
	if err := os.WriteFile(h.file.Path(), []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing the lock file: %w", err)
	}
	return nil
}

func (h *hold) release() error {
	return errors.Join(h.database.Unlock(), h.folder.Unlock(), h.file.Unlock())
}
