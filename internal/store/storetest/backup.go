package storetest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"memberportal/internal/store"
)

var docKinds = []*store.Kind{Docs.Kind}

// backup writes a backup of the contract's documents into memory.
func (s stage) backup(migrations []store.Migration) ([]byte, *store.Manifest) {
	s.Helper()
	var file bytes.Buffer
	m, err := store.Backup(s.ctx, s.Store, docKinds, migrations, "v1", &file)
	s.must(err)
	return file.Bytes(), m
}

func openBackup(file []byte, migrations []store.Migration) (*store.BackupFile, error) {
	return store.OpenBackup(bytes.NewReader(file), int64(len(file)), docKinds, migrations)
}

// backups backs a store up while others write to it in pairs, and restores that into another one.
func (p Peer) backups(s stage) {
	var r ran
	s.must(store.Migrate(s.ctx, s.Store, r.steps(1, 2)))
	docs := sample(40)
	docs[3].Code, docs[4].Notes = "taken", map[string]string{"ключ": "значение"}
	s.must(s.docs.Insert(s.ctx, docs...))
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_bad", Colour: "RED", Size: "S", Title: "title 0"}))
	p.Corrupt(s.T, "db", "docs", "doc_bad")
	stop := s.writePairs()
	file, m := s.backup(r.steps(1, 2))
	stop()
	if m.OneState != s.Atomic() || m.Engine != s.Name() || m.Migration != 2 || m.Day != Day || m.Program != "v1" || m.Documents() < 41 {
		s.Errorf("the backup says %+v", m)
	}

	b, err := openBackup(file, r.steps(1, 2, 3))
	s.must(err)
	other := stage{T: s.T, Store: p.Open(s.T, "other"), ctx: s.ctx}
	other.docs = Docs.In(other.Store)
	done, err := b.Load(s.ctx, other.Store, docKinds, r.steps(1, 2, 3))
	s.must(err)
	if len(done.Quarantined) != 1 || done.Quarantined[0].ID != "doc_bad" || done.Nouns["docs"] != m.Documents()-1 {
		s.Errorf("restored %+v of %+v", done, m)
	}
	s.must(store.Migrate(s.ctx, other.Store, r.steps(1, 2, 3)))
	r.is(s.T, 1, 2, 3) // only what the backup has not had
	x, err := store.Begin(s.ctx, other.Store, docKinds, Day, true)
	s.must(err)
	defer func() { _ = x.End(context.WithoutCancel(s.ctx)) }()
	if found, err := store.Check(s.ctx, other.Store, docKinds, store.Unwatched); err != nil || !found.None() {
		s.Errorf("check of what was restored: %v, %+v", err, found)
	}
	held, err := store.InQuarantine(s.ctx, other.Store)
	if s.must(err); len(held) != 1 || held[0].Document != "doc_bad" || len(held[0].Bytes) == 0 {
		s.Errorf("in the quarantine: %+v", held)
	}
	for _, d := range docs {
		if got, err := other.docs.Get(s.ctx, d.ID); err != nil || fmt.Sprint(got) != fmt.Sprint(d) {
			s.Errorf("restored %v, %v; it was %v", got, err, d)
		}
	}
	if id, err := other.docs.Lookup(s.ctx, "code", "taken"); err != nil || id != docs[3].ID {
		s.Errorf("lookup: %q, %v", id, err)
	}
	if s.Atomic() {
		other.wholePairs()
	}
	if _, err := b.Load(s.ctx, other.Store, docKinds, r.steps(1, 2, 3)); err == nil {
		s.Error("a store that is not empty was restored into")
	}
}

