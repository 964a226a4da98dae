// Package mail hands the portal's messages to whoever carries them: an SMTP server, or a folder on a
// developer's machine. It may import portal, for the message and the classes of faults, and one library
// that writes messages and speaks SMTP. It knows neither the store nor when something is due.
package mail

import (
	"errors"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"memberportal/internal/input"
	"memberportal/internal/kit"
)

// errNoAddress says that the address of the recipient is none. It does not repeat it.
var errNoAddress = errors.New("not an e-mail address")

// compose writes a message as text and HTML in UTF-8, with the domains of its addresses in A-labels, because few servers
// take others (RFC 6531). What is wrong with it is a *kit.MailError.
//
// Whenever a message is tried, it is the same but for the order of its headers. Its Message-ID is the same, so that a
// reader's program knows a second copy for what it is. Auto-Submitted keeps programs from answering (RFC 3834). References and In-Reply-To
// name the thread, a message that was never sent, so that programs show all messages about one record together. A person
// can end messages of a kind by one click in the mail program (RFC 8058), which needs an https address.
func compose(from *mail.Address, l Layout, e gomail.Encoding, m kit.Mail) (*gomail.Msg, error) {
	parsed, err := mail.ParseAddress(m.To)
	if err != nil {
		return nil, &kit.MailError{Fault: kit.MailAddressRefused, Detail: errNoAddress.Error()}
	}
	to, err := input.Envelope(parsed.Address)
	if err != nil {
		return nil, &kit.MailError{Fault: kit.MailAddressRefused, Detail: err.Error()}
	}
	sender, err := input.Envelope(from.Address)
	if err != nil {
		return nil, &kit.MailError{Fault: kit.MailUnreachable, Detail: "the sender's address: " + err.Error()}
	}
	text, html, err := l.Render(m)
	if err != nil {
		return nil, &kit.MailError{Fault: kit.MailUnknown, Detail: "the layout cannot be filled"}
	}
	_, domain, _ := strings.Cut(sender, "@")
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(e), gomail.WithBoundary(string(m.ID))) // which nobody knows who writes a text
	message.FromMailAddress(&mail.Address{Name: from.Name, Address: sender})
	message.ToMailAddress(&mail.Address{Address: to})
	message.SetMessageIDWithValue(string(m.ID) + "@" + domain)
	message.SetDateWithValue(m.At.Time())
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetGenHeader(gomail.HeaderContentLang, strings.ToLower(string(m.Locale)))
	if m.Thread != "" {
		thread := "<" + string(m.Thread) + "@" + domain + ">"
		message.SetGenHeader(gomail.HeaderReferences, thread)
		message.SetGenHeader(gomail.HeaderInReplyTo, thread)
	}
	if address := webAddress(m.Unsubscribe); address != "" && message.SetListUnsubscribeOneClick(address) != nil {
		message.SetListUnsubscribe(address)
	}
	message.Subject(m.Subject)
	message.SetBodyString(gomail.TypeTextPlain, text)
	message.AddAlternativeString(gomail.TypeTextHTML, html)
	return message, nil
}
