package kit

import (
	"context"
	"errors"
	"fmt"

	"memberportal/internal/store"
)

// keepsText says whether a message that has failed keeps its address and text, so that it can be sent again: what
// failed was the way to the recipient. Codes expire soon, and a refused message would be refused again.
func (m *Outgoing) keepsText(fault MailFault) bool {
	return laneOf(m) != CodeLane && !fault.final()
}

// Messages calls take with the messages of the outbox, page by page, earliest first; if failed is set, with those only
// that have failed. SECRETARIAT or OPERATOR.
func (c *Core) Messages(ctx context.Context, failed bool, take func([]*MailRecord) error) error {
	if err := Require(ctx, WholeSecretariat, RoleOperator); err != nil {
		return err
	}
	q := store.Query{Sort: "at"}
	if failed {
		q.Any = []store.Where{{"state": {string(MailFailed)}, "lane": Strings(Lanes)}}
	}
	return EachPage(ctx, OutboxNoun.In(c.Store), q, EraseBatch, func(page []*Outgoing) error {
		return take(Map(page, (*Outgoing).record))
	})
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

// retryFault turns a RetryError into a fault of the input of retryMail, and leaves other errors as they are.
func retryFault(ctx context.Context, err error) error {
	no, ok := errors.AsType[*RetryError](err)
	if !ok {
		return err
	}
	f := NewFaults(ctx)
	if no.State == MailSent {
		f.Add(CodeNotAllowedInState, "input.id", "notAllowedInState.mailSent", nil)
	} else {
		f.Add(CodeNotAllowedInState, "input.id", "notAllowedInState.mailErased", nil)
	}
	return f
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
