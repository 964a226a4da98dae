package graph_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// halves are ways to write in JSON what is no Unicode: bytes that are no UTF-8 (a byte of Latin-1, one that
// goes on with nothing, an overlong form, a surrogate in UTF-8, a code point beyond the last, half a
// character) and surrogates without their other half.
var halves = map[string]string{
	"Latin-1": "\xe9", "a byte that continues nothing": "\x80", "an overlong form": "\xc0\xaf", "CESU-8": "\xed\xa0\xbd\xed\xb8\x80",
	"beyond U+10FFFF": "\xf4\x90\x80\x80", "half a character": "\xe2\x82", "a high surrogate": `\ud800`, "a low surrogate": `\udc00`,
	"surrogates the wrong way round": `\ude00\ud83d`, "two high surrogates": `\ud83d\ud83d`, "a high surrogate in capitals": `\uD83D`,
	"a high surrogate before a letter": `\ud83da`, "a high surrogate before an escape": `\ud83d\n`,
}

// TestWhatIsNoUnicodeIsRefused puts each into every part of a request that can carry text. Nothing is executed
// and nothing stored.
func TestWhatIsNoUnicodeIsRefused(t *testing.T) {
	s := testkit.Engines()[0].Fresh(t)
	h := face(t, s, true, nil)
	const change = `"query":"mutation($x: String) { updateMemberProfile(input: {id: \"mem_ACTIVE\", expectedVersion: 1, displayName: $x}) { userErrors { code } } }"`
	const query, name = `"query":"query Q { __typename }"`, "SECRETARIAT"
	for what, half := range halves {
		for where, text := range map[string]string{
			"a variable":                   `{` + change + `,"variables":{"x":"a` + half + `"}}`,
			"a variable that is not used":  `{` + query + `,"variables":{"x":"` + half + `b"}}`,
			"the name of a variable":       `{` + query + `,"variables":{"` + half + `":1}}`,
			"a name within a variable":     `{` + query + `,"variables":{"x":{"a` + half + `":1}}}`,
			"a list within a variable":     `{` + query + `,"variables":{"x":[["` + half + `"]]}}`,
			"operationName":                `{` + query + `,"operationName":"Q` + half + `"}`,
			"extensions":                   `{` + query + `,"extensions":{"x":"` + half + `"}}`,
			"the name of an extension":     `{` + query + `,"extensions":{"` + half + `":{}}}`,
			"a member of another name":     `{` + query + `,"other":"` + half + `"}`,
			"the name of a member":         `{` + query + `,"` + half + `":1}`,
			"the document, in a string":    `{"query":"{ search(query: \"` + half + `\") { __typename } }"}`,
			"the document, in a block":     `{"query":"{ search(query: \"\"\"` + half + `\"\"\") { __typename } }"}`,
			"the document, in a comment":   `{"query":"{ __typename } # ` + half + `"}`,
			"the document, in no token":    `{"query":"` + half + `{ __typename }"}`,
			"a hash of persisted document": `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + half + `"}}}`,
		} {
			answer := serve(t, h, as(posted(text), name))
			if answer.status != http.StatusBadRequest || answer.code() != "BAD_USER_INPUT" || answer.Data != nil || !strings.Contains(answer.body, "Unicode") {
				t.Errorf("%s in %s: HTTP %d %.200s", what, where, answer.status, answer.body)
			}
		}
	}
	if answer := serve(t, h, as(asked(`{ member(id: "mem_ACTIVE") { version } }`), name)); !strings.Contains(answer.body, `"version":1`) {
		t.Errorf("something was stored: %s", answer.body)
	}
}

