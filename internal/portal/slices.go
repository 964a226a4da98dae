package portal

import (
	"fmt"
	"slices"
)

func present(cell string) *string {
	if cell == "" {
		return nil
	}
	return &cell
}

func deref[T ~string](v *T) string {
	if v == nil {
		return ""
	}
	return string(*v)
}

// orNone is the list, empty and not nil where there is none, as it is stored.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

func optional[T ~string](v T) *T {
	if v == "" {
		return nil
	}
	return &v
}

func within[T comparable](v T, all []T, what string) error {
	if !slices.Contains(all, v) {
		return fmt.Errorf("%s %q", what, Clip(fmt.Sprint(v)))
	}
	return nil
}

// each turns a list into another, item by item.
func each[In, Out any](list []In, turn func(In) Out) []Out {
	out := make([]Out, len(list))
	for i, v := range list {
		out[i] = turn(v)
	}
	return out
}
