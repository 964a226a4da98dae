package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"

	gql "github.com/vektah/gqlparser/v2/ast"

	"memberportal/graph"
	"memberportal/internal/testkit"
)

// requestBody is a request as it travels.
func requestBody(query, variables string) string {
	if variables == "" {
		variables = "null"
	}
	text, _ := json.Marshal(query)
	return `{"query":` + string(text) + `,"variables":` + variables + `}`
}

// requestError says whether nothing was executed, and holds the form of such an answer.
func requestError(t *testing.T, answer reply) bool {
	t.Helper()
	if answer.Data != nil || len(answer.Errors) == 0 {
		return false
	}
	if code := answer.code(); code != "BAD_USER_INPUT" && code != "GRAPHQL_VALIDATION_FAILED" && code != "GRAPHQL_PARSE_FAILED" {
		t.Errorf("code %s: %.300s", code, answer.body)
	}
	return true
}

// otherCase are a name in small letters, with a small letter ahead and with capitals and small letters mixed.
func otherCase(n string) []string {
	mixed := []rune(strings.ToLower(n))
	for i := range mixed {
		if i%2 == 0 {
			mixed[i] = unicode.ToUpper(mixed[i])
		}
	}
	return []string{strings.ToLower(n), strings.ToLower(n[:1]) + n[1:], string(mixed)}
}

// TestEnumValuesMatchExactly tries every place of the schema where an enum value may stand, in arguments and
// input fields at any depth, as variables and as literals. The exact name is taken and every other case of it
// is refused.
func TestEnumValuesMatchExactly(t *testing.T) {
	h, s, ways := face(t, testkit.Engines()[0].Shared(t), true, nil), schema(t), routes(schema(t))
	positions, tried := 0, 0
	for _, d := range s.Types {
		if d.Kind != gql.Object || strings.HasPrefix(d.Name, "__") {
			continue
		}
		for _, f := range d.Fields {
			for _, a := range f.Arguments {
				for _, p := range places(s, a.Type, a.Name, nil) {
					if p.of.Kind != gql.Enum {
						continue
					}
					if ways[d.Name] == "" {
						t.Errorf("nothing leads to %s", d.Name)
						continue
					}
					positions++
					exact := p.of.EnumValues[len(p.of.EnumValues)-1].Name
					where := d.Name + "." + f.Name + "(" + p.path + ")"
					send := func(value string) (byVariable, byLiteral reply) {
						in := p.with(enumValue(value))
						document := func(text string) string {
							return fmt.Sprintf(ways[d.Name], f.Name+argumentsOf(s, f, map[string]string{a.Name: text})+leaf(s, f))
						}
						definition := "query($x: "
						if strings.HasPrefix(ways[d.Name], "mutation") {
							definition = "mutation($x: "
						}
						query := definition + a.Type.String() + ") " + strings.TrimPrefix(document("$x"), "mutation")
						return serve(t, h, posted(requestBody(query, `{"x":`+asJSON(in)+`}`))), serve(t, h, posted(requestBody(document(asLiteral(in)), "")))
					}
					if v, l := send(exact); requestError(t, v) || requestError(t, l) {
						t.Errorf("%s: %s is refused: %.200s %.200s", where, exact, v.body, l.body)
					}
					for _, wrong := range otherCase(exact) {
						if p.of.EnumValues.ForName(wrong) != nil {
							continue
						}
						tried++
						v, l := send(wrong)
						if !requestError(t, v) || !strings.Contains(v.body, wrong) || !strings.Contains(v.body, "$x") {
							t.Errorf("%s: the variable %s: %.300s", where, wrong, v.body)
						}
						if !requestError(t, l) || !strings.Contains(l.body, wrong) {
							t.Errorf("%s: the literal %s: %.300s", where, wrong, l.body)
						}
					}
				}
			}
		}
	}
	t.Logf("%d enum positions, %d values of another case, each as a variable and as a literal", positions, tried)
	if positions < 200 {
		t.Errorf("only %d enum positions were found", positions)
	}
}