// TestWhatIsNoUnicodeIsRefusedInAnAddress sends the same bytes percent-encoded.
func TestWhatIsNoUnicodeIsRefusedInAnAddress(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	for what, half := range halves {
		raw := url.QueryEscape(half)
		inJSON := url.QueryEscape(`{"x":"`) + raw + url.QueryEscape(`"}`)
		targets := map[string]string{
			"variables":  "query=%7B__typename%7D&variables=" + inJSON,
			"extensions": "query=%7B__typename%7D&extensions=" + inJSON,
		}
		if half[0] != '\\' {
			targets["query"] = "query=%7B__typename%7D%23" + raw
			targets["operationName"] = "query=%7B__typename%7D&operationName=" + raw
			targets["another parameter"] = "query=%7B__typename%7D&other=" + raw
			targets["the name of a parameter"] = "query=%7B__typename%7D&" + raw + "=1"
		}
		for where, target := range targets {
			r := httptest.NewRequest(http.MethodGet, "/graphql?"+target, nil)
			r.Header.Set("Apollo-Require-Preflight", "1")
			if answer := serve(t, h, r); answer.status != http.StatusBadRequest || answer.Data != nil || !strings.Contains(answer.body, "Unicode") {
				t.Errorf("%s in %s: HTTP %d %.200s", what, where, answer.status, answer.body)
			}
		}
	}
}

// TestSurrogatesInDocuments tells escapes that are half a character from those that are a whole one, and from
// what only looks like an escape.
func TestSurrogatesInDocuments(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	for text, whole := range map[string]bool{
		`"\uD83D\uDE00 organisation"`: true, `"\u{1F600} organisation"`: true, `"organisation \uFFFD"`: true, `"""organisation \uD800"""`: true,
		`"organisation \\uD800"`: true, `"organisation" # \uD800`: true, `"""a \""" "\uD800 organisation"""`: true, "\"\"\"organisation \\uD800\n\"\"\" # \"\\uD800": true,
		`"\uD800"`: false, `"\uDC00"`: false, `"\uDE00\uD83D"`: false, `"a\uD83D b"`: false, `"\uD83D\u{DE00}"`: false, `"\u{D83D}\u{DE00}"`: false,
		`"\u{D800}"`: false, `"\u{110000}"`: false, `"\\\uD800"`: false, `"""a""" # "
			other: "\uD800"`: false,
	} {
		for _, variable := range []bool{false, true} {
			query := "{ search(query: " + text + "\n) { __typename } }"
			if variable {
				query = "query($x: String! = " + text + "\n) { search(query: $x) { __typename } }"
			}
			answer := serve(t, h, posted(requestBody(query, "")))
			if refused := answer.code() == "GRAPHQL_PARSE_FAILED" && answer.Data == nil; refused == whole {
				t.Errorf("%s: %.200s", query, answer.body)
			}
		}
	}
	answer := serve(t, h, posted(requestBody("{\n  search(query: \"a\\uD800\") { __typename } }", "")))
	if !strings.Contains(answer.body, `"locations":[{"line":2,"column":19}]`) {
		t.Error(answer.body)
	}
}

func TestMembersOfOneNameAreRefused(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	for _, text := range []string{
		`{"query":"{ __typename }","query":"{ viewer { id } }"}`, `{"query":"{ __typename }","variables":{"a":1,"a":2}}`,
		`{"query":"{ __typename }","variables":{"a":{"b":1,"b":1}}}`, `{"query":"{ __typename }","variables":{"a":1,"\u0061":2}}`,
	} {
		if answer := serve(t, h, posted(text)); answer.status != http.StatusBadRequest || !strings.Contains(answer.body, "two members") {
			t.Errorf("%s: HTTP %d %s", text, answer.status, answer.body)
		}
	}
}

// TestTextComesBackAsItWasSent stores what is valid but rare, over HTTP.
func TestTextComesBackAsItWasSent(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	const text = "Société \U0001F600 漢字 عربي"
	answer := s.Ask(t, s.Header(t, "SECRETARIAT", ""), `mutation($x: [TranslationInput!]) { updateMemberProfile(input: {id: "mem_ACTIVE", expectedVersion: 1, description: $x}) {
		member { description { text(locale: FR) } } userErrors { message } } }`, `{"x":[{"locale":"FR","text":"`+text+`"}]}`)
	if !strings.Contains(answer, text) {
		t.Error(answer)
	}
}
