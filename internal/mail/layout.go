package mail

import (
	_ "embed"
	htmltemplate "html/template"
	"net/url"
	"strings"
	texttemplate "text/template"
	"unicode"

	"memberportal/internal/kit"
)

var (
	//go:embed layout.html.tmpl
	htmlSource string
	//go:embed layout.text.tmpl
	textSource string

	htmlLayout = htmltemplate.Must(htmltemplate.New("html").Parse(htmlSource))
	textLayout = texttemplate.Must(texttemplate.New("text").Parse(textSource))
)

// Layout is what all messages have around their own text. The zero value names no organisation.
type Layout struct {
	// Organisation and Address are the name and the postal address of who runs the portal. What is empty is left out.
	Organisation, Address string
}

// letter is what both templates are filled with.
type letter struct {
	Layout
	// Language and Direction are the attributes lang and dir of HTML. Start is the side at which lines begin: left or
	// right, because mail programs do not all know the word start.
	Language, Direction, Start string
	Subject                    string
	Paragraphs                 [][]line
	// Action and Link are both empty if there is nothing to do.
	Action, Link string
	// OpenAddress stands above the address that can be copied.
	OpenAddress, Why string
	// Settings and Unsubscribe are addresses, each empty if there is none.
	Settings, SettingsLabel, Unsubscribe, UnsubscribeLabel string
}

// line is one line of a paragraph. Link is its address if it is nothing else than an address.
type line struct{ Text, Link string }

// Render writes a message as plain text and as HTML. Both say the same. The HTML loads nothing, holds no script, and
// escapes what the message holds. A link that is not an http or https address is left out.
func (l Layout) Render(m kit.Mail) (text, html string, err error) {
	filled := l.fill(m)
	var plain, rich strings.Builder
	if err := textLayout.Execute(&plain, filled); err != nil {
		return "", "", err
	}
	if err := htmlLayout.Execute(&rich, filled); err != nil {
		return "", "", err
	}
	return plain.String(), rich.String(), nil
}

func (l Layout) fill(m kit.Mail) letter {
	filled := letter{
		Layout: l, Language: strings.ToLower(string(m.Locale)), Direction: "ltr", Start: "left", Subject: m.Subject, Paragraphs: paragraphs(m.Body),
		OpenAddress: kit.Message(m.Locale, "mail.layout.openAddress", nil), Why: kit.Message(m.Locale, "mail.layout.why", nil),
		Settings: webAddress(m.Settings), SettingsLabel: kit.Message(m.Locale, "mail.layout.settings", nil),
		Unsubscribe: webAddress(m.Unsubscribe), UnsubscribeLabel: kit.Message(m.Locale, "mail.layout.unsubscribe", nil),
	}
	if m.Locale == kit.Arabic {
		filled.Direction, filled.Start = "rtl", "right"
	}
	if link := webAddress(m.Link); link != "" && m.Action != "" {
		filled.Action, filled.Link = m.Action, link
	}
	return filled
}

// paragraphs divides a text at its blank lines.
func paragraphs(body string) (all [][]line) {
	var current []line
	for text := range strings.Lines(strings.ReplaceAll(body, "\r\n", "\n") + "\n\n") {
		text = strings.TrimRightFunc(text, unicode.IsSpace)
		switch {
		case text != "":
			current = append(current, line{Text: text, Link: webAddress(text)})
		case current != nil:
			all, current = append(all, current), nil
		}
	}
	return all
}

// webAddress gives an absolute http or https address back, and nothing for anything else.
func webAddress(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`"<>\`, r)
	}) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return s
}
