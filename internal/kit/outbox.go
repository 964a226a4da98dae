package kit

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"memberportal/internal/input"
	"memberportal/internal/store"
)

const outboxPrefix = "out"

// MailState says what became of a message.
type MailState string

// The states of a message.
const (
	MailQueued MailState = "QUEUED"
	MailSent   MailState = "SENT"
	MailFailed MailState = "FAILED"
)

// MailStates are all of them.
var MailStates = []MailState{MailQueued, MailSent, MailFailed}

// Valid refuses what is none of MailStates.
func (v MailState) Valid() error { return CheckOneOf(v, MailStates, "mail state") }

// Outgoing is a message on its way to a person. It is inserted in the transaction of what it tells,
// and handed over afterwards by Deliver. It may hold a code or personal data, which is why nobody
// reads it through the graph and why it is emptied as soon as it is of no more use.
type Outgoing struct {
	ID      ID    `bson:"_id"`
	Version int64 `bson:"version"`
	// To, Subject and Body are empty once the message is sent or has failed.
	To      string `bson:"to"`
	Subject string `bson:"subject"`
	Body    string `bson:"body"`
	// Recipient is a hash of the address, by which messages to it can be counted when it is emptied.
	Recipient string `bson:"recipient"`
	Key       string `bson:"key"`
	Locale    Locale `bson:"locale"`
	// At, NextAt and SentAt are the machine's time. NextAt is when the message is due, or, while
	// somebody is handing it over, when somebody else may.
	At       DateTime  `bson:"at"`
	NextAt   DateTime  `bson:"nextAt"`
	SentAt   *DateTime `bson:"sentAt,omitempty"`
	Attempts int64     `bson:"attempts"`
	State    MailState `bson:"state"`
	// LastFault is why the last attempt failed, without what the server said.
	LastFault *MailFault `bson:"lastFault,omitempty"`
}

// lane is a queue of its own within the outbox, so that many messages of one kind keep no other waiting.
type lane string

// The lanes. Codes are asked for by strangers and are good for minutes.
const (
	codeLane  lane = "CODE"
	otherLane lane = "OTHER"
)

// Lanes are both.
var Lanes = []lane{codeLane, otherLane}

func laneOf(key string) lane {
	switch key {
	case "mail.applicationCode", "mail.applicationUnknown", "mail.emailCode", "mail.emailTaken":
		return codeLane
	}
	return otherLane
}

// OutboxNoun is how messages are stored: those that are due, those of a kind to a recipient, and all of
// them by age, to be removed.
var OutboxNoun = store.Declare(store.Noun[Outgoing]{
	Name:     "outbox",
	Identity: func(m *Outgoing) (string, *int64) { return string(m.ID), &m.Version },
	Keys: []store.Key[Outgoing]{
		store.OneOf("state", MailStates, func(m *Outgoing, _ string) MailState { return m.State }),
		store.One("recipient", func(m *Outgoing, _ string) string { return m.Recipient }),
		store.One("key", func(m *Outgoing, _ string) string { return m.Key }),
		store.One("at", func(m *Outgoing, _ string) string { return string(m.At) }),
		store.OneOf("lane", Lanes, func(m *Outgoing, _ string) lane { return laneOf(m.Key) }),
		store.One("nextAt", func(m *Outgoing, _ string) string { return string(m.NextAt) }),
	},
	Listings: []store.Listing{
		{Sort: "at"},
		{Equal: []string{"state", "lane"}, Sort: "nextAt"},
		{Equal: []string{"recipient", "key"}, Sort: "at"},
	},
})

// outboxKept is how long messages stay, sent or not.
const outboxKept = 30 * 24 * time.Hour

// Post queues a message to an e-mail address in the transaction of the context, so that it is sent
// exactly if what it tells was kept. Its subject and body are the texts key.subject and key.body of
// the catalogue in the language, filled in with the parameters as plain text on one line each.
func (c *Core) Post(ctx context.Context, to string, l Locale, key string, params map[string]string) error {
	plain := make(map[string]string, len(params))
	for name, value := range params {
		plain[name] = plainLine(value)
	}
	subject, body := Message(l, key+".subject", plain), Message(l, key+".body", plain)
	if subject == "" || body == "" {
		return fmt.Errorf("posting %s in %q: there is no such text", key, l)
	}
	now := DateTimeOf(c.Wall())
	return OutboxNoun.In(c.Store).Insert(ctx, &Outgoing{
		ID: c.RandomID(outboxPrefix), To: to, Subject: subject, Body: body, Recipient: recipientHash(to), Key: key, Locale: l,
		At: now, NextAt: now, State: MailQueued,
	})
}

// RecentlyPosted counts the messages of a key that were queued for an address since an instant of the
// machine's clock, that instant included, whatever became of them. It costs one call.
func (c *Core) RecentlyPosted(ctx context.Context, to string, key string, since time.Time) (int, error) {
	messages := OutboxNoun.In(c.Store)
	plan, err := messages.Plan(store.Query{Any: []store.Where{{"recipient": {recipientHash(to)}, "key": {key}}}, Sort: "at"})
	if err != nil {
		return 0, err
	}
	n, err := messages.Count(ctx, plan, store.Bounds{After: string(DateTimeOf(since))})
	return int(n), err
}

// recipientHash is the same for all spellings of one address.
func recipientHash(to string) string { return Hash("outbox", input.AddressKey(to)) }

// plainLine is a text as one line that can do no more than be read: what breaks lines is a space, and
// controls, those that turn the direction of what follows among them, are left out.
func plainLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
}
