package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"memberportal/internal/store"
)

var errHalfWay = errors.New("half-way")

func (p Peer) transaction(s stage) {
	red := func(id string) *Doc { return &Doc{ID: id, Colour: "RED", Size: "S"} }
	s.must(s.Tx(s.ctx, func(ctx context.Context) error {
		if err := s.docs.Insert(ctx, red("doc_1")); err != nil {
			return err
		}
		if _, err := s.docs.Get(ctx, "doc_1"); err != nil {
			return fmt.Errorf("a transaction does not see its own write: %w", err)
		}
		return s.Tx(ctx, func(ctx context.Context) error { return s.docs.Insert(ctx, red("doc_2")) })
	}))
	if many, err := s.docs.Many(s.ctx, []string{"doc_1", "doc_2"}); err != nil || many[0] == nil || many[1] == nil {
		s.Fatalf("after commit: %v, %v", many, err)
	}
	if !s.Atomic() {
		if err := p.Refused(s.T); err == nil || !strings.Contains(err.Error(), "transactions") {
			s.Fatalf("a server without transactions was not refused: %v", err)
		}
		return
	}
	mine, err := s.docs.Get(s.ctx, "doc_1")
	s.must(err)
	err = s.Tx(s.ctx, func(ctx context.Context) error {
		if err := s.docs.Replace(ctx, mine); err != nil {
			return err
		}
		return errHalfWay
	})
	if !errors.Is(err, errHalfWay) || mine.Version != 1 {
		s.Fatalf("after a replace that was rolled back: %v, version %d in memory", err, mine.Version)
	}
	err = s.Tx(s.ctx, func(ctx context.Context) error {
		if err := s.docs.Insert(ctx, red("doc_3")); err != nil {
			return err
		}
		if _, err := s.docs.Update(ctx, "doc_1", func(d *Doc) error { d.Title = "changed"; return nil }); err != nil {
			return err
		}
		if err := s.docs.Delete(ctx, "doc_2", 1); err != nil {
			return err
		}
		return errHalfWay
	})
	if !errors.Is(err, errHalfWay) {
		s.Fatalf("the error of f came back as %v", err)
	}
	many, err := s.docs.Many(s.ctx, []string{"doc_1", "doc_2", "doc_3"})
	s.must(err)
	if many[0].Title != "" || many[0].Version != 1 || many[1] == nil || many[2] != nil {
		s.Fatalf("a failed transaction left %+v", many)
	}
	ctx, cancel := context.WithCancel(s.ctx)
	err = s.Tx(ctx, func(ctx context.Context) error {
		defer cancel()
		return s.docs.Insert(ctx, red("doc_4"))
	})
	if !errors.Is(err, context.Canceled) {
		s.Fatalf("a cancelled transaction: %v", err)
	}
	if _, err := s.docs.Get(s.ctx, "doc_4"); !errors.Is(err, store.ErrNotFound) {
		s.Fatalf("a cancelled transaction left its write: %v", err)
	}
}

// serial moves units between two documents: their sum is kept, and each move is in exactly one of
// the two logs.
func (p Peer) serial(s stage) {
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_1", Colour: "RED", Size: "S"}, &Doc{ID: "doc_2", Colour: "RED", Size: "S"}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3 {
				err := s.Tx(s.ctx, func(ctx context.Context) error {
					for id, n := range map[string]int64{"doc_1": 1, "doc_2": -1} {
						if _, err := s.docs.Update(ctx, id, func(d *Doc) error { d.N += n; return nil }); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					s.Errorf("transaction: %v", err)
				}
			}
		})
	}
	wg.Wait()
	many, err := s.docs.Many(s.ctx, []string{"doc_1", "doc_2"})
	s.must(err)
	if many[0].N != 24 || many[1].N != -24 {
		s.Errorf("after 24 transactions: %d and %d", many[0].N, many[1].N)
	}
}

