package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"memberportal/internal/portal"
)

// readGET reads the parameters from the address, if the request carries a header that a web page
// cannot send to another origin without asking first: so no page can spend a visitor's session.
func readGET(r *http.Request) (*graphql.RawParams, *fault) {
	if !preflighted(r.Header) {
		return nil, badRequest(&portal.Refusal{Code: portal.BadUserInput, Key: "request.preflight"})
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest(&portal.Refusal{Code: portal.BadUserInput, Key: "request.address"})
	}
	if f := checkAddress(values); f != nil {
		return nil, f
	}
	members := map[string]json.RawMessage{}
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		text := values.Get(name)
		switch {
		case text == "":
		case name == "query" || name == "operationName":
			members[name], _ = json.Marshal(text)
		default:
			if f := checkJSON([]byte(text)); f != nil {
				return nil, f
			}
			members[name] = json.RawMessage(text)
		}
	}
	return params(members, r.Header)
}

// simple are the content types that a web page may send to any origin.
var simple = []string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

func preflighted(h http.Header) bool {
	if h.Get("Apollo-Require-Preflight") != "" || h.Get("X-Apollo-Operation-Name") != "" {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(one(h, "Content-Type"))
	return err == nil && !slices.Contains(simple, mediaType)
}

// one is a header that stands once, else nothing.
func one(h http.Header, name string) string {
	if values := h.Values(name); len(values) == 1 {
		return values[0]
	}
	return ""
}

// readPOST reads the parameters from a body of JSON, of which no more is read than the limit.
func (e *endpoint) readPOST(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *fault) {
	mediaType, options, err := mime.ParseMediaType(one(r.Header, "Content-Type"))
	charset, encoding := options["charset"], r.Header.Get("Content-Encoding")
	if err != nil || mediaType != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") || encoding != "" && encoding != "identity" {
		return nil, &fault{http.StatusUnsupportedMediaType, &portal.Refusal{Code: portal.BadUserInput, Key: "request.contentType"}}
	}
	tooLarge := &fault{http.StatusRequestEntityTooLarge, &portal.Refusal{
		Code: portal.BadUserInput, Key: "request.body", Params: map[string]string{"max": strconv.FormatInt(e.limits.Body, 10)},
	}}
	if r.ContentLength > e.limits.Body {
		w.Header().Set("Connection", "close")
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, e.limits.Body))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge
	}
	notJSON := badRequest(&portal.Refusal{Code: portal.BadUserInput, Key: "request.json"})
	if err != nil {
		return nil, notJSON
	}
	if body = bytes.TrimLeft(body, " \t\r\n"); len(body) > 0 && body[0] == '[' {
		return nil, badRequest(&portal.Refusal{Code: portal.BadUserInput, Key: "request.batch"})
	}
	if f := checkJSON(body); f != nil {
		return nil, f
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		return nil, notJSON
	}
	return params(members, r.Header)
}

// params are the parameters of a request, each of its own type. Members of other names are passed
// over, as the specification has it.
func params(members map[string]json.RawMessage, h http.Header) (*graphql.RawParams, *fault) {
	start := graphql.Now()
	p := &graphql.RawParams{Headers: h}
	for name, to := range map[string]any{"query": &p.Query, "operationName": &p.OperationName, "variables": &p.Variables, "extensions": &p.Extensions} {
		raw := members[name]
		if len(raw) == 0 {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if err := decoder.Decode(to); err != nil || decoder.More() {
			return nil, badRequest(&portal.Refusal{Code: portal.BadUserInput, Key: "request.parameter", Params: map[string]string{"name": name}})
		}
	}
	if p.Query == "" && p.Extensions[persistedKey] == nil {
		return nil, badRequest(&portal.Refusal{Code: portal.BadUserInput, Key: "request.query"})
	}
	p.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return p, nil
}
