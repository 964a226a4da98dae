package web_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"memberportal/internal/web"
)

// writePair makes a certificate for a name and writes it and its key.
func writePair(t *testing.T, certFile, keyFile, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600))
}

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
	writePair(t, certFile, keyFile, "first.example")
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
	writePair(t, certFile, keyFile, "second-name.example")
	want("second-name.example")
	must(t, os.WriteFile(certFile, []byte("half of a new"), 0o600))
	want("second-name.example")
	want("second-name.example")
	if n := strings.Count(log.String(), "reading the TLS certificate again"); n != 1 {
		t.Errorf("logged %d times: %s", n, log.String())
	}
	must(t, os.Remove(keyFile))
	want("second-name.example")
	writePair(t, certFile, keyFile, "the-third-name.example")
	want("the-third-name.example")
	if _, err := shown(t, listener.Addr().String(), tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

func TestCertificateThatIsNotOneIsRefused(t *testing.T) {
	folder := t.TempDir()
	a, b := filepath.Join(folder, "a"), filepath.Join(folder, "b")
	writePair(t, a, b, "a.example")
	writePair(t, filepath.Join(folder, "c"), filepath.Join(folder, "d"), "c.example")
	for name, pair := range map[string][2]string{
		"a file that is not there": {a, filepath.Join(folder, "none")}, "the key of another": {a, filepath.Join(folder, "d")}, "two certificates": {a, a},
	} {
		if _, err := web.OpenCertificate(pair[0], pair[1], quiet); err == nil || !strings.Contains(err.Error(), "TLS certificate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
