package graph

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"memberportal/internal/kit"
)

// execution bounds what one operation computes: it ends when its time is over, when nobody waits for the
// answer any more, and when the answer is larger than it may be.
type execution struct {
	ctx  context.Context
	most int64
	// bytes is how large the answer is at least, by what was resolved of it.
	bytes atomic.Int64
	next  graphql.FieldMiddleware
}

// bound makes an operation's fields those of an execution. ctx ends with the request's time.
func bound(ctx context.Context, op *graphql.OperationContext, most int64) *execution {
	e := &execution{ctx: ctx, most: most, next: op.ResolverMiddleware}
	op.ResolverMiddleware = e.resolve
	return e
}

// tooLarge says whether the answer is larger than it may be.
func (e *execution) tooLarge() bool { return e.bytes.Load() > e.most }

// resolve resolves one field. Fields of an execution that has ended are null and say nothing: that there
// are errors is said once, for all of them.
func (e *execution) resolve(ctx context.Context, next graphql.Resolver) (any, error) {
	if e.ctx.Err() != nil || e.tooLarge() {
		return graphql.Null, nil
	}
	f := graphql.GetFieldContext(ctx)
	if len(f.Args) > 0 {
		ctx = withoutRepeats(ctx, f)
	}
	value, err := e.next(ctx, next)
	e.bytes.Add(int64(len(f.Field.Alias)) + size(reflect.ValueOf(value)))
	return value, err
}

// withoutRepeats takes repeated entries out of the arguments of a query, but for @length(repeats: true),
// and tells the service of a mutation which entries of its input are repeated.
func withoutRepeats(ctx context.Context, f *graphql.FieldContext) context.Context {
	if f.Object == "Mutation" {
		return kit.WithRepeats(ctx, kit.Repeats("input", f.Args["input"]))
	}
	for name, value := range f.Args {
		argument := f.Field.Definition.Arguments.ForName(name)
		if length := argument.Directives.ForName(lengthDirective); length == nil || length.Arguments.ForName(lengthRepeats) == nil {
			f.Args[name] = kit.WithoutRepeats(value)
		}
	}
	return ctx
}

// least is what any scalar or object takes in an answer: its quotes or braces, colon and comma.
const least = 4

// size is how many bytes a value takes in an answer at least. Objects and their lists are counted by
// their fields.
func size(v reflect.Value) int64 {
	switch v.Kind() {
	case reflect.String:
		return least + int64(v.Len())
	case reflect.Pointer, reflect.Interface:
		if v.Type().Elem().Kind() == reflect.String && !v.IsNil() {
			return least + int64(v.Elem().Len())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			n := int64(least)
			for i := range v.Len() {
				n += size(v.Index(i))
			}
			return n
		}
	}
	return least
}

// end is what the answer becomes if the execution ended before it was whole: what was done within the
// time stays, an answer that is too large goes. The operation itself has had its effects.
func (e *execution) end(ctx context.Context, response *graphql.Response) *graphql.Response {
	switch {
	case e.tooLarge() || int64(len(response.Data)) > e.most:
		params := map[string]string{"max": strconv.FormatInt(e.most, 10)}
		return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "limit.answer", Params: params})}}
	case e.ctx.Err() != nil && len(response.Errors) == 0:
		response.Errors = gqlerror.List{shown(ctx, &kit.Refusal{Code: kit.Unavailable, Key: "unavailable"})}
	}
	return response
}

// writeWithin lets an answer be written for so long; a connection that cannot be told is bounded by its
// server.
func writeWithin(w http.ResponseWriter, d time.Duration) {
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return // the connection is gone: writing will say so
	}
}
