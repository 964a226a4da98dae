package store

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// maxWeight is how many bytes a document may weigh (see weight). MongoDB takes documents of 16 MiB with
// their keys; what weighs more is refused on both engines, so that no record outgrows the other one.
const maxWeight = 10 << 20

// FullError says that a document was not stored, because a list in it has more entries than its tag
// allows, or because it weighs too much. The stored document is as it was.
type FullError struct {
	Noun, ID string
	// List is the list's path in the document, such as "submissions"; empty if the document weighs too much.
	List string
	// Most is how many entries the list may have, or how many bytes the document may weigh.
	Most int
}

func (e *FullError) Error() string {
	return fmt.Sprintf("%s %s: %q is full at %d", e.Noun, e.ID, e.List, e.Most)
}

// Full checks what a document may grow to: a list may have as many entries as its tag most says, and the
// whole may weigh maxWeight. It is asked before writing only, so that whatever is stored stays readable.
func (k *Kind) Full(doc any) error {
	list, most := overfull(reflect.ValueOf(doc), "")
	if list == "" {
		if most = maxWeight; weight(reflect.ValueOf(doc)) <= most {
			return nil
		}
	}
	id, _ := k.identity(doc)
	return &FullError{k.Name, id, list, most}
}

// overfull finds a list with more entries than its tag allows, and how many those are.
func overfull(v reflect.Value, path string) (list string, most int) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return overfull(v.Elem(), path)
		}
	case reflect.Slice:
		for i := 0; i < v.Len() && list == "" && v.Type().Elem().Kind() != reflect.Uint8; i++ {
			list, most = overfull(v.Index(i), path)
		}
	case reflect.Struct:
		for i := 0; i < v.NumField() && list == ""; i++ {
			f := v.Type().Field(i)
			name, stored := storedAs(f)
			if !stored {
				continue
			}
			name = strings.TrimPrefix(path+"."+name, ".")
			if most, _ = strconv.Atoi(f.Tag.Get("most")); most > 0 && v.Field(i).Len() > most {
				return name, most
			}
			list, most = overfull(v.Field(i), name)
		}
	}
	return list, most
}

// fieldWeight is what a field weighs beside its text: its name, type and length.
const fieldWeight = 24

// weight estimates the bytes that a value takes when it is stored, from above for short field names.
func weight(v reflect.Value) int {
	sum := fieldWeight
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return weight(v.Elem())
		}
	case reflect.String:
		sum += v.Len()
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return sum + v.Len()
		}
		for i := range v.Len() {
			sum += weight(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if _, stored := storedAs(v.Type().Field(i)); stored {
				sum += weight(v.Field(i))
			}
		}
	}
	return sum
}

// storedAs is the name under which a field is stored, if it is.
func storedAs(f reflect.StructField) (string, bool) {
	name, _, _ := strings.Cut(f.Tag.Get("bson"), ",")
	return name, name != "" && name != "-"
}
