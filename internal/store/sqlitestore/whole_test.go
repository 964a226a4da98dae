package sqlitestore_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/store/storetest"
)

// filled is a closed store of some hundred pages.
func filled(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "portal.db")
	s := begun(t, path, storetest.Docs.Kind)
	var docs []*storetest.Doc
	for i := range 500 {
		d := document(fmt.Sprintf("doc_%03d", i), "RED", fmt.Sprint("title ", i))
		d.Log = []string{strings.Repeat("text ", 200)}
		docs = append(docs, d)
	}
	must(t, storetest.Docs.In(s).Insert(t.Context(), docs...))
	must(t, s.Close())
	return path
}

func TestASpoiltFileIsFound(t *testing.T) {
	path := filled(t)
	s := open(t, path, sqlitestore.Options{Holder: "test"})
	if whole, err := s.QuickCheck(t.Context(), time.Minute); !whole || err != nil {
		t.Errorf("a sound file: %v, %v", whole, err)
	}
	if faults, err := s.Inspect(t.Context()); len(faults) > 0 || err != nil {
		t.Errorf("a sound file: %v, %v", faults, err)
	}
	if whole, err := s.QuickCheck(t.Context(), time.Nanosecond); whole || err != nil {
		t.Errorf("in no time: %v, %v", whole, err)
	}
	must(t, s.Close())
	raw, err := os.ReadFile(path)
	must(t, err)
	for page := 20; page < 60; page++ {
		copy(raw[page*4096:], "spoilt spoilt spoilt spoilt")
	}
	must(t, os.WriteFile(path, raw, 0o600))
	s = open(t, path, sqlitestore.Options{Holder: "test"})
	if _, err := s.QuickCheck(t.Context(), time.Minute); !errors.Is(err, sqlitestore.ErrSpoilt) || !strings.Contains(err.Error(), "restore") {
		t.Errorf("a spoilt file: %v", err)
	}
	if faults, err := s.Inspect(t.Context()); len(faults) == 0 && err == nil {
		t.Error("a spoilt file has no faults")
	}
	if _, err := store.Backup(t.Context(), s, kinds(storetest.Docs.Kind), nil, "v1", io.Discard); !errors.Is(err, sqlitestore.ErrSpoilt) {
		t.Errorf("a backup of a spoilt file: %v", err)
	}
}

func TestAFileThatIsNoDatabaseNamesTheWayBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.db")
	must(t, os.WriteFile(path, []byte(strings.Repeat("this is no database ", 500)), 0o600))
	if _, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Holder: "test"}); !errors.Is(err, sqlitestore.ErrSpoilt) {
		t.Errorf("opened: %v", err)
	}
}
