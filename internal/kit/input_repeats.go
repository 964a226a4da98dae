package kit

import (
	"context"
	"reflect"
	"strconv"
)

// WithoutRepeats drops repeated entries from the lists of a query's decoded argument, because a filter counts a
// value once. It changes what v points to, so v must have been decoded for this request alone.
func WithoutRepeats(v any) any {
	if v == nil {
		return nil
	}
	return merged(reflect.ValueOf(v)).Interface()
}

func merged(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && v.Elem().CanSet() {
			v.Elem().Set(merged(v.Elem()))
		}
	case reflect.Struct:
		whole := reflect.New(v.Type()).Elem()
		whole.Set(v)
		for i := range whole.NumField() {
			if field := whole.Field(i); field.CanSet() {
				field.Set(merged(field))
			}
		}
		return whole
	case reflect.Slice:
		kept := reflect.MakeSlice(v.Type(), 0, v.Len())
		seen := entries{}
		for i := range v.Len() {
			if entry := v.Index(i); seen.add(entry) {
				kept = reflect.Append(kept, merged(entry))
			}
		}
		if !v.IsNil() {
			return kept
		}
	}
	return v
}

// entries are the distinct entries of one list.
type entries struct {
	values  map[any]bool
	objects []any
}

// add says whether an entry is new. It compares an object with every earlier one, so lists of objects must be
// short.
func (e *entries) add(v reflect.Value) bool {
	if v.Kind() == reflect.Struct {
		for _, o := range e.objects {
			if reflect.DeepEqual(o, v.Interface()) {
				return false
			}
		}
		e.objects = append(e.objects, v.Interface())
		return true
	}
	if !v.Comparable() || e.values[v.Interface()] {
		return !v.Comparable()
	}
	if e.values == nil {
		e.values = map[any]bool{}
	}
	e.values[v.Interface()] = true
	return true
}

// Repeats returns the paths of values that are repeated in the lists of a mutation's input; path is the path of
// the input. It skips objects: the service knows when two of them are the same.
func Repeats(path string, v any) []string { return repeats(nil, path, reflect.ValueOf(v)) }

func repeats(found []string, path string, v reflect.Value) []string {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return repeats(found, path, v.Elem())
		}
	case reflect.Struct:
		_, optional := v.Interface().(interface{ optional() })
		for i := range v.NumField() {
			field := v.Type().Field(i)
			switch {
			case !field.IsExported():
			case optional:
				found = repeats(found, path, v.Field(i))
			default:
				found = repeats(found, path+"."+InputName(field), v.Field(i))
			}
		}
	case reflect.Slice:
		seen := entries{}
		for i := range v.Len() {
			at, entry := path+"."+strconv.Itoa(i), v.Index(i)
			if entry.Kind() == reflect.String && !seen.add(entry) {
				found = append(found, at)
			}
			found = repeats(found, at, entry)
		}
	}
	return found
}

type repeatsKey struct{}

// WithRepeats tells the services which entries of the input are repeated. Each becomes a DUPLICATE in userErrors,
// and nothing is written.
func WithRepeats(ctx context.Context, paths []string) context.Context {
	if len(paths) == 0 {
		return ctx
	}
	return context.WithValue(ctx, repeatsKey{}, paths)
}
