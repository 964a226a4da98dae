package kit

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// SecretFields are stored fields that let somebody in, or that allow to test a guess. No export contains them.
var SecretFields = map[string]bool{"codeHash": true, "secretHash": true, "refreshHash": true, "cookieHash": true, "linkedTo": true, "nonce": true, "inputHash": true}

// WriteStored writes a document as JSON, with the names and in the order of its stored fields, without
// SecretFields and without fields that are nil.
func WriteStored(w io.Writer, doc any) error {
	text, err := storedJSON(reflect.ValueOf(doc))
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

func storedJSON(v reflect.Value) (json.RawMessage, error) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return json.RawMessage("null"), nil
		}
		return storedJSON(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return json.Marshal(v.Bytes())
		}
		return joined("[", "]", v.Len(), func(i int) (string, reflect.Value) { return "", v.Index(i) })
	case reflect.Struct:
		return storedObject(v)
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64:
		return json.Marshal(v.Interface())
	}
	return nil, fmt.Errorf("a stored field is a %s", v.Type())
}

func storedObject(v reflect.Value) (json.RawMessage, error) {
	var names []string
	var values []reflect.Value
	for f, value := range v.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("bson"), ",")
		if name == "" || SecretFields[name] || value.Kind() == reflect.Pointer && value.IsNil() {
			continue
		}
		names, values = append(names, strings.TrimPrefix(name, "_")), append(values, value)
	}
	return joined("{", "}", len(names), func(i int) (string, reflect.Value) { return fmt.Sprintf("%q:", names[i]), values[i] })
}

func joined(left, right string, n int, part func(i int) (string, reflect.Value)) (json.RawMessage, error) {
	parts := make([]string, n)
	for i := range n {
		name, value := part(i)
		text, err := storedJSON(value)
		if err != nil {
			return nil, err
		}
		parts[i] = name + string(text)
	}
	return json.RawMessage(left + strings.Join(parts, ",") + right), nil
}
