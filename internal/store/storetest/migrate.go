package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"memberportal/internal/store"
)

// ran notes which migrations ran, in order.
type ran struct {
	mu  sync.Mutex
	log []int
}

func (r *ran) steps(numbers ...int) []store.Migration {
	var all []store.Migration
	for _, n := range numbers {
		all = append(all, store.Migration{Number: n, Name: fmt.Sprint("step ", n), Run: func(context.Context, store.Store) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.log = append(r.log, n)
			return nil
		}})
	}
	return all
}

func (r *ran) is(t *testing.T, want ...int) {
	t.Helper()
	if !slices.Equal(r.log, want) {
		t.Errorf("ran %v, want %v", r.log, want)
	}
}

// migrations is given a store that a process has begun, and so is not new.
func (p Peer) migrations(s stage) {
	var r ran
	s.must(store.Migrate(s.ctx, s.Store, nil))
	s.must(store.Migrate(s.ctx, s.Store, r.steps(1, 2)))
	r.is(s.T, 1, 2)
	s.must(store.Migrate(s.ctx, s.Store, r.steps(1, 2, 3)))
	r.is(s.T, 1, 2, 3)

	failing := append(r.steps(1, 2, 3), store.Migration{Number: 4, Name: "fails", Run: func(context.Context, store.Store) error { return errHalfWay }})
	if err := store.Migrate(s.ctx, s.Store, append(failing, r.steps(5)...)); !errors.Is(err, errHalfWay) {
		s.Errorf("a migration that fails: %v", err)
	}
	r.is(s.T, 1, 2, 3)
	s.must(store.Migrate(s.ctx, s.Store, r.steps(1, 2, 3, 4, 5)))
	r.is(s.T, 1, 2, 3, 4, 5)

	err := store.Migrate(s.ctx, s.Store, r.steps(1, 2, 3, 4))
	if e, ok := errors.AsType[*store.NewerError](err); !ok || e.Store != 5 || e.Program != 4 {
		s.Errorf("a store newer than the program: %v", err)
	}

	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := store.Migrate(s.ctx, s.Store, r.steps(1, 2, 3, 4, 5, 6, 7)); err != nil {
				s.Errorf("one of four at once: %v", err)
			}
		})
	}
	wg.Wait()
	r.is(s.T, 1, 2, 3, 4, 5, 6, 7)
}

// fresh opens a store that nobody has begun: it needs no migration, and is recorded as having had
// all.
func (p Peer) fresh(s stage) {
	var r ran
	other := p.Open(s.T, "fresh")
	s.must(store.Migrate(s.ctx, other, r.steps(1, 2)))
	s.must(store.Migrate(s.ctx, other, r.steps(1, 2)))
	r.is(s.T)
	s.must(store.Migrate(s.ctx, other, r.steps(1, 2, 3)))
	r.is(s.T, 3)
}

// rewrite is a migration as nouns write them: documents of an old shape become documents of the new
// one, through the port, with their versions kept in order.
func (p Peer) rewrite(s stage) {
	s.must(s.docs.Insert(s.ctx, sample(30)...))
	upper := store.Migration{Number: 1, Name: "titles get a mark", Run: func(ctx context.Context, st store.Store) error {
		return store.EachID(ctx, st, Docs.Kind, func(id string) error {
			_, err := Docs.In(st).Update(ctx, id, func(d *Doc) error {
				if d.N == 0 {
					d.Title, d.N = d.Title+"!", 1
				}
				return nil
			})
			return err
		})
	}}
	s.must(store.Migrate(s.ctx, s.Store, []store.Migration{upper}))
	got := s.walk(store.Query{Sort: "title"}, 7, false)
	if len(got) != 30 {
		s.Errorf("%d documents after the migration", len(got))
	}
	d, err := s.docs.Get(s.ctx, got[0])
	s.must(err)
	if d.Title != "title 0!" || d.Version != 2 {
		s.Errorf("after the migration: %+v", d)
	}
}
