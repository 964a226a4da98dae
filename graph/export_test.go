package graph

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// CostFaults are the lists whose cost neither the schema nor a rule says, and what the schema says of costs
// without effect.
func CostFaults(schema *ast.Schema) (faults []string) {
	fault := func(where, what string) { faults = append(faults, where+" "+what) }
	for _, object := range schema.Types {
		if n, ok := directiveNumber(object.Directives, costDirective, costWeight); ok && n == dearest {
			fault(object.Name, "has a weight that is no whole number")
		}
		if object.Kind != ast.Object && object.Directives.ForName(costDirective) != nil {
			fault(object.Name, "has a weight and is no object")
		}
		for _, f := range object.Fields {
			for _, what := range costFaultsOf(schema, object, f) {
				fault(object.Name+"."+f.Name, what)
			}
		}
	}
	return faults
}

func costFaultsOf(schema *ast.Schema, object *ast.Definition, f *ast.FieldDefinition) (faults []string) {
	of := schema.Types[f.Type.Name()]
	list, taken := f.Type.Elem != nil && of.IsCompositeType(), priceOf(schema, object, f).size
	cost, size := f.Directives.ForName(costDirective), f.Directives.ForName(sizeDirective)
	if n, ok := directiveNumber(f.Directives, costDirective, costWeight); ok && n == dearest {
		faults = append(faults, "has a weight that is no whole number")
	}
	if cost != nil && object.Kind != ast.Object {
		faults = append(faults, "has a weight and is of no object")
	}
	for _, a := range f.Arguments {
		if a.Directives.ForName(costDirective) != nil {
			faults = append(faults, "has an argument with a weight, and arguments are not weighed")
		}
	}
	if isConnection(of.Name) && f.Arguments.ForName("first") == nil {
		faults = append(faults, "is a connection without first")
	}
	switch {
	case size == nil:
		if !object.IsInputType() && list && taken == dearest {
			faults = append(faults, "has no size")
		}
	case !list || isConnection(object.Name):
		faults = append(faults, "has a size and is no list of objects, or one in a connection")
	case len(size.Arguments) != 1 || taken < 1 || taken == dearest:
		faults = append(faults, "has a size that is no positive number, or more than a size")
	}
	return faults
}

// ReadsScalar says whether values of a custom scalar are read.
func ReadsScalar(name string) bool { return scalars[name].read != nil }

// AroundFields puts f around each field that a handler of NewHandler resolves.
func AroundFields(h http.Handler, f graphql.FieldMiddleware) { h.(*endpoint).exec.AroundFields(f) }
