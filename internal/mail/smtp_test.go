package mail_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
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
		"Auto-Submitted": "auto-generated", "Content-Language": "fr", "Mime-Version": "1.0",
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
	text, html := parts(t, m)
	if want := "Chère Ada,\n\nvoici le code 1234.\n.\nÀ bientôt\n\n-- \nVous recevez"; !strings.HasPrefix(text, want) {
		t.Errorf("text %q", text)
	}
	for _, want := range []string{`<html lang="fr" dir="ltr">`, "voici le code 1234.<br>\n.<br>\nÀ bientôt</p>", "<title>Bienvenue à l’UIT</title>"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in %s", want, html)
		}
	}
}

// parts are the text and the HTML of a message, which stand in this order: the last is what programs prefer (RFC 2046).
func parts(t *testing.T, m *mail.Message) (text, html string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("it is %q, %v", kind, err)
	}
	reader := multipart.NewReader(m.Body, params["boundary"])
	for _, to := range []*string{&text, &html} {
		part, err := reader.NextPart() // which decodes it
		must(t, err)
		if want := map[*string]string{&text: "text/plain; charset=UTF-8", &html: "text/html; charset=UTF-8"}[to]; part.Header.Get("Content-Type") != want {
			t.Errorf("a part is %v", part.Header)
		}
		raw, err := io.ReadAll(part)
		must(t, err)
		*to = strings.ReplaceAll(string(raw), "\r\n", "\n")
	}
	if _, err := reader.NextPart(); !errors.Is(err, io.EOF) {
		t.Errorf("after two parts: %v", err)
	}
	return text, html
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
		failed(t, to(s).Send(t.Context(), hello(address)), kit.MailAddressRefused)
	}
}

func TestAnswersOfTheServerAreFaultsOfTheirClass(t *testing.T) {
	none := smtp.NoEnhancedCode
	for name, c := range map[string]struct {
		command  string
		code     int
		enhanced smtp.EnhancedCode
		want     kit.MailFault
	}{
		"an unknown recipient":               {"RCPT", 550, none, kit.MailAddressRefused},
		"no such mailbox":                    {"RCPT", 550, smtp.EnhancedCode{5, 1, 1}, kit.MailAddressRefused},
		"a domain that takes no mail":        {"RCPT", 556, smtp.EnhancedCode{5, 1, 10}, kit.MailAddressRefused},
		"a mailbox that is closed":           {"RCPT", 550, smtp.EnhancedCode{5, 2, 1}, kit.MailAddressRefused},
		"a recipient that others have":       {"RCPT", 551, none, kit.MailAddressRefused},
		"a server that carries nothing":      {"RCPT", 554, smtp.EnhancedCode{5, 7, 1}, kit.MailRefused},
		"a block list":                       {"RCPT", 550, smtp.EnhancedCode{5, 7, 1}, kit.MailRefused},
		"any final no to a recipient":        {"RCPT", 554, none, kit.MailRefused},
		"a mailbox that is full":             {"RCPT", 552, none, kit.MailRefused},
		"a full mailbox, in other words":     {"RCPT", 552, smtp.EnhancedCode{5, 2, 2}, kit.MailRefused},
		"a grey list":                        {"RCPT", 451, none, kit.MailDeferred},
		"a full mailbox":                     {"RCPT", 452, none, kit.MailDeferred},
		"a sender that may not send":         {"MAIL", 553, none, kit.MailUnreachable},
		"a sender that sends too much":       {"MAIL", 450, none, kit.MailUnreachable},
		"a server that closes":               {"MAIL", 421, none, kit.MailUnreachable},
		"a server that closes later":         {"RCPT", 421, none, kit.MailUnreachable},
		"a text that is spam":                {"DATA", 554, smtp.EnhancedCode{5, 7, 1}, kit.MailRefused},
		"a text that is refused":             {"DATA", 550, none, kit.MailRefused},
		"a mailbox that is looked for later": {"DATA", 550, smtp.EnhancedCode{5, 1, 1}, kit.MailAddressRefused},
		"no room":                            {"DATA", 452, none, kit.MailDeferred},
		"a sign-in that is wanted":           {"MAIL", 530, none, kit.MailUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			s := testkit.ServeMail(t, testkit.MailServerOptions{})
			s.Refuse = func(command, argument string) error {
				if command != c.command {
					return nil
				}
				return &smtp.SMTPError{Code: c.code, EnhancedCode: c.enhanced, Message: "not " + argument + " sesame"}
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
	failed(t, to(server).Send(t.Context(), hello("büro@münchen.example")), kit.MailAddressRefused)
}
