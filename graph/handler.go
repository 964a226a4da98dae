package graph

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"memberportal/graph/generated"
	"memberportal/internal/portal"
)

// Options say how the GraphQL face is served.
type Options struct {
	// Introspection lets clients read the schema, and errors suggest names of it.
	Introspection bool
	// Log receives one line for each operation, and every fault with its cause.
	Log *slog.Logger
	// Observer counts answers and panics; nil counts nothing.
	Observer Observer
	// Charge is told what each operation costs before it is executed; nil charges nobody.
	Charge func(ctx context.Context, cost int)
	// Limits bound each request; nil means DefaultLimits.
	Limits *Limits
}

// NewHandler serves GraphQL over HTTP. Who asks is put into the request's context before it.
func NewHandler(p *portal.Portal, o Options) http.Handler {
	limits := DefaultLimits()
	if o.Limits != nil {
		limits = *o.Limits
	}
	schema := newSchema(p)
	exec := executor.New(schema)
	exec.SetQueryCache(handedOver{})
	exec.SetErrorPresenter(presenter(o.Log))
	exec.SetRecoverFunc(recoverObserved(o.Observer, recoverer(o.Log)))
	exec.Use(handedOver{})
	exec.Use(lengths{schema.Schema()})
	exec.Use(costing{limits, schemaPrices(), o.Charge})
	exec.AroundResponses(observed(o.Observer))
	exec.AroundOperations(operationLog(o.Log))
	if o.Introspection {
		exec.Use(extension.Introspection{})
	}
	return &endpoint{
		exec: exec, limits: limits, persisted: newPersisted(limits.Persisted),
		documents: newDocuments(schema.Schema(), limits, o.Introspection),
	}
}

func newSchema(p *portal.Portal) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{
		Resolvers:  &Resolver{p},
		Directives: generated.DirectiveRoot{HasRole: hasRole},
	})
}
