package cli_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
)

// withApplications is a data folder with the applications of testkit beside what it has.
func withApplications(t *testing.T) string {
	t.Helper()
	data, ctx := withEvents(t), context.Background()
	s, err := sqlitestore.Open(ctx, filepath.Join(data, "portal.db"), sqlitestore.Options{Holder: "test"})
	must(t, err)
	s.SetDay(string(testkit.Today))
	must(t, applications.ApplicationNoun.In(s).Insert(ctx, testkit.Applications()...))
	must(t, s.Close())
	return data
}

func TestTheClockIsACommand(t *testing.T) {
	data := withApplications(t)
	clock := func(more ...string) (int, string, string) {
		return command(t, plus(plus([]string{"clock", "--data", data}, today...), more...)...)
	}
	const line = "2025-02-15  FIRST_REMINDER  app_KENYA  first reminder to the administration: Newcomer Testbed (Kenya), submitted on 2024-10-15  "
	before := content(t, data)
	if code, stdout, stderr := clock("--dry-run"); code != 0 || stdout != line+"due\n1 due\n" || stderr != "" || content(t, data) != before {
		t.Errorf("a dry run: exit code %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, stderr := clock(); code != 0 || stdout != line+"recorded\n1 due\n" || stderr != "" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, _ := clock("--json"); code != 0 || stdout != "[]\n" {
		t.Errorf("exit code %d, %q", code, stdout)
	}
	code, stdout, _ := command(t, "clock", "--data", data, "--now", "2025-07-31", "--dry-run", "--json", "--direct-application", "KE")
	var due []kit.Due
	if err := json.Unmarshal([]byte(stdout), &due); code != 0 || err != nil {
		t.Fatalf("exit code %d, %q", code, stdout)
	}
	found := false
	for _, d := range due {
		found = found || d.Target == "app_KENYA" && d.Kind == kit.DueDeemedApproval && d.On == "2025-07-31" && !d.Recorded
	}
	if !found {
		t.Errorf("got %s", stdout)
	}
}

func TestTheClockThatIsAskedWrongly(t *testing.T) {
	data := withApplications(t)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"a term of less than a month": {[]string{"--application-reminder-months", "-1"}, 2, "--application-reminder-months"},
		"a country in small letters":  {[]string{"--direct-application", "ke"}, 2, "--direct-application"},
		"a country that there is not": {[]string{"--direct-application", "XX"}, 1, "XX"},
		"a day that there is not":     {[]string{"--now", "2025-02-30"}, 2, "--now"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, plus([]string{"clock", "--data", data, "--dry-run"}, c.args...)...)
			if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
			}
		})
	}
}