func (p Peer) days(s stage) {
	docs := sample(20)
	s.must(s.docs.Insert(s.ctx, docs...))
	x, err := store.Begin(s.ctx, s.Store, []*store.Kind{Docs.Kind}, Day, true)
	s.must(err)
	for _, day := range []string{"2025-06-30", "2024-12-31", Day} {
		s.must(x.Turn(s.ctx, day))
		for _, state := range []string{"NOW", "LATER"} {
			var want []string
			for _, d := range docs {
				if matches(d, store.Where{"state": {state}}, day) {
					want = append(want, d.ID)
				}
			}
			slices.Sort(want)
			if got := s.walk(store.Query{Any: []store.Where{{"state": {state}}}}, 6, false); !slices.Equal(got, want) {
				s.Errorf("on %s %s: got %v, want %v", day, state, got, want)
			}
		}
	}
	d, err := s.docs.Get(s.ctx, docs[0].ID)
	s.must(err)
	if d.Version != 1 {
		s.Errorf("deriving keys raised the version to %d", d.Version)
	}
	if faults, err := store.Check(s.ctx, s.Store, []*store.Kind{Docs.Kind}); err != nil || len(faults) > 0 {
		s.Errorf("check: %v, %v", faults, err)
	}
	s.SetDay("2026-01-01")
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_x", Colour: "RED", Size: "S", From: "2025-12-01"}))
	faults, err := store.Check(s.ctx, s.Store, []*store.Kind{Docs.Kind})
	s.must(err)
	if len(faults) != 1 || !strings.Contains(faults[0], "doc_x") {
		s.Errorf("a document with keys of another day: %v", faults)
	}
	if s.Exclusive() {
		return // the lock file keeps a second process out
	}
	other := p.Open(s.T, "db")
	_, err = store.Begin(s.ctx, other, []*store.Kind{Docs.Kind}, "2025-05-05", false)
	if e, ok := errors.AsType[*store.DayError](err); !ok || e.Other != Day {
		s.Errorf("a second process with another day: %v", err)
	}
}

func (p Peer) corrupt(s stage) {
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_1", Colour: "RED", Size: "S"}, &Doc{ID: "doc_2", Colour: "PURPLE", Size: "S"}, &Doc{ID: "doc_3", Colour: "RED", Size: "S"}))
	if _, err := s.docs.Get(s.ctx, "doc_2"); !errors.Is(err, store.ErrCorrupt) {
		s.Errorf("a value outside its enum was given: %v", err)
	}
	p.Corrupt(s.T, "db", "docs", "doc_3")
	if _, err := s.docs.Get(s.ctx, "doc_3"); !errors.Is(err, store.ErrCorrupt) {
		s.Errorf("a document that cannot be decoded was given: %v", err)
	}
	faults, err := store.Check(s.ctx, s.Store, []*store.Kind{Docs.Kind})
	s.must(err)
	if len(faults) != 2 || !strings.Contains(faults[0], "doc_2") || !strings.Contains(faults[1], "doc_3") {
		s.Errorf("check found %q", faults)
	}
}

func texts(s stage) {
	for i, title := range []string{"", "ASCII", "Côte d’Ivoire", "中国电信", "الاتحاد", "Ё\u0301", "a\x00b\x1fc\x7f", strings.Repeat("长", 2000), "😀 \\ \" ' $ . %"} {
		d := &Doc{ID: fmt.Sprintf("doc_%d", i), Colour: "GREEN", Size: "M", Title: title, Tags: []string{title, "x" + title}, Code: title}
		s.must(s.docs.Insert(s.ctx, d))
		got, err := s.docs.Get(s.ctx, d.ID)
		s.must(err)
		if got.Title != title || !slices.Equal(got.Tags, d.Tags) {
			s.Errorf("%q came back as %q", title, got.Title)
		}
	}
	if got := s.walk(store.Query{Any: []store.Where{{"colour": {"GREEN"}}}, Sort: "title"}, 2, false); len(got) != 9 {
		s.Errorf("paged through %d of 9", len(got))
	}
}

func closed(s stage) {
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	if _, err := s.docs.Get(ctx, "doc_1"); !errors.Is(err, context.Canceled) {
		s.Errorf("a cancelled call: %v", err)
	}
	s.must(s.Close())
	if err := s.docs.Insert(s.ctx, &Doc{ID: "doc_1", Colour: "RED", Size: "S"}); !errors.Is(err, store.ErrUnavailable) {
		s.Errorf("insert into a closed store: %v", err)
	}
	if _, err := s.docs.Get(s.ctx, "doc_1"); !errors.Is(err, store.ErrUnavailable) {
		s.Errorf("get from a closed store: %v", err)
	}
}
