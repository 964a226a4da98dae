package sqlitestore_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/store"
	"memberportal/internal/store/storetest"
)

// acknowledged is what a writer said it had stored of a document.
type acknowledged struct {
	version int64
	title   string
}

func TestAcknowledgedWritesSurviveKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.db")
	said := map[string]acknowledged{} // of all rounds: later ones must not lose what earlier ones wrote
	for range 3 {
		writer := startChild(t, "write", path)
		note := func(line string) {
			f := strings.Fields(line)
			if len(f) != 3 {
				t.Fatalf("the child said %q", line)
			}
			said[f[0]] = acknowledged{integer(t, f[1]), f[2]}
		}
		for range 250 {
			note(writer.line(t))
		}
		for _, line := range writer.kill(t) {
			if strings.Count(line, " ") == 2 { // a line cut off by the kill may miss its end
				note(line)
			}
		}
		s := begun(t, path, storetest.Docs.Kind)
		for id, want := range said {
			got, err := storetest.Docs.In(s).Get(t.Context(), id)
			must(t, err)
			// One write more than the child could say may have been kept.
			if got.Version < want.version || got.Version > want.version+1 || got.Version == want.version && got.Title != want.title {
				t.Errorf("%s: version %d, %q; acknowledged were %d, %q", id, got.Version, got.Title, want.version, want.title)
			}
		}
		faults, err := store.Check(t.Context(), s, kinds(storetest.Docs.Kind), store.Unwatched)
		if err != nil || !faults.None() {
			t.Errorf("after the kill: %v, %v", faults, err)
		}
		must(t, s.Close())
		intact(t, path)
	}
}

// intact asks SQLite itself whether the file is whole.
func intact(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer func() { _ = db.Close() }()
	var said string
	must(t, db.QueryRow("PRAGMA integrity_check").Scan(&said))
	if said != "ok" {
		t.Errorf("integrity check: %s", said)
	}
}
