package graph

import (
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// CostFaults are the lists and counts whose cost nobody declared, and declarations of what is no list.
func CostFaults() (faults []string) {
	schema, declared := newSchema(nil).Schema(), map[string]bool{}
	for _, object := range schema.Types {
		for _, f := range object.Fields {
			name := object.Name + "." + f.Name
			of := schema.Types[f.Type.Name()]
			if _, weighed := weights[name]; f.Name == "totalCount" && !weighed {
				faults = append(faults, name+" has no weight in cost.go")
			}
			switch {
			case f.Type.Elem == nil && isConnection(of.Name):
				if f.Arguments.ForName("first") == nil {
					faults = append(faults, name+" is a connection without first")
				}
			case f.Type.Elem == nil || !of.IsCompositeType() || isConnection(object.Name):
			case sizes[name] > 0 || sizedBy[name] != "" && f.Arguments.ForName(sizedBy[name]) != nil:
				declared[name] = true
			case object.IsInputType():
			default:
				faults = append(faults, name+" has no size in cost.go")
			}
		}
	}
	for name := range sizes {
		if !declared[name] {
			faults = append(faults, fmt.Sprintf("%s has a size and is no list", name))
		}
	}
	return faults
}

// ReadsScalar says whether values of a custom scalar are read.
func ReadsScalar(name string) bool { return scalars[name].read != nil }

// AroundFields puts f around each field that a handler of NewHandler resolves.
func AroundFields(h http.Handler, f graphql.FieldMiddleware) { h.(*endpoint).exec.AroundFields(f) }
