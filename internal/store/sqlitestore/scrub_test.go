package sqlitestore_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"memberportal/internal/store"
)

// TestScrubLeavesNoByteOfWhatWasDeleted fills a store, deletes some documents and overwrites others, and
// looks for their text in every file of the folder while the store is open.
func TestScrubLeavesNoByteOfWhatWasDeleted(t *testing.T) {
	folder := t.TempDir()
	s := begun(t, filepath.Join(folder, "portal.db"), plain.Kind)
	defer func() { must(t, s.Close()) }()
	docs := someThings(400)
	for i, d := range docs {
		d.Name = fmt.Sprintf("Zvonimira %03d", i)
	}
	must(t, plain.In(s).Insert(t.Context(), docs...))
	if !inFiles(t, folder, "Zvonimira") {
		t.Fatal("the text is in no file: the test looks in the wrong place")
	}
	for i, d := range docs {
		id, version := plain.Kind.Identity(d)
		if i%2 == 0 {
			must(t, plain.In(s).Delete(t.Context(), id, *version))
			continue
		}
		d.Name = "erased"
		must(t, plain.In(s).Replace(t.Context(), d))
	}
	scrubbed, ok := any(s).(interface {
		Scrub(ctx context.Context) error
	})
	if !ok {
		t.Fatal("the store cannot scrub its files")
	}
	must(t, scrubbed.Scrub(t.Context()))
	if inFiles(t, folder, "Zvonimira") {
		t.Error("what was erased is still in a file")
	}
	if log, err := os.Stat(filepath.Join(folder, "portal.db-wal")); err == nil && log.Size() > 0 {
		t.Errorf("the log has %d bytes", log.Size())
	}
	plan, err := plain.In(s).Plan(store.Query{Sort: "name"})
	must(t, err)
	if n, err := plain.In(s).Count(t.Context(), plan, store.Bounds{}); err != nil || n != 200 {
		t.Errorf("%d documents are left, %v", n, err)
	}
}

func inFiles(t *testing.T, folder, text string) bool {
	t.Helper()
	files, err := os.ReadDir(folder)
	must(t, err)
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(folder, f.Name()))
		must(t, err)
		if bytes.Contains(raw, []byte(text)) {
			return true
		}
	}
	return false
}
