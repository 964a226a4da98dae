package kit

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"memberportal/internal/store"
)

// CountOmitted returns a context that counts the damaged documents that reads leave out, and the counter.
func CountOmitted(ctx context.Context) (context.Context, interface{ Count() int }) {
	return store.CountOmitted(ctx)
}

// Warning is a stored text that an input could not have today, because it was accepted under older rules. The
// document stays readable; whoever changes the field next must correct the text.
type Warning struct {
	Noun    string `json:"noun"`
	ID      string `json:"id"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// inputRules has the rule of input for each stored text, by the name of its field in any type. The rules are the
// same as for inputs.
var inputRules = func() map[string]inputRule {
	line := func(f *Faults, path string, s *string) { f.Line(path, s, maxStoredText, false) }
	text := func(f *Faults, path string, s *string) { f.Text(path, s, maxStoredText, false) }
	rules := map[string]inputRule{}
	for _, of := range []struct {
		rule  inputRule
		names string
	}{
		{line, "Name StoredDisplayName Title Organisation Function Phone Affiliation Venue Subject Reference"},
		{text, "Text Description Reason Abstract Note ConflictStatement"},
		{(*Faults).Link, "URL StoredURL Website StoredLogoURL JoinURL"},
		{(*Faults).Address, "Email"},
	} {
		for name := range strings.FieldsSeq(of.names) {
			rules[name] = of.rule
		}
	}
	return rules
}()

type inputRule func(f *Faults, path string, s *string)

// maxStoredText is longer than any input text may be. The allowed length depends on the mutation, so that a long
// text is no reason for a warning.
const maxStoredText = 100_000

// Warnings returns the texts of a stored document that break a rule of input, with messages in English.
func Warnings(k *store.Kind, doc any) []Warning {
	id, _ := k.Identity(doc)
	var found []Warning
	ctx := WithLocale(context.Background(), English)
	eachStoredText(reflect.ValueOf(doc).Elem(), "", func(name, path, text string) {
		rule := inputRules[name]
		if rule == nil || text == "" {
			return
		}
		f := NewFaults(ctx)
		rule(f, path, &text)
		for _, fault := range f.List {
			found = append(found, Warning{Noun: k.Name, ID: id, Field: path, Message: fault.Message})
		}
	})
	return found
}

// eachStoredText calls take for every plain text in a stored value, with the name of its field, its path and the
// text.
func eachStoredText(v reflect.Value, path string, take func(name, path, text string)) {
	below := func(v reflect.Value, name, path string) {
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		switch {
		case v.Type() == reflect.TypeFor[string]():
			take(name, path, v.String())
		case v.Kind() == reflect.Struct:
			eachStoredText(v, path, take)
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				if e := reflect.Indirect(v.Index(i)); e.Kind() == reflect.Struct {
					eachStoredText(e, path+"."+strconv.Itoa(i), take)
				}
			}
		}
	}
	for f, value := range v.Fields() {
		if tag, _, _ := strings.Cut(f.Tag.Get("bson"), ","); tag != "" {
			at := tag
			if path != "" {
				at = path + "." + tag
			}
			below(value, f.Name, at)
		}
	}
}
