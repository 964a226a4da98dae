package graph

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"memberportal/internal/kit"
)

// The cost of an operation is the number of objects that its answer can hold and of entries of lists in
// its arguments: an object and an entry cost 1, a scalar nothing. The schema says what costs more and how
// long lists are taken to be, with the directives of
// https://ibm.github.io/graphql-specs/cost-spec.html, and leaves out what the rules below say.
const (
	costDirective = "cost"
	costWeight    = "weight"
	sizeDirective = "listSize"
	sizeAssumed   = "assumedSize"
)

const (
	// countWeight is what the totalCount of a connection costs. A count of 100,000 members took 8.6 ms on
	// SQLite, a search that ranks 1,000 hits 24 ms: so that a visitor’s six counts or one search stay at 50 ms
	// or below. Where a connection has counted its hits already, the schema says 0.
	countWeight = 800
	// errorsSize is how many faults of an input are taken to be answered.
	errorsSize = 5
)

// introspectionSizes are the lists of GraphQL's own types, which no directive of ours can stand on.
var introspectionSizes = map[string]int{
	"__Directive.args":     2,
	"__Field.args":         2,
	"__Schema.directives":  8,
	"__Schema.types":       150,
	"__Type.enumValues":    8,
	"__Type.fields":        8,
	"__Type.inputFields":   8,
	"__Type.interfaces":    1,
	"__Type.possibleTypes": 5,
}

// price is what a field costs.
type price struct {
	weight int    // of the field beside the objects that it holds
	each   int    // of each object
	size   int    // how many objects it holds, if nothing below says so
	pages  bool   // whether it is a connection, whose page its arguments size
	paged  bool   // whether it is a list in a connection, as long as the page
	asked  string // the argument with a list that the field's list is as long as
}

// schemaPrices are those of the schema that the portal serves, which is the same for all handlers.
var schemaPrices = sync.OnceValue(func() map[*ast.FieldDefinition]price { return pricesOf(newSchema(nil).Schema()) })

// pricesOf reads what each field of a schema costs. A number that cannot be read, and a list without a size, is
// taken for the dearest, so that it is refused; a test fails for both.
func pricesOf(schema *ast.Schema) map[*ast.FieldDefinition]price {
	prices := map[*ast.FieldDefinition]price{}
	for _, object := range schema.Types {
		for _, f := range object.Fields {
			prices[f] = priceOf(schema, object, f)
		}
	}
	return prices
}

func priceOf(schema *ast.Schema, object *ast.Definition, f *ast.FieldDefinition) price {
	p := price{each: eachOf(schema, f), size: 1}
	weight, weighed := directiveNumber(f.Directives, costDirective, costWeight)
	switch {
	case weighed:
		p.weight = weight
	case f.Name == "totalCount" && isConnection(object.Name):
		p.weight = countWeight
	}
	size, sized := directiveNumber(f.Directives, sizeDirective, sizeAssumed)
	switch {
	case isConnection(f.Type.Name()):
		p.pages = true
	case f.Type.Elem == nil:
	case isConnection(object.Name):
		p.paged = true
	case sized:
		p.size = size
	case f.Type.Name() == "UserError":
		p.size = errorsSize
	case listArgument(f) != "":
		p.asked = listArgument(f)
	case introspectionSizes[object.Name+"."+f.Name] > 0:
		p.size = introspectionSizes[object.Name+"."+f.Name]
	default:
		p.size = dearest
	}
	return p
}

// eachOf is what each object costs that a field holds: for an interface or a union, what the dearest type costs.
func eachOf(schema *ast.Schema, f *ast.FieldDefinition) int {
	if f.Name == "ofType" && f.Type.Name() == "__Type" { // two at most, whatever is asked: what a list or non-null type wraps
		return 0
	}
	most := 0
	for _, of := range schema.GetPossibleTypes(schema.Types[f.Type.Name()]) {
		weight, weighed := directiveNumber(of.Directives, costDirective, costWeight)
		if !weighed {
			weight = 1
		}
		most = max(most, weight)
	}
	return most
}

// listArgument is the one list that must be given with a field, empty if there is none or more than one.
func listArgument(f *ast.FieldDefinition) string {
	name := ""
	for _, a := range f.Arguments {
		if a.Type.Elem == nil || !a.Type.NonNull {
			continue
		}
		if name != "" {
			return ""
		}
		name = a.Name
	}
	return name
}

// directiveNumber is the number in a directive's argument, and whether the directive stands there.
func directiveNumber(directives ast.DirectiveList, directive, argument string) (int, bool) {
	d := directives.ForName(directive)
	if d == nil {
		return 0, false
	}
	a := d.Arguments.ForName(argument)
	if a == nil {
		return dearest, true
	}
	n, err := strconv.Atoi(a.Value.Raw)
	if err != nil || n < 0 || n > dearest {
		return dearest, true
	}
	return n, true
}

