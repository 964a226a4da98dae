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

// MailState says whether a message is waiting, was sent or has failed.
type MailState string

// The states of a message.
const (
	MailQueued MailState = "QUEUED"
	MailSent   MailState = "SENT"
	MailFailed MailState = "FAILED"
)

// MailStates lists every state; Valid accepts no other.
var MailStates = []MailState{MailQueued, MailSent, MailFailed}

// Valid refuses a value that is not in MailStates.
func (v MailState) Valid() error { return CheckOneOf(v, MailStates, "mail state") }

// Outgoing is a message that waits to be sent. It is written in the transaction of the change that it reports,
// and sent later by Deliver. It may hold a code or personal data: nobody can read it through the graph, and it is
// emptied once it is sent or has failed for good; see keepsText.
type Outgoing struct {
	ID      ID    `bson:"_id"`
	Version int64 `bson:"version"`
	// To, Subject and Body are empty once the message is sent or has failed for good, and so are Action, Link and
	// Unsubscribe.
	To      string `bson:"to"`
	Subject string `bson:"subject"`
	Body    string `bson:"body"`
	// Recipient is a hash of the address, so that messages to it can be counted after they were emptied.
	Recipient string `bson:"recipient"`
	Key       string `bson:"key"`
	Locale    Locale `bson:"locale"`
	// Kind and Because are nil and empty for messages of before they were kept. Because is the operation that told; see
	// Telling.
	Kind    *NotificationKind `bson:"kind,omitempty"`
	Because string            `bson:"because,omitempty"`
	// About is the record that it is about; nil for none.
	About *ID `bson:"about,omitempty"`
	// Action and Link are the text of the one thing to do and its path on the portal; Unsubscribe is the path at which
	// the kind is switched off. In a message of an earlier release they are addresses.
	Action      string `bson:"action,omitempty"`
	Link        string `bson:"link,omitempty"`
	Unsubscribe string `bson:"unsubscribe,omitempty"`
	// At, NextAt and SentAt are the machine's time. NextAt is when the message is due. While a process is sending
	// it, NextAt is when another process may try.
	At       DateTime  `bson:"at"`
	NextAt   DateTime  `bson:"nextAt"`
	SentAt   *DateTime `bson:"sentAt,omitempty"`
	Attempts int64     `bson:"attempts"`
	State    MailState `bson:"state"`
	// UnreachableSince is when the server could not be reached for the first time of those in a row, nil if that is not why
	// it waits; see settle.
	UnreachableSince *DateTime `bson:"unreachableSince,omitempty"`
	// LastFault is why the last attempt failed; the server's answer is not stored.
	LastFault *MailFault `bson:"lastFault,omitempty"`
}

// OutboxNoun declares how messages are stored. The listings find messages that are due, messages of a kind to one
// recipient, and all messages by age, for removal.
var OutboxNoun = store.Declare(store.Noun[Outgoing]{
	Name:     "outbox",
	Identity: func(m *Outgoing) (string, *int64) { return string(m.ID), &m.Version },
	Keys: []store.Key[Outgoing]{
		store.OneOf("state", MailStates, func(m *Outgoing, _ string) MailState { return m.State }),
		store.One("recipient", func(m *Outgoing, _ string) string { return m.Recipient }),
		store.One("key", func(m *Outgoing, _ string) string { return m.Key }),
		store.One("at", func(m *Outgoing, _ string) string { return string(m.At) }),
		store.OneOf("lane", Lanes, func(m *Outgoing, _ string) MailLane { return laneOf(m) }),
		store.One("nextAt", func(m *Outgoing, _ string) string { return string(m.NextAt) }),
	},
	Listings: []store.Listing{
		{Sort: "at"},
		{Equal: []string{"state", "lane"}, Sort: "nextAt"},
		{Equal: []string{"state", "lane"}, Sort: "at"},
		{Equal: []string{"recipient", "key"}, Sort: "at"},
	},
})

// outboxKept is how long messages are kept, sent or not.
const outboxKept = 30 * 24 * time.Hour

// Posting is a letter to an e-mail address in a language.
type Posting struct {
	To     string
	Locale Locale
	Letter Letter
	// Unsubscribe is the path on the portal at which the recipient switches the kind off; empty if that cannot be.
	Unsubscribe string
}

