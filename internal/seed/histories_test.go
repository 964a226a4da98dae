package seed_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
)

func TestFaultOfAHistoryNamesItsLine(t *testing.T) {
	const head = "# a comment\nmember,on,event,country,category,study_group,sectors,fee_class,reason_code,into\n"
	for name, c := range map[string]struct{ lines, want string }{
		"other columns":               {"member,on,event\n", "first line must be member,on,event,country"},
		"a line that is too short":    {head + "5,2024-06-24,ADMITTED\n", "line 3"},
		"no such member":              {head + "610,2024-06-24,ADMITTED,GR,,,,,,\n", `line 3: there is no member "610"`},
		"no day":                      {head + "5,2024-06-24,ADMITTED,GR,,,,,,\n5,2024-06-31,ACTIVATED,,,,,,,\n", `line 4: "2024-06-31" is no day up to 2025-03-31`},
		"after the last day":          {head + "5,2025-04-01,ADMITTED,GR,,,,,,\n", "line 3"},
		"out of order":                {head + "5,2024-06-24,ADMITTED,GR,,,,,,\n5,2024-06-23,ACTIVATED,,,,,,,\n", "line 4: 2024-06-23 is before 2024-06-24"},
		"admitted twice":              {head + "5,2024-06-24,ADMITTED,GR,,,,,,\n5,2024-06-24,ADMITTED,GR,,,,,,\n", `line 4: no history goes on with "ADMITTED"`},
		"activated and not admitted":  {head + "5,2024-06-24,ACTIVATED,,,,,,,\n", "line 3"},
		"nothing that happens":        {head + "5,2024-06-24,RENAMED,,,,,,,\n", `line 3: no history goes on with "RENAMED"`},
		"into a member that is later": {head + "5,2024-06-24,MERGED,,,,,,,6\n", `line 3: "6" is no member before 5`},
		"two faults":                  {head + "x,2024-06-24,ADMITTED,GR,,,,,,\n5,2024,ADMITTED,GR,,,,,,\n", "line 4"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := seed.CheckHistories(strings.NewReader(c.lines)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestFewCountriesHaveMembersToo loads with a list in which most countries of the histories are not.
func TestFewCountriesHaveMembersToo(t *testing.T) {
	s := empty(t)
	o := options(t, s, seed.Members)
	few := strings.Fields("AZ CH HU SA UG") // those that the calendar needs
	o.Countries = slices.DeleteFunc(slices.Clone(o.Countries), func(c *country.Country) bool { return !slices.Contains(few, c.ISO2) })
	if made, err := seed.Load(t.Context(), o); made != seed.Members || err != nil {
		t.Fatalf("made %d, %v", made, err)
	}
	if faults, err := store.Check(t.Context(), s, portal.Kinds(), store.Unwatched); err != nil || !faults.None() {
		t.Errorf("check: %q, %v", faults, err)
	}
}
