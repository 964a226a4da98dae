package cli_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/store"
)

// quarantined is what check prints with --json and --repair, --quarantine or --put-back. A list that is
// not printed is nil.
type quarantined struct {
	Moved, Held, Back []struct{ ID, Noun, Document, Reason, At string }
	Stay              []*store.Damaged
}

// TestADamagedDocumentIsRepairedAndPutBack: it is damaged by one letter, moved aside, mended there and put
// back, byte for byte.
func TestADamagedDocumentIsRepairedAndPutBack(t *testing.T) {
	data := copied(t)
	db := filepath.Join(data, "portal.db")
	check := func(want int, more ...string) (stdout, stderr string) {
		t.Helper()
		code, stdout, stderr := command(t, plus([]string{"check", "--data", data}, more...)...)
		if code != want {
			t.Fatalf("check %v: exit code %d\n%s%s", more, code, stdout, stderr)
		}
		return stdout, stderr
	}
	inJSON := func(want int, more ...string) (answer quarantined) {
		t.Helper()
		stdout, _ := check(want, plus(more, "--json")...)
		must(t, json.Unmarshal([]byte(stdout), &answer))
		return answer
	}
	empty := func(when string) {
		t.Helper()
		if stdout, stderr := check(0, "--quarantine"); stdout != "0 documents in the quarantine\n" || stderr != "" {
			t.Errorf("%s: %s%s", when, stdout, stderr)
		}
	}
	empty("a store that never had a quarantine")
	id := looked(t, db, "SELECT "+anyMember)
	document := "SELECT hex(doc) || ' ' || version || ' ' || k_status || ' ' || u_identity FROM members WHERE id = '" + id + "'"
	before := looked(t, db, document)
	if stdout, stderr := check(0, "--repair"); stdout != "0 documents moved into the quarantine\n" || stderr != "" {
		t.Errorf("with nothing to repair: %s%s", stdout, stderr)
	}
	if answer := inJSON(0, "--repair"); answer.Moved == nil || len(answer.Moved) > 0 {
		t.Errorf("with nothing to repair: %+v", answer)
	}

	const wrong = `dataset: dataset "DEMONSTRATIOM"`
	spoil(t, db, `UPDATE members SET doc = CAST(replace(CAST(doc AS TEXT), 'DEMONSTRATION', 'DEMONSTRATIOM') AS BLOB) WHERE id = '`+id+"'")
	stdout, stderr := check(1)
	contains(t, stdout, "members "+id, wrong)
	contains(t, stderr, "0 faults and 1 damaged documents", "--repair")

	stdout, stderr = check(0, "--repair")
	held, _, _ := strings.Cut(stdout, ": ")
	if want := held + ": members " + id + " (" + wrong + ")\n1 documents moved into the quarantine\n"; stdout != want || stderr != "" || !strings.HasPrefix(held, "members/"+id+"/") {
		t.Errorf("repaired: %s%s, want %s", stdout, stderr, want)
	}
	if n := looked(t, db, "SELECT count(*) FROM members WHERE id = '"+id+"'"); n != "0" {
		t.Error("the document is still among the members")
	}
	if stdout, stderr := check(0); stdout != "no faults\n" || stderr != "" {
		t.Errorf("after the repair: %s%s", stdout, stderr)
	}
	if stdout, _ := check(0, "--quarantine"); stdout != held+": members "+id+" ("+wrong+")\n1 documents in the quarantine\n" {
		t.Errorf("held: %s", stdout)
	}
	if all := inJSON(0, "--quarantine").Held; len(all) != 1 || all[0].ID != held || all[0].Noun != "members" || all[0].Document != id || all[0].Reason != wrong || all[0].At == "" {
		t.Errorf("held: %+v", all)
	}

	stdout, stderr = check(1, "--put-back")
	if stdout != "not put back: members "+id+": "+wrong+"\n0 documents put back\n" || !strings.Contains(stderr, "1 documents stay in the quarantine") {
		t.Errorf("what is still damaged: %s%s", stdout, stderr)
	}
	if answer := inJSON(1, "--put-back", "members/"+id+"/NONE"); answer.Back == nil || len(answer.Back) > 0 || len(answer.Stay) != 1 || !strings.HasSuffix(answer.Stay[0].ID, "/NONE") {
		t.Errorf("an id that is not in the quarantine: %+v", answer)
	}

	spoil(t, db, `UPDATE _quarantine SET doc = CAST(replace(CAST(doc AS TEXT), 'DEMONSTRATIOM', 'DEMONSTRATION') AS BLOB)`)
	if answer := inJSON(0, "--put-back", held); len(answer.Back) != 1 || answer.Back[0].ID != held || answer.Stay == nil || len(answer.Stay) > 0 {
		t.Errorf("put back: %+v", answer)
	}
	if after := looked(t, db, document); after != before {
		t.Errorf("it was\n%s, and came back as\n%s", before, after)
	}
	if stdout, stderr := check(0); stdout != "no faults\n" || stderr != "" {
		t.Errorf("after it was put back: %s%s", stdout, stderr)
	}
	empty("after it was put back")
}

