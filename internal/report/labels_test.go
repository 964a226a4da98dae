package report

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// family are the codes that have labels.
func family[T ~string](name string, codes []T) (keys []string) {
	for _, c := range codes {
		keys = append(keys, name+"."+string(c))
	}
	return keys
}

func TestEveryLabelIsInSixLanguages(t *testing.T) {
	wanted := map[string]bool{}
	for _, keys := range [][]string{
		family("kind", membership.RespondentKinds), family("region", country.Regions), family("position", consultations.Positions), family("body", consultations.ActionBodies),
		family("role", consultations.AddresseeRoles), family("language", kit.Locales), family("publication", consultations.Publications[:2]), {"value." + noAnswer},
	} {
		for _, k := range keys {
			wanted[k] = true
		}
	}
	used := regexp.MustCompile(`(?:label|Label|named|head|mdParagraphs)\(?(?:b, )? ?"([a-zA-Z.]+)"`)
	for _, file := range []string{"table.go", "page.go", "reply.go", "markdown.go", "html.go", "page.html.tmpl"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(raw), -1) {
			wanted[m[1]] = true
		}
	}
	for k := range wanted {
		if labels[k] == nil {
			t.Errorf("there is no label %s", k)
		}
	}
	for k, in := range labels {
		for _, l := range kit.Locales {
			if strings.TrimSpace(in[l]) == "" || strings.Count(in[l], "{") != strings.Count(in[kit.English], "{") {
				t.Errorf("%s in %s: %q", k, l, in[l])
			}
		}
		if len(in) != len(kit.Locales) {
			t.Errorf("%s is in %d languages", k, len(in))
		}
	}
}
