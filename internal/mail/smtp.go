package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/mail"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

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
	From   *mail.Address
	Layout Layout
	// Timeout bounds opening a session, and then sending; 15 s if it is 0.
	Timeout time.Duration
	// Roots are the authorities that are trusted, those of the machine if nil.
	Roots *x509.CertPool
}

// Send sends one message in a session of its own. What goes wrong is a *kit.MailError.
//
// It returns as soon as the server has said that it took the message, and takes leave of the server afterwards, so that
// the caller can record it at once. If the process dies between these two, or the server's word is lost on the way, the
// message is sent again under the same Message-ID. SMTP leaves this gap open (RFC 5321 §4.5.5): whoever closes it from
// the other side loses messages instead.
func (s SMTP) Send(ctx context.Context, m kit.Mail) error {
	message, err := compose(s.From, s.Layout, gomail.EncodingQP, m)
	if err != nil {
		return err
	}
	var line net.Conn // which the library leaves open if the session does not come about
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		var err error
		line, err = s.dial(ctx, network)
		return line, err
	}
	client, err := gomail.NewClient(s.Host, append(s.options(), gomail.WithDialContextFunc(dial))...)
	if err != nil {
		return &kit.MailError{Fault: kit.MailUnreachable, Detail: err.Error()}
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if line != nil {
			_ = line.Close()
		}
		return unreachable(err)
	}
	if err = s.handOver(session, message); err != nil {
		_ = session.Close()
		return err
	}
	go func() { _ = errors.Join(session.Quit(), session.Close()) }() // what comes after the server took it is of no interest
	return nil
}

// handOver says the commands of one message. The library's own way waits for the answer to one more of them after
// the server took the message.
func (s SMTP) handOver(session *smtp.Client, message *gomail.Msg) error {
	sender, err := message.GetSender(false)
	if err != nil {
		return &kit.MailError{Fault: kit.MailUnreachable, Detail: "there is no sender"}
	}
	recipients, err := message.GetRecipients()
	if err != nil {
		return &kit.MailError{Fault: kit.MailAddressRefused, Detail: errNoAddress.Error()}
	}
	if err := session.UpdateDeadline(s.timeout()); err != nil {
		return &kit.MailError{Fault: kit.MailBroken}
	}
	if err := session.Mail(sender); err != nil {
		return undelivered(err, atSender)
	}
	for _, to := range recipients {
		if err := session.Rcpt(to); err != nil {
			return undelivered(err, atRecipient)
		}
	}
	text, err := session.Data()
	if err != nil {
		return undelivered(err, atText)
	}
	if _, err = message.WriteTo(text); err != nil {
		return &kit.MailError{Fault: kit.MailBroken} // without the end of the text the server takes nothing
	}
	if err := text.Close(); err != nil {
		return undelivered(err, atText)
	}
	return nil
}

func (s SMTP) timeout() time.Duration {
	if s.Timeout == 0 {
		return 15 * time.Second
	}
	return s.Timeout
}

func (s SMTP) options() []gomail.Option {
	o := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(s.timeout()), gomail.WithoutNoop(), gomail.WithTLSConfig(s.tls())}
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
func (s SMTP) dial(ctx context.Context, network string) (net.Conn, error) {
	address := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	if s.Encryption == ImplicitTLS {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}
