package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/store/storetest"
)

// TestALostFileIsNoticed: nothing is read and no write is acknowledged once the file is gone, for good.
func TestALostFileIsNoticed(t *testing.T) {
	for name, lose := range map[string]func(t *testing.T, path string){
		"deleted": func(t *testing.T, path string) { must(t, os.Remove(path)) },
		"moved":   func(t *testing.T, path string) { must(t, os.Rename(path, path+".old")) },
		"replaced": func(t *testing.T, path string) {
			other := filepath.Join(t.TempDir(), "other.db")
			must(t, os.WriteFile(other, make([]byte, 1<<20), 0o600))
			must(t, os.Rename(other, path))
		},
		"cut":             func(t *testing.T, path string) { must(t, os.Truncate(path, 4096)) },
		"cut to nothing":  func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) },
		"its log deleted": func(t *testing.T, path string) { must(t, os.Remove(path+"-wal")) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "portal.db")
			must(t, begun(t, path, storetest.Docs.Kind).Close()) // the log is in the file now
			s := begun(t, path, storetest.Docs.Kind)
			docs, ctx := storetest.Docs.In(s), t.Context()
			must(t, docs.Insert(ctx, document("doc_1", "RED", "one")))
			must(t, s.Ping(ctx))
			err := s.Tx(ctx, func(ctx context.Context) error {
				must(t, docs.Insert(ctx, document("doc_2", "RED", "two")))
				lose(t, path)
				return nil
			})
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("a write during which the file was lost: %v", err)
			}
			for range 2 {
				if err := s.Ping(ctx); !errors.Is(err, store.ErrUnavailable) || s.Lost() == nil {
					t.Errorf("ping: %v, lost: %v", err, s.Lost())
				}
				if _, err := docs.Get(ctx, "doc_1"); !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("read: %v", err)
				}
				if err := docs.Insert(ctx, document("doc_3", "RED", "three")); !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("write: %v", err)
				}
				if name == "moved" { // back, and it stays lost
					_ = os.Rename(path+".old", path)
				}
			}
		})
	}
}

// TestScrubbingIsNoLoss: the file becomes smaller, while others read.
func TestScrubbingIsNoLoss(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.db")
	s := begun(t, path, storetest.Docs.Kind)
	reader := open(t, path, sqlitestore.Options{ReadOnly: true})
	docs, ctx := storetest.Docs.In(s), t.Context()
	for round := range 3 {
		var ids []string
		for i := range 300 {
			d := document(fmt.Sprintf("doc_%d_%d", round, i), "RED", "one")
			d.Log = []string{string(make([]byte, 2000))}
			must(t, docs.Insert(ctx, d))
			ids = append(ids, d.ID)
		}
		var reading sync.WaitGroup
		for range 2 {
			reading.Go(func() {
				for range 200 {
					if err := s.Lost(); err != nil {
						t.Errorf("while it is scrubbed: %v", err)
						return
					}
				}
			})
		}
		for _, id := range ids {
			must(t, docs.Delete(ctx, id, 1))
		}
		must(t, s.Scrub(ctx))
		reading.Wait()
		must(t, s.Ping(ctx))
		must(t, reader.Ping(ctx))
	}
}
