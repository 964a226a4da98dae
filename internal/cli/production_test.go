package cli_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestServeInProduction(t *testing.T) {
	flags, _ := production(t)
	s := serve(t, plus(flags, anyPort)...)
	defer s.stop(t)
	t.Run("prints its address and no token", func(t *testing.T) {
		if out := s.stdout.String(); strings.Count(out, "\n") != 1 || strings.Contains(out, "ey") {
			t.Errorf("printed %q", out)
		}
	})
	t.Run("loads nothing", func(t *testing.T) {
		if n := ask[directory](t, s, "", directoryQuery).Members.TotalCount; n != 0 {
			t.Errorf("%d members", n)
		}
	})
	t.Run("does not show its schema", func(t *testing.T) {
		for _, query := range []string{`{ __schema { queryType { name } } }`, `{ __type(name: "Member") { name } }`} {
			if _, body := s.post(t, "", query, nil); !strings.Contains(body, "errors") || strings.Contains(body, `"name"`) || strings.Contains(body, "Query\"") {
				t.Errorf("%s: %s", query, body)
			}
		}
	})
	t.Run("answers under any name", func(t *testing.T) {
		if status, body := s.post(t, "", `{ viewer { id } }`, func(r *http.Request) { r.Host = "portal.example.org" }); status != http.StatusOK {
			t.Errorf("HTTP %d: %s", status, body)
		}
	})
	t.Run("makes nothing in the data folder", func(t *testing.T) {
		data := strings.TrimPrefix(flags[3], "--data=")
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%s is there", data)
		}
	})
	t.Run("is checked beside it", func(t *testing.T) {
		if code, stdout, stderr := command(t, plus([]string{"check"}, flags...)...); code != 0 || stdout != "no faults\n" {
			t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
		}
	})
}

func TestServeInProductionNeedsAKeyThatOthersCannotRead(t *testing.T) {
	flags, key := production(t)
	must(t, os.Chmod(key, 0o644))
	code, stdout, stderr := command(t, plus(flags, anyPort)...)
	if code == 0 || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	contains(t, stderr, key, "0600")
	must(t, os.Remove(key))
	if code, _, stderr := command(t, plus(flags, anyPort)...); code == 0 || !strings.Contains(stderr, key) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("a key was made in production")
	}
}
