package kit

import (
	"context"

	"memberportal/internal/store"
)

// Records reads all documents of a noun as they are stored, without checking rights. It is for counting only,
// never for an answer that shows a document.
type Records[T any] struct {
	Noun string
	Docs store.Collection[T]
	// All is the query that finds every document.
	All store.Query
}

// Name is the noun's name, as in change records.
func (r Records[T]) Name() string { return r.Noun }

// Each calls take for all documents, one batch at a time.
func (r Records[T]) Each(ctx context.Context, batch int, take func([]*T) error) error {
	return EachPage(ctx, r.Docs, r.All, batch, take)
}

// Many reads documents by id, nil for those that do not exist.
func (r Records[T]) Many(ctx context.Context, ids []string) ([]*T, error) {
	return r.Docs.Many(ctx, ids)
}
