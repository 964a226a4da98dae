package kit

import (
	"reflect"
	"strings"
)

// OptOf turns a pointer into an optional field; nil means that the field was left out.
func OptOf[T any](v *T) Opt[T] { return Opt[T]{Set: v != nil, Value: v} }

// Needed returns the new value of a field that cannot be emptied. ok is false if there is none: the field was
// left out, or it was null, which is a REQUIRED fault.
func Needed[T any](f *Faults, name string, o Opt[T]) (v T, ok bool) {
	if v, ok = Given(o); o.Set && !ok {
		f.Add(CodeRequired, "input."+name, "required", nil)
	}
	return v, ok
}

// ApplyNeeded changes a field that cannot be emptied; null is a REQUIRED fault.
func ApplyNeeded[T any](fields *[]string, f *Faults, name string, o Opt[T], to *T) {
	if v, ok := Needed(f, name, o); ok {
		Become(fields, name, to, v)
	}
}

// ApplyValue changes a field that may be empty; null empties it.
func ApplyValue[T any](fields *[]string, name string, o Opt[T], to **T) {
	if o.Set {
		Become(fields, name, to, o.Value)
	}
}

// Set copies v to its target; nil changes nothing.
func Set[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

// Given returns the value of an input field. ok is false if the field was left out or is null.
func Given[T any](o Opt[T]) (v T, ok bool) {
	if o.Value != nil {
		return *o.Value, true
	}
	return v, false
}

// Become sets a field. If the value differs from the old one, it adds the name to fields.
func Become[T any](fields *[]string, name string, to *T, v T) {
	if !reflect.DeepEqual(*to, v) {
		*fields = append(*fields, name)
		*to = v
	}
}

// ApplyText sets a text without leading and trailing space, and adds its name to fields if it changed. Null
// removes the text; a field that was left out stays.
func ApplyText(fields *[]string, name string, o Opt[string], to **string) {
	if !o.Set {
		return
	}
	Become(fields, name, to, Trimmed(o.Value))
}

// Trimmed returns a text without leading and trailing space, nil for nil.
func Trimmed(s *string) *string {
	if s == nil {
		return nil
	}
	return new(strings.TrimSpace(*s))
}

// ApplyTranslations changes a text in the languages that the input names. Null removes the whole text; a field
// that was left out stays.
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

// ApplyList replaces a list by the items of the input, each converted by turn, and adds its name to fields if it
// changed. Null empties the list; a field that was left out stays.
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
