package mail_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/kit"
	sender "memberportal/internal/mail"
	"memberportal/internal/testkit"
)

var from = &mail.Address{Name: "Portail des membres – é", Address: "portal@example.org"}

// hello is a message.
func hello(to string) kit.Mail {
	return kit.Mail{
		ID: "out_1", At: "2025-03-31T12:00:00.007Z", To: to, Locale: kit.French, Subject: "Bienvenue à l’UIT", Body: "Chère Ada,\n\nvoici le code 1234.\n.\nÀ bientôt",
	}
}

// to is how a server is spoken to in the clear.
func to(s *testkit.MailServer) sender.SMTP {
	return sender.SMTP{Host: s.Host, Port: s.Port, Encryption: sender.NoTLS, From: from}
}

// certificate is one for a name, and who trusts it.
func certificate(t *testing.T, name string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	testkit.Certificate(t, cert, key, name)
	pair, err := tls.LoadX509KeyPair(cert, key)
	must(t, err)
	raw, err := os.ReadFile(cert)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(raw)
	return &tls.Config{Certificates: []tls.Certificate{pair}}, pool
}

// failed holds an error against the class that it must have, and against what it must not say.
func failed(t *testing.T, err error, want kit.MailFault) {
	t.Helper()
	fault, ok := errors.AsType[*kit.MailError](err)
	if !ok || fault.Fault != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	for _, secret := range []string{"@", "ada", "sesame", "1234", "Bienvenue"} {
		if strings.Contains(strings.ToLower(err.Error()), strings.ToLower(secret)) {
			t.Errorf("%q is in the error: %v", secret, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// read reads a message as a mail program does.
func read(t *testing.T, text string) *mail.Message {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(text))
	must(t, err)
	return m
}
