package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/testkit/kept"
)

// textAskers are who a mutation is asked as, until one may.
var textAskers = []string{
	"SECRETARIAT", "FOCAL_POINT mem_ACTIVE", "DELEGATE mem_ACTIVE", "APPLICANT app_DRAFT", "APPLICANT app_SUBMITTED", "ADMINISTRATION UG", "REVIEWER TDAG", "OPERATOR", "FOCAL_POINT mem_ACTIVE usr_FOCAL", "nobody",
}

// otherQuestions take the place of a question of the role matrix where that one does not come as far as the
// texts of the input.
var otherQuestions = map[string]string{
	"decideApplication":        `mutation { decideApplication(input: { id: "app_SUBMITTED", expectedVersion: 1, decision: REQUEST_INFORMATION, reason: "a" }) { userErrors { code } } }`,
	"makeFeedbackConfidential": `mutation { makeFeedbackConfidential(input: { id: "fbk_SECRET", expectedVersion: 1, reason: "a" }) { userErrors { code } } }`,
	"recordDueDiligence":       `mutation { recordDueDiligence(input: { id: "app_SUBMITTED", expectedVersion: 1, checklist: [{ item: "a", done: true }] }) { userErrors { code } } }`,
	"createLiaisonStatement":   `mutation { createLiaisonStatement(input: { reference: "NEW", source: "TDAG", addressees: [{ group: "RAG", role: FOR_ACTION }], title: [{ locale: EN, text: "a" }], pillars: [{ code: "1", title: [{ locale: EN, text: "a" }], topics: [{ code: "1.1", title: [{ locale: EN, text: "a" }] }] }] }) { userErrors { code } } }`,
	"acceptEventInvitation":    `mutation { acceptEventInvitation(input: { code: "TESTCODE", name: "New", email: "new@example.org", mode: REMOTE, consent: false }) { userErrors { code } } }`,
	"requestMembershipChange":  `mutation { requestMembershipChange(input: { member: "mem_ACTIVE", sectors: [D, T], reason: "a" }) { userErrors { code } } }`,
}

// unwritten are texts that nothing keeps, with the reason.
var unwritten = map[string]string{
	"confirmApplicationCode input.code":       "it is compared with a hash",
	"acceptInvitation input.code":             "it is compared with a hash",
	"declineInvitation input.code":            "it is compared with a hash",
	"acceptEventInvitation input.code":        "it is compared with a hash",
	"amendFeedback input.answers.0.options.0": "a stale version is answered before the answers are looked at; submitFeedback checks them alike",
	"amendFeedback input.answers.0.text":      "as its options",
	"confirmPersonEmail input.code":           "it is compared with a hash",
	"confirmPresence input.code":              "it is compared with a hash",
	"importAttendance input.csv":              "its cells are ids and codes, whose faults are named by row and column",
	"becomeOperator input.code":               "it is compared with a hash",
	"confirmPresence input.credential":        "what can be read of it is checked by its signature",
}

const textsPath = "testdata/texts.txt"

// TestEveryTextOfTheSchemaHasARule sends every String of every mutation's input what no text may hold, and finds
// out by what it takes which rule it follows. The rules are held against a file that is made by -update and
// read by people. What is sent is never stored: another fault is put beside it.
func TestEveryTextOfTheSchemaHasARule(t *testing.T) {
	s := schema(t)
	server := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	kinds := map[string]int{}
	var b strings.Builder
	b.WriteString("The rule of every String in the input of a mutation (see internal/input).\nline, text, link, address: that rule · closed: a code, a key or a reference of a fixed form.\n")
	for _, field := range s.Mutation.Fields {
		if strings.HasPrefix(field.Name, "__") || field.Arguments.ForName("input") == nil {
			continue
		}
		p := prober{t: t, schema: s, server: server, mutation: field}
		for _, place := range p.places("String", field.Arguments.ForName("input").Type, nil, nil) {
			name := field.Name + " " + strings.Join(append([]string{"input"}, place...), ".")
			kind := p.kind(place)
			kinds[kind]++
			fmt.Fprintf(&b, "%-70s %s\n", name, kind)
			if reason := unwritten[name]; kind == "UNCHECKED" && reason == "" {
				t.Errorf("%s takes what no text may hold", name)
			}
		}
	}
	t.Logf("%v", kinds)
	kept.File(t, textsPath, b.String())
}

