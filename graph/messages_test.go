package graph_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/mail"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/kept"
	"memberportal/internal/testkit/stage"
)

// messages are those that golden documents and scenes sent, in this order.
type messages struct {
	mu  sync.Mutex
	all []heard
}

// heard is a message that an operation sent.
type heard struct {
	from, operation string
	kit.Posting
}

// by is what hears the messages of a document or scene.
func (m *messages) by(name string) func(context.Context, kit.Posting) {
	return func(ctx context.Context, p kit.Posting) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.all = append(m.all, heard{name, kit.OperationOf(ctx), p})
	}
}

// examples are, for each key, the message of the document that sent it first to the first of its recipients.
func (m *messages) examples() map[string]heard {
	of := map[string]heard{}
	for _, h := range m.all {
		if known, ok := of[h.Letter.Key]; !ok || h.from == known.from && h.To < known.To {
			of[h.Letter.Key] = h
		}
	}
	return of
}

// holdMessages holds the messages that all golden documents and scenes sent against the table of messages, the catalogue,
// and the mails in testdata/mails.
func holdMessages(t *testing.T, m *messages) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(scenes)) {
		before := len(m.all)
		scenes[name](told{stage.Issuing(t, published), m.by(name)}) // no test of its own, so that one engine can be asked alone
		if len(m.all) == before {
			t.Errorf("%s sends nothing", name)
		}
	}
	holdTable(t, m)
	holdValues(t, m)
	examples := m.examples()
	holdLanguages(t, examples)
	holdMails(t, examples)
}

// holdTable: every row that names a message was seen, and nothing was sent that has no row.
func holdTable(t *testing.T, m *messages) {
	t.Helper()
	seen := map[[2]string]bool{}
	for _, h := range m.all {
		seen[[2]string{h.operation, h.Letter.Key}] = true
	}
	for _, r := range portal.Tellings() {
		if row := [2]string{r.On, r.Key}; r.Key != "" && !seen[row] {
			t.Errorf("no golden document and no scene sends %s by %s: is the row of the table true?", r.Key, r.On)
		}
	}
	for _, r := range portal.Tellings() {
		delete(seen, [2]string{r.On, r.Key})
	}
	for row := range seen {
		t.Errorf("%q sends %s, and the table of messages does not say so", row[0], row[1])
	}
}

// holdValues: a letter has the values that its texts take, no others, and none is empty.
func holdValues(t *testing.T, m *messages) {
	t.Helper()
	told := map[string]bool{}
	for _, h := range m.all {
		takes := slices.Sorted(maps.Keys(kit.MessagePlaces(kit.Messages[h.Letter.Key+".subject"][kit.English] + kit.Messages[h.Letter.Key+".body"][kit.English])))
		given := slices.Sorted(maps.Keys(h.Letter.Params))
		if !slices.Equal(given, takes) && !told[h.Letter.Key] {
			told[h.Letter.Key] = true
			t.Errorf("%s: %s takes %q and is given %q", h.from, h.Letter.Key, takes, given)
		}
		for name, value := range h.Letter.Params {
			if value == "" || value == kit.Date("") {
				t.Errorf("%s: %s has nothing for {%s}", h.from, h.Letter.Key, name)
			}
		}
	}
}

// holdLanguages fills each message in each language, with every number that has a form of its own in one of them.
func holdLanguages(t *testing.T, examples map[string]heard) {
	t.Helper()
	for key, h := range examples {
		for _, l := range kit.Locales {
			places := kit.MessagePlaces(kit.Messages[key+".subject"][l] + kit.Messages[key+".body"][l])
			for _, n := range []int{0, 1, 2, 3, 5, 11, 21, 100} {
				letter := h.Letter
				letter.Params = maps.Clone(letter.Params)
				for name, forms := range places {
					if len(forms) > 0 {
						letter.Params[name] = n
					}
				}
				if subject, body := letter.Texts(l); subject == "" || body == "" || strings.ContainsAny(subject+body, "{}") {
					t.Errorf("%s in %s for %d:\n%s\n%s", key, l, n, subject, body)
				}
			}
		}
	}
}

const mailsPath = "testdata/mails"

// holdMails holds what a mail program gets of each message of the catalogue, in English and Arabic, against a file. It is
// made by the outbox and the layout.
func holdMails(t *testing.T, examples map[string]heard) {
	t.Helper()
	there, err := filepath.Glob(filepath.Join(mailsPath, "*", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	store, folder := testkit.Engines()[0].Fresh(t), t.TempDir()
	sender, err := mail.OpenFolder(folder, mail.Layout{Organisation: "International Example Union", Address: "Place des Nations, 1211 Geneva 20"})
	if err != nil {
		t.Fatal(err)
	}
	for key := range kit.Messages {
		name, isMail := strings.CutSuffix(key, ".subject")
		h, sent := examples[name]
		if !isMail {
			continue
		}
		if !sent {
			t.Errorf("no golden document and no scene sends %s", name)
			continue
		}
		h.Unsubscribe = linkCode.ReplaceAllString(h.Unsubscribe, "code=CODE")
		for _, l := range []kit.Locale{kit.English, kit.Arabic} {
			h.Locale = l
			core, err := kit.NewCore(kit.CoreOptions{
				Store: store, Clock: testkit.Clock(), Wall: func() time.Time { return testkit.Now }, Entropy: testkit.Entropy(name + string(l)), PortalURL: "https://members.example.org", Tellings: portal.Tellings(),
			})
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(mailsPath, strings.ToLower(string(l)), name+".eml")
			there = slices.DeleteFunc(there, func(old string) bool { return old == path })
			kept.File(t, path, asSent(t, core, sender, folder, h.Posting))
		}
	}
	for _, path := range there {
		if kept.Updating() {
			_ = os.Remove(path)
			continue
		}
		t.Errorf("%s is of no message", path)
	}
}

// linkCode is sealed with randomness of its own.
var linkCode = regexp.MustCompile(`code=[^&]+`)

// asSent queues a message, delivers it and returns the file, with its headers in the order of their names.
func asSent(t *testing.T, core *kit.Core, sender *mail.Folder, folder string, p kit.Posting) string {
	t.Helper()
	err := core.Transact(t.Context(), func(ctx context.Context) error { return core.PostAll(ctx, []kit.Posting{p}) })
	if err != nil {
		t.Fatal(err)
	}
	var sent kit.Mail
	if _, err := core.Deliver(t.Context(), func(ctx context.Context, m kit.Mail) error {
		sent = m
		return sender.Send(ctx, m)
	}); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(folder, "*"+string(sent.ID)+".eml"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %d files, %v", p.Letter.Key, len(found), err)
	}
	raw, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := bytes.Cut(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	headers := header.FindAllString(string(head)+"\n", -1)
	slices.Sort(headers)
	return strings.Join(headers, "") + "\n" + string(body)
}

// header is one of a mail, with the lines on which it goes on.
var header = regexp.MustCompile(`(?m)^\S.*\n(?:[ \t].*\n)*`)
