package kit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"memberportal/internal/store"
)

// Mail is a message as the sender gets it.
type Mail struct {
	// ID stays the same when the message is sent again.
	ID ID
	// At is when it was queued, by the machine's clock.
	At      DateTime
	To      string
	Locale  Locale
	Subject string
	// Body is plain text. Blank lines stand between its paragraphs.
	Body string
	// Action and Link are the label and the absolute URL of the one thing to do. Both are empty if there is none.
	Action, Link string
	// Thread is the record that the message is about, so that programs show messages about it together. It is empty
	// if there is none.
	Thread ID
	// Unsubscribe is the absolute URL that ends messages of this kind, empty if they cannot be switched off.
	Unsubscribe string
	// Settings is the absolute URL of the page where a person chooses messages, empty if there is none.
	Settings string
}

// MailFault is a class of reasons why a message was not sent. It reveals nothing about the message.
type MailFault string

// Why a message was not sent.
const (
	// MailRefused: the server refused this message for good.
	MailRefused MailFault = "REFUSED"
	// MailAddressRefused: the server refused the address for good, so that no other message gets there either.
	MailAddressRefused MailFault = "ADDRESS_REFUSED"
	// MailDeferred: the server refused this message for now.
	MailDeferred MailFault = "DEFERRED"
	// MailUnreachable: the server takes nothing now. No session could be opened, because of the network, encryption or
	// sign-in, or the server closed it or refused the sender. It says nothing about the message.
	MailUnreachable MailFault = "UNREACHABLE"
	// MailBroken: the session ended before the server accepted the message.
	MailBroken MailFault = "BROKEN"
	// MailUnknown: any other reason, such as a process that ended while it was sending.
	MailUnknown MailFault = "UNKNOWN"
)

// MailFaults lists every class; Valid accepts no other.
var MailFaults = []MailFault{MailRefused, MailAddressRefused, MailDeferred, MailUnreachable, MailBroken, MailUnknown}

// final says whether the same message would meet this fault again.
func (v MailFault) final() bool { return v == MailRefused || v == MailAddressRefused }

// Valid refuses a value that is not in MailFaults.
func (v MailFault) Valid() error { return CheckOneOf(v, MailFaults, "mail fault") }

// MailError is how a sender says why a message was not sent. A message with a final fault fails at once; with any
// other fault it is tried again.
type MailError struct {
	Fault MailFault
	// Detail may be logged: it has no recipient and nothing from the message. It is empty if there is
	// nothing to add.
	Detail string
}

func (e *MailError) Error() string {
	if e.Detail == "" {
		return string(e.Fault)
	}
	return string(e.Fault) + " (" + e.Detail + ")"
}

// Undelivered is the error of Deliver: how many messages were not sent, by fault. Later counts those that are
// tried again, Failed those that are not.
type Undelivered struct {
	Later, Failed map[MailFault]int
	// Detail is the detail of the last fault that has one.
	Detail string
}

func (u *Undelivered) Error() string {
	var parts []string
	for what, faults := range map[string]map[MailFault]int{"to try again": u.Later, "failed": u.Failed} {
		for _, fault := range slices.Sorted(maps.Keys(faults)) {
			parts = append(parts, fmt.Sprintf("%d %s: %s", faults[fault], what, fault))
		}
	}
	slices.Sort(parts)
	if u.Detail != "" {
		parts = append(parts, u.Detail)
	}
	return strings.Join(parts, "; ")
}

// mailRetries are the waiting times after each failed attempt. If the attempt after the last wait fails too, the
// message has failed.
var mailRetries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour}

const (
	// mailTimeout bounds one attempt to send.
	mailTimeout = time.Minute
	// mailClaim is how long a message is reserved for the process that sends it: much longer than sending can
	// take.
	mailClaim = 5 * mailTimeout
	// mailRound is how many messages one call of Deliver takes at most.
	mailRound = 100
)

// delivery is one call of Deliver.
type delivery struct {
	core        *Core
	messages    store.Collection[Outgoing]
	send        func(context.Context, Mail) error
	sent        int
	undelivered Undelivered
}

