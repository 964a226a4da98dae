// Package input holds the rules for what people write: names and other texts of one line, texts of
// several lines, web addresses and e-mail addresses. Each kind has one function, which gives the value
// as it is stored or says why it is refused. Whoever takes a value in calls it, and so does whoever
// looks at stored values again. It imports Unicode's and IDNA's data, and knows no noun.
package input

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/runenames"
)

//go:generate sh -c "node tables.mjs | gofmt > emoji_table.go"

// Reason says why a value is refused.
type Reason string

// The reasons.
const (
	// Empty is a value with nothing but white space.
	Empty Reason = "EMPTY"
	// Broken is a line with a line break or tab inside.
	Broken Reason = "BROKEN"
	// Character is one that is not seen, means nothing or does something: Fault says which and where.
	Character Reason = "CHARACTER"
	// LoneMark is a combining mark that stands on no letter.
	LoneMark Reason = "LONE_MARK"
	// MarkStack is a letter with more than four marks, or with one mark twice in a row (UTS #39 §5.4).
	MarkStack Reason = "MARK_STACK"
	// NoLink is a value that is no web address with https.
	NoLink Reason = "NO_LINK"
	// NoAddress is a value that is no e-mail address.
	NoAddress Reason = "NO_ADDRESS"
	// NoHost is the name of a host that cannot exist.
	NoHost Reason = "NO_HOST"
	// NoPort is a port that is none.
	NoPort Reason = "NO_PORT"
	// Mailbox is a part before the @ that only servers with SMTPUTF8 take (RFC 6531).
	Mailbox Reason = "MAILBOX"
	// LongLink is a link of more than MaxLink bytes, LongAddress an address of more than MaxAddress.
	LongLink    Reason = "LONG_LINK"
	LongAddress Reason = "LONG_ADDRESS"
)

// Fault says why a value is refused. As an error it repeats nothing of the value but one character.
type Fault struct {
	Reason Reason
	// Character is the character that is refused, such as «U+200B ZERO WIDTH SPACE»; empty where no
	// single one is.
	Character string
	// Position is the character's place in the value as it was sent, 1 for the first; 0 where there is
	// none.
	Position int
}

func (f *Fault) Error() string {
	if f.Character == "" {
		return string(f.Reason)
	}
	return fmt.Sprintf("%s: %s at character %d", f.Reason, f.Character, f.Position)
}

// Kind is a kind of what people write.
type Kind int

// The kinds, as a set.
const (
	OneLine Kind = 1 << iota
	ManyLines
	WebAddress
	MailAddress
)

// Normalisations are all that is ever changed of a value before it is stored, in this order. Whatever
// else is not right is refused.
var Normalisations = []struct {
	// Rule says what is done.
	Rule string
	// Kinds are the kinds to which it is done.
	Kinds Kind
	apply func(string) string
}{
	{"CRLF, CR, U+2028 and U+2029 become LF (HTML forms send CRLF; Unicode §5.8)", OneLine | ManyLines, lineEnds.Replace},
	{"invisible characters that no script and no emoji needs are taken out; of bidirectional controls the marks stay, and isolates that are closed in their line", ManyLines, stripped},
	{"white space at both ends is taken away", OneLine | ManyLines | WebAddress | MailAddress, strings.TrimSpace},
	{"a web address is written as a browser reads it: lower case and A-labels in the host, no port 443, canonical percent-encoding, no dot segments (UTS #46 §4, RFC 3986 §6.2.2)", WebAddress, nil},
	{"the domain of an e-mail address is written in the letters that IDNA maps it to, if it is not ASCII (UTS #46 §4)", MailAddress, nil},
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

func normalised(s string, k Kind) string {
	for _, n := range Normalisations {
		if n.Kinds&k != 0 && n.apply != nil {
			s = n.apply(s)
		}
	}
	return s
}

// Line gives a text of one line as it is stored. It can be seen and reads as it is stored: every
// character is visible or a space, but for joiners and variation selectors where a script or an emoji
// needs them (UAX #31 §2.3, UTS #51).
func Line(s string) (string, *Fault) {
	if f := encoded(s); f != nil {
		return "", f
	}
	line := normalised(s, OneLine)
	if line == "" {
		return "", &Fault{Reason: Empty}
	}
	if isASCII(line) && !strings.ContainsFunc(line, control) {
		return line, nil
	}
	start := utf8.RuneCountInString(s[:strings.Index(s, firstRune(line))])
	if f := unreadable([]rune(strings.TrimSpace(s)), start, OneLine); f != nil {
		return "", f
	}
	return line, nil
}

// Text gives a text of several lines as it is stored.
func Text(s string) (string, *Fault) {
	if f := encoded(s); f != nil {
		return "", f
	}
	if !isASCII(s) || strings.ContainsFunc(s, control) {
		if f := unreadable([]rune(s), 0, ManyLines); f != nil {
			return "", f
		}
	}
	text := normalised(s, ManyLines)
	if text == "" {
		return "", &Fault{Reason: Empty}
	}
	return text, nil
}

// encoded refuses what is not UTF-8.
func encoded(s string) *Fault {
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			return &Fault{Reason: Character, Character: fmt.Sprintf("0x%02X", s[i]), Position: utf8.RuneCountInString(s[:i]) + 1}
		}
	}
	return nil
}

func at(r rune, position int) *Fault { return atAs(Character, r, position) }

func atAs(reason Reason, r rune, position int) *Fault {
	return &Fault{Reason: reason, Character: strings.TrimSpace(fmt.Sprintf("U+%04X %s", r, runenames.Name(r))), Position: position}
}

func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
