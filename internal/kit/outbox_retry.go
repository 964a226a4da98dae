package kit

import (
	"context"
	"fmt"
	"strings"

	"memberportal/internal/store"
)

// Domain is the domain of the recipient's address, empty once the address is erased.
func (m *Outgoing) Domain() string {
	return m.To[strings.LastIndex(m.To, "@")+1:]
}

// keepsText says whether a message that has failed keeps its address and text, so that it can be sent again: what
// failed was the way to the recipient. Codes expire soon, and a refused message would be refused again.
func (m *Outgoing) keepsText(fault MailFault) bool {
	return laneOf(m) != CodeLane && !fault.final()
}

// Messages calls take with the messages of the outbox, page by page, earliest first; if failed is set, with those
// only that have failed. They hold texts and addresses, which the caller must not show. SECRETARIAT or OPERATOR.
func (c *Core) Messages(ctx context.Context, failed bool, take func([]*Outgoing) error) error {
	if err := Require(ctx, WholeSecretariat, RoleOperator); err != nil {
		return err
	}
	q := store.Query{Sort: "at"}
	if failed {
		q = store.Query{Any: []store.Where{{"state": {string(MailFailed)}, "lane": Strings(Lanes)}}, Sort: "nextAt"}
	}
	return EachPage(ctx, OutboxNoun.In(c.Store), q, EraseBatch, take)
}

// RetryError says that a message cannot be sent again: it was sent, or has failed and its text is erased.
type RetryError struct {
	ID    ID
	State MailState
}

func (e *RetryError) Error() string {
	if e.State == MailSent {
		return fmt.Sprintf("%s was sent", e.ID)
	}
	return fmt.Sprintf("%s has failed and its text is erased, so that it cannot be sent again", e.ID)
}

// RetryMail makes a message due at once: one that waits for its next attempt, or one that has failed and kept its text,
// which then has all its attempts again. It adds an audit entry. It returns a RetryError if the message cannot be
// sent again, and NOT_FOUND if there is none. SECRETARIAT or OPERATOR.
func (c *Core) RetryMail(ctx context.Context, id ID) error {
	if err := Require(ctx, WholeSecretariat, RoleOperator); err != nil {
		return err
	}
	messages := OutboxNoun.In(c.Store)
	return c.Write(ctx, "retryMail", func(ctx context.Context, note func(Change)) error {
		found, err := messages.Many(ctx, []string{string(id)})
		if err != nil {
			return err
		}
		m := found[0]
		switch {
		case m == nil:
			return Refuse(NotFound, "notFound", nil)
		case m.State == MailSent, m.To == "":
			return &RetryError{m.ID, m.State}
		case m.State == MailFailed:
			m.State, m.Attempts = MailQueued, 0
		}
		m.NextAt, m.UnreachableSince = DateTimeOf(c.Wall()), nil
		note(Change{Noun: "commands", Target: id, Kind: Created, Fields: []string{}})
		return messages.Replace(ctx, m)
	})
}
