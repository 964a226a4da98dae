package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"memberportal/graph"
	"memberportal/internal/kit"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// face is the GraphQL face alone, over the fixture, with a change of the limits.
func face(t testing.TB, s store.Store, introspection bool, change func(*graph.Limits)) http.Handler {
	t.Helper()
	limits := graph.DefaultLimits()
	if change != nil {
		change(&limits)
	}
	return graph.NewHandler(testkit.Portal(t, s), graph.Options{Introspection: introspection, Log: slog.New(slog.DiscardHandler), Limits: &limits})
}

type reply struct {
	status int
	header http.Header
	body   string
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
	Extensions map[string]json.RawMessage
}

// code is the code of the first error, empty for none.
func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Extensions.Code
}

func serve(t testing.TB, h http.Handler, r *http.Request) reply {
	t.Helper()
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	answer := reply{status: recorder.Code, header: recorder.Header(), body: recorder.Body.String()}
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		t.Fatalf("HTTP %d: %v: %s", answer.status, err, answer.body)
	}
	return answer
}

func posted(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func asked(query string) *http.Request {
	body, _ := json.Marshal(map[string]string{"query": query})
	return posted(string(body))
}

// as lets somebody ask.
func as(r *http.Request, who string) *http.Request {
	return r.WithContext(kit.WithActor(r.Context(), testkit.Actor(who)))
}

// times repeats a text with the number of each repetition for %d.
func times(n int, text string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "%d", fmt.Sprint(i)))
	}
	return b.String()
}

// tooMuch are the words of the refusals that come before validation.
var tooMuch = []string{"longer than", "more than", "deeper than"}

// TestLimitsOfDocuments sends as much as each limit allows, and one more. Most of what is allowed is
// no valid document: limits come before validation.
func TestLimitsOfDocuments(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	for name, c := range map[string]struct {
		most     int
		words    string
		document func(n int) string
	}{
		"bytes of text": {16 << 10, "longer than 16384 bytes", func(n int) string { return "{ viewer { id } }" + strings.Repeat(" ", n-17) }},
		"tokens":        {1000, "more than 1000 tokens", func(n int) string { return "{" + times(n-2, " f%d") + "}" }},
		"comments as tokens": {1000, "more than 1000 tokens", func(n int) string {
			return "{ viewer { id } }" + strings.Repeat("#\n", n-6)
		}},
		"unfolded fields": {2000, "more than 2000 fields", func(n int) string {
			in, beside := (n-11)/10, (n-11)%10
			return "{ viewer {" + times(10, " m%d: entities { ...F }") + times(beside, " x%d") + " } } fragment F on Member {" + times(in-1, " f%d") + " }"
		}},
		"repeats": {50, "id stands more than 50 times", func(n int) string { return "{ viewer {" + strings.Repeat(" id", n) + " } }" }},
		"repeats through fragments": {50, "id stands more than 50 times", func(n int) string {
			return "{ viewer { ...A ...B } } fragment A on Viewer {" + strings.Repeat(" id", 25) + " } fragment B on Viewer {" + strings.Repeat(" id", n-25) + " }"
		}},
		"repeats in selections that merge": {50, "id stands more than 50 times", func(n int) string {
			return "{ viewer {" + strings.Repeat(" id", 25) + " } viewer {" + strings.Repeat(" id", n-25) + " } }"
		}},
		"aliases":    {15, "more than 15 aliases", func(n int) string { return "{ viewer {" + times(n, " a%d: id") + " } }" }},
		"directives": {20, "more than 20 directives", func(n int) string { return "{ viewer {" + times(n, " ... @skip(if: false) { id }") + " } }" }},
		"depth":      {12, "deeper than 12 levels", func(n int) string { return strings.Repeat("{ a ", n) + strings.Repeat("}", n) }},
		"depth through fragments": {12, "deeper than 12 levels", func(n int) string {
			return "{ ...A } fragment A on Query { " + strings.Repeat("a { ", n-1) + "a " + strings.Repeat("}", n)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			answer := serve(t, h, asked(c.document(c.most)))
			for _, words := range tooMuch {
				if strings.Contains(answer.body, words) {
					t.Errorf("%d are refused: %.300s", c.most, answer.body)
				}
			}
			answer = serve(t, h, asked(c.document(c.most+1)))
			if answer.code() != "BAD_USER_INPUT" || !strings.Contains(answer.body, c.words) || answer.Data != nil || answer.status != http.StatusOK {
				t.Errorf("%d: HTTP %d %.300s", c.most+1, answer.status, answer.body)
			}
		})
	}
}

