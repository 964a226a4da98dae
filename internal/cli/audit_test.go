package cli_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// auditLine is what audit prints of an entry.
type auditLine struct {
	ID, Day, Actor, Operation, Target string
	Roles, Fields                     []string
}

// TestTheAuditLogIsPrintedAsOperatorsSeeIt: the same ids as the API answers, no true id, and days only.
func TestTheAuditLogIsPrintedAsOperatorsSeeIt(t *testing.T) {
	data := withFormer(t)
	for range 2 {
		if code, _, stderr := command(t, plus([]string{"export", "person", "usr_FORMER", "--data", data}, today...)...); code != 0 {
			t.Fatalf("exit code %d, %s", code, stderr)
		}
	}
	audit := func(more ...string) string {
		t.Helper()
		code, stdout, stderr := command(t, plus(plus([]string{"audit", "--data", data}, today...), more...)...)
		if code != 0 || stderr != "" {
			t.Fatalf("exit code %d, %s", code, stderr)
		}
		if strings.Contains(stdout, "FORMER") || strings.Contains(stdout, "usr_operator") {
			t.Errorf("the log names somebody:\n%s", stdout)
		}
		return stdout
	}
	read := func(text string) (all []auditLine) {
		for line := range strings.Lines(text) {
			var l auditLine
			must(t, json.Unmarshal([]byte(line), &l))
			all = append(all, l)
		}
		return all
	}
	all := read(audit("--from", "2025-03-31"))
	if len(all) != 2 || all[0].Day != "2025-03-31" || all[0].Operation != "exportPerson" || all[0].Target != all[1].Target || all[0].ID == all[1].ID || len(all[0].Roles) != 2 {
		t.Fatalf("got %+v", all)
	}
	for _, days := range [][]string{{"--from", "2025-04-01", "--until", "2025-04-02"}, {"--from", "2025-03-01", "--until", "2025-03-30"}} {
		if text := audit(days...); text != "" {
			t.Errorf("%v: %s", days, text)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(audit("--from", "2025-03-01", "--until", "2025-03-31", "--csv"))).ReadAll()
	must(t, err)
	if len(rows) != 3 || strings.Join(rows[0], ",") != "id,day,actor,roles,operation,target,fields" || rows[1][0] != all[0].ID || rows[1][3] != "OPERATOR SECRETARIAT" {
		t.Errorf("got %v", rows)
	}
	s := serve(t, plus(today, anyPort, "--data", data, "--demo-members=0")...)
	defer s.stop(t)
	if beside := read(audit("--from", "2025-03-31")); len(beside) != 2 || beside[0].ID != all[0].ID || beside[0].Target != all[0].Target {
		t.Errorf("beside a server: %+v, alone %+v", beside, all)
	}
	_, body := s.post(t, s.tokens()["OPERATOR"], `{ auditLog { nodes { id targetId } } }`, nil)
	contains(t, body, all[0].ID, all[0].Target)
}

func TestTheAuditLogThatIsAskedForWrongly(t *testing.T) {
	t.Chdir(t.TempDir())
	for want, args := range map[string][]string{
		"--from": {}, "2025-02-30": {"--from", "2025-02-30"}, "--until": {"--from", "2025-02-01", "--until", "soon"}, "is before": {"--from", "2025-02-01", "--until", "2025-01-31"},
		"--now": {"--from", "2025-02-01", "--now", "soon"},
	} {
		if code, stdout, stderr := command(t, plus([]string{"audit"}, args...)...); code != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit code %d, %q, %s", args, code, stdout, stderr)
		}
	}
	if _, err := os.Stat("data"); err == nil {
		t.Error("a store was made")
	}
}
