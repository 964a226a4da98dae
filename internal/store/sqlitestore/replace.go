package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"memberportal/internal/store"
)

// logSuffixes are what SQLite adds to the name of a database for its log, the log's index and its journal. What such
// a file holds goes into whatever database has its name, so that none may outlive its own.
var logSuffixes = []string{"-wal", "-shm", "-journal"}

// Replace puts a new store in the place of the one at the path, if there is one. The new one is made in a folder
// beside it and then moved, so that it is there whole or the old one is. It takes as much space as both. A process
// that is killed in the middle of moving leaves no store, which the next Open says, and the old one in that folder,
// which the next Replace moves back first. It returns a LockedError if a process has the old store open.
func Replace(ctx context.Context, path string, o Options, r store.Replacement) (err error) {
	if path, err = realPath(path); err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	h, err := take(path, o.Holder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.release()) }()
	work := path + ".restoring"
	kept, made := filepath.Join(work, "replaced.db"), filepath.Join(work, "portal.db")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(kept, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := showOld(ctx, path, r.Old); err != nil {
		return err
	}
	defer func() {
		if _, gone := os.Stat(path); gone == nil || !exists(kept) {
			err = errors.Join(err, os.RemoveAll(work))
		}
	}()
	if err := fill(ctx, made, o, r.Fill); err != nil {
		return err
	}
	if err := os.Rename(path, kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, suffix := range logSuffixes {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(made, path); err != nil {
		return errors.Join(err, os.Rename(kept, path))
	}
	if runtime.GOOS != "windows" {
		err = syncFile(filepath.Dir(path))
	}
	return errors.Join(err, h.settle())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// showOld shows the store at the path, if there is one.
func showOld(ctx context.Context, path string, show func(context.Context, store.Store, error) error) error {
	if file, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && file.Size() == 0 {
		return show(ctx, nil, nil)
	}
	old, err := Open(ctx, path, Options{ReadOnly: true})
	if err == nil {
		if _, begun := store.Begun(ctx, old); begun != nil {
			err = errors.Join(begun, old.Close())
		}
	}
	if err != nil {
		return show(ctx, nil, err)
	}
	return errors.Join(show(ctx, old, nil), old.Close())
}

// fill makes a new store at a path in a folder of its own. It need not survive a crash before it is whole.
func fill(ctx context.Context, path string, o Options, fill func(context.Context, store.Store) error) error {
	o.scratch = true
	fresh, err := Open(ctx, path, o)
	if err != nil {
		return err
	}
	if err := errors.Join(fill(ctx, fresh), fresh.Close()); err != nil {
		return err
	}
	for _, suffix := range logSuffixes {
		if exists(path + suffix) {
			return fmt.Errorf("%s is left of the new store", path+suffix)
		}
	}
	return syncFile(path)
}

// syncFile has the system write a file or folder to the disk.
func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
