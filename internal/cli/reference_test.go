package cli_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// exampleOfEntries is the file that docs/operations.md shows.
func exampleOfEntries(t *testing.T) string {
	t.Helper()
	guide, err := os.ReadFile("../../docs/operations.md")
	must(t, err)
	m := regexp.MustCompile("(?s)```csv\n(kind,code,.*?)```").FindSubmatch(guide)
	if m == nil {
		t.Fatal("docs/operations.md shows no file of entries")
	}
	return string(m[1])
}

// TestTheExampleOfEntriesIsEntered gives the commands that docs/operations.md shows, and gets the answers that it shows.
func TestTheExampleOfEntriesIsEntered(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operations.md")
	must(t, err)
	data, file := testbed(t), saved(t, exampleOfEntries(t))
	given := 0
	for _, m := range regexp.MustCompile(`(?m)^\$ memberportal import reference new.csv(.*)\n(.*\n)`).FindAllStringSubmatch(string(guide), -1) {
		given++
		args := append([]string{"import", "reference", file, "--data", data}, today...)
		if code, stdout, stderr := command(t, append(args, strings.Fields(m[1])...)...); code != 0 || stdout != m[2] || stderr != "" {
			t.Errorf("exit code %d: %s%s, want %s", code, stdout, stderr, m[2])
		}
	}
	if given != 3 {
		t.Errorf("docs/operations.md gives %d commands", given)
	}
}

func TestAFileOfEntriesWithFaultsIsListedWhole(t *testing.T) {
	data := testbed(t)
	file := saved(t, strings.Join([]string{
		strings.SplitN(exampleOfEntries(t), "\n", 2)[0],
		"TARIFF,AS_D_SME,SME,NOBODY,D,ANY,,12,,,2025-13-01,,,a,N,",
		"TARIFF,AS_D_SME,SME,ASSOCIATE,D,ANY,,12.345,,7,2025-01-01,,,,N,",
		"RULE,SUSPENSION,,,,,,,,03-31,2026-01-01,,,a,N,",
		"RULE,NONE,,,,,,,,1,2026-01-01,,,a,N,",
		"COUNTRY_STATUS,XX,,,,DEVELOPED,,,,,2026-01-01,2025-01-01,,a,N,",
		"OTHER,A,,,,,,,,,2026-01-01,,,a,maybe,",
	}, "\n")+"\n")
	code, stdout, _ := command(t, append([]string{"import", "reference", file, "--data", data}, today...)...)
	var places []string
	for _, m := range regexp.MustCompile(`(?m)^(row [^:]*:) `).FindAllStringSubmatch(stdout, -1) {
		places = append(places, m[1])
	}
	want := "row 2, valid_from: row 2, category: row 3, value: row 3, amount: row 3, source: row 4, value: row 5, code: row 6, code: row 6, valid_to: row 7, confirmed: row 7, kind:"
	if got := strings.Join(places, " "); code != 1 || got != want || !strings.HasSuffix(stdout, "6 rows: 0 made, 0 were there, 11 faults\n") {
		t.Errorf("exit code %d, %s\n%s", code, got, stdout)
	}
	code, stdout, _ = command(t, append([]string{"import", "reference", saved(t, exampleOfEntries(t)), "--data", data}, today...)...)
	if want := "6 rows: 6 made, 0 were there, 0 faults\n"; code != 0 || stdout != want {
		t.Errorf("exit code %d, %s: something of the faulty file was written", code, stdout)
	}
}
