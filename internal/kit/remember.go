package kit

import (
	"context"
	"sync"
)

type rememberKey struct{}

// remembered is what was read once for a request.
type remembered struct {
	mu     sync.Mutex
	values map[any]any
}

// Remembering returns the context of a request in which Remember reads each thing once.
func Remembering(ctx context.Context) context.Context {
	return context.WithValue(ctx, rememberKey{}, &remembered{values: map[any]any{}})
}

// Remember returns what the request has read under a key, and reads it if it has not. Without Remembering it reads each
// time. An error is not kept.
func Remember[V any](ctx context.Context, key any, read func(context.Context) (V, error)) (V, error) {
	r, ok := ctx.Value(rememberKey{}).(*remembered)
	if !ok {
		return read(ctx)
	}
	r.mu.Lock() // also while it reads, so that the number of store calls does not depend on timing
	defer r.mu.Unlock()
	if v, ok := r.values[key]; ok {
		return v.(V), nil
	}
	v, err := read(ctx)
	if err == nil {
		r.values[key] = v
	}
	return v, err
}

// Forget makes Remember read again what the request has just changed.
func Forget(ctx context.Context, key any) {
	if r, ok := ctx.Value(rememberKey{}).(*remembered); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.values, key)
	}
}
