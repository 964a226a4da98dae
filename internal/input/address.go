package input

import (
	"errors"
	"regexp"
	"strings"
)

// The lengths of an e-mail address in bytes (RFC 5321 §4.5.3.1.1 and .3, less the brackets of a path).
const (
	maxMailbox = 64
	// MaxAddress is that of the whole, with its domain in A-labels.
	MaxAddress = 254
)

// mailbox is a Dot-string of RFC 5321 §4.1.2.
var mailbox = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")

// Address gives an e-mail address as it is stored: a mailbox and a domain without a display name, quotes or
// brackets. The mailbox is ASCII, because anything else needs SMTPUTF8 on the whole way (RFC 6531 §3); the
// domain is one that can exist after IDNA and stays in its own script.
func Address(s string) (string, *Fault) {
	s = normalised(s, MailAddress)
	if s == "" {
		return "", &Fault{Reason: Empty}
	}
	if f := unseen(s); f != nil {
		return "", f
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 {
		return "", &Fault{Reason: NoAddress}
	}
	local, domain := s[:at], s[at+1:]
	switch {
	case len(local) > maxMailbox:
		return "", &Fault{Reason: NoAddress}
	case !isASCII(local):
		return "", &Fault{Reason: Mailbox}
	case !mailbox.MatchString(local):
		return "", &Fault{Reason: NoAddress}
	case strings.ContainsAny(domain, "[]():,;<>\"\\%/?#"):
		return "", &Fault{Reason: NoAddress}
	}
	ascii, f := host(domain)
	if f != nil {
		return "", f
	}
	if len(local)+1+len(ascii) > MaxAddress {
		return "", &Fault{Reason: LongAddress}
	}
	if !isASCII(domain) {
		if domain, _ = hosts.ToUnicode(domain); domain == "" {
			return "", &Fault{Reason: NoHost}
		}
	}
	return local + "@" + domain, nil
}

// AddressKey is equal for two e-mail addresses exactly if they are one: the domains are equal as A-labels
// (RFC 5890 §2.3.2.4), and the mailboxes but for the case of ASCII letters (RFC 5321 §2.4). Whatever is no
// address by the rules of today is compared as it is, but for that case.
func AddressKey(s string) string {
	s = strings.TrimSpace(s)
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		if ascii, err := hosts.ToASCII(s[at+1:]); err == nil {
			s = s[:at+1] + ascii
		}
	}
	return lowered(s)
}

// Inbox is the key of an address without what stands behind a plus sign in its mailbox, by which many
// servers sort one person's mail (RFC 5233). It is for limits and for nothing else.
func Inbox(s string) string {
	key := AddressKey(s)
	local, domain, _ := strings.Cut(key, "@")
	if base, _, ok := strings.Cut(local, "+"); ok && base != "" {
		local = base
	}
	return local + "@" + domain
}

// lowered is a text with ASCII letters in lower case, and no others.
func lowered(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// Errors of Envelope.
var (
	ErrMailbox = errors.New("the mailbox needs SMTPUTF8")
	ErrDomain  = errors.New("the domain has no A-labels")
)

// Envelope is an address as it stands in an SMTP envelope and in a header of ASCII: with its domain in
// A-labels (RFC 5891 §5.5). Neither error repeats the address.
func Envelope(s string) (string, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return "", ErrDomain
	}
	local, domain := s[:at], s[at+1:]
	if !isASCII(local) {
		return "", ErrMailbox
	}
	if isASCII(domain) {
		return s, nil
	}
	ascii, err := hosts.ToASCII(domain)
	if err != nil {
		return "", ErrDomain
	}
	return local + "@" + ascii, nil
}
