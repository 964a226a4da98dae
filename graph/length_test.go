package graph_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"memberportal/internal/testkit"
)

// taken is an argument that a field takes.
type taken struct {
	object *gql.Definition
	field  *gql.FieldDefinition
	arg    *gql.ArgumentDefinition
}

// list is a list that clients send: an argument, or a field of an input object that an argument holds at
// some depth.
type list struct {
	name        string
	of          *gql.Type
	description string
	directives  gql.DirectiveList
	from        taken
	// fields lead from the argument to the list; none for the argument itself.
	fields []*gql.FieldDefinition
}

// most is what @length says, 0 for nothing.
func (l list) most() int {
	length := l.directives.ForName("length")
	if length == nil {
		return 0
	}
	n, _ := strconv.Atoi(length.Arguments.ForName("max").Value.Raw)
	return n
}

// lists are all that clients can send, each by one way to it. Whatever input object cannot be reached is
// not among them, and no client can send it.
func lists(t *testing.T) []list {
	s, found, seen := schema(t), []list(nil), map[string]bool{}
	var below func(from taken, t *gql.Type, fields []*gql.FieldDefinition)
	below = func(from taken, typ *gql.Type, fields []*gql.FieldDefinition) {
		object := s.Types[typ.Name()]
		if object.Kind != gql.InputObject || seen[object.Name] {
			return
		}
		seen[object.Name] = true
		for _, f := range object.Fields {
			to := append(slices.Clone(fields), f)
			if f.Type.Elem != nil {
				found = append(found, list{object.Name + "." + f.Name, f.Type, f.Description, f.Directives, from, to})
			}
			below(from, f.Type, to)
		}
	}
	for _, object := range ours(t) {
		for _, f := range object.Fields {
			for _, a := range f.Arguments {
				from := taken{object, f, a}
				if a.Type.Elem != nil {
					found = append(found, list{object.Name + "." + f.Name + "(" + a.Name + ":)", a.Type, a.Description, a.Directives, from, nil})
				}
				below(from, a.Type, nil)
			}
		}
	}
	slices.SortFunc(found, func(a, b list) int { return strings.Compare(a.name, b.name) })
	return found
}

// TestEveryListHasALength fails for a list that clients send without a bound, for one whose description
// does not name it, and for one of an enum that may be longer than the enum.
func TestEveryListHasALength(t *testing.T) {
	s, all, arguments := schema(t), lists(t), 0
	for _, l := range all {
		if len(l.fields) == 0 {
			arguments++
		}
		most := l.most()
		if most < 1 {
			t.Errorf("%s has no @length", l.name)
			continue
		}
		if named := regexp.MustCompile(fmt.Sprintf(`(?i)(\bat most|\bto) %d\b`, most)); !named.MatchString(l.description) {
			t.Errorf("%s: its description does not say «at most %d»: %s", l.name, most, l.description)
		}
		if of := s.Types[l.of.Name()]; of.Kind == gql.Enum && most > len(of.EnumValues) {
			t.Errorf("%s may have %d entries of the %d of %s", l.name, most, len(of.EnumValues), of.Name)
		}
		if l.of.Elem.Elem != nil {
			t.Errorf("%s is a list of lists, which @length does not bound", l.name)
		}
	}
	t.Logf("%d lists: %d arguments and %d fields of inputs", len(all), arguments, len(all)-arguments)
}

// leastScalars are values of scalars that are more than any text.
var leastScalars = map[string]any{
	"Int": 1, "Boolean": true, "ID": "mem_ACTIVE", "Date": "2025-03-01", "DateTime": "2025-03-01T00:00:00.000Z", "Decimal": "1.00",
}

// least is a small value of a type, in the form of JSON.
func least(s *gql.Schema, t *gql.Type) any {
	if t.Elem != nil {
		return []any{}
	}
	switch d := s.Types[t.NamedType]; {
	case d.Kind == gql.Enum:
		return d.EnumValues[0].Name
	case d.Kind == gql.InputObject:
		return leastObject(s, d)
	case leastScalars[t.NamedType] != nil:
		return leastScalars[t.NamedType]
	}
	return "x"
}

func leastObject(s *gql.Schema, d *gql.Definition) map[string]any {
	object := map[string]any{}
	for i, f := range d.Fields {
		if f.Type.NonNull && f.DefaultValue == nil || i == 0 && d.Directives.ForName("oneOf") != nil {
			object[f.Name] = least(s, f.Type)
		}
	}
	return object
}

