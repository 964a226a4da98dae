package sqlitestore_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/store/storetest"
)

func TestSecondWriterIsToldWhoHoldsTheStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.db")
	holder := startChild(t, "hold", path)
	holder.line(t)
	_, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Holder: "test"})
	locked, ok := errors.AsType[*sqlitestore.LockedError](err)
	if !ok {
		t.Fatalf("a second writer: %v", err)
	}
	for _, want := range []string{"process " + strconv.Itoa(holder.Process.Pid), "child"} {
		if !strings.Contains(locked.Holder, want) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
	if locked.Path != path || !strings.Contains(err.Error(), path) {
		t.Errorf("%q does not name %s", err, path)
	}
}

func TestStoreUnderASecondNameIsHeldToo(t *testing.T) {
	folder := t.TempDir()
	path, link := filepath.Join(folder, "portal.db"), filepath.Join(folder, "link.db")
	open(t, path, sqlitestore.Options{Holder: "test"})
	must(t, os.Symlink(path, link))
	s, err := sqlitestore.Open(t.Context(), link, sqlitestore.Options{Holder: "other"})
	if _, ok := errors.AsType[*sqlitestore.LockedError](err); !ok {
		t.Errorf("a second writer by a symbolic link: %v", err)
	}
	if err == nil {
		must(t, s.Close())
	}
}

func TestLockIsFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.db")
	t.Run("after Close", func(t *testing.T) {
		must(t, open(t, path, sqlitestore.Options{Holder: "first"}).Close())
		must(t, open(t, path, sqlitestore.Options{Holder: "second"}).Close())
	})
	t.Run("after the holder was killed", func(t *testing.T) {
		holder := startChild(t, "hold", path)
		holder.line(t)
		holder.kill(t)
		must(t, open(t, path, sqlitestore.Options{Holder: "test"}).Close())
	})
	t.Run("after a failed opening", func(t *testing.T) {
		bad := filepath.Join(t.TempDir(), "portal.db")
		must(t, os.WriteFile(bad, []byte(strings.Repeat("this is no database ", 100)), 0o600))
		for range 2 {
			_, err := sqlitestore.Open(t.Context(), bad, sqlitestore.Options{Holder: "test"})
			if _, locked := errors.AsType[*sqlitestore.LockedError](err); err == nil || locked {
				t.Errorf("a file that is no database: %v", err)
			}
		}
	})
	t.Run("however often it was closed", func(t *testing.T) {
		s := open(t, path, sqlitestore.Options{Holder: "test"})
		must(t, s.Close())
		other := open(t, path, sqlitestore.Options{Holder: "other"})
		must(t, s.Close())
		must(t, other.Ping(t.Context()))
		if _, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Holder: "third"}); err == nil {
			t.Error("closing twice gave away another store's lock")
		}
	})
}

func TestReaderBesideAWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.db")
	writer := begun(t, path, storetest.Docs.Kind)
	ctx, docs := t.Context(), storetest.Docs.In(writer)
	must(t, docs.Insert(ctx, document("doc_1", "RED", "one")))
	reader := open(t, path, sqlitestore.Options{ReadOnly: true})
	read := storetest.Docs.In(reader)
	if d, err := read.Get(ctx, "doc_1"); err != nil || d.Title != "one" {
		t.Fatalf("got %v, %v", d, err)
	}
	must(t, docs.Insert(ctx, document("doc_2", "RED", "two")))
	if _, err := read.Get(ctx, "doc_2"); err != nil {
		t.Errorf("what was written after the opening: %v", err)
	}
	err := writer.Tx(ctx, func(ctx context.Context) error {
		must(t, docs.Insert(ctx, document("doc_3", "RED", "three")))
		if _, err := read.Get(t.Context(), "doc_3"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the reader sees what is not committed: %v", err)
		}
		return nil
	})
	must(t, err)
	if faults, err := store.Check(ctx, reader, kinds(storetest.Docs.Kind), store.Unwatched); err != nil || !faults.None() {
		t.Errorf("check beside a writer: %v, %v", faults, err)
	}
	d, err := read.Get(ctx, "doc_1")
	must(t, err)
	for name, write := range map[string]func() error{
		"insert":      func() error { return read.Insert(ctx, document("doc_9", "RED", "nine")) },
		"replace":     func() error { return read.Replace(ctx, d) },
		"delete":      func() error { return read.Delete(ctx, "doc_1", 1) },
		"transaction": func() error { return reader.Tx(ctx, func(context.Context) error { return nil }) },
		"prepare":     func() error { return reader.Prepare(ctx, kinds(storetest.Docs.Kind)) },
		"reindex": func() error {
			_, err := reader.Reindex(ctx, storetest.Docs.Kind, "", 10, true)
			return err
		},
	} {
		if err := write(); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s through a reader: %v", name, err)
		}
	}
	if _, err := docs.Get(ctx, "doc_1"); err != nil {
		t.Errorf("the writer afterwards: %v", err)
	}
}

func TestReaderMakesNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "none", "portal.db")
	if _, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("made: %v, %v", entries, err)
	}
}

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	s := begun(t, filepath.Join(folder, "portal.db"), storetest.Docs.Kind)
	must(t, storetest.Docs.In(s).Insert(t.Context(), document("doc_1", "RED", "one")))
	entries, err := os.ReadDir(folder)
	must(t, err)
	names := []string{}
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		names = append(names, e.Name())
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v: others may read it", e.Name(), info.Mode())
		}
	}
	if !slices.Contains(names, "portal.db.lock") {
		t.Errorf("the folder holds %v", names)
	}
	info, err := os.Stat(folder)
	if must(t, err); info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v", info.Mode())
	}
}
