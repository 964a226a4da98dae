package graph_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"memberportal/graph"
	"memberportal/internal/testkit"
)

// TestEveryListHasACost fails for a list of objects that is neither in a connection nor has a size by the schema
// or a rule, for a connection without a page size, and for a directive that has no effect.
func TestEveryListHasACost(t *testing.T) {
	if faults := graph.CostFaults(schema(t)); len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
	}
}

// TestCostFaultsAreFound breaks each rule of TestEveryListHasACost.
func TestCostFaultsAreFound(t *testing.T) {
	const directives = `
		directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
		directive @listSize(assumedSize: Int, slicingArguments: [String!]) on FIELD_DEFINITION
		type A { id: ID } type Query { all(first: Int): AConnection } type AConnection { nodes: [A] } `
	for added, want := range map[string]string{
		`extend type Query { list: [A] @listSize(assumedSize: 2) }`:                  "",
		`extend type Query { list(ids: [ID!]!): [A] }`:                               "",
		`extend type Query { list: [A] }`:                                            "has no size",
		`extend type Query { list(ids: [ID!]): [A] }`:                                "has no size",
		`extend type Query { list(ids: [ID!]!, names: [ID!]!): [A] }`:                "has no size",
		`extend type Query { list(n: Int): [A] @listSize(slicingArguments: ["n"]) }`: "no positive number",
		`extend type Query { list: [A] @listSize(assumedSize: 0) }`:                  "no positive number",
		`extend type Query { one: A @listSize(assumedSize: 2) }`:                     "no list of objects",
		`extend type Query { list: [ID] @listSize(assumedSize: 2) }`:                 "no list of objects",
		`extend type AConnection { edges: [A] @listSize(assumedSize: 2) }`:           "in a connection",
		`extend type Query { more: AConnection }`:                                    "connection without first",
		`extend type Query { one: A @cost(weight: "1.5") }`:                          "no whole number",
		`type B @cost(weight: "-1") { id: ID }`:                                      "no whole number",
		`extend type Query { one(a: ID @cost(weight: "1")): A }`:                     "arguments are not weighed",
		`interface B { a: ID @cost(weight: "1") }`:                                   "of no object",
		`enum B @cost(weight: "1") { C }`:                                            "is no object",
		`input B { a: ID @cost(weight: "1") }`:                                       "of no object",
	} {
		s := gqlparser.MustLoadSchema(&ast.Source{Input: directives + added})
		if faults := strings.Join(graph.CostFaults(s), "\n"); (want == "") != (faults == "") || !strings.Contains(faults, want) {
			t.Errorf("%s: %q, want %q", added, faults, want)
		}
	}
}

// TestWhatIsAskedAboutTheSchemaIsPaidFor: its limit is one of its own, and the rate limit is told of it.
func TestWhatIsAskedAboutTheSchemaIsPaidFor(t *testing.T) {
	paid := 0
	h := graph.NewHandler(testkit.Portal(t, testkit.Engines()[0].Shared(t)), graph.Options{
		Introspection: true, Log: slog.New(slog.DiscardHandler), Charge: func(_ context.Context, cost int) { paid = cost },
	})
	for document, want := range map[string]int{
		"{ viewer { id } }":               1,
		"{ __schema { types { name } } }": 151,
	} {
		if answer := serve(t, h, asked(document)); answer.code() != "" || paid != want {
			t.Errorf("%s: paid %d, want %d (%s)", document, paid, want, answer.code())
		}
	}
}

func TestCost(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	for document, want := range map[string]int{
		"{ __typename }":                     0,
		"{ viewer { id } }":                  1,
		"{ viewer { id } viewer { roles } }": 1,
		"{ members { nodes { id } } }":       21,
		"{ members(first: 3) { nodes { id } pageInfo { endCursor } } }":                    5,
		"{ members(last: 3) { edges { node { id } } } }":                                   7,
		"{ members(first: 3) { totalCount } }":                                             801,
		"query Q($n: Int = 4) { members(first: $n) { nodes { contacts { email } } } }":     25,
		"{ members(first: 3) { nodes { ...M } } } fragment M on Member { country { id } }": 7,
		`{ nodes(ids: ["mem_ACTIVE", "cty_UG"]) { id } }`:                                  2,
		"{ viewer @skip(if: true) { id } }":                                                0,
		"{ __schema { types { name } } }":                                                  0,
	} {
		r := asked(document)
		r.Header.Set("X-Request-Cost", "1")
		answer := serve(t, h, r)
		if got := string(answer.Extensions["cost"]); got != fmt.Sprintf(`{"requested":%d,"limit":5000}`, want) {
			t.Errorf("%s: %s, want %d: %s", document, got, want, answer.body)
		}
	}
	if answer := serve(t, h, asked("{ viewer { id } }")); answer.Extensions != nil {
		t.Errorf("nobody asked for %s", answer.body)
	}
}

// TestCostIsLimited asks for as much as each caller may, and for one more.
func TestCostIsLimited(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, func(l *graph.Limits) { l.Cost, l.Introspection = 21, 151; l.RoleCost["SECRETARIAT"] = 31 })
	page := func(first int) string { return fmt.Sprintf("{ members(first: %d) { nodes { id } } }", first) }
	for name, c := range map[string]struct {
		document string
		who      string
		allowed  bool
	}{
		"a visitor":                {page(20), "", true},
		"a visitor, one more":      {page(21), "", false},
		"a role":                   {page(30), "SECRETARIAT", true},
		"a role, one more":         {page(31), "SECRETARIAT", false},
		"a role without its scope": {page(21), "FOCAL_POINT", false},
		"introspection":            {"{ __schema { types { name } } }", "", true},
		"introspection, one more":  {"{ __schema { types { name } queryType { name } } }", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := asked(c.document)
			if c.who != "" {
				r = as(r, c.who)
			}
			answer := serve(t, h, r)
			if c.allowed && len(answer.Errors) > 0 || !c.allowed && (answer.code() != "BAD_USER_INPUT" || answer.Data != nil || answer.status != http.StatusOK) {
				t.Errorf("HTTP %d %s", answer.status, answer.body)
			}
		})
	}
}
