package graph_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"memberportal/graph"
	"memberportal/internal/testkit"
)

func hashOf(query string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(query))) }

// named asks for a document by its hash, and sends it along if there is one.
func named(query, hash string) *http.Request {
	body := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if query != "" {
		body["query"] = query
	}
	raw, _ := json.Marshal(body)
	return posted(string(raw))
}

func TestPersistedDocuments(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, func(l *graph.Limits) { l.Persisted = 2 })
	const first, second, third = "{ __typename }", "{ a: __typename }", "{ b: __typename }"
	const notFound = "PERSISTED_QUERY_NOT_FOUND"
	expect := func(what string, r *http.Request, code string) {
		t.Helper()
		if answer := serve(t, h, r); answer.code() != code || answer.status != http.StatusOK || (code == "") != (answer.Data != nil) {
			t.Errorf("%s: HTTP %d %s", what, answer.status, answer.body)
		}
	}
	expect("unknown", named("", hashOf(first)), notFound)
	expect("of another document", named(first, hashOf(second)), "BAD_USER_INPUT")
	expect("of another document, which is not kept", named("", hashOf(second)), notFound)
	expect("sent", named(first, hashOf(first)), "")
	expect("named", named("", hashOf(first)), "")
	address := "/graphql?extensions=" + url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+hashOf(first)+`"}}`)
	get := httptest.NewRequest(http.MethodGet, address, nil)
	get.Header.Set("Apollo-Require-Preflight", "1")
	expect("named by GET", get, "")
	expect("invalid", named("{ nothing }", hashOf("{ nothing }")), "GRAPHQL_VALIDATION_FAILED")
	expect("invalid, which is not kept", named("", hashOf("{ nothing }")), notFound)
	expect("no hash", named(first, "abc"), "BAD_USER_INPUT")
	expect("a second", named(second, hashOf(second)), "")
	expect("a third", named(third, hashOf(third)), "")
	expect("the first, forgotten", named("", hashOf(first)), notFound)
	expect("the second", named("", hashOf(second)), "")
}

func TestPersistedDocumentsCanBeOff(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, func(l *graph.Limits) { l.Persisted = 0 })
	if answer := serve(t, h, named("", hashOf("{ __typename }"))); answer.code() != "PERSISTED_QUERY_NOT_SUPPORTED" {
		t.Error(answer.body)
	}
	if answer := serve(t, h, named("{ __typename }", hashOf("{ __typename }"))); answer.code() != "" {
		t.Error(answer.body)
	}
}
