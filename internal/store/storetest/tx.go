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
	if faults, err := store.Check(s.ctx, s.Store, []*store.Kind{Docs.Kind}, store.Unwatched); err != nil || !faults.None() {
		s.Errorf("check: %v, %v", faults, err)
	}
	s.SetDay("2026-01-01")
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_x", Colour: "RED", Size: "S", From: "2025-12-01"}))
	faults, err := store.Check(s.ctx, s.Store, []*store.Kind{Docs.Kind}, store.Unwatched)
	s.must(err)
	if len(faults.Faults) != 1 || !strings.Contains(faults.Faults[0], "doc_x") {
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
	kinds := []*store.Kind{Docs.Kind}
	bad := &Doc{ID: "doc_2", Colour: "PURPLE", Size: "S", Tags: []string{"a"}}
	if err := s.docs.Insert(s.ctx, &Doc{ID: "doc_9", Colour: "RED", Size: "S"}, bad); !errors.Is(err, store.ErrUnreadable) {
		s.Fatalf("a document that could not be read back was stored: %v", err)
	}
	if _, err := s.docs.Get(s.ctx, "doc_9"); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("its neighbour was stored: %v", err)
	}
	for i := range 7 {
		s.must(s.docs.Insert(s.ctx, &Doc{ID: fmt.Sprintf("doc_%d", i), Colour: "RED", Size: "S", Title: "t", Tags: []string{"a"}, Code: fmt.Sprint(i)}))
	}
	good, err := s.docs.Get(s.ctx, "doc_0")
	s.must(err)
	if good.Colour = "PURPLE"; !errors.Is(s.docs.Replace(s.ctx, good), store.ErrUnreadable) || good.Version != 1 {
		s.Errorf("a document was replaced by one that could not be read back: %v", err)
	}
	s.must(s.Store.Replace(s.ctx, Docs.Kind, &Doc{ID: "doc_2", Version: 1, Colour: "PURPLE", Size: "S", Title: "t", Tags: []string{"a"}, Code: "2"}))
	damaged := []string{"doc_2", "doc_3", "doc_5", "doc_6"}
	for _, id := range damaged {
		if id != "doc_2" {
			p.Corrupt(s.T, "db", "docs", id)
		}
		if _, err := s.docs.Get(s.ctx, id); !errors.Is(err, store.ErrCorrupt) {
			s.Errorf("%s was given: %v", id, err)
		}
	}
	s.leavesOut(damaged)
	f, err := store.Check(s.ctx, s.Store, kinds, store.Unwatched)
	s.must(err)
	if len(f.Damaged) != len(damaged) || len(f.Faults) != 0 {
		s.Errorf("check found %+v", f)
	}
	before := map[string][]byte{}
	for _, d := range f.Damaged {
		before[d.ID], err = s.Raw(s.ctx, Docs.Kind, d.ID)
		s.must(err)
	}
	moved, err := store.Repair(s.ctx, s.Store, kinds)
	s.must(err)
	if f, err = store.Check(s.ctx, s.Store, kinds, store.Unwatched); err != nil || len(f.Damaged) > 0 || len(moved) != len(damaged) || len(s.Damage().Counts()) > 0 {
		s.Errorf("after a repair of %d: %+v, %v", len(moved), f, err)
	}
	if _, err := s.docs.Get(s.ctx, "doc_3"); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("what was repaired is there: %v", err)
	}
	back, stay, err := store.PutBack(s.ctx, s.Store, kinds)
	if err != nil || len(back) > 0 || len(stay) != len(damaged) {
		s.Errorf("put back %d, kept %v, %v", len(back), stay, err)
	}
	held, err := store.InQuarantine(s.ctx, s.Store)
	s.must(err)
	for _, q := range held {
		if !slices.Equal(q.Bytes, before[q.Document]) {
			s.Errorf("%s has other bytes in the quarantine", q.Document)
		}
	}
}

// leavesOut holds every way to read many documents against those that are damaged, of seven that are
// alike.
func (s stage) leavesOut(damaged []string) {
	all := store.Query{Any: []store.Where{{"colour": {"RED"}}}, Sort: "title"}
	plan, err := s.docs.Plan(all)
	s.must(err)
	ctx, omitted := store.CountOmitted(s.ctx)
	var want []string
	for i := range 7 {
		if id := fmt.Sprintf("doc_%d", i); !slices.Contains(damaged, id) {
			want = append(want, id)
		}
	}
	for limit := 1; limit <= 8; limit++ {
		for _, backward := range []bool{false, true} {
			got := s.walk(all, limit, backward)
			if backward {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				s.Errorf("pages of %d, backward %v: %v, want %v", limit, backward, got, want)
			}
		}
		page, err := s.docs.Page(ctx, plan, store.Range{Limit: limit})
		if err != nil || len(page.Docs) != min(limit, len(want)) || page.More != (limit < len(want)) {
			s.Errorf("a page of %d: %d documents, more %v, %v", limit, len(page.Docs), page.More, err)
		}
		if _, err := s.docs.Page(store.Deciding(s.ctx), plan, store.Range{Limit: 7}); !errors.Is(err, store.ErrCorrupt) {
			s.Errorf("a page for a decision: %v", err)
		}
	}
	if omitted.Count() != len(damaged)-1 { // the keys of one say that it is of no listed colour
		s.Errorf("%d were said to be left out", omitted.Count())
	}
	many, err := s.docs.Many(s.ctx, []string{damaged[1], want[0]})
	if err != nil || many[0] != nil || many[1] == nil {
		s.Errorf("by id: %v, %v", many, err)
	}
	n, err := s.docs.Count(s.ctx, plan, store.Bounds{})
	if err != nil || int(n) != len(want) {
		s.Errorf("counted %d, %v", n, err)
	}
	by, err := s.docs.CountBy(s.ctx, "colour", "")
	if err != nil || int(by["RED"]) != len(want) {
		s.Errorf("counted %v, %v", by, err)
	}
	if _, err := s.docs.Count(store.Deciding(s.ctx), plan, store.Bounds{}); !errors.Is(err, store.ErrCorrupt) {
		s.Errorf("a count for a decision: %v", err)
	}
	if got := s.Damage().IDs("docs"); !slices.Equal(got, damaged) {
		s.Errorf("known to be damaged: %v", got)
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
