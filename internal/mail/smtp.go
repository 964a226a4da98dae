package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"memberportal/internal/kit"
)

// Encryption says how a session with an SMTP server is encrypted.
type Encryption int

// How a session is encrypted.
const (
	// StartTLS begins in the clear and goes no further without TLS (RFC 3207).
	StartTLS Encryption = iota
	// ImplicitTLS is TLS from the first byte (RFC 8314).
	ImplicitTLS
	// NoTLS encrypts nothing.
	NoTLS
)

// SMTP says where a server is and how it is spoken to.
type SMTP struct {
	Host       string
	Port       int
	Encryption Encryption
	// User and Password sign in; nobody does if User is empty. Without TLS a password is only told to a
	// server on this machine.
	User, Password string
	// From is who the messages are from.
	From *mail.Address
	// Timeout bounds opening a session, and then sending; 15 s if it is 0.
	Timeout time.Duration
	// Roots are the authorities that are trusted, those of the machine if nil.
	Roots *x509.CertPool
}

// Send sends one message in a session of its own. What goes wrong is a *portal.MailError.
func (s SMTP) Send(ctx context.Context, m kit.Mail) error {
	message, err := compose(s.From, m)
	if err != nil {
		return &kit.MailError{Fault: kit.MailRefused, Detail: err.Error()}
	}
	client, err := gomail.NewClient(s.Host, s.options()...)
	if err != nil {
		return &kit.MailError{Fault: kit.MailUnreachable, Detail: err.Error()}
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return unreachable(err)
	}
	err = client.SendWithSMTPClient(session, message)
	_ = client.CloseWithSMTPClient(session)
	if message.IsDelivered() { // what comes after the server took it is of no interest
		return nil
	}
	return undelivered(err)
}

func (s SMTP) options() []gomail.Option {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	o := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(timeout), gomail.WithoutNoop(), gomail.WithTLSConfig(s.tls()), gomail.WithDialContextFunc(s.dial),
	}
	switch s.Encryption {
	case StartTLS:
		o = append(o, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case ImplicitTLS:
		o = append(o, gomail.WithSSL())
	case NoTLS:
		o = append(o, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.User != "" {
		o = append(o, gomail.WithUsername(s.User), gomail.WithPassword(s.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return o
}

func (s SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
}

// dial is here because the library does not put an IPv6 address into brackets.
func (s SMTP) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	address := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	if s.Encryption == ImplicitTLS {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// unreachable is a fault of opening a session. Of what the server said only the number is told.
func unreachable(err error) error {
	fault := &kit.MailError{Fault: kit.MailUnreachable, Detail: err.Error()}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		fault.Detail = fmt.Sprintf("the server's greeting or sign-in ended with %d", answer.Code)
	}
	return fault
}

// undelivered is a fault of sending: a code of the server, or none if the session broke. A server that
// wants a sign-in says nothing about the message.
func undelivered(err error) error {
	refusal, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return &kit.MailError{Fault: kit.MailBroken}
	}
	fault := &kit.MailError{Fault: kit.MailBroken}
	switch code := refusal.ErrorCode(); {
	case code == 530 || code == 535 || code == 538:
		fault.Fault = kit.MailUnreachable
	case code >= 500:
		fault.Fault = kit.MailRefused
	case code >= 400:
		fault.Fault = kit.MailDeferred
	}
	if refusal.ErrorCode() > 0 {
		fault.Detail = fmt.Sprintf("%d at %s", refusal.ErrorCode(), refusal.Reason)
	}
	return fault
}