// holding is a small value for the argument, with a list of n entries where the list is. It is as the
// index says in a list that holds it.
func (l list) holding(s *gql.Schema, n int) any {
	entries := make([]any, n)
	for i := range entries {
		entries[i] = least(s, l.of.Elem)
	}
	var value any = entries
	for i, f := range slices.Backward(l.fields) {
		above := l.from.arg.Type
		if i > 0 {
			above = l.fields[i-1].Type
		}
		object := leastObject(s, s.Types[above.Name()])
		object[f.Name] = value
		if value = object; above.Elem != nil {
			value = []any{object}
		}
	}
	return value
}

// path is where the list is, as an error names it.
func (l list) path() string {
	path := []string{l.from.arg.Name}
	if len(l.fields) > 0 && l.from.arg.Type.Elem != nil {
		path = append(path, "0")
	}
	for i, f := range l.fields {
		if path = append(path, f.Name); i < len(l.fields)-1 && f.Type.Elem != nil {
			path = append(path, "0")
		}
	}
	return strings.Join(path, ".")
}

// leads are fields from Query or Mutation to an object, as it is written before and behind its own.
func leads(s *gql.Schema, object string) (before, behind string) {
	type step struct{ of, before, behind string }
	steps, seen := []step{{"Query", "query", ""}, {"Mutation", "mutation", ""}}, map[string]bool{}
	for len(steps) > 0 {
		at := steps[0]
		steps = steps[1:]
		if at.of == object {
			return at.before, at.behind
		}
		if seen[at.of] || at.of == "Mutation" {
			continue
		}
		seen[at.of] = true
		for _, f := range s.Types[at.of].Fields {
			if to := s.Types[f.Type.Name()]; to.Kind == gql.Object && !to.BuiltIn && !strings.HasPrefix(f.Name, "__") {
				steps = append(steps, step{to.Name, at.before + " { " + f.Name + needed(s, f, ""), " }" + at.behind})
			}
		}
	}
	return "", ""
}

// needed are the arguments that a field needs, but for one that is a variable.
func needed(s *gql.Schema, f *gql.FieldDefinition, variable string) string {
	var args []string
	for _, a := range f.Arguments {
		if a.Name == variable {
			args = append(args, a.Name+": $"+a.Name)
		} else if a.Type.NonNull && a.DefaultValue == nil {
			args = append(args, a.Name+": "+literal(least(s, a.Type), s.Types[a.Type.Name()].Kind == gql.Enum))
		}
	}
	if len(args) == 0 {
		return ""
	}
	return "(" + strings.Join(args, ", ") + ")"
}

// literal is a value as a document writes it; enums have no quotes.
func literal(v any, enum bool) string {
	text, _ := json.Marshal(v)
	if enum {
		return strings.ReplaceAll(string(text), `"`, "")
	}
	return string(text)
}

// ask is a request that sends a value for the list's argument.
func (l list) ask(s *gql.Schema, value any) string {
	before, behind := leads(s, l.from.object.Name)
	kind, rest, _ := strings.Cut(before, " ")
	below := ""
	if s.Types[l.from.field.Type.Name()].IsCompositeType() {
		below = " { __typename }"
	}
	a := l.from.arg
	document := fmt.Sprintf("%s Q($%s: %s) %s { %s%s%s }%s", kind, a.Name, a.Type, rest, l.from.field.Name, needed(s, l.from.field, a.Name), below, behind)
	body, _ := json.Marshal(map[string]any{"query": document, "variables": map[string]any{a.Name: value}})
	return string(body)
}

// TestEveryListIsBounded sends as many entries as each list may have, and one more.
func TestEveryListIsBounded(t *testing.T) {
	s, h := schema(t), face(t, testkit.Engines()[0].Shared(t), true, nil)
	for _, l := range lists(t) {
		t.Run(l.name, func(t *testing.T) {
			words := fmt.Sprintf("%s: the list is too long; at most %d items.", l.path(), l.most())
			if answer := serve(t, h, posted(l.ask(s, l.holding(s, l.most())))); strings.Contains(answer.body, "too long") || answer.code() == "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("%d are refused: %.300s\n%.500s", l.most(), answer.body, l.ask(s, l.holding(s, 1)))
			}
			answer := serve(t, h, posted(l.ask(s, l.holding(s, l.most()+1))))
			if answer.code() != "BAD_USER_INPUT" || len(answer.Errors) != 1 || answer.Errors[0].Message != words || answer.Data != nil {
				t.Errorf("%d: %.300s, want %s", l.most()+1, answer.body, words)
			}
		})
	}
}