func TestFragmentsThatSpreadEachOtherAreRefused(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	for name, document := range map[string]string{
		"a cycle":                "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
		"a cycle that nests":     "{ ...A } fragment A on Query { viewer { ...A } }",
		"a cycle in the schema":  "{ __schema { types { ...A } } } fragment A on __Type { ofType { ...A } }",
		"one that doubles often": doubling(),
	} {
		t.Run(name, func(t *testing.T) {
			if answer := serve(t, h, asked(document)); len(answer.Errors) == 0 || answer.Data != nil {
				t.Errorf("%.300s", answer.body)
			}
		})
	}
}

// doubling are fragments of which each spreads the next one twice.
func doubling() string {
	return "{ __schema { queryType { ...F0 } } }" + times(40, " fragment F%d on __Type { ofType { ...G%d } interfaces { ...G%d } } fragment G%d on __Type { name }")
}

func TestIntrospectionHasNoDepth(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	document := "{ __type(name: \"Member\") { " + strings.Repeat("ofType { ", 20) + "name " + strings.Repeat("} ", 22)
	if answer := serve(t, h, asked(document)); len(answer.Errors) > 0 {
		t.Error(answer.body)
	}
}

func TestRefusalsAreInTheCallersLanguage(t *testing.T) {
	h := graph.WithRequest(face(t, testkit.Engines()[0].Shared(t), true, nil))
	r := asked("{ viewer {" + times(16, " a%d: id") + " } }")
	r.Header.Set("Accept-Language", "fr")
	if answer := serve(t, h, r); !strings.Contains(answer.body, "plus de 15 alias") {
		t.Error(answer.body)
	}
}

// TestErrorsOfAnAnswer asks for as many errors as an answer shows, and for one more.
func TestErrorsOfAnAnswer(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	for _, n := range []int{5, 6} {
		answer := serve(t, h, asked("{"+times(n, "\n e%d: members(first: 101) { totalCount }")+"\n}"))
		if len(answer.Errors) != 5 || string(answer.Extensions["errorsOmitted"]) != map[int]string{6: "1"}[n] {
			t.Errorf("%d errors: %s", n, answer.body)
		}
		answer = serve(t, h, asked("{ viewer {"+times(n, " e%d")+" } }"))
		if len(answer.Errors) != 5 {
			t.Errorf("%d errors of validation: %s", n, answer.body)
		}
	}
}

// TestTime lets time be over before anything is executed.
func TestTime(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, func(l *graph.Limits) { l.Time = 1 })
	if answer := serve(t, h, asked("{ members { totalCount } }")); answer.status != http.StatusGatewayTimeout || answer.code() != "UNAVAILABLE" || answer.Data != nil {
		t.Errorf("HTTP %d %s", answer.status, answer.body)
	}
}

// stuck is a store that does not answer writes of a transaction until its caller gives up.
type stuck struct{ store.Store }

func (stuck) Insert(ctx context.Context, _ *store.Kind, _ []any) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestAWriteThatTakesTooLongIsUnavailableAndLeavesNothing(t *testing.T) {
	s := testkit.Engines()[0].Fresh(t)
	count := "{ members { totalCount } }"
	before := serve(t, face(t, s, true, nil), as(asked(count), "SECRETARIAT"))
	h := face(t, stuck{s}, true, func(l *graph.Limits) { l.Time = 200 * time.Millisecond })
	answer := serve(t, h, as(asked(`mutation { admitMember(input: { name: "Slow", category: SECTOR_MEMBER, country: "cty_UG", effectiveOn: "2025-03-01",
		reason: "Approved by the administration", feeClass: "SECTOR_MEMBER" }) { member { id } userErrors { field message } } }`), "SECRETARIAT"))
	if answer.code() != "UNAVAILABLE" || string(answer.Data) != `{"admitMember":null}` {
		t.Errorf("HTTP %d %s", answer.status, answer.body)
	}
	if after := serve(t, face(t, s, true, nil), as(asked(count), "SECRETARIAT")); after.body != before.body {
		t.Errorf("%s became %s", before.body, after.body)
	}
}

func TestSuggestions(t *testing.T) {
	s := testkit.Engines()[0].Shared(t)
	for _, document := range []string{
		"{ viewr { id } }", "{ viewer }", "{ members(frst: 1) { totalCount } }", "query Q($f: MemberFiltr) { members(filter: $f) { totalCount } }",
		"{ members(filter: { regions: [AFRI] }) { totalCount } }", "{ members(filter: { region: AFR }) { totalCount } }", "{ node(id: 1) { ... on Membr { id } } }",
	} {
		if answer := serve(t, face(t, s, false, nil), asked(document)); len(answer.Errors) == 0 || strings.Contains(answer.body, "Did you mean") {
			t.Errorf("%s: %s", document, answer.body)
		}
	}
	if answer := serve(t, face(t, s, true, nil), asked("{ viewr { id } }")); !strings.Contains(answer.body, "Did you mean") {
		t.Error(answer.body)
	}
}