// TestWhatLostItsPlaceStaysInTheQuarantine: another document has its id meanwhile.
func TestWhatLostItsPlaceStaysInTheQuarantine(t *testing.T) {
	data := copied(t)
	db := filepath.Join(data, "portal.db")
	id := looked(t, db, "SELECT "+anyMember)
	spoil(t, db, `CREATE TABLE kept AS SELECT * FROM members WHERE id = '`+id+`'; UPDATE members SET doc = CAST(replace(CAST(doc AS TEXT), 'DEMONSTRATION', 'DEMONSTRATIOM') AS BLOB) WHERE id = '`+id+"'")
	if code, stdout, stderr := command(t, "check", "--repair", "--data", data); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	spoil(t, db, `INSERT INTO members SELECT * FROM kept; DROP TABLE kept; UPDATE _quarantine SET doc = CAST(replace(CAST(doc AS TEXT), 'DEMONSTRATIOM', 'DEMONSTRATION') AS BLOB)`)
	code, stdout, stderr := command(t, "check", "--put-back", "--data", data)
	if code != 1 {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	contains(t, stdout, "not put back: members "+id, "0 documents put back")
	if _, stdout, _ := command(t, "check", "--quarantine", "--data", data); !strings.Contains(stdout, "1 documents in the quarantine") {
		t.Error(stdout)
	}
}

// TestNothingIsPutBackForAnUnknownDay: its keys would be of another day than those of its neighbours. The
// next start derives all keys again, and then it goes back.
func TestNothingIsPutBackForAnUnknownDay(t *testing.T) {
	data := copied(t)
	db := filepath.Join(data, "portal.db")
	id := looked(t, db, "SELECT "+anyMember)
	spoil(t, db, `UPDATE members SET doc = CAST(replace(CAST(doc AS TEXT), 'DEMONSTRATION', 'DEMONSTRATIOM') AS BLOB) WHERE id = '`+id+"'")
	if code, stdout, stderr := command(t, "check", "--repair", "--data", data); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	spoil(t, db, `UPDATE _quarantine SET doc = CAST(replace(CAST(doc AS TEXT), 'DEMONSTRATIOM', 'DEMONSTRATION') AS BLOB); UPDATE _keyState SET doc = x'00'`)
	before := looked(t, db, "SELECT hex(doc) FROM _quarantine")
	code, stdout, stderr := command(t, "check", "--put-back", "--data", data)
	if code != 1 || looked(t, db, "SELECT hex(doc) FROM _quarantine") != before {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	contains(t, stdout, "not put back: members "+id+": the day of the keys cannot be read", "0 documents put back")
	serve(t, anyPort, "--data", data).stop(t)
	if code, stdout, stderr := command(t, "check", "--put-back", "--data", data); code != 0 || !strings.HasSuffix(stdout, "1 documents put back\n") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, _ := command(t, "check", "--data", data); code != 0 {
		t.Errorf("exit code %d, %s", code, stdout)
	}
}

func TestTheQuarantineBesideAServer(t *testing.T) {
	data := testbed(t)
	spoil(t, filepath.Join(data, "portal.db"), `UPDATE members SET doc = x'00' WHERE id = 'mem_ACTIVE'`)
	s := serve(t, anyPort, "--data", data, "--demo-members=0")
	defer s.stop(t)
	for _, c := range []struct {
		what, want string
		code       int
	}{
		{"--repair", "1 documents moved into the quarantine\n", 0},
		{"--quarantine", "1 documents in the quarantine\n", 0},
		{"--put-back", "0 documents put back\n", 1},
	} {
		code, stdout, stderr := command(t, "check", c.what, "--data", data)
		if code != c.code || !strings.HasSuffix(stdout, c.want) {
			t.Errorf("%s: exit code %d\n%s%s", c.what, code, stdout, stderr)
		}
	}
}

func TestTheQuarantineThatIsAskedWrongly(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, more := range [][]string{{"--repair", "--put-back"}, {"--repair", "--quarantine"}, {"some/id"}, {"--repair", "some/id"}, {"--quarantine", "some/id"}} {
		if code, stdout, stderr := command(t, plus([]string{"check"}, more...)...); code != 2 || stdout != "" || stderr == "" {
			t.Errorf("check %v: exit code %d\n%s%s", more, code, stdout, stderr)
		}
	}
	nothingMade(t)
	if code, _, _ := command(t, "check", "--repair"); code != 1 {
		t.Errorf("a store that is not there: exit code %d", code)
	}
}

// TestADamagedSecretIsNeverReplacedSilently: the server does not start over it, and once it is taken out it
// starts with a new one and says so.
func TestADamagedSecretIsNeverReplacedSilently(t *testing.T) {
	data := copied(t)
	db := filepath.Join(data, "portal.db")
	const secret = "SELECT hex(doc) FROM secrets"
	spoil(t, db, `UPDATE secrets SET doc = substr(doc, 1, length(doc) - 9)`)
	before := looked(t, db, secret)
	code, stdout, stderr := command(t, "serve", anyPort, "--data", data)
	if code != 1 || strings.Contains(stdout, "http://") || looked(t, db, secret) != before {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	contains(t, stderr, "the store's secret is damaged", "check --repair", "secrets portal")
	if code, stdout, stderr := command(t, "check", "--repair", "--data", data); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	for _, told := range []int{1, 0} { // at the start that makes it, and at no other
		s := serve(t, anyPort, "--data", data)
		s.stop(t)
		if n := strings.Count(s.stderr.String(), "new secret"); n != told {
			t.Errorf("told %d times of a new secret, want %d:\n%s", n, told, s.stderr)
		}
	}
	if code, stdout, _ := command(t, "check", "--put-back", "--data", data); code != 1 || !strings.Contains(stdout, "not put back: secrets portal") {
		t.Errorf("exit code %d, %s", code, stdout)
	}
}

// reading are the commands that read records, each with a noun that it needs and its arguments; one that
// begins with SELECT is what the store answers. notReading says why the others do not say it.
var (
	reading = map[string]struct {
		noun string
		args []string
	}{
		"export members":       {"members", lastDay},
		"export entity":        {"mandates", []string{"SELECT k_entity FROM mandates ORDER BY id LIMIT 1"}},
		"export person":        {"mandates", []string{"SELECT k_person FROM mandates ORDER BY id LIMIT 1"}},
		"export registrations": {"registrations", plus([]string{"--event", "DEMO_BRIEFING"}, lastDay...)},
		"consultation export":  {"feedback", plus([]string{"DEMO_SERVICES"}, lastDay...)},
		"figures check":        {"members", plus([]string{firstFigures}, lastDay...)},
		"mails list":           {"outbox", nil},
		"user list":            {"persons", nil},
		"audit":                {"audit", []string{"--from", "2000-01-01"}},
		"clock":                {"applications", []string{"--dry-run", "--now", "2025-05-20"}}, // reminders are due,
	}
	notReading = map[string]string{
		"serve":             "its answers, the log and the metrics say it",
		"check":             "it names them",
		"erase due":         "it says that they are still there",
		"erase person":      "it says that they are still there",
		"seed":              "it writes, and what a decision needs is refused",
		"import members":    "it writes, and what a decision needs is refused",
		"import reference":  "it writes, and what a decision needs is refused",
		"import attendance": "it writes, and what a decision needs is refused",
		"mails retry":       "it writes, and what a decision needs is refused",
		"backup":            "it copies damaged documents as they are, and says how many are no documents",
		"restore":           "it brings damaged documents back as they were, and what cannot be decoded into the quarantine",
		"user grant":        "it writes, and what a decision needs is refused",
		"user disable":      "it writes, and what a decision needs is refused",
		"user enable":       "it writes, and what a decision needs is refused",
		"token":             "it reads the record of one person, without which it fails",
		"schema":            "it reads no records",
		"licenses":          "it reads no records",
		"health":            "it reads no records",
		"key":               "it reads no records",
	}
)

// TestEveryCommandSaysHowManyRecordsItLeftOut damages all documents of a noun.
func TestEveryCommandSaysHowManyRecordsItLeftOut(t *testing.T) {
	_, help, _ := command(t, "--help")
	_, list, _ := strings.Cut(help, "Commands:\n")
	for line := range strings.Lines(list) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if !strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "   ") {
			continue // a help text that goes on
		}
		if _, reads := reading[name]; reads == (notReading[name] != "") {
			t.Errorf("%q reads records, or there is a reason why it does not say what it left out", name)
		}
	}
	for name, one := range reading {
		t.Run(name, func(t *testing.T) {
			data := copied(t)
			if name == "mails list" { // a demonstration has none
				data = withMails(t)
			}
			db, args := filepath.Join(data, "portal.db"), plus(strings.Fields(name), "--data", data)
			if name == "consultation export" {
				args = append(args, "--out", t.TempDir())
			}
			for _, a := range one.args {
				if strings.HasPrefix(a, "SELECT") {
					a = looked(t, db, a)
				}
				args = append(args, a)
			}
			spoil(t, db, "UPDATE "+one.noun+" SET doc = x'00'")
			code, _, stderr := command(t, args...)
			if !strings.Contains(stderr, "damaged records were left out; memberportal check names them") {
				t.Errorf("exit code %d, %q", code, stderr)
			}
		})
	}
}

// TestACommandSaysHowManyRecordsItLeftOut on standard error, and check, which names them, does not.
func TestACommandSaysHowManyRecordsItLeftOut(t *testing.T) {
	data := copied(t)
	whole := exported(t, data)
	id := looked(t, filepath.Join(data, "portal.db"), "SELECT "+anyMember)
	spoil(t, filepath.Join(data, "portal.db"), `UPDATE members SET doc = x'00' WHERE id = '`+id+"'")
	code, stdout, stderr := command(t, "export", "members", "--data", data)
	if code != 0 || stderr != "memberportal: 1 damaged records were left out; memberportal check names them\n" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	if strings.Count(stdout, "\n") >= strings.Count(whole, "\n") {
		t.Errorf("exported\n%s, and when nothing was damaged\n%s", stdout, whole)
	}
	if _, _, stderr := command(t, "check", "--data", data); strings.Contains(stderr, "left out") {
		t.Errorf("check says %q", stderr)
	}
}
