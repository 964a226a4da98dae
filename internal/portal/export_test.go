package portal

import (
	"reflect"

	"memberportal/internal/kit"
)

// What the tests of package portal_test need of the inside.

// Fill gives every stored field of a document a value that is valid.
func Fill(doc any, id kit.ID) {
	v := reflect.ValueOf(doc).Elem()
	fill(v, "")
	v.FieldByName("ID").SetString(string(id))
}

// CheckedText is whether values of a type are texts that check themselves.
func CheckedText(typ reflect.Type) bool { return checkedText(typ) }

// FillAll is Fill for a document of any noun.
func FillAll(doc any) { fill(reflect.ValueOf(doc).Elem(), "") }
