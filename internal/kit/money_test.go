package kit

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAnAmountIsExactToTheCentime(t *testing.T) {
	for name, c := range map[string]struct {
		raw     any
		want    Decimal
		written string // empty: refused
	}{
		"an amount with two decimals":        {"1987.50", 198750, "1987.50"},
		"an amount with one decimal":         {"1987.5", 198750, "1987.50"},
		"a whole amount":                     {"3975", 397500, "3975.00"},
		"an eighth of half a unit":           {"993.75", 99375, "993.75"},
		"less than a tenth below nothing":    {"-0.05", -5, "-0.05"},
		"less than a tenth":                  {"0.05", 5, "0.05"},
		"a negative amount":                  {"-12.34", -1234, "-12.34"},
		"nothing":                            {"0", 0, "0.00"},
		"nothing below nothing":              {"-0.00", 0, "0.00"},
		"the most":                           {"999999999999999.99", 99999999999999999, "999999999999999.99"},
		"the least":                          {"-999999999999999.99", -99999999999999999, "-999999999999999.99"},
		"a fraction that floats do not have": {"0.07", 7, "0.07"},
		"no number of a variable":            {json.Number("1987.50"), 0, ""},
		"no whole number of a variable":      {json.Number("3975"), 0, ""},
		"no whole number of a literal":       {int64(3975), 0, ""},
		"no third decimal":                   {"1.005", 0, ""},
		"no third decimal, a nought either":  {"1.500", 0, ""},
		"no third decimal in a variable":     {json.Number("1.005"), 0, ""},
		"no exponent":                        {"1e3", 0, ""},
		"no exponent in a variable":          {json.Number("1E+3"), 0, ""},
		"no sixteenth digit":                 {"1000000000000000", 0, ""},
		"no whole number of sixteen digits":  {int64(1000000000000000), 0, ""},
		"no float, which is not exact":       {1987.5, 0, ""},
		"no plus":                            {"+1", 0, ""},
		"no grouping":                        {"1,987.50", 0, ""},
		"no point without decimals":          {"1.", 0, ""},
		"no point without a digit ahead":     {".5", 0, ""},
		"no digits of another script":        {"١٢", 0, ""},
		"no line break":                      {"12\n", 0, ""},
		"no space":                           {" 12", 0, ""},
		"no empty text":                      {"", 0, ""},
		"no null":                            {nil, 0, ""},
		"no truth":                           {true, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var d Decimal
			err := d.UnmarshalGQL(c.raw)
			if (err == nil) != (c.written != "") || d != c.want {
				t.Fatalf("got %d, %v", d, err)
			}
			if c.written == "" {
				return
			}
			var b strings.Builder
			if d.MarshalGQL(&b); b.String() != `"`+c.written+`"` {
				t.Errorf("written as %s", b.String())
			}
			if back, err := ParseDecimal(d.String()); err != nil || back != d {
				t.Errorf("%s comes back as %d, %v", d, back, err)
			}
		})
	}
}

func TestAnIDSaysItsType(t *testing.T) {
	for name, c := range map[string]struct {
		id   ID
		want string
	}{
		"a member's":                            {"mem_01JQ3V5Y8WZ6T0N4R2K7H9B1C3", "mem"},
		"a country's":                           {"cty_UG", "cty"},
		"the first underscore ends the prefix":  {"aud_a_b", "aud"},
		"nothing behind the underscore is none": {"mem_", ""},
		"no underscore is none":                 {"mem", ""},
		"an underscore ahead is none":           {"_UG", ""},
		"an empty one is none":                  {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.id.Prefix(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