// Cost is what an operation costs and what it may cost, as extensions.cost.
type Cost struct {
	Requested int `json:"requested"`
	Limit     int `json:"limit"`
}

// costing refuses operations that cost too much before anything of them is executed.
type costing struct {
	limits Limits
	prices map[*ast.FieldDefinition]price
	// charge is told what an operation costs, what it asks about the schema included: the whole schema takes
	// 70 ms to answer, more than any other document.
	charge func(ctx context.Context, cost int)
}

// costKey is where an operation's statistics hold its cost.
const costKey = "cost"

// ExtensionName is the name among gqlgen's extensions.
func (costing) ExtensionName() string { return "Cost" }

// Validate has nothing to ask of the schema.
func (costing) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext notes the cost and refuses with BAD_USER_INPUT what costs too much.
func (c costing) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	count := counting{op: op, prices: c.prices, items: map[string]int{}}
	data := count.set(op.Operation.SelectionSet, 0)
	cost := Cost{data, c.limits.costOf(kit.ActorOf(ctx))}
	op.Stats.SetExtension(costKey, cost)
	if cost.Requested <= cost.Limit && count.introspection <= c.limits.Introspection {
		if c.charge != nil {
			c.charge(ctx, cost.Requested+count.introspection)
		}
		return nil
	}
	if cost.Requested <= cost.Limit {
		cost = Cost{count.introspection, c.limits.Introspection}
	}
	return shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "limit.cost", Params: map[string]string{
		"cost": strconv.Itoa(cost.Requested), "max": strconv.Itoa(cost.Limit),
	}})
}

// dearest is where counting stops, far below what an int holds times the size of a list.
const dearest = 1 << 30

// counting counts the cost of an operation whose fields guard has bounded.
type counting struct {
	op            *graphql.OperationContext
	prices        map[*ast.FieldDefinition]price
	introspection int
	// items are how many entries lists have in a variable.
	items map[string]int
}

// arguments is how many entries lists have in a field's arguments: they are read for each object that has
// the field.
func (c *counting) arguments(f graphql.CollectedField, p price) int {
	n := 0
	for _, a := range f.Arguments {
		if p.asked != a.Name { // else they are counted as what they ask for
			n += c.entries(a.Value.Raw)
		}
	}
	return n
}

// entries is how many entries lists have in a variable; lift put one in the place of each argument.
func (c *counting) entries(variable string) int {
	n, counted := c.items[variable]
	if !counted {
		n = items(c.op.Variables[variable])
		c.items[variable] = n
	}
	return n
}

// set is the cost of a selection; page is the page size if it is that of a connection.
func (c *counting) set(set ast.SelectionSet, page int) int {
	total := 0
	for _, f := range graphql.CollectFields(c.op, set, nil) {
		if f.Definition == nil {
			continue
		}
		p, known := c.prices[f.Definition]
		if !known { // __typename, which holds nothing, or a fault of ours, which is refused
			p = price{each: 1, size: dearest}
		}
		total = min(total+p.weight+c.arguments(f, p), dearest)
		if len(f.Selections) == 0 {
			continue
		}
		cost := c.field(f, p, page)
		if f.Name == "__schema" || f.Name == "__type" {
			c.introspection = min(c.introspection+cost, dearest)
		} else {
			total = min(total+cost, dearest)
		}
	}
	return min(total, dearest)
}

func (c *counting) field(f graphql.CollectedField, p price, page int) int {
	size, inner := p.size, 0
	switch {
	case p.pages:
		inner = pageSize(f.ArgumentMap(c.op.Variables))
	case p.paged:
		size = page
	case p.asked != "":
		size = min(length(f.ArgumentMap(c.op.Variables)[p.asked]), kit.MaxPage)
	}
	return min(size*(p.each+c.set(f.Selections, inner)), dearest)
}

func isConnection(typeName string) bool { return strings.HasSuffix(typeName, "Connection") }

// pageSize is how many items a connection can have. A size out of bounds is taken for the largest:
// the service refuses it.
func pageSize(args map[string]any) int {
	for _, name := range []string{"first", "last"} {
		if n, ok := args[name].(int64); ok {
			if n < 1 || n > kit.MaxPage {
				return kit.MaxPage
			}
			return int(n)
		}
	}
	return kit.DefaultPage
}

// length is that of a list, 1 where there is none.
func length(v any) int {
	if list, ok := v.([]any); ok {
		return len(list)
	}
	return 1
}