// Post queues a message to an e-mail address; see PostAll.
func (c *Core) Post(ctx context.Context, to string, l Locale, letter Letter) error {
	return c.PostAll(ctx, []Posting{{To: to, Locale: l, Letter: letter}})
}

// PostAll queues messages in the transaction of the context, so that they are sent if, and only if, the change is
// committed. The values of the letters are inserted as plain text of one line. It is an error if a letter is not whole; see
// KindOf. It costs one store call. Whoever is a person of the portal is told by
// people.NotificationService. In a context that is quiet nothing is queued; see Quietly.
func (c *Core) PostAll(ctx context.Context, all []Posting) error {
	if len(all) == 0 || Quiet(ctx) {
		return nil
	}
	queued := make([]*Outgoing, len(all))
	hear, heard := ctx.Value(hearerKey{}).(func(context.Context, Posting))
	for i, p := range all {
		if heard {
			hear(ctx, p)
		}
		var err error
		if queued[i], err = c.outgoing(ctx, p); err != nil {
			return err
		}
	}
	c.notePosted(ctx)
	return OutboxNoun.In(c.Store).Insert(ctx, queued...)
}

// outgoing is the message of a posting, in the recipient's language.
func (c *Core) outgoing(ctx context.Context, p Posting) (*Outgoing, error) {
	kind, err := c.KindOf(p.Letter)
	if err != nil {
		return nil, err
	}
	subject, body := p.Letter.Texts(p.Locale)
	if subject == "" || body == "" {
		return nil, fmt.Errorf("posting %s: there is no text in %q", p.Letter.Key, p.Locale)
	}
	action, link := p.Letter.Leads(p.Locale)
	now := DateTimeOf(c.Wall())
	return &Outgoing{
		ID: c.RandomID(outboxPrefix), To: p.To, Subject: subject, Body: body, Recipient: recipientHash(p.To), Key: p.Letter.Key, Locale: p.Locale,
		Kind: &kind, Because: OperationOf(ctx), About: someID(p.Letter.About), Action: action, Link: link, Unsubscribe: p.Unsubscribe,
		At: now, NextAt: now, State: MailQueued,
	}, nil
}

// Posted receives after a transaction in this process has queued messages, or did PostNothing, so that they are sent at
// once. There is one receiver. Messages of other processes are found by looking for them.
func (c *Core) Posted() <-chan struct{} { return c.posted }

// notePosted has the transaction of the context announce itself when it is committed.
func (c *Core) notePosted(ctx context.Context) {
	if posted, ok := ctx.Value(transactKey{c}).(*bool); ok {
		*posted = true
	}
}

func (c *Core) announce() {
	select {
	case c.posted <- struct{}{}:
	default: // it is announced already
	}
}

// PostNothing writes a record that means nothing and is soon removed, where Post would queue a message for somebody
// else, so that the time of an answer does not show whether there is a message.
func (c *Core) PostNothing(ctx context.Context) error {
	secret, err := c.Secret()
	if err != nil {
		return err
	}
	c.notePosted(ctx)
	return CodeRecipientNoun.In(c.Store).Insert(ctx, &codeRecipient{ID: Hash("nothing", secret), At: DateTimeOf(c.Wall())})
}

// RecentlyPosted counts the messages of a key that were queued for an address at or after an instant of the
// machine's clock, sent or not. It costs one store call.
func (c *Core) RecentlyPosted(ctx context.Context, to string, key string, since time.Time) (int, error) {
	messages := OutboxNoun.In(c.Store)
	plan, err := messages.Plan(store.Query{Any: []store.Where{{"recipient": {recipientHash(to)}, "key": {key}}}, Sort: "at"})
	if err != nil {
		return 0, err
	}
	n, err := messages.Count(ctx, plan, store.Bounds{After: string(DateTimeOf(since))})
	return int(n), err
}

// recipientHash is the same for all spellings of an address.
func recipientHash(to string) string { return Hash("outbox", input.AddressKey(to)) }

// plainLine turns a text into one line of plain text: line breaks become spaces, and control characters are
// dropped, including those that change the direction of writing. A space at which no line breaks stays, as in an amount.
func plainLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0', r == '\u202f':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
}

// someID is an id, nil if it is empty.
func someID(id ID) *ID {
	if id == "" {
		return nil
	}
	return &id
}
