package kit

import (
	"reflect"
	"strings"
)

// OptOf is a field that was given a value, or was left out.
func OptOf[T any](v *T) Opt[T] { return Opt[T]{Set: v != nil, Value: v} }

// Needed is the new value of a field that must have one; ok is false if it stays as it is.
func Needed[T any](f *Faults, name string, o Opt[T]) (v T, ok bool) {
	if v, ok = Given(o); o.Set && !ok {
		f.Add(CodeRequired, "input."+name, "required", nil)
	}
	return v, ok
}

// ApplyNeeded changes a field that must have a value.
func ApplyNeeded[T any](fields *[]string, f *Faults, name string, o Opt[T], to *T) {
	if v, ok := Needed(f, name, o); ok {
		Become(fields, name, to, v)
	}
}

// ApplyValue changes a field that may be empty.
func ApplyValue[T any](fields *[]string, name string, o Opt[T], to **T) {
	if o.Set {
		Become(fields, name, to, o.Value)
	}
}

// Set sets a value to another one, if that is there.
func Set[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

// Given is the value of an input, and whether it was given and is not null.
func Given[T any](o Opt[T]) (v T, ok bool) {
	if o.Value != nil {
		return *o.Value, true
	}
	return v, false
}

// Become sets a field and notes its name if that changes it.
func Become[T any](fields *[]string, name string, to *T, v T) {
	if !reflect.DeepEqual(*to, v) {
		*fields = append(*fields, name)
		*to = v
	}
}

// ApplyText sets a text without the space around it, if it was given, and notes the name of the field if that changes it;
// null removes it.
func ApplyText(fields *[]string, name string, o Opt[string], to **string) {
	if !o.Set {
		return
	}
	Become(fields, name, to, Trimmed(o.Value))
}

// Trimmed is a text without the space around it, nil for nil.
func Trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	return new(strings.TrimSpace(*s))
}

// ApplyTranslations changes a text language by language; null removes it.
func ApplyTranslations(fields *[]string, name string, o Opt[[]TranslationInput], to **LocalizedText) {
	if !o.Set {
		return
	}
	var v *LocalizedText
	if o.Value != nil {
		v = (*to).With(*o.Value)
	}
	Become(fields, name, to, v)
}

// ApplyList sets a list, whose items turn makes of those of the input, if it was given, and notes the name of the field if
// that changes it.
func ApplyList[In, Out any](fields *[]string, name string, o Opt[[]In], to *[]Out, turn func(In) Out) {
	if !o.Set {
		return
	}
	items, _ := Given(o)
	v := make([]Out, len(items))
	for i, item := range items {
		v[i] = turn(item)
	}
	Become(fields, name, to, v)
}
