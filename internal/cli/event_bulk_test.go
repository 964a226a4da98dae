package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
)

// today is the fixture's day, on which registrations of evt_PAST are due to be erased.
var today = []string{"--now", string(testkit.Today)}

// withEvents is a data folder with the members, persons, events and registrations of testkit.
func withEvents(t *testing.T) string {
	t.Helper()
	data, ctx := testbed(t), context.Background()
	s, err := sqlitestore.Open(ctx, filepath.Join(data, "portal.db"), sqlitestore.Options{Holder: "test"})
	must(t, err)
	s.SetDay(string(testkit.Today))
	must(t, people.PersonNoun.In(s).Insert(ctx, testkit.Holding(testkit.Mandates(), testkit.Persons()...)...))
	must(t, people.MandateNoun.In(s).Insert(ctx, testkit.Mandates()...))
	must(t, events.EventNoun.In(s).Insert(ctx, testkit.Events()...))
	for _, r := range testkit.Registrations() {
		r.Attendance = nil
		must(t, events.RegistrationNoun.In(s).Insert(ctx, r))
	}
	must(t, s.Close())
	return data
}

// content is the store's file, whole.
func content(t *testing.T, data string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(data, "portal.db"))
	must(t, err)
	return string(raw)
}

func TestAListOfRegistrationsIsMarkedAndReadBack(t *testing.T) {
	data := withEvents(t)
	list := func() string {
		code, stdout, stderr := command(t, plus([]string{"export", "registrations", "--event", "TESTBED_PAST", "--data", data}, today...)...)
		if code != 0 || stderr != "" {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		return stdout
	}
	row := "reg_PAST,Peter Okot,Testbed Active,SECTOR_MEMBER,UG,REMOTE,CONFIRMED,"
	text := list()
	if want := "registration,name,organisation,kind,country,mode,status,attended\n" + row + "\n"; text != want {
		t.Fatalf("exported\n%s, want\n%s", text, want)
	}
	file := saved(t, strings.Replace(text, row, row+"Y", 1))
	importing := func(more ...string) (int, string, string) {
		return command(t, plus(plus([]string{"import", "attendance", "--event", "TESTBED_PAST", "--data", data, file}, today...), more...)...)
	}
	before := content(t, data)
	if code, stdout, stderr := importing("--dry-run"); code != 0 || stdout != "1 rows: 0 made, 0 were there, 0 faults\n" || stderr != "" || content(t, data) != before {
		t.Errorf("a dry run: exit code %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, stderr := importing(); code != 0 || stdout != "1 rows: 1 made, 0 were there, 0 faults\n" || stderr != "" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, _ := importing("--json"); code != 0 || stdout != `{"rows":1,"made":0,"there":1,"faults":[]}`+"\n" {
		t.Errorf("exit code %d, %q", code, stdout)
	}
	if got := list(); got != strings.Replace(text, row, row+"Y", 1) {
		t.Errorf("exported again\n%s", got)
	}

	file = saved(t, "registration,attended,mode\nreg_FOCAL,Y,\nreg_PAST,maybe,\n")
	recorded := list()
	code, stdout, stderr := importing()
	if code != 1 || strings.Count(stdout, "\n") != 3 || list() != recorded {
		t.Errorf("exit code %d, %s", code, stdout)
	}
	contains(t, stdout, "row 2, registration: INVALID: ", "row 3, attended: INVALID: ", "Y, N", "2 faults\n")
	contains(t, stderr, "nothing was written")
	if code, stdout, stderr := command(t, "check", "--data", data); code != 1 || strings.Count(stdout, "\n") != 1 {
		t.Errorf("check: exit code %d, %s%s", code, stdout, stderr) // there is no key
	}
}

// classLines are what erase prints of its classes. Of them only reasons of mandates are in the fixture.
func classLines(verb string, mandateReasons int) string {
	var text strings.Builder
	for _, class := range portal.ErasureClasses {
		n := 0
		if class.Name == "mandateReasons" {
			n = mandateReasons
		}
		_, _ = fmt.Fprintf(&text, "%s: %d %s\n", verb, n, class.Name)
	}
	_, _ = fmt.Fprintf(&text, "%s: 0 mails\n", verb)
	return text.String()
}

// erasedJSON is what erase prints with --json.
func erasedJSON(t *testing.T, events, registrations, persons, mandateReasons int) string {
	t.Helper()
	classes := map[string]int{"mails": 0}
	for _, class := range portal.ErasureClasses {
		classes[class.Name] = 0
	}
	classes["mandateReasons"] = mandateReasons
	text, err := json.Marshal(classes)
	must(t, err)
	return fmt.Sprintf(`{"events":%d,"registrations":%d,"persons":%d,"classes":%s}`+"\n", events, registrations, persons, text)
}

func TestErasureIsACommand(t *testing.T) {
	data := withEvents(t)
	erase := func(more ...string) (int, string, string) {
		return command(t, plus(plus([]string{"erase", "--data", data}, today...), more...)...)
	}
	before := content(t, data)
	if code, stdout, stderr := erase("--dry-run"); code != 0 || stdout != "to erase: 1 registrations of 1 events, 1 persons\n"+classLines("to erase", 1) || stderr != "" || content(t, data) != before {
		t.Errorf("a dry run: exit code %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, stderr := erase("--persons-after-days", "5000"); code != 0 || stdout != "erased: 1 registrations of 1 events, 0 persons\n"+classLines("erased", 1) || stderr != "" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	for _, persons := range []int{1, 0} {
		if code, stdout, _ := erase("--json"); code != 0 || stdout != erasedJSON(t, 0, 0, persons, 0) {
			t.Errorf("exit code %d, %q", code, stdout)
		}
	}
	if code, stdout, stderr := command(t, "check", "--data", data); code != 1 || strings.Count(stdout, "\n") != 1 {
		t.Errorf("check: exit code %d, %s%s", code, stdout, stderr) // there is no key
	}
}

func TestEventCommandsThatAreAskedWrongly(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"attendance of no event":                 {[]string{"import", "attendance", os.DevNull}, 2, "--event"},
		"attendance without a file":              {[]string{"import", "attendance", "--event", "A"}, 2, "file"},
		"attendance of a file that is not":       {[]string{"import", "attendance", "--event", "A", "none.csv"}, 2, "none.csv"},
		"registrations of no event":              {[]string{"export", "registrations"}, 2, "--event"},
		"an erasure before the end":              {[]string{"erase", "--persons-after-days=-1"}, 2, "--persons-after-days"},
		"an erasure of something":                {[]string{"erase", "everything"}, 2, "everything"},
		"an erasure of a store that is none":     {[]string{"erase", "--store", "nonsense"}, 2, "--store"},
		"a dry erasure of a store that is gone":  {[]string{"erase", "--dry-run"}, 1, "portal.db"},
		"a dry import into a store that is gone": {[]string{"import", "attendance", "--event", "A", os.DevNull, "--dry-run"}, 1, "portal.db"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, stdout, stderr := command(t, c.args...)
			if code != c.code || stdout != "" {
				t.Errorf("exit code %d, stdout %q", code, stdout)
			}
			contains(t, stderr, c.want)
			nothingMade(t)
		})
	}
	data := withEvents(t)
	for _, args := range [][]string{{"export", "registrations"}, {"import", "attendance", os.DevNull}, {"import", "attendance", os.DevNull, "--dry-run"}} {
		code, stdout, stderr := command(t, plus(plus(args, today...), "--event", "NONE", "--data", data)...)
		if code != 1 || stdout != "" || !strings.Contains(stderr, `no event with the code "NONE"`) {
			t.Errorf("%v: exit code %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

func TestEventCommandsBesideAServer(t *testing.T) {
	data := withEvents(t)
	s := serve(t, anyPort, "--data", data, "--now", string(testkit.Today))
	defer s.stop(t)
	run := func(want int, args ...string) string {
		t.Helper()
		code, stdout, stderr := command(t, plus(plus(args, today...), "--data", data)...)
		if code != want {
			t.Errorf("%v: exit code %d, %q, %q", args, code, stdout, stderr)
		}
		return stdout
	}
	contains(t, run(0, "export", "registrations", "--event", "TESTBED_PAST"), "reg_PAST,Peter Okot,")
	contains(t, run(1, "import", "attendance", "--event", "TESTBED_PAST", os.DevNull), "1 faults")
	for _, more := range [][]string{{"--dry-run"}, nil} {
		if stdout := run(0, plus([]string{"erase", "--json"}, more...)...); stdout != erasedJSON(t, 1, 1, 1, 1) {
			t.Errorf("erase %v: %q", more, stdout)
		}
	}
	contains(t, run(0, "export", "registrations", "--event", "TESTBED_PAST"), "reg_PAST,,")
}
