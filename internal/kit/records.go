package kit

import (
	"context"

	"memberportal/internal/store"
)

// Records are all documents of a noun as they are stored, whoever asks, for what is counted from them and
// never for an answer that shows them. A noun gives one to whatever counts it.
type Records[T any] struct {
	Noun string
	Docs store.Collection[T]
	// all finds every document.
	All store.Query
}

// Name is that of the noun, as change records have it.
func (r Records[T]) Name() string { return r.Noun }

// Each hands all documents to take, some at a time.
func (r Records[T]) Each(ctx context.Context, batch int, take func([]*T) error) error {
	return EachPage(ctx, r.Docs, r.All, batch, take)
}

// Many reads documents by id, nil for those that are not there.
func (r Records[T]) Many(ctx context.Context, ids []string) ([]*T, error) {
	return r.Docs.Many(ctx, ids)
}
