package graph

import (
	"cmp"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The media types of answers. For graphqlJSON the status says whether the request was executed; for
// plainJSON it is 200 even for a document that was refused, because older clients look no further
// when it is another.
const (
	graphqlJSON = "application/graphql-response+json"
	plainJSON   = "application/json"
)

// negotiate chooses the media type that Accept likes best, empty if it takes neither. Without a
// preference it is graphqlJSON for who names it, and plainJSON for who takes anything.
func negotiate(accept []string) string {
	if len(accept) == 0 || strings.TrimSpace(strings.Join(accept, "")) == "" {
		return plainJSON
	}
	liking := map[string]float64{}
	for _, item := range strings.Split(strings.Join(accept, ","), ",") {
		mediaType, options, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		q, err := strconv.ParseFloat(cmp.Or(options["q"], "1"), 64)
		if err != nil || q < 0 || q > 1 {
			q = 0
		}
		liking[mediaType] = q
	}
	anything, ok := liking["application/*"]
	if !ok {
		anything = liking["*/*"]
	}
	named, isNamed := liking[graphqlJSON]
	if !isNamed {
		named = anything
	}
	plain, ok := liking[plainJSON]
	if !ok {
		plain = anything
	}
	switch {
	case isNamed && named > 0 && named >= plain:
		return graphqlJSON
	case plain > 0:
		return plainJSON
	case named > 0: // it takes anything but plainJSON
		return graphqlJSON
	}
	return ""
}

// answer writes one answer.
type answer struct {
	w          http.ResponseWriter
	media      string
	errors     int
	extensions map[string]any
}

func (a *answer) extend(name string, value any) {
	if a.extensions == nil {
		a.extensions = map[string]any{}
	}
	a.extensions[name] = value
}

// requestError is the status for a request that was understood and not executed.
func (a *answer) requestError() int {
	if a.media == graphqlJSON {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// refuse answers with errors only: nothing was executed, so there is no data, not even null.
func (a *answer) refuse(status int, errs ...*gqlerror.Error) { a.send(status, errs, nil) }

// send writes what an execution gave. Of too many errors the first in the document are shown, and the
// number of the others.
func (a *answer) send(status int, errs gqlerror.List, data json.RawMessage) {
	if more := len(errs) - a.errors; more > 0 {
		slices.SortStableFunc(errs, func(x, y *gqlerror.Error) int {
			return slices.CompareFunc(x.Locations, y.Locations, func(x, y gqlerror.Location) int {
				return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
			})
		})
		errs = errs[:a.errors]
		a.extend("errorsOmitted", more)
	}
	body, err := json.Marshal(struct {
		Errors     gqlerror.List   `json:"errors,omitempty"`
		Data       json.RawMessage `json:"data,omitempty"`
		Extensions map[string]any  `json:"extensions,omitempty"`
	}{errs, data, a.extensions})
	if err != nil {
		panic(err) // resolvers wrote something that is no JSON; the caller recovers
	}
	h := a.w.Header()
	h.Set("Content-Type", cmp.Or(a.media, plainJSON)+"; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	a.w.WriteHeader(status)
	_, _ = a.w.Write(body)
}
