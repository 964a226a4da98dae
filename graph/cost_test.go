package graph_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"memberportal/graph"
	"memberportal/internal/testkit"
)

// TestEveryListHasACost fails for a list of objects that is neither in a connection nor has a size,
// for a connection without a page size, and for a size of what is no list.
func TestEveryListHasACost(t *testing.T) {
	if faults := graph.CostFaults(); len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
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
