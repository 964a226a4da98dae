package kit

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// Opt is an input field that distinguishes absent, null and a value: Set is false if it is absent, Value is nil
// if it is null.
type Opt[T any] struct {
	Set   bool
	Value *T
}

// Some returns a field with a value.
func Some[T any](v T) Opt[T] { return Opt[T]{Set: true, Value: &v} }

// Null returns a field that is null.
func Null[T any]() Opt[T] { return Opt[T]{Set: true} }

// optional marks the type: the path of its value is the path of the field.
func (Opt[T]) optional() {}

// UnmarshalGQL reads the field as GraphQL reads literals and variables: nested scalars by their own rules, a
// single value as a list of one, and the fields of objects by name.
func (o *Opt[T]) UnmarshalGQL(v any) error {
	*o = Opt[T]{Set: true}
	if v == nil {
		return nil
	}
	o.Value = new(T)
	if err := decodeInput(reflect.ValueOf(o.Value).Elem(), v); err != nil {
		return &InputError{err.Error()}
	}
	return nil
}

// MarshalGQL writes the value as JSON. No answer contains an input; gqlgen needs the method to bind the type.
func (o Opt[T]) MarshalGQL(w io.Writer) { _ = json.NewEncoder(w).Encode(o.Value) }

type gqlReader interface{ UnmarshalGQL(any) error }

// decodeInput stores a raw input value in a Go value. gqlgen has already checked shapes and enum values against
// the schema, but not custom scalars.
func decodeInput(to reflect.Value, v any) error {
	if r, ok := to.Addr().Interface().(gqlReader); ok {
		return r.UnmarshalGQL(v)
	}
	switch to.Kind() {
	case reflect.Pointer:
		if v == nil {
			return nil
		}
		to.Set(reflect.New(to.Type().Elem()))
		return decodeInput(to.Elem(), v)
	case reflect.Slice:
		return decodeList(to, v)
	case reflect.Struct:
		return decodeObject(to, v)
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			return fmt.Errorf("a string is needed, not %s", kindOf(v))
		}
		to.SetString(s)
	case reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			return fmt.Errorf("true or false is needed, not %s", kindOf(v))
		}
		to.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(fmt.Sprint(v), 10, 32)
		if _, text := v.(string); text || err != nil {
			return fmt.Errorf("a whole number of at most 32 bits is needed, not %s", kindOf(v))
		}
		to.SetInt(n)
	default:
		return fmt.Errorf("inputs of type %s cannot be read", to.Type())
	}
	return nil
}

func decodeList(to reflect.Value, v any) error {
	if v == nil {
		return nil
	}
	// A variable with a single value for a list arrives as a slice of that value's own type.
	items := reflect.ValueOf(v)
	if items.Kind() != reflect.Slice {
		items = reflect.ValueOf([]any{v})
	}
	list := reflect.MakeSlice(to.Type(), items.Len(), items.Len())
	for i := range items.Len() {
		if err := decodeInput(list.Index(i), items.Index(i).Interface()); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	to.Set(list)
	return nil
}

func decodeObject(to reflect.Value, v any) error {
	fields, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("an object is needed, not %s", kindOf(v))
	}
	for i := range to.NumField() {
		name := InputName(to.Type().Field(i))
		value, given := fields[name]
		if !given {
			continue
		}
		if err := decodeInput(to.Field(i), value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// InputName returns a Go field's name in the schema: LogoURL is logoUrl.
func InputName(f reflect.StructField) string {
	name := strings.NewReplacer("URL", "Url", "ID", "Id").Replace(f.Name)
	return strings.ToLower(name[:1]) + name[1:]
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case string:
		return "a string"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		return "a number"
	}
}
