package kit

import (
	"context"
	"sync"
)

// Together keeps the items that were read in one call, so that related records are read for all of them at once.
// A list of any length then costs one more call for each relation. It does not depend on timing: the number of
// calls is the same at every run.
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

// Neighbour returns the record that is related to one item under a name. The first call loads the records of all
// items; load must return them in the order of the items. If t is nil, the item is loaded alone.
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
