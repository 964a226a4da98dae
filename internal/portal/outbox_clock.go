package portal

import (
	"context"
	"errors"
)

// Deliver hands queued messages that are due to send, oldest first, at most 100 at a call, and says how
// many were sent. Any number of processes may do so at the same time: each message is claimed first.
// A process that ends while it sends leaves the message to be sent again some minutes later, perhaps
// for a second time. What send could not do is an *Undelivered; a server that cannot be reached ends
// the round. A context that ends does so too, when the message that is being sent is done.
func (p *Portal) Deliver(ctx context.Context, send func(context.Context, Mail) error) (sent int, err error) {
	d := &delivery{core: p.core, messages: outboxNoun.In(p.core.store), send: send, undelivered: Undelivered{Later: map[MailFault]int{}, Failed: map[MailFault]int{}}}
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
