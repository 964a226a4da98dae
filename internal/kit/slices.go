package kit

import (
	"fmt"
	"slices"
)

// Present returns a pointer to a cell, nil if it is empty.
func Present(cell string) *string {
	if cell == "" {
		return nil
	}
	return &cell
}

// Deref returns a value as text, empty for nil.
func Deref[T ~string](v *T) string {
	if v == nil {
		return ""
	}
	return string(*v)
}

// OrEmpty returns an empty list for nil, because lists are never stored as null.
func OrEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Strings returns values as texts.
func Strings[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// Optional returns a pointer to a value, nil if it is empty.
func Optional[T ~string](v T) *T {
	if v == "" {
		return nil
	}
	return &v
}

// CheckOneOf returns an error if a value is not in all. what names the kind of value in the error.
func CheckOneOf[T comparable](v T, all []T, what string) error {
	if !slices.Contains(all, v) {
		return fmt.Errorf("%s %q", what, Clip(fmt.Sprint(v)))
	}
	return nil
}

// Map returns the results of turn for the items of a list, in the same order.
func Map[In, Out any](list []In, turn func(In) Out) []Out {
	out := make([]Out, len(list))
	for i, v := range list {
		out[i] = turn(v)
	}
	return out
}
