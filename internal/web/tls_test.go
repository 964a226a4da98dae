package web_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/testkit"
	"memberportal/internal/web"
)

// shown is the name in the certificate that a server shows to a client of the given versions.
func shown(t *testing.T, address string, highest uint16) (string, error) {
	t.Helper()
	c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: highest}) // the test looks at the certificate itself
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates[0].DNSNames[0], nil
}

func TestCertificateIsReadAgainWhenItChanges(t *testing.T) {
	folder := t.TempDir()
	certFile, keyFile := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	testkit.Certificate(t, certFile, keyFile, "first.example")
	var log bytes.Buffer
	c, err := web.OpenCertificate(certFile, keyFile, slog.New(slog.NewTextHandler(&log, nil)))
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{TLSConfig: c.Config(), ErrorLog: slog.NewLogLogger(quiet.Handler(), slog.LevelInfo)}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	defer func() { _ = server.Close() }()
	want := func(name string) {
		t.Helper()
		if got, err := shown(t, listener.Addr().String(), tls.VersionTLS13); err != nil || got != name {
			t.Errorf("%q, %v, want %q", got, err, name)
		}
	}
	want("first.example")
	testkit.Certificate(t, certFile, keyFile, "second-name.example")
	want("second-name.example")
	must(t, os.WriteFile(certFile, []byte("half of a new"), 0o600))
	want("second-name.example")
	want("second-name.example")
	if n := strings.Count(log.String(), "reading the TLS certificate again"); n != 1 {
		t.Errorf("logged %d times: %s", n, log.String())
	}
	must(t, os.Remove(keyFile))
	want("second-name.example")
	testkit.Certificate(t, certFile, keyFile, "the-third-name.example")
	want("the-third-name.example")
	if _, err := shown(t, listener.Addr().String(), tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

func TestCertificateThatIsNotOneIsRefused(t *testing.T) {
	folder := t.TempDir()
	a, b := filepath.Join(folder, "a"), filepath.Join(folder, "b")
	testkit.Certificate(t, a, b, "a.example")
	testkit.Certificate(t, filepath.Join(folder, "c"), filepath.Join(folder, "d"), "c.example")
	for name, pair := range map[string][2]string{
		"a file that is not there": {a, filepath.Join(folder, "none")}, "the key of another": {a, filepath.Join(folder, "d")}, "two certificates": {a, a},
	} {
		if _, err := web.OpenCertificate(pair[0], pair[1], quiet); err == nil || !strings.Contains(err.Error(), "TLS certificate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
