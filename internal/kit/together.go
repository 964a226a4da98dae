package kit

import (
	"context"
	"sync"
)

// Together is what was read in one call. A neighbour of one of the items is read for all of them at
// once, so that a list of any length costs one call more. It depends on no timing, so that the number
// of calls is the same at every run.
type Together[T comparable] struct {
	Items  []T
	mu     sync.Mutex
	loaded map[string]*lazy
}

type lazy struct {
	once   sync.Once
	values any
	err    error
}

// Neighbour gives a neighbour of one item. The first caller loads those of all items, under a name;
// load answers in the items' order. Without siblings the item is read alone.
func Neighbour[T comparable, V any](ctx context.Context, t *Together[T], name string, item T, load func(context.Context, []T) ([]V, error)) (v V, err error) {
	if t == nil {
		t = &Together[T]{Items: []T{item}}
	}
	t.mu.Lock()
	if t.loaded == nil {
		t.loaded = map[string]*lazy{}
	}
	l := t.loaded[name]
	if l == nil {
		l = &lazy{}
		t.loaded[name] = l
	}
	t.mu.Unlock()
	l.once.Do(func() {
		values, err := load(ctx, t.Items)
		byItem := make(map[T]V, len(values))
		for i, v := range values {
			byItem[t.Items[i]] = v
		}
		l.values, l.err = byItem, err
	})
	if l.err != nil {
		return v, l.err
	}
	return l.values.(map[T]V)[item], nil
}
