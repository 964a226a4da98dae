package sqlitestore_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/store/storetest"
)

// TestASecondProcessGetsInByNoWay: what another process holds is held also if its lock file is deleted, by every
// name of the file and its folder, and if another database stands in its place.
func TestASecondProcessGetsInByNoWay(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // only there a database can be locked beside SQLite; see hold
	}
	for name, round := range map[string]func(t *testing.T, path string) (other string){
		"the lock file is deleted": func(t *testing.T, path string) string {
			must(t, os.Remove(path+".lock"))
			return path
		},
		"a hard link in another folder": func(t *testing.T, path string) string {
			other := filepath.Join(t.TempDir(), "portal.db")
			must(t, os.Link(path, other))
			return other
		},
		"a symbolic link in another folder": func(t *testing.T, path string) string {
			other := filepath.Join(t.TempDir(), "portal.db")
			must(t, os.Symlink(path, other))
			return other
		},
		"a symbolic link to the folder, and no lock file": func(t *testing.T, path string) string {
			must(t, os.Remove(path+".lock"))
			other := filepath.Join(t.TempDir(), "folder")
			must(t, os.Symlink(filepath.Dir(path), other))
			return filepath.Join(other, "portal.db")
		},
		"another database in its place, and no lock file": func(t *testing.T, path string) string {
			other := filepath.Join(t.TempDir(), "portal.db")
			must(t, begun(t, other, storetest.Docs.Kind).Close())
			must(t, os.Rename(other, path))
			must(t, os.Remove(path+".lock"))
			return path
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "portal.db")
			must(t, begun(t, path, storetest.Docs.Kind).Close())
			holder := startChild(t, "hold", path)
			holder.line(t)
			other := round(t, path)
			s, err := sqlitestore.Open(t.Context(), other, sqlitestore.Options{Holder: "second"})
			if _, ok := errors.AsType[*sqlitestore.LockedError](err); !ok {
				t.Errorf("a second writer: %v", err)
			}
			if err == nil {
				must(t, s.Close())
			}
			holder.kill(t)
			must(t, open(t, other, sqlitestore.Options{Holder: "second"}).Close())
		})
	}
}

func TestAStoreThatWasHereIsMissed(t *testing.T) {
	for name, take := range map[string]func(path string) error{
		"deleted":        os.Remove,
		"cut to nothing": func(path string) error { return os.Truncate(path, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "portal.db")
			must(t, begun(t, path, storetest.Docs.Kind).Close())
			must(t, take(path))
			for range 2 {
				_, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Holder: "test"})
				missing, ok := errors.AsType[*sqlitestore.MissingError](err)
				if !ok || !strings.Contains(err.Error(), "restore") || !strings.Contains(err.Error(), missing.Lock) {
					t.Fatalf("opened: %v", err)
				}
			}
			must(t, os.Remove(path+".lock")) // as it says
			must(t, open(t, path, sqlitestore.Options{Holder: "test"}).Close())
		})
	}
}

func TestNoStoreIsMadeWhereOneMustBe(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(folder, "portal.db")
	existing := sqlitestore.Options{Holder: "test", Existing: true}
	if _, err := sqlitestore.Open(t.Context(), path, existing); !errors.Is(err, store.ErrNone) || !strings.Contains(err.Error(), path) {
		t.Errorf("opened: %v", err)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("a folder was made")
	}
	must(t, begun(t, path, storetest.Docs.Kind).Close())
	must(t, open(t, path, existing).Close())
}