// TestEveryScalarOfInputsIsRead misses no custom scalar.
func TestEveryScalarOfInputsIsRead(t *testing.T) {
	s, seen := schema(t), 0
	for _, d := range s.Types {
		if d.Kind == gql.InputObject {
			for _, f := range d.Fields {
				if of := s.Types[f.Type.Name()]; of.Kind == gql.Scalar && !of.BuiltIn {
					seen++
					if !graph.ReadsScalar(of.Name) {
						t.Errorf("%s.%s: nothing reads %s", d.Name, f.Name, of.Name)
					}
				}
			}
		}
		for _, f := range d.Fields {
			for _, a := range f.Arguments {
				if of := s.Types[a.Type.Name()]; of.Kind == gql.Scalar && !of.BuiltIn && !graph.ReadsScalar(of.Name) {
					t.Errorf("%s.%s(%s:): nothing reads %s", d.Name, f.Name, a.Name, of.Name)
				}
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d fields of custom scalars were found", seen)
	}
}

func TestCoercion(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	const members, payment = "query($x: Int) { members(first: $x) { __typename } }", "mutation($x: RecordPaymentInput!) { recordPayment(input: $x) { __typename } }"
	pay := func(amount string) string {
		return `{"x":{"invoice":"inv_A","expectedVersion":1,"receivedOn":"2025-03-31","reference":"a","amount":` + amount + `}}`
	}
	for name, c := range map[string]struct {
		query, variables string
		// want is what the first message holds; empty for a request that is executed.
		want string
	}{
		"an int":                              {members, `{"x":1}`, ""},
		"1.0 as an int":                       {members, `{"x":1.0}`, ""},
		"1e0 as an int":                       {members, `{"x":1e0}`, ""},
		"1.5 as an int":                       {members, `{"x":1.5}`, "$x: 1.5 is not a value of the type Int"},
		"a string as an int":                  {members, `{"x":"1"}`, `$x: "1" is not`},
		"more than 32 bits":                   {members, `{"x":2147483648}`, "2147483648"},
		"digits without end":                  {members, `{"x":` + strings.Repeat("9", 500) + `}`, "999…"},
		"a huge exponent":                     {members, `{"x":1e999999999}`, "1e999999999"},
		"a tiny exponent":                     {members, `{"x":1e-999999999}`, "1e-999999999"},
		"a literal of more than 64 bits":      {"{ members(first: 99999999999999999999) { __typename } }", "", "99999999999999999999"},
		"a number as a string":                {"query($x: String!) { search(query: $x) { __typename } }", `{"x":12345}`, "$x: 12345"},
		"true as a string":                    {"query($x: String!) { search(query: $x) { __typename } }", `{"x":true}`, "$x: true"},
		"a fraction as an id":                 {"query($x: ID!) { member(id: $x) { __typename } }", `{"x":5.5}`, "$x: 5.5"},
		"an int as an id":                     {"query($x: ID!) { member(id: $x) { __typename } }", `{"x":5}`, ""},
		"a string as a boolean":               {"query($x: Boolean!) { viewer @skip(if: $x) { id } }", `{"x":"true"}`, `$x: "true"`},
		"an amount":                           {payment, pay(`"1.50"`), ""},
		"a number as an amount":               {payment, pay(`1.5`), "$x.amount: 1.5"},
		"a whole number as an amount":         {payment, pay(`1`), "$x.amount: 1 is"},
		"a number literal as an amount":       {`mutation { recordPayment(input: {invoice: "a", expectedVersion: 1, receivedOn: "2025-03-31", reference: "a", amount: 1.50}) { __typename } }`, "", "1.50"},
		"a whole literal as an amount":        {`mutation { recordPayment(input: {invoice: "a", expectedVersion: 1, receivedOn: "2025-03-31", reference: "a", amount: 1}) { __typename } }`, "", ".amount: 1 is"},
		"a literal amount beyond 64 bits":     {`mutation { recordPayment(input: {invoice: "a", expectedVersion: 1, receivedOn: "2025-03-31", reference: "a", amount: 99999999999999999999}) { __typename } }`, "", "99999999999999999999"},
		"a day that is none":                  {`query($x: Date) { member(id: "mem_ACTIVE", asOf: $x) { __typename } }`, `{"x":"2025-02-30"}`, `$x: "2025-02-30"`},
		"a literal day that is none":          {`{ member(id: "mem_ACTIVE", asOf: "2025-02-30") { __typename } }`, "", `"2025-02-30"`},
		"a missing field":                     {payment, `{"x":{"invoice":"a"}}`, "$x.expectedVersion: A value of the type Int! is required"},
		"an unknown field":                    {payment, strings.Replace(pay(`"1"`), `"reference"`, `"refrence":1,"reference"`, 1), "$x.refrence: The type RecordPaymentInput has no such field"},
		"__typename as a field":               {payment, strings.Replace(pay(`"1"`), `"reference"`, `"__typename":"RecordPaymentInput","reference"`, 1), "$x.__typename"},
		"null for a field that needs a value": {payment, pay(`null`), "$x.amount: null is not a value of the type Decimal!"},
		"a list for an object":                {payment, `{"x":[]}`, "$x: […]"},
		"an object for a scalar":              {members, `{"x":{}}`, "$x: {…}"},
		"a single value for a list":           {"query($x: [ID!]!) { nodes(ids: $x) { __typename } }", `{"x":"mem_ACTIVE"}`, ""},
		"null in a list":                      {"query($x: [ID!]!) { nodes(ids: $x) { __typename } }", `{"x":["mem_ACTIVE",null]}`, "$x[1]: null"},
		"nothing for a variable":              {"query($x: ID!) { member(id: $x) { __typename } }", `{}`, "$x: A value of the type ID! is required"},
		"null for a condition":                {"query($a: Boolean = true) { viewer @skip(if: $a) { roles } }", `{"a":null}`, "@skip(if:) $a: null is not a value of the type Boolean!"},
		"null for another condition":          {"query($a: Boolean = true) { viewer @include(if: $a) { roles } }", `{"a":null}`, "@include(if:) $a: null"},
		"null in a fragment":                  {"query($a: Boolean = true) { ...F } fragment F on Query { viewer { ... @include(if: $a) { roles } } }", `{"a":null}`, "@include(if:) $a"},
		"null for an argument that has a default": {"query($o: OrderDirection = ASC) { members(orderBy: {field: NAME, direction: $o}) { __typename } }", `{"o":null}`,
			"Query.members(orderBy:).direction: null is not a value of the type OrderDirection!"},
		"null where nothing is selected": {"query($o: OrderDirection = ASC) { viewer { id } members(orderBy: {field: NAME, direction: $o}) @skip(if: true) { __typename } }", `{"o":null}`, ""},
		"nothing for a variable within":  {"query($o: OrderDirection) { members(orderBy: {field: NAME, direction: $o}) { __typename } }", ``, ""},
		"null as a default of no null":   {"query($x: ID! = null) { member(id: $x) { __typename } }", ``, "null"},
		"a default of the wrong type":    {`query($x: Date = "a") { member(id: "mem_ACTIVE", asOf: $x) { __typename } }`, ``, `$x: "a"`},
		"variables of fragments":         {"fragment F($x: Int) on Query { viewer { roles } } { ...F }", ``, "defines variables"},
		"several operations":             {"query A { viewer { id } } query B { viewer { id } }", ``, "name one of the operations"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := serve(t, h, posted(requestBody(c.query, c.variables)))
			switch refused := requestError(t, answer); {
			case refused && c.want == "":
				t.Errorf("refused: %s", answer.body)
			case !refused && c.want != "" || c.want != "" && !strings.Contains(answer.Errors[0].Message, c.want):
				t.Errorf("want %s: %s", c.want, answer.body)
			case strings.Contains(answer.body, "INTERNAL"):
				t.Error(answer.body)
			}
		})
	}
}

// TestAllFaultsOfVariablesAreNamed shows several faults at once, and where each is.
func TestAllFaultsOfVariablesAreNamed(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	answer := serve(t, h, posted(requestBody(`query($f: MemberFilter, $n: Int) { members(filter: $f, first: $n) { __typename } }`,
		`{"f":{"regions":["EUR","eur"],"statuses":["active"]},"n":"2"}`)))
	for _, part := range []string{`"field":["f","regions","1"]`, `"field":["f","statuses","0"]`, `"variable":"n"`, `"locations":[{"line":1,"column":7}]`} {
		if !strings.Contains(answer.body, part) {
			t.Errorf("%s is not in %s", part, answer.body)
		}
	}
}

// TestAbsentIsNotNull leaves out a variable within an object: the field is left out, too.
func TestAbsentIsNotNull(t *testing.T) {
	h := face(t, testkit.Engines()[0].Fresh(t), true, nil)
	change := `mutation($name: String, $site: String) { updateMemberProfile(input: {id: "mem_ACTIVE", expectedVersion: 1, displayName: $name, website: $site}) { member { displayName website } userErrors { message } } }`
	var before, after struct{ Website string }
	read := serve(t, h, asked(`{ member(id: "mem_ACTIVE") { website } }`))
	var data struct{ Member json.RawMessage }
	_ = json.Unmarshal(read.Data, &data)
	_ = json.Unmarshal(data.Member, &before)
	answer := serve(t, h, as(posted(requestBody(change, `{"name":"Here"}`)), "FOCAL_POINT mem_ACTIVE"))
	var changed struct {
		UpdateMemberProfile struct{ Member json.RawMessage }
	}
	_ = json.Unmarshal(answer.Data, &changed)
	_ = json.Unmarshal(changed.UpdateMemberProfile.Member, &after)
	if before.Website == "" || after != before {
		t.Errorf("%+v became %+v: %s", before, after, answer.body)
	}
}
