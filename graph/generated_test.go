package graph_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gql "github.com/vektah/gqlparser/v2/ast"

	"memberportal/graph"
	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

var (
	generateFor  = flag.Duration("generate", 2*time.Second, "how long generated documents are tried")
	generateSeed = flag.Uint64("seed", 1, "what generated documents begin with; 0 for another one at each run")
)

// panics counts them.
type panics struct{ n atomic.Int64 }

func (*panics) Answered(string, string, time.Duration) {}
func (p *panics) Panicked()                            { p.n.Add(1) }

// TestNoDocumentIsAFaultOfOurs asks documents that are made from the schema, with variables, as everybody. None
// may end in a panic, in INTERNAL, in HTTP 500 or in what is no JSON. What fails is shown with its seed.
func TestNoDocumentIsAFaultOfOurs(t *testing.T) {
	seed := *generateSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	g := &documentMaker{s: schema(t), r: rand.New(rand.NewPCG(seed, 0)), ids: fixtureIDs(t)}
	who := append(slices.DeleteFunc(slices.Clone(askers), func(a string) bool { return a == "expired" }), "SECRETARIAT", "SECRETARIAT", "SECRETARIAT")
	limits := graph.DefaultLimits() // those of documents are tested elsewhere; here they would stop too many
	limits.Aliases, limits.Cost, limits.RoleCost = 100, 20_000, nil
	token := func(kit.Proof, time.Duration) (string, error) { return "token", nil }
	var log bytes.Buffer
	var h http.Handler
	counted, causes, outcomes := &panics{}, map[string]bool{}, map[string]int{}
	n, end := 0, time.Now().Add(*generateFor)
	for ; time.Now().Before(end) && len(causes) < 10; n++ {
		if n%5000 == 0 { // mutations wear a store out
			log.Reset()
			h = graph.NewHandler(testkit.Issuing(t, testkit.Engines()[0].Fresh(t), token), graph.Options{
				Introspection: true, Limits: &limits, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})), Observer: counted,
			})
		}
		asker := who[n%len(who)]
		query, variables := g.document()
		r := posted(requestBody(query, variables))
		if asker != "nobody" {
			r = as(r, asker)
		}
		before, answer := counted.n.Load(), httptest.NewRecorder()
		log.Reset()
		h.ServeHTTP(answer, r)
		var read reply
		err := json.Unmarshal(answer.Body.Bytes(), &read)
		for _, e := range read.Errors {
			outcomes[e.Extensions.Code]++
		}
		if len(read.Errors) == 0 {
			outcomes["answered"]++
		}
		if err == nil && answer.Code < 500 && counted.n.Load() == before && !strings.Contains(answer.Body.String(), `"INTERNAL"`) {
			continue
		}
		cause := regexp.MustCompile(`cause=.{0,200}|error=.{0,200}`).FindString(log.String())
		if !causes[cause] {
			causes[cause] = true
			t.Errorf("seed %d, document %d, %s: HTTP %d %v\n%s\n%s\n%.500s\n%.3000s", seed, n, asker, answer.Code, err, query, variables, answer.Body, log.String())
		}
	}
	t.Logf("%d documents from seed %d: %v", n, seed, outcomes)
	if outcomes["answered"] == 0 {
		t.Error("nothing was answered")
	}
}

