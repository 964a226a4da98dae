package membership

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// maxPayments limits the number of payments of one invoice.
const maxPayments = 100

// RecordPaymentInput records money that was received. Overpayment says that more came in than is outstanding;
// SharedReference that one transfer paid several invoices. Both are false if they are left out.
type RecordPaymentInput struct {
	Invoice         kit.ID
	ExpectedVersion int
	Amount          kit.Decimal
	ReceivedOn      kit.Date
	Reference       string
	Overpayment     *bool
	SharedReference *bool
}

// RecordPaymentPayload has the record after the change: Invoice is nil if UserErrors is not empty.
type RecordPaymentPayload struct {
	Invoice    *Invoice
	UserErrors []kit.UserError
}

// CancelInvoiceInput cancels an invoice and says why.
type CancelInvoiceInput struct {
	Invoice         kit.ID
	ExpectedVersion int
	Reason          string
}

// CancelInvoicePayload has the record after the change: Invoice is nil if UserErrors is not empty.
type CancelInvoicePayload struct {
	Invoice    *Invoice
	UserErrors []kit.UserError
}

// RecordPayment records a payment of all or a part. SECRETARIAT only. A cancelled invoice is NOT_ALLOWED_IN_STATE.
//
// An amount above what is outstanding is most often an error of typing, so that it is OUT_OF_RANGE, and an invoice that
// is paid is NOT_ALLOWED_IN_STATE. But money that came in has to be recorded: with Overpayment it is, and Overpaid
// returns what is too much. A reference that another payment has is most often a payment that is entered twice, so that
// it is a DUPLICATE with the id of the other invoice. With SharedReference it is accepted, because one transfer may pay
// several invoices; the same invoice has each reference once in any case.
func (s *InvoiceService) RecordPayment(ctx context.Context, in RecordPaymentInput) (*RecordPaymentPayload, error) {
	if err := kit.Require(ctx, kit.FinanceSecretariat); err != nil {
		return nil, err
	}
	var other kit.ID
	i, err := kit.Amend(ctx, s.core, InvoiceNoun, kit.Amendment{Operation: "recordPayment", ID: in.Invoice, Expected: in.ExpectedVersion, Reason: nil}, func(ctx context.Context, i *Invoice) (err error) {
		other, err = s.paidBy(ctx, i, in)
		return err
	}, func(i *Invoice, f *kit.Faults) []string {
		over := in.Overpayment != nil && *in.Overpayment
		if over {
			checkInvoiceState(f, i, InvoiceOpen, InvoiceSettled)
		} else {
			checkInvoiceState(f, i, InvoiceOpen)
		}
		f.Positive("input.amount", in.Amount)
		if left := i.Outstanding().Amount; i.State() == InvoiceOpen && in.Amount > left && !over {
			f.Add(kit.CodeOutOfRange, "input.amount", "outOfRange.outstanding", map[string]string{"amount": left.String()})
		}
		if today := s.core.Clock.Today(); in.ReceivedOn > today {
			f.Add(kit.CodeOutOfRange, "input.receivedOn", "outOfRange.after", map[string]string{"date": string(today)})
		}
		f.Line("input.reference", &in.Reference, 100, true)
		if other != "" {
			f.Add(kit.CodeDuplicate, "input.reference", "duplicate.reference", nil).RelatedID = &other
		}
		if len(i.Payments) >= maxPayments {
			f.Add(kit.CodeFull, "input.invoice", "full", nil)
		}
		i.Payments = append(i.Payments, Payment{
			ID: s.core.NewID("pay"), Amount: kit.Money{Amount: in.Amount, Currency: i.Amount.Currency}, ReceivedOn: in.ReceivedOn, Reference: in.Reference,
			RecordedAt: kit.DateTimeOf(s.core.Clock.Now()), RecordedBy: kit.ActorOf(ctx).Subject,
		})
		return []string{"payments"}
	})
	faults, err := kit.UserErrorsOf(err)
	return &RecordPaymentPayload{i, faults}, err
}

// paidBy returns the invoice of which a payment has the reference of this one; empty if there is none, or if the input
// says that the reference is shared and the other invoice is not the same.
func (s *InvoiceService) paidBy(ctx context.Context, i *Invoice, in RecordPaymentInput) (kit.ID, error) {
	s.show([]*Invoice{i})
	key := paymentKey(in.Reference)
	if slices.ContainsFunc(i.Payments, func(p Payment) bool { return key != "" && paymentKey(p.Reference) == key }) {
		return i.ID, nil
	}
	if key == "" || in.SharedReference != nil && *in.SharedReference {
		return "", nil
	}
	// Two payments with one reference are recorded one after the other, so that the second finds the first.
	if err := s.core.Touch(ctx, "payment", key); err != nil {
		return "", err
	}
	plan, err := s.invoices.Plan(store.Query{Any: []store.Where{{"payment": {key}}}})
	if err != nil {
		return "", err
	}
	page, err := s.invoices.Page(ctx, plan, store.Range{Limit: 1})
	if err != nil || len(page.Docs) == 0 {
		return "", err
	}
	return page.Docs[0].ID, nil
}

// checkInvoiceState adds a fault if an invoice has none of some states.
func checkInvoiceState(f *kit.Faults, i *Invoice, allowed ...InvoiceState) {
	if !slices.Contains(allowed, i.State()) {
		f.Add(kit.CodeNotAllowedInState, "input.invoice", "notAllowedInState", map[string]string{"status": string(i.State()), "allowed": strings.Join(kit.Strings(allowed), ", ")})
	}
}

// Cancel takes an invoice back by a credit note, so that another one can be issued for its year. SECRETARIAT only. The
// credit note has a number of its own and is for the whole amount. What was paid of the invoice stays recorded, and is
// then overpaid.
func (s *InvoiceService) Cancel(ctx context.Context, in CancelInvoiceInput) (*CancelInvoicePayload, error) {
	if err := kit.Require(ctx, kit.FinanceSecretariat); err != nil {
		return nil, err
	}
	var next func() *string
	i, err := kit.Amend(ctx, s.core, InvoiceNoun, kit.Amendment{Operation: "cancelInvoice", ID: in.Invoice, Expected: in.ExpectedVersion, Reason: &in.Reason}, func(ctx context.Context, i *Invoice) (err error) {
		s.show([]*Invoice{i})
		if i.Cancelled == nil {
			next, err = s.numbers(ctx, creditSeries, s.core.Clock.Today().Year())
		}
		return err
	}, func(i *Invoice, f *kit.Faults) []string {
		checkInvoiceState(f, i, InvoiceOpen, InvoiceSettled)
		f.Text("input.reason", &in.Reason, 1000, true)
		if i.Cancelled == nil {
			i.Cancelled = &Cancellation{s.core.Clock.Today(), in.Reason, next()}
		}
		return []string{"cancelled"}
	})
	faults, err := kit.UserErrorsOf(err)
	return &CancelInvoicePayload{i, faults}, err
}
