package graph

import (
	"encoding/json"
	"maps"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"memberportal/internal/kit"
)

// operation is one operation of a valid document.
type operation struct {
	*ast.OperationDefinition
	// alone is a document of this operation and the fragments. The operation defines no variables there and
	// takes every argument from a variable that lift made, so that the executor coerces nothing.
	alone     *ast.QueryDocument
	variables []variable
	lifted    *lifted
}

// variable is a variable that an operation defines.
type variable struct {
	*ast.VariableDefinition
	// initial is the coerced default value, if it has one.
	initial any
}

// lifted are the arguments of a document.
type lifted struct {
	// arguments are all as they were written, by the names of the variables that stand for them.
	arguments map[string]argument
	// constants are the coerced values of those that need no variables.
	constants map[string]any
	fragments map[string]*ast.FragmentDefinition
}

// argument is an argument as it was written.
type argument struct {
	definition *ast.ArgumentDefinition
	value      *ast.Value
	root       string
	position   *ast.Position
}

// lift takes the arguments out of a valid document: a variable takes the place of each, which is named by a
// number, as no other variable can be. A literal that cannot be coerced is a fault, also where validation
// does not look: in custom scalars.
func lift(schema *ast.Schema, doc *ast.QueryDocument) (*document, []inputFault) {
	l := &lifting{
		coercion: coercion{schema: schema, literal: true},
		lifted:   &lifted{map[string]argument{}, map[string]any{}, map[string]*ast.FragmentDefinition{}},
	}
	for _, f := range doc.Fragments {
		l.lifted.fragments[f.Name] = f
		l.set(f.SelectionSet)
	}
	out := &document{}
	for _, o := range doc.Operations {
		l.set(o.SelectionSet)
		op := &operation{OperationDefinition: o, lifted: l.lifted, variables: l.variables(o)}
		alone := *o
		alone.VariableDefinitions = nil
		op.alone = &ast.QueryDocument{Operations: ast.OperationList{&alone}, Fragments: doc.Fragments, Position: doc.Position}
		out.operations = append(out.operations, op)
	}
	return out, l.faults
}

type lifting struct {
	coercion
	lifted *lifted
}

func (l *lifting) variables(o *ast.OperationDefinition) []variable {
	var all []variable
	for _, v := range o.VariableDefinitions {
		x := variable{VariableDefinition: v}
		if v.DefaultValue != nil {
			l.root, l.position = "$"+v.Variable, v.DefaultValue.Position
			raw, _ := written(v.DefaultValue, nil)
			x.initial = l.value(v.Type, raw)
		}
		all = append(all, x)
	}
	return all
}

func (l *lifting) set(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			l.directives(s.Directives)
			l.arguments(s.ObjectDefinition.Name+"."+s.Name, s.Definition.Arguments, s.Arguments)
			l.set(s.SelectionSet)
		case *ast.InlineFragment:
			l.directives(s.Directives)
			l.set(s.SelectionSet)
		case *ast.FragmentSpread:
			l.directives(s.Directives)
		}
	}
}

func (l *lifting) directives(all ast.DirectiveList) {
	for _, d := range all {
		l.arguments("@"+d.Name, d.Definition.Arguments, d.Arguments)
	}
}

func (l *lifting) arguments(of string, definitions ast.ArgumentDefinitionList, given ast.ArgumentList) {
	for _, a := range given {
		x := argument{definitions.ForName(a.Name), a.Value, of + "(" + a.Name + ":)", a.Position}
		key := strconv.Itoa(len(l.lifted.arguments))
		l.lifted.arguments[key] = x
		if !usesVariables(a.Value) {
			l.root, l.position = x.root, x.position
			raw, _ := written(a.Value, nil)
			l.lifted.constants[key] = l.value(x.definition.Type, raw)
		}
		a.Value = &ast.Value{Kind: ast.Variable, Raw: key, Position: a.Value.Position}
	}
}

func usesVariables(v *ast.Value) bool {
	if v.Kind == ast.Variable {
		return true
	}
	for _, child := range v.Children {
		if usesVariables(child.Value) {
			return true
		}
	}
	return false
}

