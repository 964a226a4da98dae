package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/kit"
)

// TestServeThatOnlyReads answers, refuses every change in the caller's language, and leaves every byte of the store as
// it is; it runs beside a server too.
func TestServeThatOnlyReads(t *testing.T) {
	data := copied(t)
	db := filepath.Join(data, "portal.db")
	before, err := os.ReadFile(db)
	must(t, err)
	s := serve(t, anyPort, "--data", data, "--read-only")
	token := s.tokens()["SECRETARIAT"]
	m := ask[directory](t, s, token, directoryQuery).Members.Nodes[7]
	rename := fmt.Sprintf(`mutation { updateMemberProfile(input: {id: %q, expectedVersion: %d, displayName: "Renamed"}) { member { displayName } } }`, m.ID, m.Version)
	for _, l := range kit.Locales {
		want := kit.Message(l, "readOnly", nil)
		status, body := s.post(t, token, rename, func(r *http.Request) { r.Header.Set("Accept-Language", strings.ToLower(string(l))) })
		if status != http.StatusOK || want == "" || !strings.Contains(body, want) || !strings.Contains(body, `"UNAVAILABLE"`) {
			t.Errorf("%s: HTTP %d: %s", l, status, body)
		}
	}
	if status, body := s.post(t, "", `mutation { requestApplicationCode(input: {email: "somebody@example.org", locale: EN}) { userErrors { message } } }`, nil); status != http.StatusOK || !strings.Contains(body, `"UNAVAILABLE"`) {
		t.Errorf("a visitor's change: HTTP %d: %s", status, body)
	}
	response, err := http.Get("http://" + s.address + "/readyz")
	must(t, err)
	must(t, response.Body.Close())
	if response.StatusCode != 200 {
		t.Errorf("/readyz: HTTP %d", response.StatusCode)
	}
	s.stop(t)
	if after, err := os.ReadFile(db); err != nil || string(after) != string(before) {
		t.Errorf("the store was changed: %v", err)
	}
	if _, err := os.Stat(db + ".lock"); err == nil {
		t.Error("it locked the store")
	}

	writing := serve(t, anyPort, "--data", data)
	defer writing.stop(t)
	reading := serve(t, anyPort, "--data", data, "--read-only")
	defer reading.stop(t)
	if status, body := writing.post(t, token, rename, nil); status != http.StatusOK || !strings.Contains(body, "Renamed") {
		t.Fatalf("beside it: HTTP %d: %s", status, body)
	}
	if got := ask[directory](t, reading, token, directoryQuery).Members.Nodes[7]; got.DisplayName != "Renamed" {
		t.Errorf("it reads %q", got.DisplayName)
	}
}

func TestServeThatOnlyReadsNeedsAStore(t *testing.T) {
	data := t.TempDir()
	if code, _, stderr := command(t, anyPort, "--data", data, "--read-only"); code != 1 || !strings.Contains(stderr, "portal.db") {
		t.Errorf("without a store: exit code %d, %s", code, stderr)
	}
	data = copied(t)
	spoil(t, filepath.Join(data, "portal.db"), "DELETE FROM _keyState")
	if code, _, stderr := command(t, anyPort, "--data", data, "--read-only"); code != 1 || !strings.Contains(stderr, "begun") {
		t.Errorf("a store that nobody has begun: exit code %d, %s", code, stderr)
	}
	data = copied(t)
	spoil(t, filepath.Join(data, "portal.db"), "DELETE FROM _migrations")
	if code, _, stderr := command(t, anyPort, "--data", data, "--read-only"); code != 1 || !strings.Contains(stderr, "without --read-only") {
		t.Errorf("a store of an earlier program: exit code %d, %s", code, stderr)
	}
}
