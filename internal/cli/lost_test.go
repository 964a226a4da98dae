package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestALostFileIsAnsweredWith503: nothing is acknowledged any more, and the next start says how to go on.
func TestALostFileIsAnsweredWith503(t *testing.T) {
	data := copied(t)
	s := serve(t, anyPort, "--data", data)
	token := s.tokens()["SECRETARIAT"]
	m := ask[directory](t, s, token, directoryQuery).Members.Nodes[7]
	must(t, os.Rename(filepath.Join(data, "portal.db"), filepath.Join(data, "elsewhere.db")))
	rename := fmt.Sprintf(`mutation { updateMemberProfile(input: {id: %q, expectedVersion: %d, displayName: "Renamed"}) { member { displayName } } }`, m.ID, m.Version)
	for _, document := range []string{rename, directoryQuery} {
		if status, body := s.post(t, token, document, nil); status != http.StatusServiceUnavailable || !strings.Contains(body, `"UNAVAILABLE"`) || strings.Contains(body, "Renamed") {
			t.Errorf("HTTP %d: %s", status, body)
		}
	}
	for path, want := range map[string]int{"/readyz": 503, "/calendar.ics": 503, "/healthz": 200} {
		response, err := http.Get("http://" + s.address + path)
		must(t, err)
		must(t, response.Body.Close())
		if response.StatusCode != want {
			t.Errorf("%s: HTTP %d", path, response.StatusCode)
		}
	}
	s.cancel()
	<-s.code // that it has gone could not be written
	contains(t, s.stderr.String(), "the database is gone")
	code, stdout, stderr := command(t, anyPort, "--data", data)
	if code != 1 || stdout != "" || strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
	contains(t, stderr, "portal.db is gone", "memberportal restore FILE", "portal.db.lock")
	must(t, os.Rename(filepath.Join(data, "elsewhere.db"), filepath.Join(data, "portal.db")))
	again := serve(t, anyPort, "--data", data)
	defer again.stop(t)
	if after := ask[directory](t, again, token, directoryQuery).Members.Nodes[7]; after.DisplayName == "Renamed" {
		t.Error("what was not acknowledged is there")
	}
}

func TestASpoiltDatabaseIsNotServed(t *testing.T) {
	data := copied(t)
	db := filepath.Join(data, "portal.db")
	raw, err := os.ReadFile(db)
	must(t, err)
	for page := 100; page < 200; page++ {
		copy(raw[page*4096:], "spoilt spoilt spoilt spoilt")
	}
	must(t, os.WriteFile(db, raw, 0o600))
	code, stdout, stderr := command(t, anyPort, "--data", data)
	if code != 1 || stdout != "" {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
	contains(t, stderr, "spoilt", "memberportal restore FILE --replace")
	if code, stdout, _ := command(t, "check", "--data", data); code != 1 || strings.Contains(stdout, "no faults") {
		t.Errorf("check: exit code %d, %s", code, stdout)
	}
}

func TestProductionMakesAStoreOnlyIfItIsTold(t *testing.T) {
	flags, _ := production(t)
	without := flags[:len(flags)-1]
	for _, args := range [][]string{{anyPort}, {"clock"}} {
		code, stdout, stderr := command(t, plus(args, without...)...)
		if args[0] == "clock" {
			code, stdout, stderr = command(t, "clock", without[0], without[1])
		}
		if code != 1 || stdout != "" || !strings.Contains(stderr, "--create") {
			t.Errorf("%v: exit code %d, %s%s", args, code, stdout, stderr)
		}
	}
	serve(t, plus(flags, anyPort)...).stop(t)
	serve(t, plus(without, anyPort)...).stop(t)
}

// TestTheRecordedDataAreForProductionToo, by which a store can be made.
func TestTheRecordedDataAreForProductionToo(t *testing.T) {
	flags, _ := production(t)
	stored := flags[:2]
	if code, _, stderr := command(t, plus([]string{"seed", "--recorded-only"}, stored...)...); code != 1 || !strings.Contains(stderr, "--create") {
		t.Errorf("without a store: exit code %d, %s", code, stderr)
	}
	for range 2 {
		code, stdout, stderr := command(t, plus([]string{"seed", "--recorded-only", "--create"}, stored...)...)
		if code != 0 || stderr != "" || !strings.Contains(stdout, "recorded: 1 liaison statements\n") {
			t.Errorf("exit code %d, %s%s", code, stdout, stderr)
		}
	}
	s := serve(t, plus(flags[:len(flags)-1], anyPort)...)
	defer s.stop(t)
	if _, body := s.post(t, "", `{ events(first: 100) { nodes { dataset } } }`, nil); !strings.Contains(body, "RECORDED") || strings.Contains(body, "DEMONSTRATION") {
		t.Errorf("events: %s", body)
	}
}
