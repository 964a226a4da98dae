package kit

import (
	"context"
	"errors"
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

const (
	// mailTimeout bounds one attempt to send.
	mailTimeout = time.Minute
	// mailClaim is how long a message is reserved for the process that sends it: much longer than sending can
	// take.
	mailClaim = 5 * mailTimeout
	// mailRound is how many codes, and how many other messages, one call of Deliver takes at most.
	mailRound = 100
)

// delivery is one call of Deliver.
type delivery struct {
	core     *Core
	messages store.Collection[Outgoing]
	send     func(context.Context, Mail) error
	// codes is how many codes this call still takes.
	codes       int
	sent        int
	undelivered Undelivered
}

// due returns messages of a queue that are due, those that are due longest first.
func (d *delivery) due(ctx context.Context, l MailLane, limit int) ([]*Outgoing, error) {
	if limit < 1 {
		return nil, nil
	}
	plan, err := d.messages.Plan(store.Query{Any: []store.Where{{"state": {string(MailQueued)}, "lane": {string(l)}}}, Sort: "nextAt"})
	if err != nil {
		return nil, err
	}
	next := DateTimeOf(d.core.Wall().Add(time.Millisecond)) // the bound itself is excluded
	page, err := d.messages.Page(ctx, plan, store.Range{Bounds: store.Bounds{Before: string(next)}, Limit: limit})
	return page.Docs, err
}

// errServerGone ends a round: the server cannot be reached.
var errServerGone = errors.New("the mail server cannot be reached")

// each sends messages one after the other. It ends after the current one if the context ends.
func (d *delivery) each(ctx context.Context, messages []*Outgoing, before func() error) error {
	for _, m := range messages {
		if err := before(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		if err := d.one(context.WithoutCancel(ctx), m); err != nil {
			return err
		}
	}
	return nil
}

// sendCodes sends codes until none is due, or this call has taken as many as it may.
func (d *delivery) sendCodes(ctx context.Context) error {
	for d.codes > 0 && ctx.Err() == nil {
		codes, err := d.due(ctx, CodeLane, d.codes)
		if err != nil || len(codes) == 0 {
			return err
		}
		d.codes -= len(codes)
		if err := d.each(ctx, codes, func() error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// sendOthers sends messages of a queue, and before each of them the codes that were queued in the meantime.
func (d *delivery) sendOthers(ctx context.Context, l MailLane, limit int) error {
	messages, err := d.due(ctx, l, limit)
	if err != nil {
		return err
	}
	return d.each(ctx, messages, func() error { return d.sendCodes(ctx) })
}

// round sends codes, then what is legally due, and then what the budget has left for the rest.
func (d *delivery) round(ctx context.Context) error {
	if err := d.sendCodes(ctx); err != nil {
		return err
	}
	if err := d.sendOthers(ctx, LegalLane, mailRound); err != nil {
		return err
	}
	if ctx.Err() != nil { // the message that was being sent is done
		return nil
	}
	left, err := d.budget(ctx)
	if err != nil {
		return err
	}
	return d.sendOthers(ctx, OtherLane, min(left, mailRound))
}

// one reserves a message, sends it and records the result. It skips a message that another process has reserved.
// It returns errServerGone if the server cannot be reached.
func (d *delivery) one(ctx context.Context, m *Outgoing) error {
	if m.exhausted() { // the process ended during the last attempt
		return d.mark(ctx, m, &MailError{Fault: MailUnknown})
	}
	m.Attempts++
	m.NextAt = DateTimeOf(d.core.Wall().Add(mailClaim))
	if err := d.messages.Replace(ctx, m); err != nil {
		return ignoreTaken(err)
	}
	sending, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	err := d.send(sending, d.core.mail(m))
	fault, ok := errors.AsType[*MailError](err)
	if err != nil && !ok {
		fault = &MailError{Fault: MailUnknown}
	}
	if err := d.mark(ctx, m, fault); err != nil {
		return err
	}
	if fault != nil && fault.Fault == MailUnreachable {
		return errServerGone
	}
	return nil
}

// mail is a message as the sender gets it.
func (c *Core) mail(m *Outgoing) Mail {
	x := Mail{
		ID: m.ID, At: m.At, To: m.To, Locale: m.Locale, Subject: m.Subject, Body: m.Body, Action: m.Action, Link: c.absolute(m.Link), Unsubscribe: c.absolute(m.Unsubscribe),
	}
	if m.About != nil {
		x.Thread = *m.About
	}
	if m.Unsubscribe != "" && c.portalURL != "" {
		x.Settings = c.portalURL + settingsPath
	}
	return x
}

// absolute is the address of a path on the portal. Only whoever sends a message knows the portal's address: a command
// that queues one does not. An address that is whole already is of an earlier release.
func (c *Core) absolute(path string) string {
	if strings.HasPrefix(path, "/") {
		return c.portalURL + path
	}
	return path
}

// settingsPath is the page on which a person chooses what is mailed.
const settingsPath = "/notifications"

// ignoreTaken drops the error that says that another process changed or removed the message first.
func ignoreTaken(err error) error {
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// mark records that a message was sent, is to be tried again, or has failed. In the same transaction the core’s owner
// hears of an address that was refused for good.
func (d *delivery) mark(ctx context.Context, m *Outgoing, fault *MailError) error {
	address := m.To
	m.settle(d.core.Wall(), fault)
	var err error
	if fault != nil && fault.Fault == MailAddressRefused && d.core.addressRefused != nil {
		err = d.core.Store.Tx(ctx, func(ctx context.Context) error {
			settled := *m // the transaction may run several times
			if err := d.messages.Replace(ctx, &settled); err != nil {
				return err
			}
			return d.core.addressRefused(ctx, address)
		})
	} else {
		err = d.messages.Replace(ctx, m)
	}
	if err != nil {
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

// Deliver calls send for queued messages that are due, and returns how many were sent. Codes go first: also one that
// is queued during the call waits for no more than the message that is being sent. Then follows what is legally due,
// and then the rest, as far as the budget goes; see CoreOptions.MailPerDay. One call takes at most 100 codes, and 100 messages of
// each other queue.
//
// Several processes may call it at the same time, because each message is reserved first. If a process ends while it
// is sending, the message is sent again some minutes later under the same id. The server may then have it twice, if
// it took it and this could not be recorded any more: a message is sent twice rather than never.
//
// The error counts messages that could not be sent as *Undelivered. The call ends early if the server cannot be
// reached, or, after the current message, if the context ends.
func (c *Core) Deliver(ctx context.Context, send func(context.Context, Mail) error) (sent int, err error) {
	d := &delivery{core: c, messages: OutboxNoun.In(c.Store), send: send, codes: mailRound, undelivered: Undelivered{Later: map[MailFault]int{}, Failed: map[MailFault]int{}}}
	if err = d.round(ctx); errors.Is(err, errServerGone) {
		err = nil
	}
	if len(d.undelivered.Later)+len(d.undelivered.Failed) > 0 {
		err = errors.Join(&d.undelivered, err)
	}
	return d.sent, err
}
