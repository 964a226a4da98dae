package kit

import (
	"context"

	"memberportal/internal/store"
)

// Records reads all documents of a noun as they are stored, without checking rights. It is for counting only,
// never for an answer that shows a document.
type Records[T any] struct {
	noun string
	docs store.Collection[T]
	all  store.Query
}

// NewRecords returns the records of a noun. all is the query that finds every document.
func NewRecords[T any](d store.Declared[T], docs store.Collection[T], all store.Query) Records[T] {
	return Records[T]{d.Kind.Name, docs, all}
}

// Name is the noun's name, as in change records.
func (r Records[T]) Name() string { return r.noun }

// Each calls take for all documents, one batch at a time.
func (r Records[T]) Each(ctx context.Context, batch int, take func([]*T) error) error {
	return EachPage(ctx, r.docs, r.all, batch, take)
}

// Many reads documents by id, nil for those that do not exist.
func (r Records[T]) Many(ctx context.Context, ids []string) ([]*T, error) {
	return r.docs.Many(ctx, ids)
}

// All is the query that finds every document.
func (r Records[T]) All() store.Query { return r.all }
