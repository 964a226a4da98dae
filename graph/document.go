package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"memberportal/internal/kit"
)

// documents makes of what a request carries what the executor runs: one operation of a valid document, and
// the coerced values of its variables and arguments.
type documents struct {
	schema *ast.Schema
	rules  *rules.Rules
	guard  guard
	// known are valid documents by their text.
	known *lru.LRU[*document]
}

const cachedDocs = 1000

func newDocuments(schema *ast.Schema, limits Limits, introspection bool) *documents {
	return &documents{schema, rulesOf(introspection), guard{limits}, lru.New[*document](cachedDocs)}
}

// rulesOf are the rules of validation. Without introspection their errors suggest no names.
func rulesOf(introspection bool) *rules.Rules {
	all := rules.NewDefaultRules()
	if introspection {
		return all
	}
	for loud, silent := range map[string]core.Rule{
		rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	} {
		all.ReplaceRule(loud, silent.RuleFunc)
	}
	return all
}

// document is a valid document. Many requests use it at once; nothing in it changes.
type document struct {
	operations []*operation
}

// prepared is a request that is ready for the executor.
type prepared struct {
	operation *operation
	// values are those of variables and of arguments, which lift made variables as well.
	values map[string]any
}

// prepare finds what a request asks for, or says everything that is wrong with it.
func (d *documents) prepare(ctx context.Context, params *graphql.RawParams) (*prepared, gqlerror.List) {
	doc, errs := d.document(ctx, params)
	if errs != nil {
		return nil, errs
	}
	op, err := doc.operation(ctx, params.OperationName)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	values, faults := op.coerce(d.schema, params.Variables)
	if len(faults) > 0 {
		return nil, presentFaults(ctx, faults, string(kit.BadUserInput))
	}
	return &prepared{op, values}, nil
}

func (d *documents) document(ctx context.Context, params *graphql.RawParams) (*document, gqlerror.List) {
	if doc, ok := d.known.Get(ctx, params.Query); ok {
		return doc, nil
	}
	text := params.Query
	if err := d.guard.MutateOperationParameters(ctx, params); err != nil {
		return nil, gqlerror.List{err}
	}
	parsed, err := parse(ctx, text)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	if errs := validator.ValidateWithRules(d.schema, parsed, d.rules); len(errs) > 0 {
		for _, err := range errs {
			short(err)
			errcode.Set(err, errcode.ValidationFailed)
		}
		return nil, errs
	}
	doc, faults := lift(d.schema, parsed)
	if len(faults) > 0 {
		return nil, presentFaults(ctx, faults, errcode.ValidationFailed)
	}
	d.known.Add(ctx, text, doc)
	return doc, nil
}

// parse parses a document of at least one operation.
func parse(ctx context.Context, text string) (*ast.QueryDocument, *gqlerror.Error) {
	failed := func(err *gqlerror.Error) *gqlerror.Error {
		short(err)
		errcode.Set(err, errcode.ParseFailed)
		return err
	}
	if line, column, ok := unpairedSurrogate(text); ok {
		err := shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "request.unicode"})
		err.Locations = []gqlerror.Location{{Line: line, Column: column}}
		return nil, failed(err)
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		wrong, ok := errors.AsType[*gqlerror.Error](err)
		if !ok {
			wrong = gqlerror.Wrap(err)
		}
		return nil, failed(wrong)
	}
	if len(doc.Operations) == 0 {
		err := shown(ctx, &kit.Refusal{Code: kit.BadUserInput, Key: "request.empty"})
		errcode.Set(err, errcode.ValidationFailed)
		return nil, err
	}
	for _, f := range doc.Fragments {
		if len(f.VariableDefinition) > 0 { // an experiment of graphql-js, not of the language (§2.8)
			return nil, failed(gqlerror.ErrorPosf(f.VariableDefinition[0].Position, `Fragment "%s" defines variables. Only operations do.`, f.Name))
		}
	}
	if position, name := longName(doc); position != nil {
		return nil, failed(gqlerror.ErrorPosf(position, `The name "%s" is longer than %d letters.`, name, maxName))
	}
	return doc, nil
}

// operation is the one that a request names; it may leave the name out if there is only one (§6.1).
func (d *document) operation(ctx context.Context, name string) (*operation, *gqlerror.Error) {
	if name == "" && len(d.operations) == 1 {
		return d.operations[0], nil
	}
	for _, op := range d.operations {
		if op.Name == name && name != "" {
			return op, nil
		}
	}
	refusal := &kit.Refusal{Code: kit.BadUserInput, Key: "request.operations"}
	if name != "" {
		refusal = &kit.Refusal{Code: kit.BadUserInput, Key: "request.operationName", Params: map[string]string{"name": name}}
	}
	err := shown(ctx, refusal)
	errcode.Set(err, errcode.ValidationFailed)
	return nil, err
}

// The executor finds what was prepared in the request's context: prepared documents are its cache, so that it
// neither parses nor validates, and prepared values are an operation's variables.
type handedOver struct{}

type preparedKey struct{}

func (p *prepared) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, preparedKey{}, p)
}

// Get is the document that the request's context holds.
func (handedOver) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	p, ok := ctx.Value(preparedKey{}).(*prepared)
	if !ok {
		return nil, false
	}
	return p.operation.alone, true
}

// Add keeps nothing: documents are kept before.
func (handedOver) Add(context.Context, string, *ast.QueryDocument) {}

// ExtensionName is the name among gqlgen's extensions.
func (handedOver) ExtensionName() string { return "Prepared" }

// Validate has nothing to ask of the schema.
func (handedOver) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext gives the operation its values.
func (handedOver) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if p, ok := ctx.Value(preparedKey{}).(*prepared); ok {
		op.Variables = p.values
	}
	return nil
}
