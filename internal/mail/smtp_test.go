package mail_test

import (
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/quotedprintable"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"memberportal/internal/kit"
	sender "memberportal/internal/mail"
	"memberportal/internal/testkit"
)

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	s := testkit.ServeMail(t, testkit.MailServerOptions{})
	must(t, to(s).Send(t.Context(), hello("ada@example.org")))
	letters := s.Letters()
	if len(letters) != 1 || letters[0].From != "portal@example.org" || letters[0].To != "ada@example.org" {
		t.Fatalf("the server took %+v", letters)
	}
	m := read(t, letters[0].Text)
	for header, want := range map[string]string{
		"From": from.String(), "To": "<ada@example.org>", "Date": "Mon, 31 Mar 2025 12:00:00 +0000", "Message-Id": "<out_1@example.org>",
		"Auto-Submitted": "auto-generated", "Content-Language": "fr", "Content-Type": "text/plain; charset=UTF-8", "Mime-Version": "1.0",
	} {
		got, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get(header))
		wanted, _ := (&mime.WordDecoder{}).DecodeHeader(want)
		if err != nil || got != wanted || len(m.Header[header]) != 1 {
			t.Errorf("%s: %q, %v", header, m.Header[header], err)
		}
	}
	if subject, _ := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject")); subject != "Bienvenue à l’UIT" {
		t.Errorf("subject %q", subject)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if text := strings.TrimSpace(strings.ReplaceAll(string(body), "\r\n", "\n")); err != nil || text != hello("").Body {
		t.Errorf("body %q, %v", text, err)
	}
}

func TestHostileTextMakesNoHeader(t *testing.T) {
	s := testkit.ServeMail(t, testkit.MailServerOptions{})
	var known []string
	for i, hostile := range []string{"", "\r\nBcc: eve@example.org", "x\nBcc: eve@example.org\n\n<html>", "\rBcc: e", "é\r\nBcc: eve@example.org", strings.Repeat("long ", 400) + "\r\nX: y"} {
		m := hello("ada@example.org")
		m.Subject += hostile
		must(t, to(s).Send(t.Context(), m))
		got := read(t, s.Letters()[i].Text)
		names := slices.Sorted(maps.Keys(got.Header))
		if known == nil {
			known = names
		}
		if !slices.Equal(names, known) {
			t.Errorf("%q made %v", hostile, names)
		}
	}
	for _, address := range []string{"ada@example.org\r\nBcc: eve@example.org", "ada@example.org, eve@example.org", "ada", "", "<ada@example.org>\r\nRCPT TO:<eve@example.org>", "@", "ada@example.org\x00"} {
		failed(t, to(s).Send(t.Context(), hello(address)), kit.MailRefused)
	}
}

func TestAnswersOfTheServerAreFaultsOfTheirClass(t *testing.T) {
	for name, c := range map[string]struct {
		command string
		code    int
		want    kit.MailFault
	}{
		"an unknown recipient":       {"RCPT", 550, kit.MailRefused},
		"a grey list":                {"RCPT", 451, kit.MailDeferred},
		"a full mailbox":             {"RCPT", 452, kit.MailDeferred},
		"a sender that may not send": {"MAIL", 553, kit.MailRefused},
		"a server that closes":       {"MAIL", 421, kit.MailDeferred},
		"a text that is spam":        {"DATA", 554, kit.MailRefused},
		"no room":                    {"DATA", 452, kit.MailDeferred},
		"a sign-in that is wanted":   {"MAIL", 530, kit.MailUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			s := testkit.ServeMail(t, testkit.MailServerOptions{})
			s.Refuse = func(command, argument string) error {
				if command != c.command {
					return nil
				}
				return &smtp.SMTPError{Code: c.code, EnhancedCode: smtp.NoEnhancedCode, Message: "not " + argument + " sesame"}
			}
			err := to(s).Send(t.Context(), hello("ada@example.org"))
			failed(t, err, c.want)
			if !strings.Contains(err.Error(), fmt.Sprint(c.code)) || len(s.Letters()) != 0 {
				t.Errorf("got %v, %d letters", err, len(s.Letters()))
			}
		})
	}
}

func TestSessionsAreEncryptedOrDoNotComeAbout(t *testing.T) {
	config, trusted := certificate(t, "localhost")
	elsewhere, others := certificate(t, "mail.example.org")
	for name, c := range map[string]struct {
		server  testkit.MailServerOptions
		change  func(*sender.SMTP)
		refused bool
	}{
		"STARTTLS":                       {testkit.MailServerOptions{TLS: config}, func(*sender.SMTP) {}, false},
		"TLS from the first byte":        {testkit.MailServerOptions{TLS: config, Implicit: true}, func(s *sender.SMTP) { s.Encryption = sender.ImplicitTLS }, false},
		"a server without STARTTLS":      {testkit.MailServerOptions{}, func(*sender.SMTP) {}, true},
		"a server without TLS":           {testkit.MailServerOptions{}, func(s *sender.SMTP) { s.Encryption = sender.ImplicitTLS }, true},
		"a certificate of others":        {testkit.MailServerOptions{TLS: config}, func(s *sender.SMTP) { s.Roots = others }, true},
		"a certificate nobody trusts":    {testkit.MailServerOptions{TLS: config}, func(s *sender.SMTP) { s.Roots = nil }, true},
		"a certificate for another name": {testkit.MailServerOptions{TLS: elsewhere}, func(s *sender.SMTP) { s.Roots = others }, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := testkit.ServeMail(t, c.server)
			s := sender.SMTP{Host: "localhost", Port: server.Port, Encryption: sender.StartTLS, From: from, Roots: trusted, Timeout: 2 * time.Second}
			c.change(&s)
			err := s.Send(t.Context(), hello("ada@example.org"))
			if !c.refused {
				must(t, err)
			} else {
				failed(t, err, kit.MailUnreachable)
			}
			if (len(server.Letters()) == 0) != c.refused {
				t.Errorf("%d letters", len(server.Letters()))
			}
		})
	}
}

