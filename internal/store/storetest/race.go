package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"memberportal/internal/store"
)

func updaters(s stage) {
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_1", Colour: "RED", Size: "S"}))
	var wg sync.WaitGroup
	var acknowledged atomic.Int64
	for w := range 16 {
		wg.Go(func() {
			for i := range 4 {
				_, err := s.docs.Update(s.ctx, "doc_1", func(d *Doc) error {
					d.N++
					d.Log = append(d.Log, fmt.Sprintf("%d/%d", w, i))
					return nil
				})
				switch {
				case err == nil:
					acknowledged.Add(1)
				case !errors.Is(err, store.ErrUnavailable):
					s.Errorf("update: %v", err)
				}
			}
		})
	}
	wg.Wait()
	d, err := s.docs.Get(s.ctx, "doc_1")
	s.must(err)
	slices.Sort(d.Log)
	if n := acknowledged.Load(); d.N != n || len(slices.Compact(d.Log)) != int(n) || d.Version != n+1 || n == 0 {
		s.Errorf("%d acknowledged; stored n=%d, %d entries, version %d", n, d.N, len(d.Log), d.Version)
	}
}

func replacers(s stage) {
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_1", Colour: "RED", Size: "S"}))
	var wg sync.WaitGroup
	var won, lost atomic.Int64
	for range 16 {
		wg.Go(func() {
			d, err := s.docs.Get(s.ctx, "doc_1")
			if err != nil {
				s.Errorf("get: %v", err)
				return
			}
			d.N++
			switch err := s.docs.Replace(s.ctx, d); {
			case err == nil:
				won.Add(1)
			case errors.Is(err, store.ErrConflict):
				lost.Add(1)
			default:
				s.Errorf("replace: %v", err)
			}
		})
	}
	wg.Wait()
	d, err := s.docs.Get(s.ctx, "doc_1")
	s.must(err)
	if d.N != won.Load() || won.Load() == 0 || won.Load()+lost.Load() != 16 {
		s.Errorf("stored n=%d; %d won, %d lost", d.N, won.Load(), lost.Load())
	}
}

func race(s stage) {
	var wg sync.WaitGroup
	var won atomic.Int64
	for i := range 16 {
		wg.Go(func() {
			err := s.docs.Insert(s.ctx, &Doc{ID: fmt.Sprint("doc_", i), Colour: "RED", Size: "S", Code: "one"})
			if e, ok := errors.AsType[*store.DuplicateError](err); ok && e.Key == "code" {
				return
			}
			if err != nil {
				s.Errorf("insert: %v", err)
				return
			}
			won.Add(1)
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		s.Errorf("%d winners", won.Load())
	}
}
