package portal

import (
	"context"

	"memberportal/internal/store"
)

// records are all documents of a noun as they are stored, whoever asks, for what is counted from them and
// never for an answer that shows them. A noun gives one to whatever counts it.
type records[T any] struct {
	noun string
	docs store.Collection[T]
	// all finds every document.
	all store.Query
}

// name is that of the noun, as change records have it.
func (r records[T]) name() string { return r.noun }

// each hands all documents to take, some at a time.
func (r records[T]) each(ctx context.Context, batch int, take func([]*T) error) error {
	return eachPage(ctx, r.docs, r.all, batch, take)
}

// many reads documents by id, nil for those that are not there.
func (r records[T]) many(ctx context.Context, ids []string) ([]*T, error) {
	return r.docs.Many(ctx, ids)
}
