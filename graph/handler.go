package graph

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"memberportal/graph/generated"
	"memberportal/internal/portal"
)

// Options say how the GraphQL face is served.
type Options struct {
	// Introspection lets clients read the schema.
	Introspection bool
	// Log receives one line for each operation, and every fault with its cause.
	Log *slog.Logger
	// Observer counts answers and panics; nil counts nothing.
	Observer Observer
}

const (
	maxBody     = 1 << 20          // bytes of a request
	maxTokens   = 1000             // lexical tokens of a document
	maxExecTime = 10 * time.Second // of one request
	cachedDocs  = 1000
)

// NewHandler serves GraphQL over HTTP POST. Who asks is put into the request's context before it.
func NewHandler(p *portal.Portal, o Options) http.Handler {
	server := handler.New(newSchema(p))
	server.AddTransport(transport.POST{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](cachedDocs))
	server.SetParserTokenLimit(maxTokens)
	server.SetErrorPresenter(presenter(o.Log))
	server.SetRecoverFunc(recoverObserved(o.Observer, recoverer(o.Log)))
	server.AroundResponses(observed(o.Observer))
	server.AroundOperations(operationLog(o.Log))
	if o.Introspection {
		server.Use(extension.Introspection{})
	}
	return bounded(server)
}

func newSchema(p *portal.Portal) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{
		Resolvers:  &Resolver{p},
		Directives: generated.DirectiveRoot{HasRole: hasRole},
	})
}