func TestSigningIn(t *testing.T) {
	config, trusted := certificate(t, "localhost")
	server := testkit.ServeMail(t, testkit.MailServerOptions{TLS: config, User: "portal", Password: "open sesame"})
	s := sender.SMTP{Host: "localhost", Port: server.Port, From: from, Roots: trusted, User: "portal", Password: "open sesame"}
	must(t, s.Send(t.Context(), hello("ada@example.org")))
	for name, change := range map[string]func(*sender.SMTP){
		"a wrong password": func(s *sender.SMTP) { s.Password = "sesame" },
		"nobody":           func(s *sender.SMTP) { s.User = "" },
		"in the clear":     func(s *sender.SMTP) { s.Encryption = sender.NoTLS },
	} {
		t.Run(name, func(t *testing.T) {
			s := s
			change(&s)
			failed(t, s.Send(t.Context(), hello("ada@example.org")), kit.MailUnreachable)
		})
	}
	t.Run("a server that has no sign-in", func(t *testing.T) {
		server := testkit.ServeMail(t, testkit.MailServerOptions{TLS: config})
		s := s
		s.Port = server.Port
		failed(t, s.Send(t.Context(), hello("ada@example.org")), kit.MailUnreachable)
	})
	t.Run("in the clear on this machine", func(t *testing.T) {
		server := testkit.ServeMail(t, testkit.MailServerOptions{User: "portal", Password: "open sesame", Insecure: true})
		s := to(server)
		s.User, s.Password = "portal", "open sesame"
		must(t, s.Send(t.Context(), hello("ada@example.org")))
	})
}

func TestAServerThatIsGoneOrSilentIsUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := sender.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Encryption: sender.NoTLS, From: from, Timeout: 100 * time.Millisecond}
	failed(t, s.Send(t.Context(), hello("ada@example.org")), kit.MailUnreachable) // it says nothing
	must(t, l.Close())
	failed(t, s.Send(t.Context(), hello("ada@example.org")), kit.MailUnreachable)
}

func TestASessionThatBreaksIsTriedAgainUnlessTheMessageWasTaken(t *testing.T) {
	for name, c := range map[string]struct {
		script []string
		want   kit.MailFault
	}{
		"at the recipient":             {[]string{"220 hi", "250 ok", "250 ok"}, kit.MailBroken},
		"in the text":                  {[]string{"220 hi", "250 ok", "250 ok", "250 ok", "354 go"}, kit.MailBroken},
		"with an answer that is none":  {[]string{"220 hi", "250 ok", "sesame"}, kit.MailBroken},
		"after the server took it":     {[]string{"220 hi", "250 ok", "250 ok", "250 ok", "354 go", "250 taken"}, ""},
		"with a farewell that is none": {[]string{"220 hi", "250 ok", "250 ok", "250 ok", "354 go", "250 taken", "250 reset", "500 no"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := sender.SMTP{Host: "127.0.0.1", Port: scripted(t, c.script), Encryption: sender.NoTLS, From: from, Timeout: time.Second}
			err := s.Send(t.Context(), hello("ada@example.org"))
			if c.want == "" {
				must(t, err)
			} else {
				failed(t, err, c.want)
			}
		})
	}
}

// scripted is a server that says its lines, one after each line or text that it hears, and hangs up.
func scripted(t *testing.T, lines []string) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		heard := make([]byte, 1<<16)
		for _, line := range lines {
			if _, err := io.WriteString(c, line+"\r\n"); err != nil {
				return
			}
			for text := ""; !strings.HasSuffix(text, "\r\n") || strings.HasPrefix(line, "354") && !strings.HasSuffix(text, "\r\n.\r\n"); {
				n, err := c.Read(heard)
				if err != nil {
					return
				}
				text += string(heard[:n])
			}
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func TestADomainGoesOutInALabels(t *testing.T) {
	server := testkit.ServeMail(t, testkit.MailServerOptions{})
	must(t, to(server).Send(t.Context(), hello("user@münchen.example")))
	letter := server.Letters()[0]
	if got := read(t, letter.Text).Header.Get("To"); letter.To != "user@xn--mnchen-3ya.example" || !strings.Contains(got, "user@xn--mnchen-3ya.example") {
		t.Errorf("sent to %q, %q", letter.To, got)
	}
	failed(t, to(server).Send(t.Context(), hello("büro@münchen.example")), kit.MailRefused)
}
