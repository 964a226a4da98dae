package graph

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"

	"memberportal/internal/kit"
)

// Limits are what one request may ask for. Page sizes are portal.MaxPage and no setting.
type Limits struct {
	Body          int64            // bytes of a request
	Text          int              // bytes of a document
	Tokens        int              // lexical tokens of a document
	Fields        int              // selections of a document with its fragments unfolded
	Repeats       int              // times that one field stands in one selection
	Aliases       int              // aliases in a document
	Directives    int              // directives in a document
	Depth         int              // levels of fields, introspection apart
	Cost          int              // of an operation of a visitor
	RoleCost      map[kit.Role]int // of an operation of who holds the role, if that is more
	Introspection int              // cost of what an operation asks about the schema
	Errors        int              // errors in an answer
	Persisted     int              // persisted documents that are kept; 0 for none
	Values        int              // JSON values of a request: entries of lists and fields of objects
	Answer        int64            // bytes of an answer
	Time          time.Duration    // of an execution; an answer may take as long again to be written
}

// DefaultLimits are the limits unless the configuration says others; its flags have the same
// defaults.
func DefaultLimits() Limits {
	return Limits{
		Body: 1 << 20, Text: 16 << 10, Tokens: 1000, Fields: 2000, Repeats: 50, Aliases: 15, Directives: 20, Depth: 12,
		Cost: 5000, RoleCost: map[kit.Role]int{
			kit.RoleDelegate: 10_000, kit.RoleFocalPoint: 10_000, kit.RoleAdministration: 20_000,
			kit.RoleReviewer: 20_000, kit.RoleSecretariat: 50_000, kit.RoleOperator: 50_000,
		},
		Introspection: 20_000, Errors: 5, Persisted: 1000, Values: 10_000, Answer: 4 << 20, Time: 10 * time.Second,
	}
}

// costOf is what an operation of this actor may cost: the most that one of its roles allows.
func (l Limits) costOf(a kit.Actor) int {
	most := l.Cost
	for role, cost := range l.RoleCost {
		if a.Has(role) {
			most = max(most, cost)
		}
	}
	return most
}

// guard refuses documents that are too large before they are validated, because validation compares
// fields pair by pair.
type guard struct{ limits Limits }

// MutateOperationParameters refuses a document with BAD_USER_INPUT; one that cannot be parsed is left
// to parse, which says why.
func (g guard) MutateOperationParameters(ctx context.Context, p *graphql.RawParams) *gqlerror.Error {
	if len(p.Query) > g.limits.Text {
		return shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "limit.text", Params: map[string]string{"max": strconv.Itoa(g.limits.Text)}})
	}
	if g.tooManyTokens(p.Query) {
		return shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "limit.tokens", Params: map[string]string{"max": strconv.Itoa(g.limits.Tokens)}})
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: p.Query})
	if err != nil {
		return nil
	}
	if refusal := g.limits.refusal(doc); refusal != nil {
		return shown(ctx, refusal)
	}
	return nil
}

func (g guard) tooManyTokens(text string) bool {
	tokens := lexer.New(&ast.Source{Input: text})
	for n := 0; n <= g.limits.Tokens; n++ {
		if t, err := tokens.ReadToken(); err != nil || t.Kind == lexer.EOF {
			return false
		}
	}
	return true
}

// refusal says which limit a parsed document exceeds, nil for none.
func (l Limits) refusal(doc *ast.QueryDocument) *kit.Refusal {
	u := &unfolding{limits: l, fragments: map[string]ast.SelectionSet{}}
	for _, f := range doc.Fragments {
		u.fragments[f.Name] = f.SelectionSet
		u.count(f.Directives, f.SelectionSet)
	}
	for _, o := range doc.Operations {
		u.count(o.Directives, o.SelectionSet)
		for _, v := range o.VariableDefinitions {
			u.directives += len(v.Directives)
		}
	}
	switch {
	case u.aliases > l.Aliases:
		return &kit.Refusal{Code: kit.BadUserInput, Key: "limit.aliases", Params: map[string]string{"max": strconv.Itoa(l.Aliases)}}
	case u.directives > l.Directives:
		return &kit.Refusal{Code: kit.BadUserInput, Key: "limit.directives", Params: map[string]string{"max": strconv.Itoa(l.Directives)}}
	}
	for _, o := range doc.Operations {
		if refusal := u.level([]ast.SelectionSet{o.SelectionSet}, 1); refusal != nil {
			return refusal
		}
	}
	return nil
}

// unfolding walks a document as an executor merges it: the selections of all fields with one response
// name are one level, and each fragment counts once in it.
type unfolding struct {
	limits                      Limits
	fragments                   map[string]ast.SelectionSet
	aliases, directives, visits int
}

// count counts aliases and directives as they are written.
func (u *unfolding) count(directives ast.DirectiveList, set ast.SelectionSet) {
	u.directives += len(directives)
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Alias != s.Name {
				u.aliases++
			}
			u.count(s.Directives, s.SelectionSet)
		case *ast.InlineFragment:
			u.count(s.Directives, s.SelectionSet)
		case *ast.FragmentSpread:
			u.directives += len(s.Directives)
		}
	}
}

// level checks one level and all below it. The number of visits bounds it, whatever fragments spread
// each other.
func (u *unfolding) level(sets []ast.SelectionSet, depth int) *kit.Refusal {
	fields, seen := map[string][]*ast.Field{}, map[string]bool{}
	for _, set := range sets {
		u.collect(set, fields, seen)
	}
	if u.visits > u.limits.Fields {
		return &kit.Refusal{Code: kit.BadUserInput, Key: "limit.fields", Params: map[string]string{"max": strconv.Itoa(u.limits.Fields)}}
	}
	// In one order, so that the same document is refused with the same words each time.
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if refusal := u.merged(name, fields[name], depth); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (u *unfolding) merged(name string, same []*ast.Field, depth int) *kit.Refusal {
	below := depth + 1
	switch {
	case len(same) > u.limits.Repeats:
		return &kit.Refusal{Code: kit.BadUserInput, Key: "limit.repeats", Params: map[string]string{"field": name, "max": strconv.Itoa(u.limits.Repeats)}}
	case depth > u.limits.Depth:
		return &kit.Refusal{Code: kit.BadUserInput, Key: "limit.depth", Params: map[string]string{"max": strconv.Itoa(u.limits.Depth)}}
	case same[0].Name == "__schema" || same[0].Name == "__type":
		below = schemaDepth
	}
	var sets []ast.SelectionSet
	for _, f := range same {
		if len(f.SelectionSet) > 0 {
			sets = append(sets, f.SelectionSet)
		}
	}
	if len(sets) == 0 {
		return nil
	}
	return u.level(sets, below)
}

// schemaDepth is the depth below __schema and __type, which never reaches the limit: the cost of
// introspection has one of its own.
const schemaDepth = -1 << 30

func (u *unfolding) collect(set ast.SelectionSet, fields map[string][]*ast.Field, seen map[string]bool) {
	for _, s := range set {
		if u.visits++; u.visits > u.limits.Fields {
			return
		}
		switch s := s.(type) {
		case *ast.Field:
			fields[s.Alias] = append(fields[s.Alias], s)
		case *ast.InlineFragment:
			u.collect(s.SelectionSet, fields, seen)
		case *ast.FragmentSpread:
			if !seen[s.Name] {
				seen[s.Name] = true
				u.collect(u.fragments[s.Name], fields, seen)
			}
		}
	}
}
