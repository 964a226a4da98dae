package sqlitestore_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/store/storetest"
)

func TestContract(t *testing.T) {
	paths := map[string]string{}
	path := func(t *testing.T, name string) string {
		key := t.Name() + "/" + name
		if paths[key] == "" {
			paths[key] = filepath.Join(t.TempDir(), name+".db")
		}
		return paths[key]
	}
	storetest.Run(t, storetest.Peer{
		Open: func(t *testing.T, name string) store.Store {
			s, err := sqlitestore.Open(context.Background(), path(t, name), sqlitestore.Options{Holder: "test"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		},
		Corrupt: func(t *testing.T, name, noun, id string) {
			db, err := sql.Open("sqlite", path(t, name))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec("UPDATE "+noun+" SET doc = x'0102' WHERE id = ?", id); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		},
	})
}
