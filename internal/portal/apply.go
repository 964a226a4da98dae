package portal

import (
	"reflect"
	"strings"
)

// optOf is a field that was given a value, or was left out.
func optOf[T any](v *T) Opt[T] { return Opt[T]{Set: v != nil, Value: v} }

// needed is the new value of a field that must have one; ok is false if it stays as it is.
func needed[T any](f *faults, name string, o Opt[T]) (v T, ok bool) {
	if v, ok = given(o); o.Set && !ok {
		f.add(CodeRequired, "input."+name, "required", nil)
	}
	return v, ok
}

// applyNeeded changes a field that must have a value.
func applyNeeded[T any](fields *[]string, f *faults, name string, o Opt[T], to *T) {
	if v, ok := needed(f, name, o); ok {
		become(fields, name, to, v)
	}
}

// applyValue changes a field that may be empty.
func applyValue[T any](fields *[]string, name string, o Opt[T], to **T) {
	if o.Set {
		become(fields, name, to, o.Value)
	}
}

func set[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

func given[T any](o Opt[T]) (v T, ok bool) {
	if o.Value != nil {
		return *o.Value, true
	}
	return v, false
}

// become sets a field and notes its name if that changes it.
func become[T any](fields *[]string, name string, to *T, v T) {
	if !reflect.DeepEqual(*to, v) {
		*fields = append(*fields, name)
		*to = v
	}
}

func applyText(fields *[]string, name string, o Opt[string], to **string) {
	if !o.Set {
		return
	}
	become(fields, name, to, trimmed(o.Value))
}

func trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	return new(strings.TrimSpace(*s))
}

// applyTranslations changes a text language by language; null removes it.
func applyTranslations(fields *[]string, name string, o Opt[[]TranslationInput], to **LocalizedText) {
	if !o.Set {
		return
	}
	var v *LocalizedText
	if o.Value != nil {
		v = (*to).with(*o.Value)
	}
	become(fields, name, to, v)
}

func applyList[In, Out any](fields *[]string, name string, o Opt[[]In], to *[]Out, turn func(In) Out) {
	if !o.Set {
		return
	}
	items, _ := given(o)
	v := make([]Out, len(items))
	for i, item := range items {
		v[i] = turn(item)
	}
	become(fields, name, to, v)
}
