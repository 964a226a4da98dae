package membership

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// dueSoon is how many days before the due day of an invoice its member is reminded.
const dueSoon = 14

// InvoiceReminder says of what the member was reminded last.
type InvoiceReminder string

// The reminders of an invoice.
const (
	// RemindedDue: it falls due.
	RemindedDue InvoiceReminder = "DUE"
	// RemindedOverdue: it is still open after its due day.
	RemindedOverdue InvoiceReminder = "OVERDUE"
)

// InvoiceReminders lists every reminder; Valid accepts no other.
var InvoiceReminders = []InvoiceReminder{RemindedDue, RemindedOverdue}

// Valid refuses a value that is not in InvoiceReminders.
func (v InvoiceReminder) Valid() error {
	return kit.CheckOneOf(v, InvoiceReminders, "invoice reminder")
}

// remindOn is the day of the next reminder; empty if there is none.
func (i *Invoice) remindOn() kit.Date {
	switch {
	case i.State() != InvoiceOpen || i.DueOn == nil || i.Reminded != nil && *i.Reminded == RemindedOverdue:
		return ""
	case i.Reminded == nil:
		return i.DueOn.AddDays(-dueSoon)
	}
	return i.DueOn.AddDays(1)
}

// tellIssued tells the members of new invoices what they owe and by when.
func (s *InvoiceService) tellIssued(ctx context.Context, invoices []*Invoice) error {
	if s.members.teller == nil {
		return nil
	}
	of := map[kit.ID]*Invoice{}
	members := kit.Map(invoices, func(i *Invoice) kit.ID {
		of[i.MemberID] = i
		return i.MemberID
	})
	_, err := s.members.teller.TellMembers(ctx, members, func(member kit.ID) kit.Letter { return s.IssuedLetter(of[member]) })
	return err
}

// IssuedLetter is the message that an invoice was issued: what is to be paid, by when and how.
func (s *InvoiceService) IssuedLetter(i *Invoice) kit.Letter {
	return s.letter("mail.invoice.issued", i)
}

// letter is a message that something of an invoice is to be paid.
func (s *InvoiceService) letter(key string, i *Invoice) kit.Letter {
	x := kit.Letter{Key: key, Params: map[string]any{"number": cmp.Or(kit.Deref(i.Number), string(i.ID)), "amount": i.Outstanding(), "year": fmt.Sprint(i.Year), "date": "", "payTo": kit.Label("payTo.secretariat")}, About: i.ID}
	if s.payTo != "" {
		x.Params["payTo"] = kit.Lines(strings.Split(s.payTo, "\n"))
	}
	if i.DueOn != nil {
		x.Params["date"] = *i.DueOn
	}
	return x
}

// tellPaid tells the member that a payment was received: that nothing is left, or how much.
func (s *InvoiceService) tellPaid(ctx context.Context, i *Invoice) error {
	key := "mail.invoice.paid"
	if i.State() == InvoiceOpen {
		key = "mail.invoice.partlyPaid"
	}
	letter := kit.Letter{Key: key, Params: map[string]any{"year": fmt.Sprint(i.Year), "amount": i.Payments[len(i.Payments)-1].Amount}, About: i.ID}
	if i.State() == InvoiceOpen {
		letter.Params["left"] = i.Outstanding()
	}
	return s.members.tellMember(ctx, i.MemberID, letter)
}

// tellCancelled tells the member that an invoice was cancelled.
func (s *InvoiceService) tellCancelled(ctx context.Context, i *Invoice) error {
	return s.members.tellMember(ctx, i.MemberID, kit.Letter{Key: "mail.invoice.cancelled", Params: map[string]any{"year": fmt.Sprint(i.Year)}, About: i.ID})
}

// Tick reminds members of invoices that fall due in 14 days, and of those that were not paid in time: once each.
func (s *InvoiceService) Tick(ctx context.Context, dry bool) ([]kit.Due, error) {
	all := []kit.Due{}
	err := kit.EachWithin(ctx, s.invoices, store.Query{Sort: "remindOn"}, kit.DueBy(s.core.Clock.Today()), kit.TickBatch, func(page []*Invoice) error {
		for _, i := range page {
			due := kit.Due{Kind: kit.DueInvoice, Target: i.ID, On: i.remindOn(), Text: "an invoice falls due"}
			is, err := s.remind(ctx, i.ID, &due, dry)
			if errors.Is(err, store.ErrCorrupt) { // a damaged document waits for its repair; the others do not
				due.Failed, is, err = kit.Message(kit.English, "damaged", nil), true, nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", i.ID, err)
			}
			if is {
				all = append(all, due)
			}
		}
		return nil
	})
	return all, err
}

// remind tells a member of an invoice, unless dry is set or that was done. It says whether there is something to tell.
func (s *InvoiceService) remind(ctx context.Context, id kit.ID, due *kit.Due, dry bool) (is bool, err error) {
	today := s.core.Clock.Today()
	look := func(ctx context.Context, note func(kit.Change)) error {
		is, due.Recorded = false, false
		i, err := s.invoices.Get(ctx, string(id))
		if err != nil {
			return err
		}
		if on := i.remindOn(); on == "" || on > today {
			return nil
		}
		reminder, letter := RemindedDue, s.letter("mail.invoice.due", i)
		if i.late(today) {
			reminder, letter = RemindedOverdue, s.letter("mail.invoice.overdue", i)
			due.Kind, due.Text = kit.DueOverdueInvoice, "an invoice was not paid in time"
		}
		if is = true; dry {
			return nil
		}
		i.Reminded = &reminder
		if err := s.invoices.Replace(ctx, i); err != nil {
			return err
		}
		due.Recorded = true
		note(kit.Changed(InvoiceNoun, i, kit.Updated, "reminded"))
		return s.members.tellMember(ctx, i.MemberID, letter)
	}
	if dry {
		return is, look(ctx, nil)
	}
	err = s.core.Write(ctx, "clock", look)
	return is, err
}