// due returns the messages for this call: the oldest of each queue, from the queues in turn.
func (d *delivery) due(ctx context.Context) ([]*Outgoing, error) {
	next := DateTimeOf(d.core.Wall().Add(time.Millisecond)) // the bound itself is excluded
	var queues [][]*Outgoing
	for _, l := range Lanes {
		plan, err := d.messages.Plan(store.Query{Any: []store.Where{{"state": {string(MailQueued)}, "lane": {string(l)}}}, Sort: "nextAt"})
		if err != nil {
			return nil, err
		}
		page, err := d.messages.Page(ctx, plan, store.Range{Bounds: store.Bounds{Before: string(next)}, Limit: mailRound})
		if err != nil {
			return nil, err
		}
		queues = append(queues, page.Docs)
	}
	var due []*Outgoing
	for i := 0; i < mailRound; i++ {
		for _, queue := range queues {
			if i < len(queue) && len(due) < mailRound {
				due = append(due, queue[i])
			}
		}
	}
	return due, nil
}

// one reserves a message, sends it and records the result. It skips a message that another process has reserved.
// goOn is false if the server cannot be reached.
func (d *delivery) one(ctx context.Context, m *Outgoing) (goOn bool, err error) {
	if int(m.Attempts) > len(mailRetries) { // the process ended during the last attempt
		return true, d.mark(ctx, m, &MailError{Fault: MailUnknown})
	}
	m.Attempts++
	m.NextAt = DateTimeOf(d.core.Wall().Add(mailClaim))
	if err := d.messages.Replace(ctx, m); err != nil {
		return true, ignoreTaken(err)
	}
	sending, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	err = d.send(sending, Mail{ID: m.ID, At: m.At, To: m.To, Locale: m.Locale, Subject: m.Subject, Body: m.Body})
	fault, ok := errors.AsType[*MailError](err)
	if err != nil && !ok {
		fault = &MailError{Fault: MailUnknown}
	}
	return fault == nil || fault.Fault != MailUnreachable, d.mark(ctx, m, fault)
}

// ignoreTaken drops the error that says that another process changed or removed the message first.
func ignoreTaken(err error) error {
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// mark records that a message was sent, is to be tried again, or has failed.
func (d *delivery) mark(ctx context.Context, m *Outgoing, fault *MailError) error {
	now := d.core.Wall()
	switch {
	case fault == nil:
		m.State, m.SentAt, m.LastFault = MailSent, new(DateTimeOf(now)), nil
	case fault.Fault.final() || int(m.Attempts) > len(mailRetries):
		m.State, m.LastFault = MailFailed, &fault.Fault
	default:
		m.NextAt, m.LastFault = DateTimeOf(now.Add(mailRetries[m.Attempts-1])), &fault.Fault
	}
	if m.State == MailSent || m.State == MailFailed && !m.keepsText(fault.Fault) {
		m.To, m.Subject, m.Body = "", "", ""
	}
	if err := d.messages.Replace(ctx, m); err != nil {
		return ignoreTaken(err)
	}
	d.count(m.State, fault)
	return nil
}

func (d *delivery) count(now MailState, fault *MailError) {
	if fault != nil && fault.Detail != "" {
		d.undelivered.Detail = fault.Detail
	}
	switch now {
	case MailSent:
		d.sent++
	case MailFailed:
		d.undelivered.Failed[fault.Fault]++
	default:
		d.undelivered.Later[fault.Fault]++
	}
}

// Deliver calls send for queued messages that are due, oldest first, at most 100 in one call, and returns how
// many were sent. Several processes may call it at the same time, because each message is reserved first. If a
// process ends while it is sending, the message is sent again some minutes later, perhaps for the second time.
// The error counts messages that could not be sent as *Undelivered. The call ends early if the server cannot be
// reached, or, after the current message, if the context ends.
func (c *Core) Deliver(ctx context.Context, send func(context.Context, Mail) error) (sent int, err error) {
	d := &delivery{core: c, messages: OutboxNoun.In(c.Store), send: send, undelivered: Undelivered{Later: map[MailFault]int{}, Failed: map[MailFault]int{}}}
	due, err := d.due(ctx)
	for _, m := range due {
		if ctx.Err() != nil {
			break
		}
		var goOn bool
		if goOn, err = d.one(context.WithoutCancel(ctx), m); err != nil || !goOn {
			break
		}
	}
	if len(d.undelivered.Later)+len(d.undelivered.Failed) > 0 {
		err = errors.Join(&d.undelivered, err)
	}
	return d.sent, err
}