// writePairs inserts pairs, each in a transaction, until it is stopped; one at least.
func (s stage) writePairs() (stop func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	var writing sync.WaitGroup
	begun := make(chan struct{})
	writing.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			err := s.Tx(ctx, func(ctx context.Context) error {
				for _, half := range []string{"z", "a"} {
					if err := s.docs.Insert(ctx, &Doc{ID: fmt.Sprintf("%s_pair_%d", half, i), Colour: "BLUE", Size: "XL", Title: "pair"}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil && ctx.Err() == nil {
				s.Errorf("writing beside the backup: %v", err)
			}
			if i == 0 {
				close(begun)
			}
		}
	})
	<-begun
	return func() { cancel(); writing.Wait() }
}

// wholePairs says that of each pair both halves are there or none is.
func (s stage) wholePairs() {
	s.Helper()
	halves := map[string]int{}
	for _, id := range s.walk(store.Query{Any: []store.Where{{"colour": {"BLUE"}, "size": {"XL"}}}, Sort: "title"}, 100, false) {
		if _, pair, ok := strings.Cut(id, "_pair_"); ok {
			halves[pair]++
		}
	}
	for pair, n := range halves {
		if n != 2 {
			s.Errorf("of pair %s there are %d documents", pair, n)
		}
	}
	if len(halves) == 0 {
		s.Error("no pair was seen")
	}
}

// spoilt are backups that are not what was written.
func spoilt(s stage) {
	if _, err := store.Backup(s.ctx, s.Store, nil, nil, "v1", io.Discard); err != nil {
		s.Errorf("a store without documents: %v", err)
	}
	var r ran
	s.must(store.Migrate(s.ctx, s.Store, r.steps(1, 2)))
	s.must(s.docs.Insert(s.ctx, sample(40)...))
	file, _ := s.backup(r.steps(1, 2))
	for name, change := range map[string]func([]byte) []byte{
		"no file":      func([]byte) []byte { return nil },
		"no backup":    func([]byte) []byte { return []byte("SQLite format 3\x00") },
		"cut off":      func(f []byte) []byte { return f[:len(f)-30] },
		"a bit":        func(f []byte) []byte { f[len(f)/3] ^= 4; return f },
		"one document": func(f []byte) []byte { return repacked(s, f, func(m *store.Manifest) { m.Nouns[0].Documents-- }) },
		"another sum":  func(f []byte) []byte { return repacked(s, f, func(m *store.Manifest) { m.Nouns[0].SHA256 = "00" }) },
		"a noun less":  func(f []byte) []byte { return repacked(s, f, func(m *store.Manifest) { m.Nouns = nil }) },
		"a noun more": func(f []byte) []byte {
			return repacked(s, f, func(m *store.Manifest) { m.Nouns = append(m.Nouns, store.BackupEntry{Name: "pets"}) })
		},
		"a later form":      func(f []byte) []byte { return repacked(s, f, func(m *store.Manifest) { m.Format++ }) },
		"a later migration": func(f []byte) []byte { return repacked(s, f, func(m *store.Manifest) { m.Migration++ }) },
	} {
		if _, err := openBackup(change(slices.Clone(file)), r.steps(1, 2)); !errors.Is(err, store.ErrBadBackup) {
			s.Errorf("%s: %v", name, err)
		}
	}
	if _, err := openBackup(file, r.steps(1)); !errors.Is(err, store.ErrBadBackup) || !strings.Contains(err.Error(), "newer") {
		s.Errorf("a backup of a newer program: %v", err)
	}
	if newer, ok := errors.AsType[*store.NewerError](errOf(store.Backup(s.ctx, s.Store, docKinds, r.steps(1), "v1", io.Discard))); !ok || newer.Store != 2 {
		s.Errorf("backing up the store of a newer program: %v", newer)
	}
}

// unbegun is a store that no server has begun.
func (p Peer) unbegun(s stage) {
	if _, err := store.Backup(s.ctx, p.Open(s.T, "fresh"), docKinds, nil, "v1", io.Discard); !errors.Is(err, store.ErrNeverBegun) {
		s.Errorf("a store that holds nothing: %v", err)
	}
}

func errOf(_ *store.Manifest, err error) error { return err }

// repacked is a backup with the same documents that says something else of itself.
func repacked(s stage, file []byte, change func(*store.Manifest)) []byte {
	s.Helper()
	in, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	s.must(err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		if f.Name != "backup.json" {
			s.must(w.Copy(f))
			continue
		}
		r, err := f.Open()
		s.must(err)
		var m store.Manifest
		s.must(json.NewDecoder(r).Decode(&m))
		change(&m)
		entry, err := w.Create(f.Name)
		s.must(err)
		s.must(json.NewEncoder(entry).Encode(m))
	}
	s.must(w.Close())
	return out.Bytes()
}
