package country

import (
	"slices"
	"testing"

	"memberportal/internal/kit"
)

func TestTheNameOfACountryStandsInTheOrderOfLocales(t *testing.T) {
	countries, err := Countries()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range countries {
		var got []kit.Locale
		for _, tr := range c.Name.Translations {
			got = append(got, tr.Locale)
		}
		if !slices.Equal(got, kit.Locales) {
			t.Errorf("the name of %s stands in %v, want %v", c.ISO2, got, kit.Locales)
		}
	}
}
