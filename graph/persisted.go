package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"memberportal/internal/kit"
)

// persisted are documents that clients may name by their SHA-256 instead of sending them, as Apollo's
// automatic persisted queries have it. The least recently used ones are forgotten.
type persisted struct{ documents *lru.LRU[string] }

// persistedKey is the member of extensions that names a document.
const persistedKey = "persistedQuery"

func newPersisted(size int) *persisted {
	if size < 1 {
		return &persisted{}
	}
	return &persisted{lru.New[string](size)}
}

// find completes a request that names a document. What it returns is called once the document has
// been found valid, so that only such ones are kept.
func (p *persisted) find(ctx context.Context, params *graphql.RawParams) (remember func(), refused *gqlerror.Error) {
	remember = func() {}
	extension, asked := params.Extensions[persistedKey]
	if !asked || extension == nil {
		return remember, nil
	}
	named, _ := extension.(map[string]any)
	hash, ok := named["sha256Hash"].(string)
	if !ok || len(hash) != hex.EncodedLen(sha256.Size) {
		return nil, shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "request.parameter", Params: map[string]string{"name": "extensions.persistedQuery.sha256Hash"}})
	}
	// Clients compare these two messages, so that they are the same in every language.
	if p.documents == nil {
		if params.Query != "" {
			return remember, nil
		}
		return nil, &gqlerror.Error{Message: "PersistedQueryNotSupported", Extensions: map[string]any{"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}
	}
	if params.Query == "" {
		if params.Query, ok = p.documents.Get(ctx, hash); !ok {
			return nil, &gqlerror.Error{Message: "PersistedQueryNotFound", Extensions: map[string]any{"code": "PERSISTED_QUERY_NOT_FOUND"}}
		}
		return remember, nil
	}
	if sum := sha256.Sum256([]byte(params.Query)); hex.EncodeToString(sum[:]) != hash {
		return nil, shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "request.hash"})
	}
	query := params.Query
	return func() { p.documents.Add(ctx, hash, query) }, nil
}
