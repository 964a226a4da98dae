package stage

import (
	"context"

	"memberportal/internal/kit"
)

// MailsTo are the keys and bodies of the messages to an address, oldest first.
func (s Stage) MailsTo(to string) (keys, bodies []string) {
	s.Helper()
	for _, m := range All(s, kit.OutboxNoun.In(s.Store), "at") {
		if m.To == to {
			keys, bodies = append(keys, m.Key), append(bodies, m.Subject+"\n"+m.Body+"\n"+m.Link+"\n")
		}
	}
	return keys, bodies
}

// Post queues a message in a transaction of its own, or in that of ctx.
func (s Stage) Post(ctx context.Context, to string, l kit.Locale, letter kit.Letter) error {
	return s.Core.Transact(ctx, func(ctx context.Context) error { return s.Core.Post(ctx, to, l, letter) })
}

// Outbox are all messages, sent or not, oldest first.
func (s Stage) Outbox() []*kit.Outgoing { return All(s, kit.OutboxNoun.In(s.Store), "at") }
