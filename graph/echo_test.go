package graph_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"memberportal/graph"
	"memberportal/internal/testkit"
)

// smallAnswer is how many bytes an answer may have that holds nothing but errors.
const smallAnswer = 4096

// patient are limits that let much through, so that the errors behind them are met.
func patient(l *graph.Limits) { l.Text, l.Body = 1<<20, 4<<20 }

// TestErrorsQuoteLittle sends 100,000 letters wherever an error may quote what was sent: in the parts of a
// request and the names and values of a document.
func TestErrorsQuoteLittle(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, patient)
	for what, long := range map[string]string{
		"letters": strings.Repeat("a", 100_000), "words": strings.Repeat("ab ", 33_333), "quotes": strings.Repeat(`a" \n`, 20_000),
		"Arabic": strings.Repeat("ع", 100_000), "signs": strings.Repeat("<&>", 33_333),
	} {
		quoted := asJSON(long)
		queries := map[string]string{
			"a string as an Int": "{ members(first: " + quoted + ") { __typename } }", "a string as an enum": "{ members(orderBy: {field: " + quoted + "}) { __typename } }",
			"a string as an object": "{ members(filter: " + quoted + ") { __typename } }", "a string as a Boolean": "{ viewer @skip(if: " + quoted + ") { id } }",
			"a list of strings": "{ members(first: [" + quoted + ", " + quoted + "]) { __typename } }", "a date": "{ member(id: \"a\", asOf: " + quoted + ") { __typename } }",
			"a string in no place": "{ viewer " + quoted + " }", "a block string": "{ viewer \"\"\"" + strings.ReplaceAll(long, `"`, "'") + "\"\"\" }",
			"an id": "{ member(id: " + quoted + ") { __typename } }", "ids": "{ members(filter: {countries: [" + quoted + "]}) { __typename } }",
			"a cursor": "{ members(after: " + quoted + ") { __typename } }", "a type": "{ __type(name: " + quoted + ") { name } }", "no token": "{ viewer { id } } " + long,
			"a search": "{ search(query: " + quoted + ") { __typename } }", "a comment": "{ #" + long,
		}
		if what == "letters" {
			for name, query := range map[string]string{
				"a field": "{ " + long + " }", "a field of a field": "{ viewer { " + long + " } }", "an alias": "{ " + long + ": members(first: 101) { __typename } }", "an alias of an unknown field": "{ " + long + ": nothing }",
				"an alias below": "{ viewer { " + long + ": id { id } } }", "an argument": "{ members(" + long + ": 1) { __typename } }", "an enum value": "{ members(orderBy: {field: " + long + "}) { __typename } }",
				"an enum value as a string": "{ search(query: " + long + ") { __typename } }", "a field of an input": "{ members(filter: {" + long + ": 1}) { __typename } }", "a directive": "{ viewer @" + long + " { id } }",
				"an argument of a directive": "{ viewer @skip(" + long + ": true) { id } }", "a fragment": "{ ..." + long + " }", "a fragment that is not used": "{ viewer { id } } fragment " + long + " on Query { viewer { id } }",
				"a fragment twice": "{ ..." + long + " } fragment " + long + " on Query { viewer { id } } fragment " + long + " on Query { viewer { id } }", "a fragment in itself": "{ ..." + long + " } fragment " + long + " on Query { ..." + long + " }",
				"a type condition": "{ ... on " + long + " { id } }", "an operation twice": "query " + long + " { viewer { id } } query " + long + " { viewer { id } }", "an operation": "query " + long + " { members(first: 101) { __typename } }", "a variable that is not defined": "{ members(first: $" + long + ") { __typename } }",
				"a variable that is not used": "query($" + long + ": Int) { viewer { id } }", "a variable twice": "query($" + long + ": Int, $" + long + ": Int) { members(first: $" + long + ") { __typename } }",
				"a variable without a value": "query($" + long + ": Int!) { members(first: $" + long + ") { __typename } }", "a variable of another type": "query($" + long + ": String!) { members(first: $" + long + ") { __typename } }",
				"the type of a variable": "query($x: " + long + ") { members(first: $x) { __typename } }", "a keyword": long + " { id }", "a number": "{ members(first: " + strings.Repeat("9", 100_000) + ") { __typename } }", "a fraction": "{ members(first: 1." + strings.Repeat("9", 100_000) + ") { __typename } }",
				"a number as an id": "{ member(id: " + strings.Repeat("9", 100_000) + ") { __typename } }", "fields that conflict": "{ viewer { " + long + ": id " + long + ": roles } }", "arguments that conflict": "{ a: members(first: 1) { __typename } a: members(after: " + quoted + ") { __typename } }",
				"variables of a fragment": "{ ..." + long + " } fragment " + long + "($x: Int) on Query { viewer { id } }", "a field of a scalar": "{ viewer { id { " + long + " } } }", "many fields": "{" + strings.Repeat(" "+long[:900], 100) + "}",
			} {
				queries[name] = query
			}
		}
		for name, query := range queries {
			if answer := serve(t, h, posted(requestBody(query, ""))); len(answer.body) > smallAnswer {
				t.Errorf("%s, %s: %d bytes: %.300s", name, what, len(answer.body), answer.body)
			}
		}
		for name, text := range map[string]string{
			"operationName": `{"query":"query A { viewer { id } } query B { viewer { id } }","operationName":` + quoted + `}`, "the name of a member": `{"query":"{ viewer { nothing } }",` + quoted + `:1}`,
			"a hash": `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":` + quoted + `}}}`, "no JSON": `{"query": ` + long + `}`, "the type of a parameter": `{"query":"{ viewer { id } }","variables":` + quoted + `}`,
			"the name of a variable": `{"query":"query($x: Int!) { members(first: $x) { __typename } }","variables":{` + quoted + `:1}}`,
		} {
			answer := serve(t, h, posted(text))
			if len(answer.body) > smallAnswer || len(answer.Errors) == 0 {
				t.Errorf("%s, %s: %d bytes: %.300s", name, what, len(answer.body), answer.body)
			}
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/graphql?query=%7B__typename%7D&operationName="+strings.Repeat("a", 100_000), nil)
	r.Header.Set("Apollo-Require-Preflight", "1")
	if answer := serve(t, h, r); len(answer.body) > smallAnswer || len(answer.Errors) == 0 {
		t.Errorf("GET: %d bytes: %.300s", len(answer.body), answer.body)
	}
}

// TestFaultsQuoteLittle sends 100,000 letters as the value of every place of every argument of the root fields,
// and as the name of a field of every input: those that are texts are refused by services, the others before.
func TestFaultsQuoteLittle(t *testing.T) {
	s, long, tried := schema(t), strings.Repeat("a", 100_000), 0
	h := face(t, testkit.Engines()[0].Fresh(t), true, patient)
	for _, root := range []*gql.Definition{s.Query, s.Mutation} {
		for _, f := range root.Fields {
			selects := leaf(s, f)
			if s.Types[f.Type.Name()].Fields.ForName("userErrors") != nil {
				selects = " { userErrors { code field message } }"
			}
			for _, a := range f.Arguments {
				for _, p := range places(s, a.Type, a.Name, nil) {
					var value any = long
					if p.of.Kind == gql.InputObject {
						value = append(required(s, p.of, ""), object{{long, 1}}...)
					}
					query := fmt.Sprintf("%s($x: %s) { %s%s }", strings.ToLower(root.Name), a.Type, f.Name+argumentsOf(s, f, map[string]string{a.Name: "$x"}), selects)
					for _, who := range []string{"SECRETARIAT", "FOCAL_POINT mem_ACTIVE usr_FOCAL", "APPLICANT app_DRAFT"} {
						if who != "SECRETARIAT" && (root == s.Query || !slices.Contains([]string{"String", "ID"}, p.of.Name)) {
							continue
						}
						tried++
						answer := serve(t, h, as(posted(requestBody(query, `{"x":`+asJSON(p.with(value))+`}`)), who))
						if len(answer.body) > smallAnswer {
							t.Errorf("%s, %s.%s(%s): %d bytes: %.300s", who, root.Name, f.Name, p.path, len(answer.body), answer.body)
						}
						if answer.code() == "INTERNAL" {
							t.Errorf("%s, %s.%s(%s): %.300s", who, root.Name, f.Name, p.path, answer.body)
						}
					}
				}
			}
		}
	}
	t.Logf("%d requests", tried)
}
