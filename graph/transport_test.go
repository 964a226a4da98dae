package graph_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"memberportal/internal/testkit"
)

const (
	graphqlJSON = "application/graphql-response+json; charset=utf-8"
	plainJSON   = "application/json; charset=utf-8"
	typename    = `{"query":"{ __typename }"}`
)

func TestRequests(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	get := "/graphql?query=" + url.QueryEscape("{ __typename }")
	mutation := url.QueryEscape(`mutation { updateMemberProfile(input: {id: "mem_ACTIVE", expectedVersion: 1}) { userErrors { code } } }`)
	const json, grj = "application/json", "application/graphql-response+json"
	for name, c := range map[string]struct {
		method, target, body string
		header               map[string]string
		status               int
		allow                string
	}{
		"POST":                              {"POST", "/graphql", typename, map[string]string{"Content-Type": json}, 200, ""},
		"POST in UTF-8":                     {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=UTF-8"}, 200, ""},
		"POST in utf8":                      {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=utf8"}, 200, ""},
		"POST in UTF8, quoted":              {"POST", "/graphql", typename, map[string]string{"Content-Type": `Application/JSON;Charset="UTF8"`}, 200, ""},
		"POST in UTF-8, quoted with spaces": {"POST", "/graphql", typename, map[string]string{"Content-Type": `application/json; charset=" utf-8 "`}, 200, ""},
		"POST in unicode-1-1-utf-8":         {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=unicode-1-1-utf-8"}, 200, ""},
		"POST in unicode11utf8":             {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=unicode11utf8"}, 200, ""},
		"POST in unicode20utf8":             {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=unicode20utf8"}, 200, ""},
		"POST in x-unicode20utf8":           {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=x-unicode20utf8"}, 200, ""},
		"POST with a semicolon behind":      {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json;"}, 200, ""},
		"POST in UTF-16":                    {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=utf-16"}, 415, ""},
		"POST in UTF-7":                     {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=utf-7"}, 415, ""},
		"POST in CESU-8":                    {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=cesu-8"}, 415, ""},
		"POST in utf_8":                     {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=utf_8"}, 415, ""},
		"POST in ASCII":                     {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=us-ascii"}, 415, ""},
		"POST in Latin-1":                   {"POST", "/graphql", typename, map[string]string{"Content-Type": "application/json; charset=iso-8859-1"}, 415, ""},
		"POST without a type":               {"POST", "/graphql", typename, nil, 415, ""},
		"POST of a form":                    {"POST", "/graphql", "query={__typename}", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415, ""},
		"POST of several parts":             {"POST", "/graphql", typename, map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, 415, ""},
		"POST of plain text":                {"POST", "/graphql", typename, map[string]string{"Content-Type": "text/plain"}, 415, ""},
		"POST, compressed":                  {"POST", "/graphql", typename, map[string]string{"Content-Type": json, "Content-Encoding": "gzip"}, 415, ""},
		"POST of a batch":                   {"POST", "/graphql", " [" + typename + "]", map[string]string{"Content-Type": json}, 400, ""},
		"POST of no JSON":                   {"POST", "/graphql", `{"query": sesame`, map[string]string{"Content-Type": json}, 400, ""},
		"POST of nothing":                   {"POST", "/graphql", "", map[string]string{"Content-Type": json}, 400, ""},
		"POST of null":                      {"POST", "/graphql", "null", map[string]string{"Content-Type": json}, 400, ""},
		"POST of two objects":               {"POST", "/graphql", typename + typename, map[string]string{"Content-Type": json}, 400, ""},
		"POST without query":                {"POST", "/graphql", `{"variables":{}}`, map[string]string{"Content-Type": json}, 400, ""},
		"POST with a query of a number":     {"POST", "/graphql", `{"query":1}`, map[string]string{"Content-Type": json}, 400, ""},
		"POST with variables of a list":     {"POST", "/graphql", `{"query":"{ __typename }","variables":[]}`, map[string]string{"Content-Type": json}, 400, ""},
		"POST of an invalid document":       {"POST", "/graphql", `{"query":"{ nothing }"}`, map[string]string{"Content-Type": json}, 200, ""},
		"the same, for a newer client":      {"POST", "/graphql", `{"query":"{ nothing }"}`, map[string]string{"Content-Type": json, "Accept": grj}, 400, ""},
		"POST of no document":               {"POST", "/graphql", `{"query":"{"}`, map[string]string{"Content-Type": json, "Accept": grj}, 400, ""},
		"POST with a variable missing":      {"POST", "/graphql", `{"query":"query Q($id: ID!) { member(id: $id) { id } }"}`, map[string]string{"Content-Type": json, "Accept": grj}, 400, ""},
		"POST, answered as text only":       {"POST", "/graphql", typename, map[string]string{"Content-Type": json, "Accept": "text/html"}, 406, ""},
		"POST, answered as a stream only":   {"POST", "/graphql", typename, map[string]string{"Content-Type": json, "Accept": "text/event-stream"}, 406, ""},
		"GET":                               {"GET", get, "", nil, 200, ""},
		"GET of a malformed address":        {"GET", "/graphql?query=%zz", "", nil, 400, ""},
		"GET with variables that are none":  {"GET", get + "&variables=1", "", nil, 400, ""},
		"GET without query":                 {"GET", "/graphql", "", nil, 400, ""},
		"a mutation by GET":                 {"GET", "/graphql?query=" + mutation, "", nil, 405, "POST"},
		"HEAD":                              {"HEAD", get, "", nil, 405, "GET, POST"},
		"PUT":                               {"PUT", "/graphql", typename, map[string]string{"Content-Type": json}, 405, "GET, POST"},
		"DELETE":                            {"DELETE", "/graphql", "", nil, 405, "GET, POST"},
		"a WebSocket":                       {"GET", "/graphql", "", map[string]string{"Connection": "Upgrade", "Upgrade": "websocket"}, 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			answer := serve(t, h, r)
			if answer.status != c.status || answer.header.Get("Allow") != c.allow {
				t.Errorf("HTTP %d, Allow %q: %s", answer.status, answer.header.Get("Allow"), answer.body)
			}
			if failed := len(answer.Errors) > 0; failed == (answer.Data != nil) || failed && answer.code() == "" || strings.Contains(answer.body, "sesame") {
				t.Error(answer.body)
			}
			for k, v := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
				if answer.header.Get(k) != v {
					t.Errorf("%s: %q", k, answer.header.Get(k))
				}
			}
		})
	}
}

func TestAccept(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	for accept, want := range map[string]string{
		"":                                  plainJSON,
		"*/*":                               plainJSON,
		"application/*":                     plainJSON,
		"application/json":                  plainJSON,
		"application/graphql-response+json": graphqlJSON,
		"application/json, application/graphql-response+json":                          graphqlJSON,
		"application/graphql-response+json;q=0.5, application/json":                    plainJSON,
		"application/graphql-response+json;q=0.5, application/json;q=0.4":              graphqlJSON,
		"application/graphql-response+json;q=0, */*":                                   plainJSON,
		"application/graphql-response+json, application/json;q=0.9, text/event-stream": graphqlJSON,
		"text/html, application/xhtml+xml, */*;q=0.8":                                  plainJSON,
		"application/json;q=0, */*":                                                    graphqlJSON, // RFC 9110 §12.5.1
		"*/*, application/json;q=0.0":                                                  graphqlJSON,
		"application/json;q=0, application/*":                                          graphqlJSON,
		"application/*;q=0.5, application/json;q=0, */*;q=0":                           graphqlJSON,
		"Application/JSON; charset=utf-8":                                              plainJSON,
		"nonsense/, application/json":                                                  plainJSON,
	} {
		r := posted(typename)
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		if answer := serve(t, h, r); answer.status != http.StatusOK || answer.header.Get("Content-Type") != want {
			t.Errorf("%q: HTTP %d %s", accept, answer.status, answer.header.Get("Content-Type"))
		}
	}
	for _, accept := range []string{"text/html", "application/json;q=0", "*/*;q=0", "application/*;q=0, */*", "application/json;q=0, text/*", "application/graphql-response+json;q=0, application/json;q=0, */*"} {
		r := posted(typename)
		r.Header.Set("Accept", accept)
		if answer := serve(t, h, r); answer.status != http.StatusNotAcceptable {
			t.Errorf("%q: HTTP %d", accept, answer.status)
		}
	}
}

// unread fails a test that reads it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestBody(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	body := func(n int) string { return typename + strings.Repeat(" ", n-len(typename)) }
	for n, want := range map[int]int{1 << 20: http.StatusOK, 1<<20 + 1: http.StatusRequestEntityTooLarge} {
		if answer := serve(t, h, posted(body(n))); answer.status != want {
			t.Errorf("%d bytes: HTTP %d", n, answer.status)
		}
		r := posted(body(n))
		r.ContentLength = -1 // as chunks
		if answer := serve(t, h, r); answer.status != want {
			t.Errorf("%d bytes in chunks: HTTP %d", n, answer.status)
		}
	}
	r := posted("")
	r.Body, r.ContentLength = io.NopCloser(unread{t}), 1<<20+1
	if answer := serve(t, h, r); answer.status != http.StatusRequestEntityTooLarge {
		t.Errorf("HTTP %d", answer.status)
	}
}

// TestAnExecutedNullStays tells an answer whose data is null from one that was not executed.
func TestAnExecutedNullStays(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	if answer := serve(t, h, asked(`{ viewer { id } }`)); string(answer.Data) != `{"viewer":null}` {
		t.Error(answer.body)
	}
	if answer := serve(t, h, asked(`{ nothing }`)); strings.Contains(answer.body, `"data"`) {
		t.Error(answer.body)
	}
}
