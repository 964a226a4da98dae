package portal

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

func TestEveryNounSaysWhatItHoldsAboutAMember(t *testing.T) {
	said := map[*store.Kind]int{}
	for _, h := range holdings {
		if said[h.kind]++; (h.read == nil) == (h.nothing == "") {
			t.Errorf("%s has a reader or a reason why there is nothing to read", h.kind.Name)
		}
	}
	for _, k := range Kinds() {
		if said[k] != 1 {
			t.Errorf("%s stands %d times in holdings: what does it hold about a member or country?", k.Name, said[k])
		}
	}
	if len(said) != len(Kinds()) {
		t.Errorf("%d nouns in holdings, %d in the store", len(said), len(Kinds()))
	}
}

func TestEveryNounSaysWhatItHoldsAboutAPerson(t *testing.T) {
	said := map[*store.Kind]int{}
	for _, h := range personHoldings {
		if said[h.kind]++; (h.read == nil) == (h.nothing == "") {
			t.Errorf("%s has a reader or a reason why there is nothing to read", h.kind.Name)
		}
	}
	for _, k := range Kinds() {
		if said[k] != 1 {
			t.Errorf("%s stands %d times in personHoldings: how does it name a person?", k.Name, said[k])
		}
	}
	if len(said) != len(Kinds()) {
		t.Errorf("%d nouns in personHoldings, %d in the store", len(said), len(Kinds()))
	}
}

var secretive = regexp.MustCompile(`(?i)hash|secret|nonce|token|password|salt`)

func TestEveryStoredFieldIsWrittenButForSecrets(t *testing.T) {
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			doc := k.Blank()
			fill(reflect.ValueOf(doc).Elem(), "text")
			var text strings.Builder
			if err := kit.WriteStored(&text, doc); err != nil {
				t.Fatal(err)
			}
			var decoded map[string]any
			if err := json.Unmarshal([]byte(text.String()), &decoded); err != nil {
				t.Fatalf("%v: %s", err, text.String())
			}
			written(t, reflect.TypeOf(doc).Elem(), text.String())
		})
	}
}

// written holds the names of all stored fields of a type against a text.
func written(t *testing.T, typ reflect.Type, text string) {
	t.Helper()
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct {
		return
	}
	for f := range typ.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("bson"), ",")
		if name == "" {
			continue
		}
		if secretive.MatchString(name) && !kit.SecretFields[name] {
			t.Errorf("%s sounds like a secret: is it one?", name)
		}
		if strings.Contains(text, `"`+strings.TrimPrefix(name, "_")+`":`) == kit.SecretFields[name] {
			t.Errorf("%s is secret: %v; and stands in %s: %v", name, kit.SecretFields[name], text, !kit.SecretFields[name])
		}
		written(t, f.Type, text)
	}
}
