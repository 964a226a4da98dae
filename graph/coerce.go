package graph

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"

	"memberportal/internal/events"
	"memberportal/internal/kit"
)

// Input coercion (GraphQL §3.5 to §3.12 and §6.1.2) is done here and nowhere else, for variables and
// literals alike: what reaches the executor has the types of the schema already. gqlparser compares enum
// values without regard to case, lets numbers pass for strings and looks at no custom scalar.

// A literal comes as these types, JSON as those of encoding/json with numbers as they were written.
type (
	// enumName is a literal that is a name and no keyword: an enum value.
	enumName string
	// coerced is what a variable in a literal stands for.
	coerced struct{ value any }
)

// maxFaults is where coercion gives up: an answer shows fewer.
const maxFaults = 20

// coercion coerces the values of one variable, argument or default value after another and collects what
// is wrong with them.
type coercion struct {
	schema *ast.Schema
	// literal says that values are written in the document, where an enum value is a name and no string.
	literal bool
	faults  []inputFault
	// root names what is coerced: "$input", or "Query.members(filter:)"; path leads from there to the value.
	root     string
	path     []string
	position *ast.Position
}

// inputFault is one value that cannot be coerced.
type inputFault struct {
	// root, path and position say where it is, as in coercion.
	root     string
	path     []string
	position *ast.Position
	// key is of the catalogue of messages, params are its parameters beside at.
	key    string
	params map[string]string
}

// refuse notes what is wrong with a value.
func (c *coercion) refuse(v any, key string, params map[string]string) any {
	if v != nil {
		params["value"] = quoted(v)
	}
	c.faults = append(c.faults, inputFault{c.root, slices.Clone(c.path), c.position, key, params})
	return nil
}

// needs are the parameters of messages for which it matters that a type takes no null, named those of others.
func needs(t *ast.Type) map[string]string { return map[string]string{"type": t.String()} }

func named(t *ast.Type) map[string]string {
	return map[string]string{"type": strings.TrimSuffix(t.String(), "!")}
}

func (c *coercion) full() bool { return len(c.faults) >= maxFaults }

// quoted shows a value in a message; what it holds is not shown.
func quoted(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(kit.Clip(v))
	case enumName:
		return kit.Clip(string(v))
	case json.Number:
		return kit.Clip(string(v))
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return "[…]"
	case map[string]any:
		return "{…}"
	}
	return "…"
}

// value coerces a value to a type of the schema. After a fault the result means nothing.
func (c *coercion) value(t *ast.Type, v any) any {
	if whole, ok := v.(coerced); ok {
		if v = whole.value; v != nil || !t.NonNull {
			return v
		}
	}
	switch {
	case c.full():
		return nil
	case v == nil && t.NonNull:
		return c.refuse(nil, "coerce.null", needs(t))
	case v == nil:
		return nil
	case t.Elem != nil:
		return c.list(t, v)
	}
	switch of := c.schema.Types[t.NamedType]; of.Kind {
	case ast.Enum:
		return c.enum(t, of, v)
	case ast.InputObject:
		return c.object(t, of, v)
	default:
		return c.scalar(t, v)
	}
}

// list coerces each item; a single value is a list of one (§3.11).
func (c *coercion) list(t *ast.Type, v any) any {
	items, ok := v.([]any)
	if !ok {
		return []any{c.value(t.Elem, v)}
	}
	list := make([]any, len(items))
	for i, item := range items {
		if c.full() {
			return nil
		}
		c.path = append(c.path, strconv.Itoa(i))
		list[i] = c.value(t.Elem, item)
		c.path = c.path[:len(c.path)-1]
	}
	return list
}

// enum takes the exact name of a value (§2.1.9, §3.9): as a name in a document, as a string in JSON.
func (c *coercion) enum(t *ast.Type, of *ast.Definition, v any) any {
	written, ok := v.(string)
	if c.literal {
		var n enumName
		n, ok = v.(enumName)
		written = string(n)
	}
	if !ok || of.EnumValues.ForName(written) == nil {
		return c.refuse(v, "coerce.enum", named(t))
	}
	return written
}

// object coerces each field; defaults take the place of what is left out (§3.10).
func (c *coercion) object(t *ast.Type, of *ast.Definition, v any) any {
	fields, ok := v.(map[string]any)
	if !ok {
		return c.refuse(v, "coerce.value", named(t))
	}
	object := make(map[string]any, len(fields))
	for _, f := range of.Fields {
		given, ok := fields[f.Name]
		c.path = append(c.path, f.Name)
		switch {
		case ok:
			object[f.Name] = c.value(f.Type, given)
		case f.DefaultValue != nil:
			object[f.Name] = c.defaulted(f.Type, f.DefaultValue)
		case f.Type.NonNull:
			c.refuse(nil, "coerce.missing", needs(f.Type))
		}
		c.path = c.path[:len(c.path)-1]
	}
	if len(object) < len(fields) || len(c.faults) > 0 {
		c.unknown(t, of, fields)
	}
	if of.Directives.ForName("oneOf") != nil && !exactlyOne(fields) {
		return c.refuse(nil, "coerce.oneOf", named(t))
	}
	return object
}

