package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServeInProductionWithoutAMailServerSaysSo(t *testing.T) {
	flags, _ := production(t)
	s := serve(t, plus(flags, anyPort)...)
	s.stop(t)
	contains(t, s.stderr.String(), "no --smtp-host")
	s = serve(t, plus(flags, anyPort, "--smtp-host=localhost", "--mail-from=portal@example.org")...)
	s.stop(t)
	if strings.Contains(s.stderr.String(), "smtp") {
		t.Errorf("logged %s", s.stderr)
	}
}

func TestServeRefusesAMailServerItCannotUse(t *testing.T) {
	code, _, stderr := command(t, anyPort, "--data", t.TempDir(), "--smtp-host=smtp.example.org:25", "--smtp-user=u", "--smtp-port=-1")
	if code != 2 {
		t.Errorf("exit code %d", code)
	}
	contains(t, stderr, "--smtp-host", "--smtp-user needs", "--mail-from", "--smtp-port")
	password := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(password, []byte("sesame"), 0o600))
	must(t, os.Chmod(password, 0o644))
	code, _, stderr = command(t, anyPort, "--demo-members=0", "--data", t.TempDir(), "--smtp-host=localhost", "--smtp-user=u", "--mail-from=p@example.org", "--smtp-password-file="+password)
	if code != 1 || strings.Contains(stderr, "sesame") {
		t.Errorf("exit code %d", code)
	}
	contains(t, stderr, password, "0600")
}
