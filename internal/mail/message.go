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

// errNoAddress says that one of a message's addresses is none. It does not repeat it.
var errNoAddress = errors.New("not an e-mail address")

// compose writes a message as plain text in UTF-8, with the domains of its addresses in A-labels, because
// few servers take others (RFC 6531). Its Message-ID is the same whenever it is tried, so
// that a reader's program knows a second copy for what it is, and Auto-Submitted keeps programs from
// answering (RFC 3834).
func compose(from *mail.Address, m kit.Mail) (*gomail.Msg, error) {
	parsed, err := mail.ParseAddress(m.To)
	if err != nil {
		return nil, errNoAddress
	}
	to, err := input.Envelope(parsed.Address)
	if err != nil {
		return nil, err
	}
	sender, err := input.Envelope(from.Address)
	if err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(sender, "@")
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(&mail.Address{Name: from.Name, Address: sender})
	message.ToMailAddress(&mail.Address{Address: to})
	message.SetMessageIDWithValue(string(m.ID) + "@" + domain)
	message.SetDateWithValue(m.At.Time())
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetGenHeader("Content-Language", strings.ToLower(string(m.Locale)))
	message.Subject(m.Subject)
	message.SetBodyString(gomail.TypeTextPlain, m.Body+"\n")
	return message, nil
}