// unknown notes the fields that the type does not have, in one order.
func (c *coercion) unknown(t *ast.Type, of *ast.Definition, fields map[string]any) {
	var unknown []string
	for field := range fields {
		if of.Fields.ForName(field) == nil {
			unknown = append(unknown, field)
		}
	}
	slices.Sort(unknown)
	for _, field := range unknown {
		if c.full() {
			return
		}
		c.path = append(c.path, field)
		c.refuse(nil, "coerce.unknown", named(t))
		c.path = c.path[:len(c.path)-1]
	}
}

func exactlyOne(fields map[string]any) bool {
	for _, v := range fields {
		if whole, ok := v.(coerced); ok {
			v = whole.value
		}
		return len(fields) == 1 && v != nil
	}
	return false
}

// defaulted is a default value of the schema, which is written as a literal.
func (c *coercion) defaulted(t *ast.Type, v *ast.Value) any {
	schemas := coercion{schema: c.schema, literal: true}
	raw, _ := written(v, nil)
	return schemas.value(t, raw)
}

// scalar takes JSON's or the document's own kind of value and no other: numbers are no strings and strings
// no numbers (§3.5). Only for an ID a whole number counts as its digits.
func (c *coercion) scalar(t *ast.Type, v any) any {
	if s, ok := v.(string); ok && !utf8.ValidString(s) { // it was to be refused before
		return c.refuse(v, "coerce.value", named(t))
	}
	switch t.NamedType {
	case "Int":
		if digits, ok := whole(v); ok {
			if n, err := strconv.ParseInt(digits, 10, 32); err == nil {
				return n
			}
		}
	case "Float":
		if n, ok := v.(json.Number); ok {
			if f, err := n.Float64(); err == nil { // out of range is an error
				return f
			}
		}
	case "Boolean":
		if b, ok := v.(bool); ok {
			return b
		}
	case "String":
		if s, ok := v.(string); ok {
			return s
		}
	case "ID":
		if s, ok := v.(string); ok {
			return s
		}
		if digits, ok := whole(v); ok {
			return digits
		}
	default:
		custom := scalars[t.NamedType]
		if s, ok := v.(string); ok && custom.read(s) == nil {
			return s
		}
		return c.refuse(v, "coerce.scalar", map[string]string{"type": t.NamedType, "value": quoted(v), "example": custom.example})
	}
	return c.refuse(v, "coerce.value", named(t))
}

// longestNumber is how many letters and zeros a number that may be whole has at most.
const longestNumber = 40

// whole is the digits of a number without a fraction, however it is written: 1.0 and 1e0 are 1.
func whole(v any) (digits string, ok bool) {
	n, ok := v.(json.Number)
	if !ok || len(n) > longestNumber {
		return "", false
	}
	mantissa, power, _ := strings.Cut(strings.ToLower(string(n)), "e")
	exponent, err := strconv.Atoi(cmp.Or(power, "0"))
	if err != nil || exponent < -longestNumber || exponent > longestNumber {
		return "", false
	}
	sign := ""
	if rest, negative := strings.CutPrefix(mantissa, "-"); negative {
		sign, mantissa = "-", rest
	}
	before, behind, _ := strings.Cut(mantissa, ".")
	digits = before + behind
	if point := len(before) + exponent; point < len(digits) {
		cut := max(point, 0)
		if strings.Trim(digits[cut:], "0") != "" {
			return "", false
		}
		digits = digits[:cut]
	} else {
		digits += strings.Repeat("0", point-len(digits))
	}
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return "0", true
	}
	return sign + digits, true
}

// scalar is how a custom scalar is read. All of them are strings.
type scalar struct {
	// read says what is wrong with a value.
	read    func(string) error
	example string
}

// scalars are the custom scalars that stand in inputs; a guard test misses none.
var scalars = map[string]scalar{
	"Date":          {readBy[kit.Date], "2025-03-31"},
	"DateTime":      {readBy[kit.DateTime], "2025-03-31T12:00:00Z"},
	"Decimal":       {readBy[kit.Decimal], "1987.50"},
	"LocalDateTime": {readBy[events.LocalDateTime], "2025-05-12T09:30"},
}

func readBy[T any, P interface {
	*T
	UnmarshalGQL(any) error
}](s string) error {
	return P(new(T)).UnmarshalGQL(s)
}
