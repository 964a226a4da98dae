package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"memberportal/internal/kit"
)

// presenter writes errors for the caller: a code, a path and a message in its language. What is not
// the caller's doing is logged with the request's id and shown as that id only.
func presenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := graphql.DefaultErrorPresenter(ctx, err)
		if shown.Extensions["code"] != nil {
			return shown // the document or its variables are not valid; nothing was executed
		}
		if input, ok := errors.AsType[*kit.InputError](err); ok {
			shown.Message, shown.Extensions = input.Text, map[string]any{"code": kit.BadUserInput}
			return shown
		}
		refusal := classify(ctx, err)
		out := &gqlerror.Error{
			Message: refusal.Message(kit.LocaleOf(ctx)), Path: shown.Path, Locations: shown.Locations,
			Extensions: map[string]any{"code": refusal.Code},
		}
		if refusal.Code == kit.Internal || refusal.Code == kit.Unavailable {
			id := kit.RequestOf(ctx)
			out.Extensions["requestId"] = id
			log.ErrorContext(ctx, "request failed", "request", id, "path", shown.Path.String(), "code", refusal.Code, "error", err)
		}
		return out
	}
}

// shown is a refusal of a request that was not executed, in the caller's language.
func shown(ctx context.Context, r *kit.Refusal) *gqlerror.Error {
	return &gqlerror.Error{Message: r.Message(kit.LocaleOf(ctx)), Extensions: map[string]any{"code": r.Code}}
}

// classify is portal.Classify, but for gqlgen's own refusal to show the schema.
func classify(ctx context.Context, err error) *kit.Refusal {
	if f := graphql.GetFieldContext(ctx); f != nil && f.Field.Field != nil && strings.HasPrefix(f.Field.Name, "__") {
		return &kit.Refusal{Code: kit.Forbidden, Key: "forbidden"}
	}
	return kit.Classify(err)
}

// recoverer masks a panic and logs where it happened.
func recoverer(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, cause any) error {
		log.ErrorContext(ctx, "panic", "request", kit.RequestOf(ctx), "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
		return fmt.Errorf("panic: %v", cause)
	}
}

// operationLog writes a line for each operation: what and how long, never variables, tokens or names
// of persons.
func operationLog(log *slog.Logger) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		started, answer := time.Now(), next(ctx)
		return func(ctx context.Context) *graphql.Response {
			response := answer(ctx)
			if response != nil {
				op := graphql.GetOperationContext(ctx)
				log.InfoContext(ctx, "operation", "request", kit.RequestOf(ctx), "name", op.OperationName,
					"kind", op.Operation.Operation, "errors", len(response.Errors), "duration", time.Since(started))
			}
			return response
		}
	}
}
