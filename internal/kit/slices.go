package kit

import (
	"fmt"
	"slices"
)

// Present is a cell, nil if it is empty.
func Present(cell string) *string {
	if cell == "" {
		return nil
	}
	return &cell
}

// Deref is a value as text, empty for nil.
func Deref[T ~string](v *T) string {
	if v == nil {
		return ""
	}
	return string(*v)
}

// OrEmpty is the list, empty and not nil where there is none, as it is stored.
func OrEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Strings are values as texts.
func Strings[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// Optional is a value, nil if it is empty.
func Optional[T ~string](v T) *T {
	if v == "" {
		return nil
	}
	return &v
}

// CheckOneOf refuses a value that is none of all; what names their kind.
func CheckOneOf[T comparable](v T, all []T, what string) error {
	if !slices.Contains(all, v) {
		return fmt.Errorf("%s %q", what, Clip(fmt.Sprint(v)))
	}
	return nil
}

// Map turns a list into another, item by item.
func Map[In, Out any](list []In, turn func(In) Out) []Out {
	out := make([]Out, len(list))
	for i, v := range list {
		out[i] = turn(v)
	}
	return out
}