// written is a literal as coercion takes it; it is absent if it is a variable without a value (§6.4.1).
func written(v *ast.Value, variables map[string]any) (raw any, present bool) {
	switch v.Kind {
	case ast.Variable:
		value, ok := variables[v.Raw]
		return coerced{value}, ok
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw), true
	case ast.StringValue, ast.BlockValue:
		return v.Raw, true
	case ast.BooleanValue:
		return v.Raw == "true", true
	case ast.EnumValue:
		return enumName(v.Raw), true
	case ast.ListValue:
		list := make([]any, len(v.Children))
		for i, child := range v.Children {
			if item, ok := written(child.Value, variables); ok { // an item that is absent is null (§3.11)
				list[i] = item
			}
		}
		return list, true
	case ast.ObjectValue:
		object := make(map[string]any, len(v.Children))
		for _, child := range v.Children {
			if field, ok := written(child.Value, variables); ok {
				object[child.Name] = field
			}
		}
		return object, true
	}
	return nil, true
}

// coerce coerces the variables of a request, and then the arguments of what it selects, which stand beside them.
// What is skipped needs no arguments.
func (o *operation) coerce(schema *ast.Schema, sent map[string]any) (map[string]any, []inputFault) {
	variables := make(map[string]any, len(o.variables))
	c := coercion{schema: schema}
	for _, v := range o.variables {
		c.root, c.position = "$"+v.Variable, v.Position
		value, ok := sent[v.Variable]
		switch {
		case ok:
			variables[v.Variable] = c.value(v.Type, value)
		case v.DefaultValue != nil:
			variables[v.Variable] = v.initial
		case v.Type.NonNull:
			c.refuse(nil, "coerce.missing", needs(v.Type))
		}
	}
	if len(c.faults) > 0 || len(o.variables) == 0 {
		return o.lifted.constants, c.faults
	}
	s := &selecting{
		coercion: coercion{schema: schema, literal: true}, lifted: o.lifted, variables: variables,
		values: maps.Clone(o.lifted.constants), spread: map[string]bool{},
	}
	maps.Copy(s.values, variables)
	s.set(o.SelectionSet)
	return s.values, s.faults
}

// selecting walks what an operation selects, as the executor will.
type selecting struct {
	coercion
	lifted    *lifted
	variables map[string]any
	values    map[string]any
	spread    map[string]bool
}

func (s *selecting) set(set ast.SelectionSet) {
	for _, x := range set {
		switch x := x.(type) {
		case *ast.Field:
			if s.selects(x.Directives) {
				s.arguments(x.Arguments)
				s.set(x.SelectionSet)
			}
		case *ast.InlineFragment:
			if s.selects(x.Directives) {
				s.set(x.SelectionSet)
			}
		case *ast.FragmentSpread:
			if s.selects(x.Directives) && !s.spread[x.Name] {
				s.spread[x.Name] = true
				s.set(s.lifted.fragments[x.Name].SelectionSet)
			}
		}
	}
}

// selects says whether @skip and @include let something be selected. Where their condition is at fault, it
// does not matter: nothing is executed.
func (s *selecting) selects(directives ast.DirectiveList) bool {
	for _, d := range directives {
		s.arguments(d.Arguments)
		if a := d.Arguments.ForName("if"); a != nil && (d.Name == "skip" || d.Name == "include") {
			if on, _ := s.values[a.Value.Raw].(bool); on == (d.Name == "skip") {
				return false
			}
		}
	}
	return true
}

// arguments coerces those that need variables. A variable without a value leaves its argument out (§6.4.1).
func (s *selecting) arguments(given ast.ArgumentList) {
	for _, a := range given {
		if _, constant := s.lifted.constants[a.Value.Raw]; constant {
			continue
		}
		x := s.lifted.arguments[a.Value.Raw]
		if s.root, s.position = x.root, x.position; x.value.Kind == ast.Variable {
			s.root += " $" + x.value.Raw
		}
		raw, present := written(x.value, s.variables)
		switch t := x.definition.Type; {
		case present:
			s.values[a.Value.Raw] = s.value(t, raw)
		case t.NonNull && x.definition.DefaultValue == nil:
			s.refuse(nil, "coerce.missing", needs(t))
		}
	}
}

// maxName is how long a name in a document may be: errors name the path to a field by the names that the
// document gives.
const maxName = 128

// longName is the first name of a document that is longer than maxName.
func longName(doc *ast.QueryDocument) (*ast.Position, string) {
	var at *ast.Position
	var long string
	check := func(position *ast.Position, names ...string) {
		for _, n := range names {
			if len(n) > maxName && at == nil {
				at, long = position, kit.Clip(n)
			}
		}
	}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				check(s.Position, s.Alias)
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			}
		}
	}
	for _, o := range doc.Operations {
		check(o.Position, o.Name)
		walk(o.SelectionSet)
	}
	for _, f := range doc.Fragments {
		walk(f.SelectionSet)
	}
	return at, long
}