// fixtureIDs are the ids that golden documents name.
func fixtureIDs(t *testing.T) []string {
	var all []string
	for _, g := range golden.Documents(t, "testdata") {
		all = append(all, regexp.MustCompile(`\b[a-z]{3}_[A-Z0-9][A-Z0-9_]*\b`).FindAllString(g.Part("query")+g.Part("variables"), -1)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// documentMaker makes documents that are mostly valid.
type documentMaker struct {
	s   *gql.Schema
	r   *rand.Rand
	ids []string
	// The document that is being made.
	definitions []string
	variables   []string
	fragments   []string
	fields      int
	// odd is how many of 1,000 values are ones that fit rarely.
	odd int
}

func (g *documentMaker) chance(percent int) bool { return g.r.IntN(100) < percent }

func pick[T any](g *documentMaker, from ...T) T { return from[g.r.IntN(len(from))] }

func (g *documentMaker) document() (query, variables string) {
	g.definitions, g.variables, g.fragments, g.fields = nil, nil, nil, 0
	g.odd = pick(g, 0, 0, 5, 40)
	root, keyword := g.s.Query, "query"
	if g.chance(35) {
		root, keyword = g.s.Mutation, "mutation"
	}
	set := "{"
	for i := range 1 + g.r.IntN(2) {
		set += fmt.Sprintf(" r%d: %s", i, g.field(pick(g, root.Fields...), 1))
	}
	if len(g.definitions) > 0 {
		keyword += "(" + strings.Join(g.definitions, ", ") + ")"
	}
	return keyword + " " + set + " }" + strings.Join(g.fragments, ""), "{" + strings.Join(g.variables, ",") + "}"
}

func (g *documentMaker) field(f *gql.FieldDefinition, depth int) string {
	g.fields++
	var args []string
	for _, a := range f.Arguments {
		if must := a.Type.NonNull && a.DefaultValue == nil; must && g.r.IntN(1000) >= g.odd || !must && g.chance(35) {
			args = append(args, a.Name+": "+g.argument(a.Name, a.Type))
		}
	}
	text := f.Name
	if len(args) > 0 {
		text += "(" + strings.Join(args, ", ") + ")"
	}
	text += g.condition()
	if g.s.Types[f.Type.Name()].IsCompositeType() {
		text += " " + g.set(g.s.Types[f.Type.Name()], depth+1)
	}
	return text
}

// condition is sometimes @skip or @include.
func (g *documentMaker) condition() string {
	if !g.chance(6) {
		return ""
	}
	boolean := &gql.Type{NamedType: "Boolean", NonNull: true}
	return " @" + pick(g, "skip", "include") + "(if: " + g.argument("if", boolean) + ")"
}

func (g *documentMaker) set(of *gql.Definition, depth int) string {
	if of.Kind != gql.Object {
		possible := g.s.GetPossibleTypes(of)
		text := "{ __typename"
		for _, f := range of.Fields {
			if g.chance(50) && !strings.HasPrefix(f.Name, "__") {
				text += " " + g.field(f, depth)
			}
		}
		for range 1 + g.r.IntN(2) {
			text += g.inline(pick(g, possible...), depth)
		}
		return text + " }"
	}
	text := "{ __typename"
	for range 1 + g.r.IntN(5) {
		f := pick(g, of.Fields...)
		composite := g.s.Types[f.Type.Name()].IsCompositeType()
		if strings.HasPrefix(f.Name, "__") || composite && (depth > 7 || g.fields > 60) {
			continue
		}
		// An alias by field and number: the same response name never stands for two fields.
		alias := ""
		if len(f.Arguments) > 0 || composite {
			alias = fmt.Sprintf("a%d: ", g.fields)
		}
		text += " " + alias + g.field(f, depth)
	}
	if g.chance(8) {
		text += g.inline(of, depth)
	}
	return text + " }"
}

// inline is an inline fragment or a fragment of its own.
func (g *documentMaker) inline(of *gql.Definition, depth int) string {
	if depth > 7 || g.fields > 60 {
		return ""
	}
	if g.chance(70) {
		return " ... on " + of.Name + g.condition() + " " + g.set(of, depth)
	}
	set := g.set(of, depth)
	name := fmt.Sprintf("F%d", len(g.fragments))
	g.fragments = append(g.fragments, " fragment "+name+" on "+of.Name+" "+set)
	return " ..." + name + g.condition()
}

// argument is a literal, a variable, or a literal with variables in it.
func (g *documentMaker) argument(name string, t *gql.Type) string {
	if g.chance(50) {
		return g.variable(name, t)
	}
	if d := g.s.Types[t.Name()]; t.Elem == nil && d.Kind == gql.InputObject && g.chance(70) {
		var fields []string
		for _, f := range d.Fields {
			if f.Type.NonNull && f.DefaultValue == nil || g.chance(35) {
				fields = append(fields, f.Name+": "+g.argument(f.Name, f.Type))
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	return asLiteral(g.value(name, t, 0))
}

// variable defines one of the type, or of the nullable type with a default value, and gives it a value, null or
// none.
func (g *documentMaker) variable(name string, t *gql.Type) string {
	v, of := fmt.Sprintf("v%d", len(g.definitions)), t.String()
	if g.chance(15) {
		of = strings.TrimSuffix(of, "!") + " = " + asLiteral(g.value(name, t, 0))
	}
	g.definitions = append(g.definitions, "$"+v+": "+of)
	switch {
	case g.r.IntN(500) < g.odd:
	case g.r.IntN(500) < g.odd:
		g.variables = append(g.variables, asJSON(v)+":null")
	default:
		g.variables = append(g.variables, asJSON(v)+":"+asJSON(g.value(name, t, 0)))
	}
	return "$" + v
}

// odd are values that fit rarely.
var odd = []any{nil, "", 0, -1, 1 << 31, 1.5, true, []any{}, []any{nil}, object{}, object{{"a", nil}}, enumValue("NOTHING"), "\u0000", "\u200b", "\uFFFD", strings.Repeat("a", 5000)}

// texts are what strings are made of.
var someTexts = []string{
	"a", "A text.", "Organisation", "", " ", "NEW_CODE", "EN", "2025-03-31", "new@example.org", "https://docs.example/a", "TESTCODE", "GUIDELINE_1", "UTC", "Europe/Zurich", "Africa/Kampala",
	"SECTOR_MEMBER", "SM_D_1_8", "line\nline", "e\u0301", "\u202eabc", "漢字", "عربي", "😀", "\u0000", "%_'\"\\", "{{.}}", "$where", "=1+1", "C++", "usr_FOCAL", "eyJpZCI6MX0", "v1:1", strings.Repeat("word ", 100), "+41227305111", "123456",
}

func (g *documentMaker) value(name string, t *gql.Type, depth int) any {
	if g.r.IntN(1000) < g.odd {
		return pick(g, odd...)
	}
	if t.Elem != nil {
		items := []any{}
		for range g.r.IntN(4) {
			items = append(items, g.value(name, t.Elem, depth+1))
		}
		return items
	}
	if !t.NonNull && g.chance(8) {
		return nil
	}
	d := g.s.Types[t.NamedType]
	switch d.Kind {
	case gql.Enum:
		return enumValue(pick(g, d.EnumValues...).Name)
	case gql.InputObject:
		var o object
		for _, f := range d.Fields {
			if must := f.Type.NonNull && f.DefaultValue == nil; must || depth < 6 && g.chance(35) {
				o = append(o, object{{f.Name, g.value(f.Name, f.Type, depth+1)}}...)
			}
		}
		return o
	}
	switch d.Name {
	case "Int":
		if name == "expectedVersion" {
			return pick(g, 1, 1, 1, 1, 2, 3)
		}
		return pick(g, 1, 1, 2, 3, 10, 100, 0, -1, 101, 1<<31-1, -1<<31)
	case "Boolean":
		return g.chance(50)
	case "ID":
		if g.chance(3) {
			return pick(g, "", "mem_", "_", "nothing", "mem_ACTIVE ", "cty_XX", "\u0000", "xyz_ACTIVE", strings.Repeat("a", 3000))
		}
		return pick(g, g.ids...)
	case "Date":
		return pick(g, "2025-03-31", "2025-04-01", "2025-03-01", "2024-12-31", "2024-01-01", "2026-01-01", "2020-02-29", "1865-05-17", "2999-12-31", "2025-02-30")
	case "DateTime":
		return pick(g, "2025-03-31T12:00:00Z", "2025-06-01T09:00:00+02:00", "1865-05-17T00:00:00Z", "2999-12-31T23:59:59.999Z", "now")
	case "LocalDateTime":
		return pick(g, "2025-05-12T09:30", "2025-03-30T02:30", "2025-10-26T02:30", "1865-05-17T00:00", "2999-12-31T23:59")
	case "Decimal":
		return pick(g, "1987.50", "0", "0.01", "-1", "999999999999999.99", "1e5")
	}
	return pick(g, someTexts...)
}
