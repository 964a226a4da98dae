package membership

import (
	"context"

	"memberportal/internal/kit"
)

// maxPayments limits the number of payments of one invoice.
const maxPayments = 100

// RecordPaymentInput records money that was received.
type RecordPaymentInput struct {
	Invoice         kit.ID
	ExpectedVersion int
	Amount          kit.Decimal
	ReceivedOn      kit.Date
	Reference       string
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

// anyInvoice allows every invoice: only SECRETARIAT gets this far.
func (s *InvoiceService) anyInvoice(_ context.Context, i *Invoice) error {
	s.show([]*Invoice{i})
	return nil
}

// RecordPayment records a payment of all or a part. SECRETARIAT only. An amount above what is outstanding is
// OUT_OF_RANGE; an invoice that is not open is NOT_ALLOWED_IN_STATE.
func (s *InvoiceService) RecordPayment(ctx context.Context, in RecordPaymentInput) (*RecordPaymentPayload, error) {
	if err := kit.Require(ctx, kit.FinanceSecretariat); err != nil {
		return nil, err
	}
	i, err := kit.Amend(ctx, s.core, InvoiceNoun, kit.Amendment{Operation: "recordPayment", ID: in.Invoice, Expected: in.ExpectedVersion, Reason: nil}, s.anyInvoice, func(i *Invoice, f *kit.Faults) []string {
		checkOpenInvoice(f, i)
		f.Positive("input.amount", in.Amount)
		if left := i.Outstanding().Amount; i.State() == InvoiceOpen && in.Amount > left {
			f.Add(kit.CodeOutOfRange, "input.amount", "outOfRange.outstanding", map[string]string{"amount": left.String()})
		}
		if today := s.core.Clock.Today(); in.ReceivedOn > today {
			f.Add(kit.CodeOutOfRange, "input.receivedOn", "outOfRange.after", map[string]string{"date": string(today)})
		}
		f.Line("input.reference", &in.Reference, 100, true)
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

// checkOpenInvoice adds a fault if an invoice is not open.
func checkOpenInvoice(f *kit.Faults, i *Invoice) {
	if i.State() != InvoiceOpen {
		f.Add(kit.CodeNotAllowedInState, "input.invoice", "notAllowedInState", map[string]string{"status": string(i.State()), "allowed": string(InvoiceOpen)})
	}
}

// Cancel cancels an open invoice, so that another one can be issued for its year. SECRETARIAT only. An invoice with
// a payment is NOT_ALLOWED_IN_STATE.
func (s *InvoiceService) Cancel(ctx context.Context, in CancelInvoiceInput) (*CancelInvoicePayload, error) {
	if err := kit.Require(ctx, kit.FinanceSecretariat); err != nil {
		return nil, err
	}
	i, err := kit.Amend(ctx, s.core, InvoiceNoun, kit.Amendment{Operation: "cancelInvoice", ID: in.Invoice, Expected: in.ExpectedVersion, Reason: &in.Reason}, s.anyInvoice, func(i *Invoice, f *kit.Faults) []string {
		if checkOpenInvoice(f, i); i.State() == InvoiceOpen && len(i.Payments) > 0 {
			f.Add(kit.CodeNotAllowedInState, "input.invoice", "notAllowedInState.paid", nil)
		}
		f.Text("input.reason", &in.Reason, 1000, true)
		i.Cancelled = &Cancellation{s.core.Clock.Today(), in.Reason}
		return []string{"cancelled"}
	})
	faults, err := kit.UserErrorsOf(err)
	return &CancelInvoicePayload{i, faults}, err
}
