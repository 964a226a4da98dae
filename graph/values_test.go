package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	gql "github.com/vektah/gqlparser/v2/ast"
)

// enumValue is an enum value of an input, which is a string in JSON and a name in a document.
type enumValue string

// object is an input object with its fields in order.
type object []struct {
	name  string
	value any
}

// asLiteral writes an input value as in a document; asJSON writes it as a variable.
func asLiteral(v any) string {
	switch v := v.(type) {
	case enumValue:
		return string(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = asLiteral(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case object:
		fields := make([]string, len(v))
		for i, f := range v {
			fields[i] = f.name + ": " + asLiteral(f.value)
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	return asJSON(v)
}

func asJSON(v any) string {
	switch v := v.(type) {
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = asJSON(item)
		}
		return "[" + strings.Join(items, ",") + "]"
	case object:
		fields := make([]string, len(v))
		for i, f := range v {
			fields[i] = asJSON(f.name) + ":" + asJSON(f.value)
		}
		return "{" + strings.Join(fields, ",") + "}"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// samples are values of the scalars, in a form that the portal takes.
var samples = map[string]any{
	"Int": 1, "Float": 1.5, "String": "a", "Boolean": true, "ID": "mem_ACTIVE", "Currency": "CHF", "Date": "2025-03-31",
	"DateTime": "2025-03-31T12:00:00Z", "Decimal": "1987.50", "LocalDateTime": "2025-05-12T09:30",
}

// sample is the smallest value of an input type.
func sample(s *gql.Schema, t *gql.Type) any {
	if t.Elem != nil {
		return []any{sample(s, t.Elem)}
	}
	switch d := s.Types[t.NamedType]; d.Kind {
	case gql.Enum:
		return enumValue(d.EnumValues[0].Name)
	case gql.InputObject:
		return required(s, d, "")
	default:
		return samples[d.Name]
	}
}

// required are the fields of an input type that must be given, without the one that is named.
func required(s *gql.Schema, d *gql.Definition, without string) object {
	var o object
	oneOf := d.Directives.ForName("oneOf") != nil
	for i, f := range d.Fields {
		if (f.Type.NonNull && f.DefaultValue == nil || oneOf && i == 0 && without == "") && f.Name != without {
			o = append(o, object{{f.Name, sample(s, f.Type)}}...)
		}
	}
	return o
}

// place is a place of an input that holds a value of some named type.
type place struct {
	path string
	of   *gql.Definition
	// with is the whole input with a value at the place.
	with func(v any) any
}

// places are all places in an input type, at any depth. A type within itself is entered once.
func places(s *gql.Schema, t *gql.Type, path string, inside []string) (all []place) {
	if t.Elem != nil {
		for _, p := range places(s, t.Elem, path+"[0]", inside) {
			all = append(all, place{p.path, p.of, func(v any) any { return []any{p.with(v)} }})
		}
		return all
	}
	d := s.Types[t.NamedType]
	all = []place{{path, d, func(v any) any { return v }}}
	if d.Kind != gql.InputObject || slices.Contains(inside, d.Name) {
		return all
	}
	for _, f := range d.Fields {
		for _, p := range places(s, f.Type, path+"."+f.Name, append(slices.Clone(inside), d.Name)) {
			all = append(all, place{p.path, p.of, func(v any) any {
				return append(required(s, d, f.Name), object{{f.Name, p.with(v)}}...)
			}})
		}
	}
	return all
}

// routes are, for each object type that can be reached, the shortest way to select fields of it: a document
// with %s for them.
func routes(s *gql.Schema) map[string]string {
	ways := map[string]string{s.Query.Name: "{ %s }", s.Mutation.Name: "mutation { %s }"}
	for queue := []string{s.Query.Name, s.Mutation.Name}; len(queue) > 0; queue = queue[1:] {
		for _, f := range s.Types[queue[0]].Fields {
			selects := "{ %s }"
			for _, to := range s.GetPossibleTypes(s.Types[f.Type.Name()]) {
				if ways[to.Name] != "" || strings.HasPrefix(f.Name, "__") || to.Kind != gql.Object {
					continue
				}
				if to.Name != f.Type.Name() {
					selects = "{ ... on " + to.Name + " { %s } }"
				}
				ways[to.Name] = fmt.Sprintf(ways[queue[0]], f.Name+argumentsOf(s, f, nil)+" "+selects)
				queue = append(queue, to.Name)
			}
		}
	}
	return ways
}

// argumentsOf are the arguments of a field that must be given, and those that are said, as they are written.
func argumentsOf(s *gql.Schema, f *gql.FieldDefinition, said map[string]string) string {
	var all []string
	for _, a := range f.Arguments {
		if text, ok := said[a.Name]; ok {
			all = append(all, a.Name+": "+text)
		} else if a.Type.NonNull && a.DefaultValue == nil {
			all = append(all, a.Name+": "+asLiteral(sample(s, a.Type)))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// leaf is what is selected of a field that answers objects.
func leaf(s *gql.Schema, f *gql.FieldDefinition) string {
	if s.Types[f.Type.Name()].IsCompositeType() {
		return " { __typename }"
	}
	return ""
}
