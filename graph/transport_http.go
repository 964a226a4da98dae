package graph

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"memberportal/internal/kit"
)

// endpoint serves GraphQL over HTTP as https://graphql.github.io/graphql-over-http has it: POST and GET,
// one operation a request, answered as JSON. gqlgen's own transports answer other status codes, name
// data that is not there, and repeat what they could not read.
type endpoint struct {
	exec      *executor.Executor
	limits    Limits
	persisted *persisted
	documents *documents
}

// fault is why a request is refused before there is a document.
type fault struct {
	status  int
	refusal *kit.Refusal
}

func badRequest(r *kit.Refusal) *fault { return &fault{http.StatusBadRequest, r} }

// ServeHTTP answers one request. Its time begins before the body is read.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(graphql.StartOperationTrace(r.Context()), e.limits.Time)
	defer cancel()
	a := &answer{w: w, media: negotiate(r.Header.Values("Accept")), errors: e.limits.Errors}
	defer func() {
		if cause := recover(); cause != nil {
			a.refuse(http.StatusInternalServerError, presented(e.exec.PresentRecoveredError(ctx, cause)))
		}
	}()
	params, f := e.read(w, r)
	if f == nil && a.media == "" {
		f = &fault{http.StatusNotAcceptable, &kit.Refusal{Code: kit.BadUserInput, Key: "request.accept"}}
	}
	if f != nil {
		a.refuse(f.status, shown(ctx, f.refusal))
		return
	}
	e.answer(ctx, a, params, r.Method == http.MethodGet)
}

// presented is an error as the executor's presenter made it.
func presented(err error) *gqlerror.Error {
	if shown, ok := err.(*gqlerror.Error); ok {
		return shown
	}
	return &gqlerror.Error{Message: http.StatusText(http.StatusInternalServerError)}
}

// read reads a request's parameters. A method that is not served is answered with those that are.
func (e *endpoint) read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *fault) {
	switch r.Method {
	case http.MethodPost:
		return e.readPOST(w, r)
	case http.MethodGet:
		return readGET(r)
	}
	w.Header().Set("Allow", "GET, POST")
	return nil, &fault{http.StatusMethodNotAllowed, &kit.Refusal{Code: kit.BadUserInput, Key: "request.method"}}
}

// answer executes a request and answers it. A document, variables or persisted document that is
// refused is HTTP 200 for clients that know only application/json, as if it had been executed.
func (e *endpoint) answer(ctx context.Context, a *answer, params *graphql.RawParams, get bool) {
	remember, refused := e.persisted.find(ctx, params)
	if refused != nil {
		a.refuse(a.requestError(), refused)
		return
	}
	asked, errs := e.documents.prepare(ctx, params)
	if errs != nil {
		a.refuse(a.requestError(), e.exec.DispatchError(ctx, errs).Errors...)
		return
	}
	ctx, params.Variables = asked.within(ctx), nil
	op, errs := e.exec.CreateOperationContext(ctx, params)
	if cost, ok := op.Stats.GetExtension(costKey).(Cost); ok && params.Headers.Get(askCost) != "" {
		a.extend(costKey, cost)
	}
	if len(errs) > 0 {
		a.refuse(a.requestError(), e.exec.DispatchError(graphql.WithOperationContext(ctx, op), errs).Errors...)
		return
	}
	remember()
	if get && op.Operation.Operation != ast.Query {
		a.w.Header().Set("Allow", http.MethodPost)
		a.refuse(http.StatusMethodNotAllowed, shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "request.get"}))
		return
	}
	execution := bound(ctx, op, e.limits.Answer)
	ctx, omitted := kit.CountOmitted(kit.Remembering(ctx))
	run, ctx := e.exec.DispatchOperation(ctx, op)
	response := run(ctx)
	if n := omitted.Count(); n > 0 && tellsOmitted(kit.ActorOf(ctx)) {
		a.extend(omittedKey, n)
	}
	if response == nil { // time was over before anything was executed
		a.refuse(http.StatusGatewayTimeout, shown(ctx, &kit.Refusal{Code: kit.Unavailable, Key: "unavailable"}))
		return
	}
	response = execution.end(ctx, response)
	writeWithin(a.w, e.limits.Time)
	a.send(http.StatusOK, response.Errors, response.Data)
}

// omittedKey is the extension that says how many damaged records an answer leaves out, on any page or in
// any count that it read. Only the secretariat and operators are told: to anybody else a record that cannot
// be read is as one that may not be seen.
const omittedKey = "omitted"

func tellsOmitted(a kit.Actor) bool {
	return a.Has(kit.RoleSecretariat) || a.Has(kit.RoleOperator)
}

// askCost is the header with which a request asks for extensions.cost.
const askCost = "X-Request-Cost"
