package cli_test

import (
	"path/filepath"
	"testing"

	"memberportal/internal/testkit"
)

func TestHealthAsksTheServerOfThisMachine(t *testing.T) {
	s := serve(t, "--data="+copied(t), anyPort)
	if code, out, faults := command(t, "health", "--listen="+s.address); code != 0 || out != "ready\n" {
		t.Errorf("exit code %d, %q, %s", code, out, faults)
	}
	s.stop(t)
	for flag, want := range map[string]int{"--listen=" + s.address: 1, "--listen=8080": 2} {
		code, out, faults := command(t, "health", flag)
		if code != want || out != "" || faults == "" {
			t.Errorf("%s: exit code %d, %q, %q", flag, code, out, faults)
		}
	}
}

func TestHealthKnowsTheServerByItsCertificate(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	testkit.Certificate(t, in("own.crt"), in("own.key"), "portal.example")
	testkit.Certificate(t, in("other.crt"), in("other.key"), "portal.example")
	flags, _ := production(t)
	s := serveTLS(t, plus(flags, anyPort, "--tls-cert="+in("own.crt"), "--tls-key="+in("own.key"))...)
	for name, want := range map[string]int{"own.crt": 0, "other.crt": 1, "own.key": 1, "none": 1} {
		if code, _, faults := command(t, "health", "--listen="+s.address, "--tls-cert="+in(name)); code != want {
			t.Errorf("%s: exit code %d, %s", name, code, faults)
		}
	}
	if code, _, _ := command(t, "health", "--listen="+s.address); code != 1 {
		t.Errorf("without the certificate: exit code %d", code)
	}
}
