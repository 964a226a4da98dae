package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"memberportal/internal/kit"
)

// readGET reads the parameters from the address. Which pages may ask so is decided before it (web.Front).
func readGET(r *http.Request) (*graphql.RawParams, *fault) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "request.address"})
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
	encoding := r.Header.Get("Content-Encoding")
	if err != nil || mediaType != "application/json" || !isUTF8(options["charset"]) || encoding != "" && encoding != "identity" {
		return nil, &fault{http.StatusUnsupportedMediaType, &kit.Refusal{Code: kit.BadUserInput, Key: "request.contentType"}}
	}
	tooLarge := &fault{http.StatusRequestEntityTooLarge, &kit.Refusal{
		Code: kit.BadUserInput, Key: "request.body", Params: map[string]string{"max": strconv.FormatInt(e.limits.Body, 10)},
	}}
	if r.ContentLength > e.limits.Body {
		w.Header().Set("Connection", "close")
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, e.limits.Body))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge
	}
	notJSON := badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "request.json"})
	if err != nil {
		return nil, notJSON
	}
	if body = bytes.TrimLeft(body, " \t\r\n"); len(body) > 0 && body[0] == '[' {
		return nil, badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "request.batch"})
	}
	if tooManyValues(body, e.limits.Values) {
		return nil, badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "limit.values", Params: map[string]string{"max": strconv.Itoa(e.limits.Values)}})
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

// tooManyValues says whether a JSON text has more than so many values, before they are decoded: commas and
// opening brackets outside of strings are counted.
func tooManyValues(text []byte, most int) bool {
	n, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			inString = !inString
		case inString:
			if c == '\\' {
				i++
			}
		case c == ',' || c == '[' || c == '{':
			if n++; n > most {
				return true
			}
		}
	}
	return false
}

// isUTF8 says whether a charset is UTF-8, by any label of the Encoding Standard
// (https://encoding.spec.whatwg.org/#names-and-labels); without one it is.
func isUTF8(charset string) bool {
	switch strings.ToLower(strings.Trim(charset, "\t\n\f\r ")) {
	case "", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "utf-8", "utf8", "x-unicode20utf8":
		return true
	}
	return false
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
			return nil, badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "request.parameter", Params: map[string]string{"name": name}})
		}
	}
	if p.Query == "" && p.Extensions[persistedKey] == nil {
		return nil, badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "request.query"})
	}
	p.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return p, nil
}
