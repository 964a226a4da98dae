package mail_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
	sender "memberportal/internal/mail"
	"memberportal/internal/testkit"
)

var update = flag.Bool("update", false, "accept the messages as they are")

// arrived is a message that uses everything that the layout has, in a language.
func arrived(l kit.Locale) kit.Mail {
	subject, body := kit.Message(l, "mail.applicationArrived.subject", nil), kit.Message(l, "mail.applicationArrived.body", map[string]string{"name": `Ada & Söhne <b>"GmbH"</b>`, "application": "app_01JQ"})
	return kit.Mail{
		ID: "out_1", At: "2025-03-31T12:00:00.007Z", To: "ada@example.org", Locale: l, Subject: subject,
		Body:   body + "\n\nhttps://example.org/a?b=c&d=e#f\nx",
		Action: kit.Message(l, "mail.layout.settings", nil), Link: "https://members.example.org/applications/app_01JQ?a=1&b=2", Thread: "app_01JQ",
		Unsubscribe: "https://members.example.org/unsubscribe#token", Settings: "https://members.example.org/settings",
	}
}

var organisation = sender.Layout{Organisation: "Organisation & Co.", Address: "Place des Nations, 1211 Genève 20"}

// TestMessagesAreLaidOutAsTheyWere compares text and HTML with testdata in each language. Run it with -update to accept
// what changed.
func TestMessagesAreLaidOutAsTheyWere(t *testing.T) {
	for _, l := range kit.Locales {
		text, html, err := organisation.Render(arrived(l))
		must(t, err)
		for kind, got := range map[string]string{".txt": text, ".html": html} {
			file := filepath.Join("testdata", "layout", strings.ToLower(string(l))+kind)
			if *update {
				must(t, os.MkdirAll(filepath.Dir(file), 0o755))
				must(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			must(t, err)
			if got != string(want) {
				t.Errorf("%s is now:\n%s", file, got)
			}
		}
	}
}

func TestArabicIsWrittenFromTheRight(t *testing.T) {
	for _, l := range kit.Locales {
		_, html, err := organisation.Render(arrived(l))
		must(t, err)
		if got, want := strings.Contains(html, `dir="rtl"`), l == kit.Arabic; got != want || strings.Contains(html, `dir="auto"`) {
			t.Errorf("%s from the right: %v", l, got)
		}
		if !strings.Contains(html, `<html lang="`+strings.ToLower(string(l))+`"`) {
			t.Errorf("%s does not say its language", l)
		}
	}
}

// TestMessagesLoadNothing: no picture, script, frame, sheet of styles or form, so that nobody learns who has read what.
func TestMessagesLoadNothing(t *testing.T) {
	_, html, err := organisation.Render(arrived(kit.English))
	must(t, err)
	for _, loads := range []string{"src=", "<img", "<script", "<link", "<iframe", "<form", "@import", "url(", "background=", "<object", "<embed", " on"} {
		if strings.Contains(strings.ReplaceAll(strings.ToLower(html), " once", ""), loads+`="`) || loads != " on" && strings.Contains(strings.ToLower(html), loads) {
			t.Errorf("it has %s", loads)
		}
	}
}

func TestWhatAMessageHoldsIsEscaped(t *testing.T) {
	m := arrived(kit.English)
	m.Subject, m.Body, m.Action = `<script>alert(1)</script>`, "</p><img src=x onerror=alert(1)>\n\n{{.Why}} &amp; \"", `"><script>`
	text, html, err := sender.Layout{Organisation: "<i>O</i>", Address: "<i>A</i>"}.Render(m)
	must(t, err)
	for _, raw := range []string{"<script", "<img", "<i>", "onerror=alert(1)>"} {
		if strings.Contains(html, raw) {
			t.Errorf("%s is not escaped: %s", raw, html)
		}
	}
	if !strings.HasPrefix(text, "</p><img src=x onerror=alert(1)>\n\n{{.Why}} &amp; \"\n") {
		t.Errorf("the text is %q", text)
	}
}

func TestOnlyAddressesOfTheWebBecomeLinks(t *testing.T) {
	hrefs := regexp.MustCompile(`href="([^"]*)"`)
	for _, bad := range []string{
		"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "mailto:eve@example.org", "//example.org/x", "/x", "x", "", "https://", "https:example.org", "http://user:pass@example.org/",
		"https://example.org/ x", "https://example.org/\"x", "https://example.org/<x", "https://example.org\\@evil.example", "https://example.org/\u2028x", " https://example.org", "ftp://example.org",
	} {
		m := arrived(kit.English)
		m.Body, m.Link, m.Settings, m.Unsubscribe = "Dear Ada,\n"+bad, bad, bad, bad
		text, html, err := organisation.Render(m)
		must(t, err)
		if found := hrefs.FindAllString(html, -1); bad != " https://example.org" && len(found) != 0 || len(found) > 0 && !strings.HasPrefix(found[0], `href="http`) {
			t.Errorf("%q became %v", bad, found)
		}
		if strings.Contains(text, m.Action) || strings.Contains(html, "button\"") {
			t.Errorf("%q became a button", bad)
		}
	}
}

func TestWhatIsNotThereIsLeftOut(t *testing.T) {
	m := arrived(kit.English)
	m.Action, m.Link, m.Settings, m.Unsubscribe, m.Body = "", "", "", "", "One.\r\n\r\n\n  \nTwo,\nthree. \n"
	text, html, err := sender.Layout{}.Render(m)
	must(t, err)
	if want := "One.\n\nTwo,\nthree.\n\n-- \n" + kit.Message(kit.English, "mail.layout.why", nil) + "\n"; text != want {
		t.Errorf("got %q", text)
	}
	for _, no := range []string{"href", "brand\"", "button\"", "·", "<p style=\"margin:0\">"} {
		if strings.Contains(html, no) {
			t.Errorf("it has %s", no)
		}
	}
	m.Link = "https://example.org/" // without a label it is no action
	if text, _, _ := (sender.Layout{}).Render(m); strings.Contains(text, m.Link) {
		t.Errorf("got %q", text)
	}
}

// TestHeadersOfThreadsAndOfUnsubscribing are there if, and only if, the message has what they are about.
func TestHeadersOfThreadsAndOfUnsubscribing(t *testing.T) {
	server := testkit.ServeMail(t, testkit.MailServerOptions{})
	names := []string{"References", "In-Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post"}
	for i, c := range []struct {
		unsubscribe string
		thread      kit.ID
		want        []string
	}{
		{"", "", []string{"", "", "", ""}},
		{"", "app_1", []string{"<app_1@example.org>", "<app_1@example.org>", "", ""}},
		{"https://members.example.org/u?t=1", "", []string{"", "", "<https://members.example.org/u?t=1>", "List-Unsubscribe=One-Click"}},
		{"http://127.0.0.1:8080/u", "", []string{"", "", "<http://127.0.0.1:8080/u>", ""}}, // one click needs https
		{"https://members.example.org/u>\r\nBcc: eve@example.org", "", []string{"", "", "", ""}},
		{"mailto:u@example.org", "", []string{"", "", "", ""}},
	} {
		m := hello("ada@example.org")
		m.Unsubscribe, m.Thread = c.unsubscribe, c.thread
		must(t, to(server).Send(t.Context(), m))
		got := read(t, server.Letters()[i].Text)
		for n, name := range names {
			if got.Header.Get(name) != c.want[n] {
				t.Errorf("%q, %q: %s: %q", c.unsubscribe, c.thread, name, got.Header.Get(name))
			}
		}
		if got.Header.Get("Bcc") != "" {
			t.Error("an address made a header")
		}
	}
}

// TestAMessageIsTheSameWhenItIsTriedAgain, so that a second copy is known for what it is. Headers have no order.
func TestAMessageIsTheSameWhenItIsTriedAgain(t *testing.T) {
	server := testkit.ServeMail(t, testkit.MailServerOptions{})
	s := to(server)
	s.Layout = organisation
	var first, second []string
	for i, into := range []*[]string{&first, &second} {
		must(t, s.Send(t.Context(), arrived(kit.Arabic)))
		*into = slices.Sorted(strings.Lines(server.Letters()[i].Text))
	}
	if !slices.Equal(first, second) {
		t.Errorf("got %v, then %v", first, second)
	}
}
