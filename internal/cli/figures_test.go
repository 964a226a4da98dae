package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/figures"
	"memberportal/internal/kit"
)

// firstFigures is the first file of figures.
const firstFigures = "../seed/figures.csv"

// lastDay is the last on which the demonstration records anything.
var lastDay = []string{"--now", "2025-03-31"}

// demonstration is a data folder with the whole demonstration.
func demonstration(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	if code, _, stderr := command(t, "seed", "--data", data); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	return data
}

// checkFigures compares a file of figures with the records of the demonstration's last day.
func checkFigures(t *testing.T, data, file string, more ...string) (code int, stdout, stderr string) {
	t.Helper()
	return command(t, plus(plus([]string{"figures", "check", file, "--data", data}, lastDay...), more...)...)
}

// figuresFile writes the first file of figures with one thing changed.
func figuresFile(t *testing.T, old, changed string) string {
	t.Helper()
	raw, err := os.ReadFile(firstFigures)
	must(t, err)
	text := strings.Replace(string(raw), old, changed, 1)
	if text == string(raw) {
		t.Fatalf("%q is not in the file", old)
	}
	path := filepath.Join(t.TempDir(), "figures.csv")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func reportOf(t *testing.T, stdout string) (report figures.FigureReport) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	must(t, decoder.Decode(&report))
	return report
}

func TestFiguresAreComparedWithTheRecords(t *testing.T) {
	data := demonstration(t)
	before := content(t, data)
	code, text, stderr := checkFigures(t, data, firstFigures)
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, %q, %s", code, stderr, text)
	}
	const report = "testdata/figures.txt"
	want, err := os.ReadFile(report)
	must(t, err)
	if text != string(want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}

	code, stdout, stderr := checkFigures(t, data, firstFigures, "--json")
	found := reportOf(t, stdout)
	if code != 0 || stderr != "" || len(found.Figures) != 22 || found.Dataset != kit.Demonstration {
		t.Errorf("exit code %d, %q, %s", code, stderr, stdout)
	}
	for _, f := range found.Figures {
		if f.Result != figures.FigureEqual || f.Recorded == nil || *f.Recorded != f.Published {
			t.Errorf("%s is %s: %s was published", f.ID, f.Result, f.Published)
		}
	}
	contains(t, stdout, `{"id":"F11","figure":"net revenue change","scope":"SECTOR_MEMBER+ASSOCIATE","period":"2024","unit":"CHF","published":"111300.00","recorded":"111300.00","result":"equal","reason":null,"rows":[],"rowCount":0}`)
	var codes []figures.ObservationCode
	for _, o := range found.Observations {
		codes = append(codes, o.Code)
		if !strings.Contains(text, o.Message) {
			t.Errorf("the text lacks %q", o.Message)
		}
	}
	if !slices.Equal(codes, figures.ObservationCodes) {
		t.Errorf("observed %v", codes)
	}

	_, french, _ := checkFigures(t, data, firstFigures, "--language", "FR")
	contains(t, french, "elle ressemble à un chiffre brut")
	if content(t, data) != before {
		t.Error("the store is another than before")
	}
	s := serve(t, anyPort, "--data", data, "--now", "2025-03-31")
	defer s.stop(t)
	if _, beside, _ := checkFigures(t, data, firstFigures); beside != text {
		t.Error("beside a server it is another report")
	}
}

func TestFiguresThatAreDifferent(t *testing.T) {
	data := demonstration(t)
	code, text, stderr := checkFigures(t, data, figuresFile(t, "2024,3,members", "2024,4,members"))
	if code != 1 || stderr != "memberportal: 1 of 22 figures are different\n" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	contains(t, text, "F06  different  4          3          joined in AMS; ", "\nF06: the records behind 3 (3)\n  2024-", "21 equal, 1 different, 0 unverifiable; 5 observations\n")

	_, stdout, _ := checkFigures(t, data, figuresFile(t, "111300.00", "111300.01"), "--json")
	found := reportOf(t, stdout)
	if f := found.Figures[10]; f.Result != figures.FigureDifferent || f.RowCount != len(f.Rows) || f.RowCount < 28 || *f.Recorded != "111300.00" || f.Published != "111300.01" {
		t.Errorf("got %+v", f)
	}
	if len(found.Observations) != 4 { // it is not a multiple of a fee any more
		t.Errorf("observed %+v", found.Observations)
	}

	// What nobody can verify fails nothing.
	code, text, stderr = checkFigures(t, data, figuresFile(t, "tech talks", "parties"), "--language", "ES")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	contains(t, text, "F22  unverifiable  2          -          parties; EVENTS; 2025-02 (events): El vocabulario", "21 equal, 0 different, 1 unverifiable")
}

func TestFiguresThatAreRefused(t *testing.T) {
	data := withEvents(t)
	bad := figuresFile(t, "2024,28,members", "2024,28,people")
	const fault = `line 2, column 44: unit: "people" is none of members, applications, organisations, events, CHF`
	if code, stdout, stderr := checkFigures(t, data, bad); code != 1 || stdout != fault+"\n" || stderr != "memberportal: 1 faults; nothing was compared\n" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	var refused struct{ Faults []string }
	code, stdout, _ := checkFigures(t, data, bad, "--json")
	must(t, json.Unmarshal([]byte(stdout), &refused))
	if code != 1 || !slices.Equal(refused.Faults, []string{fault}) {
		t.Errorf("exit code %d, %s", code, stdout)
	}
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"no file":             {nil, []string{"<file>"}},
		"a file that is not":  {[]string{"none.csv"}, []string{"none.csv"}},
		"an unknown language": {[]string{firstFigures, "--language", "DE"}, []string{"--language", `"EN","FR","ES","RU","AR","ZH"`, `"DE"`}},
		"a small language":    {[]string{firstFigures, "--language", "en"}, []string{"--language"}},
		"a day that is not":   {[]string{firstFigures, "--now", "2025-02-30"}, []string{"--now"}},
		"an unknown command":  {[]string{firstFigures, "and", "more"}, []string{"and"}},
		"a flag that is not":  {[]string{firstFigures, "--dry-run"}, []string{"--dry-run"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, plus([]string{"figures", "check", "--data", data}, c.args...)...)
			if code != 2 || stdout != "" {
				t.Errorf("exit code %d, stdout %q", code, stdout)
			}
			contains(t, stderr, c.want...)
		})
	}
	_, help, _ := command(t, "figures", "check", "--help")
	contains(t, help, "Exit 0 if none is different", "1 if one is different", "2 for misuse")
}
