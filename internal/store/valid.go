package store

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Checked is a type that can check its own values: a closed set, a date, an id, or a struct whose fields
// must agree. Valid says what makes a value unreadable; it holds no rule for input, so that what was
// stored under older rules stays readable.
type Checked interface{ Valid() error }

var checkedType = reflect.TypeFor[Checked]()

// inspector checks a value of one type and everything below it.
type inspector func(v reflect.Value) error

// maxDepth bounds how deep a stored type may be nested; no type may hold itself.
const maxDepth = 32

var (
	errMissing = errors.New("nothing is stored where a value must be")
	errNotText = errors.New("not valid UTF-8")
)

// inspect prepares the check of a type, once for each declared noun; nil if nothing below the type can be
// wrong. Fields come before the struct that holds them, so that a struct's own Valid can rely on them.
// A field without omitempty must be there. One that is tagged valid:"empty" may be the empty string.
func inspect(t reflect.Type, depth int) inspector {
	if depth > maxDepth {
		panic(fmt.Sprintf("%s is nested more than %d deep", t, maxDepth))
	}
	var checks []inspector
	switch t.Kind() {
	case reflect.Pointer:
		return optional(inspect(t.Elem(), depth+1))
	case reflect.String:
		if !reflect.PointerTo(t).Implements(checkedType) {
			return func(v reflect.Value) error {
				if !utf8.ValidString(v.String()) {
					return errNotText
				}
				return nil
			}
		}
	case reflect.Slice:
		if each := elements(t, depth); each != nil {
			checks = append(checks, each)
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if check := field(t.Field(i), i, depth); check != nil {
				checks = append(checks, check)
			}
		}
	}
	if reflect.PointerTo(t).Implements(checkedType) {
		checks = append(checks, func(v reflect.Value) error { return v.Addr().Interface().(Checked).Valid() })
	}
	return all(checks)
}

func all(checks []inspector) inspector {
	switch len(checks) {
	case 0:
		return nil
	case 1:
		return checks[0]
	}
	return func(v reflect.Value) error {
		for _, check := range checks {
			if err := check(v); err != nil {
				return err
			}
		}
		return nil
	}
}

// optional checks what a pointer leads to, if it leads anywhere.
func optional(check inspector) inspector {
	if check == nil {
		return nil
	}
	return func(v reflect.Value) error {
		if v.IsNil() {
			return nil
		}
		return check(v.Elem())
	}
}

// required refuses a pointer that leads nowhere.
func required(check inspector) inspector {
	return func(v reflect.Value) error {
		if v.IsNil() {
			return errMissing
		}
		if check == nil {
			return nil
		}
		return check(v)
	}
}

func elements(t reflect.Type, depth int) inspector {
	check := inspect(t.Elem(), depth+1)
	if t.Elem().Kind() == reflect.Pointer {
		check = required(check)
	}
	if check == nil {
		return nil
	}
	return func(v reflect.Value) error {
		for i := range v.Len() {
			if err := check(v.Index(i)); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	}
}

func field(f reflect.StructField, i, depth int) inspector {
	tag, stored := f.Tag.Lookup("bson")
	if !stored || tag == "-" {
		return nil
	}
	name, options, _ := strings.Cut(tag, ",")
	check := inspect(f.Type, depth+1)
	if f.Type.Kind() == reflect.Pointer && !strings.Contains(options, "omitempty") {
		check = required(check)
	}
	if check == nil {
		return nil
	}
	mayBeEmpty := f.Tag.Get("valid") == "empty"
	return func(v reflect.Value) error {
		v = v.Field(i)
		if mayBeEmpty && v.IsZero() {
			return nil
		}
		if err := check(v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
}
