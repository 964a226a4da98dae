package testkit

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Letter is a message that a mail server took.
type Letter struct{ From, To, Text string }

// MailServer is an SMTP server on this machine that keeps what it takes.
type MailServer struct {
	// Host and Port are where it is.
	Host string
	Port int
	// Refuse is asked at each command (MAIL, RCPT, DATA, QUIT) and may refuse it; nil refuses nothing.
	Refuse func(command, argument string) error

	user, password string
	mu             sync.Mutex
	letters        []Letter
}

// MailServerOptions say what a server asks for. The zero value asks for nothing.
type MailServerOptions struct {
	// TLS is offered by STARTTLS, or spoken from the first byte if Implicit is set.
	TLS      *tls.Config
	Implicit bool
	// User and Password must sign in if User is not empty; Insecure lets them do so without TLS.
	User, Password string
	Insecure       bool
}

// ServeMail starts a server that stops when the test ends.
func ServeMail(t testing.TB, o MailServerOptions) *MailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &MailServer{user: o.User, password: o.Password}
	host, port, _ := net.SplitHostPort(l.Addr().String())
	m.Host = host
	m.Port, _ = strconv.Atoi(port)
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{server: m, in: o.User == ""}, nil }))
	s.Domain, s.TLSConfig, s.AllowInsecureAuth, s.ErrorLog = "mail.test", o.TLS, o.Insecure, log.New(io.Discard, "", 0)
	if o.Implicit {
		l = tls.NewListener(l, o.TLS)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-ended })
	return m
}

// Letters are what the server took until now.
func (m *MailServer) Letters() []Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.letters)
}

// mailSession is one connection to a server.
type mailSession struct {
	server *MailServer
	in     bool
	letter Letter
}

func (s *mailSession) refuse(command, argument string) error {
	switch {
	case !s.in:
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "sign in first"}
	case s.server.Refuse != nil:
		return s.server.Refuse(command, argument)
	}
	return nil
}

// AuthMechanisms is PLAIN if a sign-in is asked for.
func (s *mailSession) AuthMechanisms() []string {
	if s.server.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks user and password.
func (s *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.in = user == s.server.user && password == s.server.password; !s.in {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "not you, " + user}
		}
		return nil
	}), nil
}

// Mail begins a message.
func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.letter.From = from
	return s.refuse("MAIL", from)
}

// Rcpt adds a recipient.
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.letter.To = to
	return s.refuse("RCPT", to)
}

// Data takes the message.
func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err == nil {
		err = s.refuse("DATA", "")
	}
	if err != nil {
		return err
	}
	s.letter.Text = string(raw)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.letters = append(s.server.letters, s.letter)
	return nil
}

// Reset ends a message.
func (s *mailSession) Reset() { s.letter = Letter{} }

// Logout ends the connection.
func (s *mailSession) Logout() error { return nil }
