package graph

import (
	"context"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"memberportal/internal/kit"
)

// The directive that says how long a list may be, and its arguments.
const (
	lengthDirective = "length"
	lengthMax       = "max"
	lengthRepeats   = "repeats"
)

// lengths refuses operations with a list that is longer than its @length says. It comes after the
// variables were coerced and before anything is computed of them, and looks at each variable and at each
// literal once, whatever aliases and fragments repeat them.
type lengths struct{ schema *ast.Schema }

// ExtensionName is the name among gqlgen's extensions.
func (lengths) ExtensionName() string { return "Lengths" }

// Validate has nothing to ask of the schema; a test holds that every list has a bound.
func (lengths) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses with BAD_USER_INPUT, and says in extensions.field which list it is.
func (l lengths) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	asked, ok := ctx.Value(preparedKey{}).(*prepared)
	if !ok {
		return nil
	}
	for _, v := range asked.operation.VariableDefinitions {
		if long := l.inValue([]string{v.Variable}, v.Type, op.Variables[v.Variable]); long != nil {
			return long.refusal(ctx, v.Position)
		}
	}
	sets := []ast.SelectionSet{op.Operation.SelectionSet}
	for _, f := range op.Doc.Fragments {
		sets = append(sets, f.SelectionSet)
	}
	for _, set := range sets {
		if refusal := l.inSet(ctx, asked, set); refusal != nil {
			return refusal
		}
	}
	return nil
}

// tooLong is a list that has more entries than it may.
type tooLong struct {
	path []string
	most int
}

func (t *tooLong) refusal(ctx context.Context, at *ast.Position) *gqlerror.Error {
	t.path[0] = kit.Clip(t.path[0]) // a variable may have any name; the others are the schema's
	refusal := shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "limit.list", Params: map[string]string{
		"path": strings.Join(t.path, "."), "max": strconv.Itoa(t.most),
	}})
	refusal.Extensions["field"] = t.path
	if at != nil {
		refusal.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return refusal
}

// inSet looks at the arguments that are written in a selection, at any depth. Fragments are looked at by
// themselves.
func (l lengths) inSet(ctx context.Context, asked *prepared, set ast.SelectionSet) *gqlerror.Error {
	for _, s := range set {
		var below ast.SelectionSet
		switch s := s.(type) {
		case *ast.Field:
			for _, a := range s.Arguments {
				definition := s.Definition.Arguments.ForName(a.Name) // there is one: the document is valid
				written := asked.operation.lifted.arguments[a.Value.Raw].value
				if long := l.inLiteral([]string{a.Name}, definition.Type, mostOf(definition.Directives), written, asked.values); long != nil {
					return long.refusal(ctx, a.Position)
				}
			}
			below = s.SelectionSet
		case *ast.InlineFragment:
			below = s.SelectionSet
		}
		if refusal := l.inSet(ctx, asked, below); refusal != nil {
			return refusal
		}
	}
	return nil
}

// unbounded is the bound of what is no list.
const unbounded = -1

// mostOf is how long a list may be.
func mostOf(directives ast.DirectiveList) int {
	length := directives.ForName(lengthDirective)
	if length == nil {
		return unbounded
	}
	most, _ := strconv.Atoi(length.Arguments.ForName(lengthMax).Value.Raw)
	return most
}

// inLiteral looks at a literal. Of a variable in it only the length matters here, because what is in it
// was looked at with the variable.
func (l lengths) inLiteral(path []string, t *ast.Type, most int, v *ast.Value, variables map[string]any) *tooLong {
	switch {
	case v.Kind == ast.Variable:
		if list, ok := variables[v.Raw].([]any); ok && most != unbounded && len(list) > most {
			return &tooLong{path, most}
		}
	case v.Kind == ast.ListValue && t.Elem != nil:
		if most != unbounded && len(v.Children) > most {
			return &tooLong{path, most}
		}
		for i, child := range v.Children {
			if long := l.inLiteral(with(path, strconv.Itoa(i)), t.Elem, unbounded, child.Value, variables); long != nil {
				return long
			}
		}
	case v.Kind == ast.ObjectValue && l.schema.Types[t.Name()] != nil:
		for _, child := range v.Children {
			field := l.schema.Types[t.Name()].Fields.ForName(child.Name)
			if field == nil { // of a scalar that takes objects
				continue
			}
			if long := l.inLiteral(with(path, child.Name), field.Type, mostOf(field.Directives), child.Value, variables); long != nil {
				return long
			}
		}
	}
	return nil
}

// inValue looks at what is in a variable's value. How long the value itself may be depends on where the
// variable stands.
func (l lengths) inValue(path []string, t *ast.Type, v any) *tooLong {
	switch v := v.(type) {
	case []any:
		for i, entry := range v {
			switch entry.(type) {
			case []any, map[string]any: // nothing else can hold a list
				if long := l.inValue(with(path, strconv.Itoa(i)), element(t), entry); long != nil {
					return long
				}
			}
		}
	case map[string]any:
		object := l.schema.Types[t.Name()]
		if object == nil {
			return nil
		}
		for _, field := range object.Fields {
			below, most := with(path, field.Name), mostOf(field.Directives)
			if list, ok := v[field.Name].([]any); ok && most != unbounded && len(list) > most {
				return &tooLong{below, most}
			}
			if long := l.inValue(below, field.Type, v[field.Name]); long != nil {
				return long
			}
		}
	}
	return nil
}

// element is the type of a list's entries; a single value stands for a list of one.
func element(t *ast.Type) *ast.Type {
	if t.Elem != nil {
		return t.Elem
	}
	return t
}

// with is a path one step longer, which shares nothing with the paths beside it.
func with(path []string, step string) []string {
	return append(path[:len(path):len(path)], step)
}

// items is how many entries lists have in a value, at any depth.
func items(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		n = len(v)
		for _, entry := range v {
			n += items(entry)
		}
	case map[string]any:
		for _, value := range v {
			n += items(value)
		}
	}
	return n
}