// TestLiteralsAreBounded: a list in the document is bounded as one in a variable, with a variable in it or
// in a fragment, and so is the default of a variable.
func TestLiteralsAreBounded(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	four := "[ACADEMIA, ACADEMIA, ACADEMIA, ACADEMIA]"
	for document, path := range map[string]string{
		"{ benefitComparison(categories: " + four + ") { __typename } }":                                                                        "categories",
		"{ ...F } fragment F on Query { benefitComparison(categories: " + four + ") { __typename } }":                                           "categories",
		"{ ... on Query { members(filter: { categories: " + four + " }) { totalCount } } }":                                                     "filter.categories",
		"query Q($c: [MembershipCategory!] = " + four + ") { members(filter: { categories: $c }) { totalCount } }":                              "filter.categories",
		"query Q($f: MemberFilter = { categories: " + four + " }) { members(filter: $f) { totalCount } }":                                       "f.categories",
		"{ compareMemberships(input: { category: ASSOCIATE, with: [" + strings.Repeat("{ category: ASSOCIATE } ", 11) + "] }) { __typename } }": "input.with",
	} {
		if answer := serve(t, h, asked(document)); answer.code() != "BAD_USER_INPUT" || !strings.HasPrefix(answer.Errors[0].Message, path+": the list is too long") {
			t.Errorf("%s: %.300s", document, answer.body)
		}
	}
}

// TestARepeatedEntryCountsOnce in queries, but for nodes, which answers each.
func TestARepeatedEntryCountsOnce(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	for once, twice := range map[string]string{
		"{ benefitComparison(categories: [ACADEMIA]) { benefit { code } entitlements { category } } }":                         "{ benefitComparison(categories: [ACADEMIA, ACADEMIA, ACADEMIA]) { benefit { code } entitlements { category } } }",
		`{ members(filter: { countries: ["cty_UG"] }) { totalCount } }`:                                                        `{ members(filter: { countries: [` + strings.Repeat(`"cty_UG" `, 64) + `] }) { totalCount } }`,
		`{ membershipStatistics { evolution(dates: ["2025-01-01"]) { total } } }`:                                              `{ membershipStatistics { evolution(dates: ["2025-01-01", "2025-01-01"]) { total } } }`,
		`{ compareMemberships(input: { category: ASSOCIATE, with: [{ category: ACADEMIA }] }) { alternatives { category } } }`: `{ compareMemberships(input: { category: ASSOCIATE, with: [{ category: ACADEMIA }, { category: ACADEMIA }] }) { alternatives { category } } }`,
	} {
		want, got := serve(t, h, asked(once)), serve(t, h, asked(twice))
		if len(want.Errors) > 0 || string(got.Data) != string(want.Data) {
			t.Errorf("%s: %.300s, want %.300s", twice, got.body, want.body)
		}
	}
	if answer := serve(t, h, asked(`{ nodes(ids: ["cty_UG", "cty_UG"]) { id } }`)); string(answer.Data) != `{"nodes":[{"id":"cty_UG"},{"id":"cty_UG"}]}` {
		t.Error(answer.body)
	}
}

// TestARepeatedEntryOfAMutationIsRefused for every list of values in an input of a mutation: whatever else
// is wrong with the input, the entry is among the userErrors, and nothing is done.
func TestARepeatedEntryOfAMutationIsRefused(t *testing.T) {
	s, h := schema(t), face(t, testkit.Engines()[0].Fresh(t), true, nil)
	refused := 0
	for _, l := range lists(t) {
		if l.from.object.Name != "Mutation" || s.Types[l.of.Name()].Kind == gql.InputObject || l.most() < 2 {
			continue
		}
		body := strings.Replace(l.ask(s, l.holding(s, 2)), "{ __typename }", "{ userErrors { code field } }", 1)
		answer := serve(t, h, as(posted(body), "SECRETARIAT"))
		field, _ := json.Marshal(append(strings.Split(l.path(), "."), "1"))
		duplicate := strings.Contains(answer.body, `{"code":"DUPLICATE","field":`+string(field)+`}`)
		if !duplicate && (len(answer.Errors) == 0 || !slices.Contains([]string{"NOT_FOUND", "FORBIDDEN"}, answer.code())) {
			t.Errorf("%s: %.300s", l.name, answer.body)
		}
		if duplicate {
			refused++
		}
	}
	if refused < 10 {
		t.Errorf("only %d were refused for the entry", refused)
	}
}
