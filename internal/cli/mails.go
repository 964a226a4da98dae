package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"memberportal/internal/kit"
)

type mailsFlags struct {
	List  listMails  `cmd:"" default:"withargs" help:"List messages to persons, without their texts and addresses, and those about consultations without the recipient's domain (the command if none is named)."`
	Retry retryMails `cmd:"" help:"Have messages sent at once: those that wait for their next attempt, and those that failed on the way to the recipient. Each leaves an entry in the audit log."`
}

type listMails struct {
	onStore
	Failed bool `help:"List those only that have failed."`
	JSON   bool `name:"json" help:"Print a line for each: {\"id\",\"kind\",\"state\",\"lane\",\"domain\",\"queuedAt\",\"nextAt\",\"sentAt\",\"attempts\",\"fault\",\"retry\"}."`
}

type retryMails struct {
	onStore
	IDs []string `arg:"" name:"id" help:"The messages (out_…)."`
}

// listedMail is a message in JSON.
type listedMail struct {
	ID    kit.ID        `json:"id"`
	Kind  string        `json:"kind"`
	State kit.MailState `json:"state"`
	Lane  kit.MailLane  `json:"lane"`
	// Domain is nil where kit.MailRecord has none.
	Domain   *string        `json:"domain"`
	QueuedAt kit.DateTime   `json:"queuedAt"`
	NextAt   *kit.DateTime  `json:"nextAt"`
	SentAt   *kit.DateTime  `json:"sentAt"`
	Attempts int64          `json:"attempts"`
	Fault    *kit.MailFault `json:"fault"`
	Retry    bool           `json:"retry"`
}

func listed(m *kit.MailRecord) listedMail {
	return listedMail{m.ID, m.Kind, m.State, m.Lane, m.Domain, m.QueuedAt, m.NextAt, m.SentAt, m.Attempts, m.Fault, m.CanRetry}
}

// print prints the message for people.
func (l listedMail) print(w io.Writer) error {
	said := ""
	switch {
	case l.SentAt != nil:
		said = " at " + string(*l.SentAt)
	case l.NextAt != nil:
		said = ", due at " + string(*l.NextAt)
	}
	if l.Fault != nil {
		said += ", " + string(*l.Fault)
	}
	if l.Domain != nil {
		said += ", to " + *l.Domain
	}
	_, err := fmt.Fprintf(w, "%s  %s  %s  %s%s, attempts: %d\n", l.QueuedAt, l.ID, l.Kind, l.State, said, l.Attempts)
	return err
}

// Run lists messages, earliest first, and counts them.
func (f listMails) Run(ctx context.Context, stdout results) error {
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal mails", true)
	if err != nil {
		return err
	}
	n, lines := 0, json.NewEncoder(stdout)
	err = p.Messages(kit.WithActor(ctx, operator), f.Failed, func(all []*kit.MailRecord) error {
		for _, m := range all {
			n++
			var err error
			if l := listed(m); f.JSON {
				err = lines.Encode(l)
			} else {
				err = l.print(stdout)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !f.JSON {
		_, err = fmt.Fprintf(stdout, "%d messages\n", n)
	}
	return errors.Join(err, done())
}

// Run makes messages due at once. It goes on past those that cannot be sent again, and then fails.
func (f retryMails) Run(ctx context.Context, stdout results) error {
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal mails", false)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range f.IDs {
		if err := p.RetryMail(kit.WithActor(ctx, operator), kit.ID(id)); err != nil {
			errs = append(errs, noSuch(err, "message", id))
			continue
		}
		_, err := fmt.Fprintf(stdout, "due at once: %s\n", id)
		errs = append(errs, err)
	}
	return errors.Join(append(errs, done())...)
}
