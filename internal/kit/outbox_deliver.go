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

// Mail is a message as it is handed over to be sent.
type Mail struct {
	// ID stays the same when the message is tried again.
	ID ID
	// At is when it was queued, by the machine's clock.
	At            DateTime
	To            string
	Locale        Locale
	Subject, Body string
}

// MailFault is a class of reasons for which a message was not sent. It says nothing of the message.
type MailFault string

// Why a message was not sent.
const (
	// MailRefused is the server's final no to this message.
	MailRefused MailFault = "REFUSED"
	// MailDeferred is the server's no for the moment.
	MailDeferred MailFault = "DEFERRED"
	// MailUnreachable says that no session with the server came about: network, encryption, sign-in.
	MailUnreachable MailFault = "UNREACHABLE"
	// MailBroken says that a session ended before the server took the message.
	MailBroken MailFault = "BROKEN"
	// MailUnknown is everything else, a process that ended while it sent among it.
	MailUnknown MailFault = "UNKNOWN"
)

// MailFaults are all of them.
var MailFaults = []MailFault{MailRefused, MailDeferred, MailUnreachable, MailBroken, MailUnknown}

// Valid refuses what is none of MailFaults.
func (v MailFault) Valid() error { return CheckOneOf(v, MailFaults, "mail fault") }

// MailError is how a sender says why a message was not sent. MailRefused fails the message at once; it
// is tried again after the others.
type MailError struct {
	Fault MailFault
	// Detail may be logged: it names no recipient and repeats nothing of the message. Empty if there is
	// nothing to add.
	Detail string
}

func (e *MailError) Error() string {
	if e.Detail == "" {
		return string(e.Fault)
	}
	return string(e.Fault) + " (" + e.Detail + ")"
}

// Undelivered is an error of Deliver: how many messages were not sent, by fault. Later are tried
// again, Failed are not.
type Undelivered struct {
	Later, Failed map[MailFault]int
	// Detail is that of the last fault that has one.
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

// mailRetries are how long a message waits after each attempt; after one more it has failed.
var mailRetries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour}

const (
	// mailTimeout bounds one attempt to send.
	mailTimeout = time.Minute
	// mailClaim is for how long a message is another process's to send: far longer than it can take.
	mailClaim = 5 * mailTimeout
	// mailRound is how many messages one call of Deliver looks at.
	mailRound = 100
)

// delivery is one round.
type delivery struct {
	core        *Core
	messages    store.Collection[Outgoing]
	send        func(context.Context, Mail) error
	sent        int
	undelivered Undelivered
}

// due are the messages of a round: of each lane the oldest, by turns.
func (d *delivery) due(ctx context.Context) ([]*Outgoing, error) {
	next := DateTimeOf(d.core.Wall().Add(time.Millisecond)) // a bound lies ahead of its value
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

// one claims a message, sends it and notes what came of it. A message that somebody else claimed is
// left to them.
func (d *delivery) one(ctx context.Context, m *Outgoing) (goOn bool, err error) {
	if int(m.Attempts) > len(mailRetries) { // its last attempt was cut off
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

// ignoreTaken forgives that another process had the message first.
func ignoreTaken(err error) error {
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// mark notes that a message was sent, is to be tried again, or has failed.
func (d *delivery) mark(ctx context.Context, m *Outgoing, fault *MailError) error {
	now := d.core.Wall()
	switch {
	case fault == nil:
		m.State, m.SentAt, m.LastFault = MailSent, new(DateTimeOf(now)), nil
	case fault.Fault == MailRefused || int(m.Attempts) > len(mailRetries):
		m.State, m.LastFault = MailFailed, &fault.Fault
	default:
		m.NextAt, m.LastFault = DateTimeOf(now.Add(mailRetries[m.Attempts-1])), &fault.Fault
	}
	if m.State != MailQueued {
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

// Deliver hands queued messages that are due to send, oldest first, at most 100 at a call, and says how
// many were sent. Any number of processes may do so at the same time: each message is claimed first.
// A process that ends while it sends leaves the message to be sent again some minutes later, perhaps
// for a second time. What send could not do is an *Undelivered; a server that cannot be reached ends
// the round. A context that ends does so too, when the message that is being sent is done.
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
