package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"memberportal/internal/kit"
)

// Observer is told what was answered, for figures. Its methods are safe for concurrent use.
type Observer interface {
	// Answered is called for each answer: the operation's kind ("query", "mutation", "subscription"),
	// or "none" for a document that was refused, and the code of its first error, or "OK".
	Answered(kind, code string, took time.Duration)
	// Panicked is called for each panic of a resolver.
	Panicked()
}

// observed tells the observer of every answer, refused documents included.
func observed(o Observer) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		started, response := time.Now(), next(ctx)
		if o == nil || response == nil {
			return response
		}
		kind, code := "none", "OK"
		if graphql.HasOperationContext(ctx) {
			op := graphql.GetOperationContext(ctx)
			if op.Operation != nil {
				kind = string(op.Operation.Operation)
			}
			if !op.Stats.OperationStart.IsZero() && kind != "subscription" {
				started = op.Stats.OperationStart
			}
		}
		if len(response.Errors) > 0 {
			code = codeOf(response.Errors[0].Extensions["code"])
		}
		o.Answered(kind, code, time.Since(started))
		return response
	}
}

func codeOf(v any) string {
	switch v := v.(type) {
	case kit.Code:
		return string(v)
	case string:
		return v
	}
	return "other"
}

// recoverObserved tells the observer of a panic before it is masked.
func recoverObserved(o Observer, next graphql.RecoverFunc) graphql.RecoverFunc {
	return func(ctx context.Context, cause any) error {
		if o != nil {
			o.Panicked()
		}
		return next(ctx, cause)
	}
}
