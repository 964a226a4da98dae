package stage

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/testkit"
)

// MailsTo are the keys of the messages to an address, and what each says with its link, oldest first.
func (s Stage) MailsTo(to string) (keys, bodies []string) {
	s.Helper()
	for _, m := range All(s, kit.OutboxNoun.In(s.Store), "at") {
		if m.To == to {
			link := m.Link
			if link != "" {
				link = testkit.PublicURL + link
			}
			keys, bodies = append(keys, m.Key), append(bodies, m.Subject+"\n"+m.Body+"\n"+link+"\n")
		}
	}
	return keys, bodies
}

// Post queues a message in a transaction of its own, or in that of ctx.
func (s Stage) Post(ctx context.Context, to string, l kit.Locale, letter kit.Letter) error {
	return s.Core.Transact(ctx, func(ctx context.Context) error { return s.Core.Post(ctx, to, l, letter) })
}

// Outbox are all messages, sent or not, oldest first, without those of the fixture.
func (s Stage) Outbox() (all []*kit.Outgoing) {
	fixed := testkit.Mails()
	for _, m := range All(s, kit.OutboxNoun.In(s.Store), "at") {
		if !slices.ContainsFunc(fixed, func(f *kit.Outgoing) bool { return f.ID == m.ID }) {
			all = append(all, m)
		}
	}
	return all
}
