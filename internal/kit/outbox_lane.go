package kit

import (
	"context"
	"time"

	"memberportal/internal/store"
)

// MailLane is a queue of its own in the outbox, so that many messages of one kind do not delay others.
type MailLane string

// The queues.
const (
	// CodeLane has codes, because visitors ask for them and they are valid for a short time only. They go first.
	CodeLane MailLane = "CODE"
	// LegalLane has the kinds that are owed; see NotificationKind.Owed. No budget holds it back.
	LegalLane MailLane = "LEGAL"
	// OtherLane has the rest, which waits when the budget of the day is spent.
	OtherLane MailLane = "OTHER"
)

// Lanes lists every queue, in the order in which Deliver sends them; Valid accepts no other.
var Lanes = []MailLane{CodeLane, LegalLane, OtherLane}

// Valid refuses a value that is not in Lanes.
func (v MailLane) Valid() error { return CheckOneOf(v, Lanes, "mail lane") }

func laneOf(m *Outgoing) MailLane {
	switch m.Key {
	case "mail.applicationCode", "mail.applicationUnknown", "mail.emailCode", "mail.emailTaken", "mail.signInCode":
		return CodeLane
	}
	if m.Kind != nil && m.Kind.Owed() {
		return LegalLane
	}
	return OtherLane
}

// mailDay is the time over which the budget counts.
const mailDay = 24 * time.Hour

// budget is how many messages of OtherLane may still be sent: the day’s bound less those that were sent in the last 24 hours,
// and mailRound if there is no budget. Several processes that send at the same moment may each go beyond it by one
// round.
func (d *delivery) budget(ctx context.Context) (int, error) {
	if d.core.mailPerDay == 0 {
		return mailRound, nil
	}
	sent, err := d.core.mailsSince(ctx, MailSent, OtherLane, "nextAt", d.core.Wall().Add(-mailDay))
	return d.core.mailPerDay - int(sent), err
}

// mailsSince counts the messages of a state and a queue whose key at is not before an instant. The key nextAt of a message
// that was sent is when that was.
func (c *Core) mailsSince(ctx context.Context, s MailState, l MailLane, at string, since time.Time) (int64, error) {
	messages := OutboxNoun.In(c.Store)
	plan, err := messages.Plan(store.Query{Any: []store.Where{{"state": {string(s)}, "lane": {string(l)}}}, Sort: at})
	if err != nil {
		return 0, err
	}
	return messages.Count(ctx, plan, store.Bounds{After: string(DateTimeOf(since))})
}

// MailBacklog says how a queue of the outbox stands.
type MailBacklog struct {
	Lane MailLane
	// Waiting counts the messages that wait, those that are held back by the budget too.
	Waiting int64
	// OldestAt is when the oldest of them was queued, nil if none waits.
	OldestAt *DateTime
	// Sent counts the messages that were sent in the last 24 hours.
	Sent int64
	// Failed counts the messages that were queued in the last 30 days and have failed.
	Failed int64
}

// Backlogs returns how each queue stands, in the order of Lanes. It is for the metrics of a process and asks nobody's
// rights: it holds numbers alone.
func (c *Core) Backlogs(ctx context.Context) ([]MailBacklog, error) {
	messages := OutboxNoun.In(c.Store)
	all := make([]MailBacklog, 0, len(Lanes))
	for _, l := range Lanes {
		b := MailBacklog{Lane: l}
		plan, err := messages.Plan(store.Query{Any: []store.Where{{"state": {string(MailQueued)}, "lane": {string(l)}}}, Sort: "at"})
		if err != nil {
			return nil, err
		}
		if b.Waiting, err = messages.Count(ctx, plan, store.Bounds{}); err != nil {
			return nil, err
		}
		first, err := messages.Page(ctx, plan, store.Range{Limit: 1})
		if err != nil {
			return nil, err
		}
		for _, m := range first.Docs {
			b.OldestAt = &m.At
		}
		if b.Sent, err = c.mailsSince(ctx, MailSent, l, "nextAt", c.Wall().Add(-mailDay)); err != nil {
			return nil, err
		}
		if b.Failed, err = c.mailsSince(ctx, MailFailed, l, "at", time.Time{}); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}