// TestWhatCanBeNoIDIsNoFaultOfOurs sends every ID of every mutation's input texts that can be no id, each to a server of its
// own, and puts no other fault beside them: what is not refused is stored.
func TestWhatCanBeNoIDIsNoFaultOfOurs(t *testing.T) {
	s, n := schema(t), 0
	for _, field := range s.Mutation.Fields {
		if strings.HasPrefix(field.Name, "__") || field.Arguments.ForName("input") == nil {
			continue
		}
		p := prober{t: t, schema: s, mutation: field}
		places := p.places("ID", field.Arguments.ForName("input").Type, nil, nil)
		n += len(places)
		for _, value := range []string{strings.Repeat("a", 300), "", "MEM_x", "mem_\u200b"} {
			p.server = golden.Serve(t, testkit.Engines()[0].Fresh(t))
			for _, place := range places {
				variables, err := json.Marshal(map[string]any{"input": p.input(place, value)})
				if err != nil {
					t.Fatal(err)
				}
				query := fmt.Sprintf("mutation($input: %s) { %s(input: $input) { userErrors { code } } }", field.Arguments.ForName("input").Type, field.Name)
				for _, asker := range textAskers {
					if text := p.server.Ask(t, p.server.Header(t, asker, ""), query, string(variables)); strings.Contains(text, `"INTERNAL"`) || strings.Contains(text, `"UNAVAILABLE"`) {
						t.Errorf("%s %s as %s, %q: %s", field.Name, strings.Join(place, "."), asker, value, text)
					}
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("%d places", n)
	}
}

// prober sends a mutation values at one place of its input.
type prober struct {
	t        *testing.T
	schema   *gql.Schema
	server   *golden.Server
	mutation *gql.FieldDefinition
	asker    string
}

// places are the paths of all values of a scalar in an input, with 0 for the first item of a list.
func (p *prober) places(scalar string, typ *gql.Type, path, within []string) (all [][]string) {
	if typ.Elem != nil {
		return p.places(scalar, typ.Elem, append(slices.Clone(path), "0"), within)
	}
	def := p.schema.Types[typ.NamedType]
	switch {
	case def.Name == scalar:
		return [][]string{path}
	case def.Kind == gql.InputObject && !slices.Contains(within, def.Name):
		for _, f := range def.Fields {
			all = append(all, p.places(scalar, f.Type, append(slices.Clone(path), f.Name), append(slices.Clone(within), def.Name))...)
		}
	}
	return all
}

// kind is the rule that a place follows, by what it takes.
func (p *prober) kind(place []string) string {
	refuses := func(value string) bool { return p.refuses(place, value) }
	switch {
	case !refuses("I\u200b\fTU"):
		return "UNCHECKED"
	case !refuses("https://a.example/"):
		if refuses("http://a.example") {
			return "link"
		}
		if !refuses("a\r\nb") {
			return "text"
		}
		if !refuses("a\u200bb") || !refuses("\u0301") || !refuses("a\u202eb") || !refuses("\u2800") || !refuses("") {
			return "UNCHECKED"
		}
		return "line"
	case !refuses("a@example.org"):
		if !refuses("a@-example.org") || !refuses("é@example.org") {
			return "UNCHECKED"
		}
		return "address"
	}
	return "closed"
}

// refuses says whether there is a fault at a place, or the request is one.
func (p *prober) refuses(place []string, value string) bool {
	p.t.Helper()
	input := p.input(place, value)
	p.spoil(place, input)
	variables, err := json.Marshal(map[string]any{"input": input})
	if err != nil {
		p.t.Fatal(err)
	}
	query := fmt.Sprintf("mutation($input: %s) { %s(input: $input) { userErrors { code field message } } }", p.mutation.Arguments.ForName("input").Type, p.mutation.Name)
	askers := textAskers
	if p.asker != "" {
		askers = []string{p.asker}
	}
	text := ""
	for _, asker := range askers {
		var answer struct {
			Data map[string]*struct {
				UserErrors []struct {
					Code, Message string
					Field         []string
				}
			}
			Errors []struct {
				Message    string
				Extensions struct{ Code string }
			}
		}
		text = p.server.Ask(p.t, p.server.Header(p.t, asker, ""), query, string(variables))
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			p.t.Fatalf("%s: %v", text, err)
		}
		if payload := answer.Data[p.mutation.Name]; payload != nil {
			p.asker = asker
			for _, e := range payload.UserErrors {
				if at := append([]string{"input"}, place...); slices.Equal(e.Field, at) || len(e.Field) > 2 && len(e.Field) < len(at) && slices.Equal(e.Field, at[:len(e.Field)]) {
					return true
				}
			}
			return false
		}
	}
	p.t.Errorf("%s: nobody may: %s", p.mutation.Name, text)
	return true
}

// input is the question's input with a value at a place.
func (p *prober) input(place []string, value string) map[string]any {
	question, ok := otherQuestions[p.mutation.Name]
	if !ok {
		question = questions[p.mutation.Name]
	}
	for _, name := range slices.Sorted(maps.Keys(questions)) { // of some there are only questions with a note
		if question == "" && strings.HasPrefix(name, p.mutation.Name+" (") {
			question = questions[name]
		}
	}
	if question == "" {
		p.t.Fatalf("%s has no question in the role matrix", p.mutation.Name)
	}
	doc, err := parser.ParseQuery(&gql.Source{Input: question})
	if err != nil {
		p.t.Fatal(err)
	}
	raw, err := doc.Operations[0].SelectionSet[0].(*gql.Field).Arguments.ForName("input").Value.Value(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	input := raw.(map[string]any)
	def := p.schema.Types[p.mutation.Arguments.ForName("input").Type.Name()]
	p.put(def, input, place, value)
	return input
}

// spoil puts a fault elsewhere than at a place, if there is a way, so that nothing is stored.
func (p *prober) spoil(place []string, input map[string]any) {
	switch def := p.schema.Types[p.mutation.Arguments.ForName("input").Type.Name()]; {
	case def.Fields.ForName("expectedVersion") != nil:
		input["expectedVersion"] = 999
	case def.Fields.ForName("idempotencyKey") != nil && place[0] != "idempotencyKey":
		input["idempotencyKey"] = strings.Repeat("a", 200)
	}
}

// put sets a value at a path of an object, and makes what is missing on the way.
func (p *prober) put(def *gql.Definition, object map[string]any, path []string, value string) {
	typ := def.Fields.ForName(path[0]).Type
	if def.Directives.ForName("oneOf") != nil {
		clear(object)
	}
	object[path[0]] = p.with(typ, object[path[0]], path[1:], value)
}

func (p *prober) with(typ *gql.Type, now any, path []string, value string) any {
	if len(path) == 0 {
		return value
	}
	if typ.Elem != nil {
		list, ok := now.([]any)
		if !ok && now != nil {
			list = []any{now}
		}
		if len(list) == 0 {
			list = []any{p.least(typ.Elem)}
		}
		if at, _ := strconv.Atoi(path[0]); at != 0 {
			p.t.Fatalf("item %d", at)
		}
		list[0] = p.with(typ.Elem, list[0], path[1:], value)
		return list
	}
	object, ok := now.(map[string]any)
	if !ok {
		object = p.least(typ).(map[string]any)
	}
	object = maps.Clone(object)
	p.put(p.schema.Types[typ.NamedType], object, path, value)
	return object
}

// least is a value with nothing but what is needed.
func (p *prober) least(typ *gql.Type) any {
	if typ.Elem != nil {
		return []any{p.least(typ.Elem)}
	}
	def := p.schema.Types[typ.NamedType]
	switch def.Kind {
	case gql.Enum:
		return def.EnumValues[0].Name
	case gql.InputObject:
		object := map[string]any{}
		for i, f := range def.Fields {
			if f.Type.NonNull && f.DefaultValue == nil || i == 0 && def.Directives.ForName("oneOf") != nil {
				object[f.Name] = p.least(f.Type)
			}
		}
		return object
	}
	return map[string]any{
		"Int": 1, "Boolean": true, "Date": "2025-03-31", "DateTime": "2025-03-31T12:00:00Z", "LocalDateTime": "2025-03-31T12:00", "Decimal": "1", "ID": "cty_UG", "String": "a",
	}[def.Name]
}
