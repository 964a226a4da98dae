package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/config"
)

// mailing is a configuration with a mail server.
func mailing(change func(*config.Mail)) config.Serve {
	c := good(config.Production)
	c.Mail = config.Mail{SMTPHost: "smtp.example.org", MailFrom: "Membership portal <portal@example.org>"}
	change(&c.Mail)
	return c
}

func TestMailServersThatAreAccepted(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*config.Mail)
		want   string
	}{
		"a name":                       {func(*config.Mail) {}, "smtp.example.org:587 starttls"},
		"TLS from the first byte":      {func(m *config.Mail) { m.SMTPTLS = "tls" }, "smtp.example.org:465 tls"},
		"another port":                 {func(m *config.Mail) { m.SMTPPort = 2525 }, "smtp.example.org:2525 starttls"},
		"no encryption, as was chosen": {func(m *config.Mail) { m.SMTPTLS = "none" }, "smtp.example.org:25 none"},
		"a server on this machine":     {func(m *config.Mail) { m.SMTPHost = "localhost" }, "localhost:25 none"},
		"on this machine by STARTTLS":  {func(m *config.Mail) { m.SMTPHost, m.SMTPTLS = "127.0.0.1", "starttls" }, "127.0.0.1:587 starttls"},
		"an IPv6 address":              {func(m *config.Mail) { m.SMTPHost = "2001:db8::1" }, "2001:db8::1:587 starttls"},
		"a sign-in":                    {func(m *config.Mail) { m.SMTPUser, m.SMTPPasswordFile = "u", "/p" }, "smtp.example.org:587 starttls"},
		"a sign-in on this machine":    {func(m *config.Mail) { m.SMTPHost, m.SMTPUser, m.SMTPPasswordFile = "::1", "u", "/p" }, "::1:25 none"},
		"an address without a name":    {func(m *config.Mail) { m.MailFrom = "portal@example.org" }, "smtp.example.org:587 starttls"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailing(c.change)
			if got := fmt.Sprintf("%s:%d %s", s.SMTPHost, s.Port(), s.Encryption()); s.Validate() != nil || got != c.want {
				t.Errorf("%s, %v", got, s.Validate())
			}
		})
	}
}

func TestMailServersThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*config.Mail)
		want   string
	}{
		"a budget below nothing":         {func(m *config.Mail) { m.MailPerDay = -1 }, "--mail-per-day"},
		"a name of two lines":            {func(m *config.Mail) { m.OrganisationName = "ITU\nBcc" }, "--organisation-name"},
		"an address that is a book":      {func(m *config.Mail) { m.OrganisationAddress = strings.Repeat("x", 301) }, "--organisation-address"},
		"a port in the name":             {func(m *config.Mail) { m.SMTPHost = "smtp.example.org:25" }, "--smtp-port"},
		"an address of the web":          {func(m *config.Mail) { m.SMTPHost = "smtp://smtp.example.org" }, "--smtp-host"},
		"a line end":                     {func(m *config.Mail) { m.SMTPHost = "smtp\r\n" }, "--smtp-host"},
		"a port that is none":            {func(m *config.Mail) { m.SMTPPort = 70000 }, "--smtp-port"},
		"nobody as the sender":           {func(m *config.Mail) { m.MailFrom = "" }, "--mail-from"},
		"a sender that is none":          {func(m *config.Mail) { m.MailFrom = "portal" }, "--mail-from"},
		"two senders":                    {func(m *config.Mail) { m.MailFrom = "a@example.org, b@example.org" }, "--mail-from"},
		"a user without a password":      {func(m *config.Mail) { m.SMTPUser = "u" }, "--smtp-user"},
		"a password of nobody":           {func(m *config.Mail) { m.SMTPPasswordFile = "/p" }, "--smtp-password-file"},
		"a password in the clear":        {func(m *config.Mail) { m.SMTPUser, m.SMTPPasswordFile, m.SMTPTLS = "u", "/p", "none" }, "--smtp-tls none"},
		"a server without its name":      {func(m *config.Mail) { m.SMTPHost, m.SMTPPort, m.MailFrom = "", 25, "" }, "--smtp-host"},
		"a sender's name without server": {func(m *config.Mail) { m.SMTPHost = "" }, "--smtp-host"},
	} {
		t.Run(name, func(t *testing.T) {
			err := mailing(c.change).Validate()
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestPasswordIsInAFileOfItsOwnOrInTheVariable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	m := config.Mail{SMTPHost: "h", SMTPUser: "u", SMTPPasswordFile: path}
	for content, want := range map[string]string{"open sesame\n": "open sesame", " sesame \r\n": " sesame ", "sesame": "sesame"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := m.Password(); got != want || err != nil {
			t.Errorf("%q: got %q, %v", content, got, err)
		}
	}
	for name, spoil := range map[string]func() error{
		"that others can read": func() error { return os.Chmod(path, 0o640) },
		"that is empty":        func() error { _ = os.Chmod(path, 0o600); return os.WriteFile(path, []byte("\n"), 0o600) },
		"that is not there":    func() error { return os.Remove(path) },
	} {
		if err := os.WriteFile(path, []byte("sesame"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if got, err := m.Password(); got != "" || err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("a file %s: got %q, %v", name, got, err)
		}
		_ = os.Chmod(path, 0o600)
	}
	t.Setenv("MEMBERPORTAL_SMTP_PASSWORD", "from the variable")
	if s := mailing(func(m *config.Mail) { m.SMTPUser = "u" }); s.Validate() != nil {
		t.Error(s.Validate())
	} else if got, err := s.Password(); got != "from the variable" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if err := mailing(func(m *config.Mail) { m.SMTPUser, m.SMTPPasswordFile = "u", path }).Validate(); err == nil || !strings.Contains(err.Error(), "give one") {
		t.Errorf("both: %v", err)
	}
}
