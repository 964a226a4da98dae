package kit

import "context"

type quietKey struct{}

// Quietly returns a context in which nobody is told anything: neither by mail nor by a notification. The seed uses it,
// because what it makes up happened to nobody, and what is recorded happened long ago.
func Quietly(ctx context.Context) context.Context { return context.WithValue(ctx, quietKey{}, true) }

// Quiet says whether nobody is told what happens in a context; see Quietly.
func Quiet(ctx context.Context) bool { return ctx.Value(quietKey{}) != nil }

type hearerKey struct{}

// Overhear returns a context in which hear gets every message before it is queued, with the context of its change. What is
// stored of a message are its texts in one language; tests hold the values of letters and the other languages by it.
func Overhear(ctx context.Context, hear func(context.Context, Posting)) context.Context {
	return context.WithValue(ctx, hearerKey{}, hear)
}
