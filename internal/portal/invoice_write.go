package portal

import "context"

// maxPayments bounds how many payments one invoice takes.
const maxPayments = 100

// RecordPaymentInput records money that was received.
type RecordPaymentInput struct {
	Invoice         ID
	ExpectedVersion int
	Amount          Decimal
	ReceivedOn      Date
	Reference       string
}

// RecordPaymentPayload is the invoice as it is now, or what is wrong.
type RecordPaymentPayload struct {
	Invoice    *Invoice
	UserErrors []UserError
}

// CancelInvoiceInput cancels an invoice.
type CancelInvoiceInput struct {
	Invoice         ID
	ExpectedVersion int
	Reason          string
}

// CancelInvoicePayload is the invoice as it is now, or what is wrong.
type CancelInvoicePayload struct {
	Invoice    *Invoice
	UserErrors []UserError
}

// anyInvoice lets SECRETARIAT, which alone gets this far, change every invoice.
func (s *InvoiceService) anyInvoice(_ context.Context, i *Invoice) error {
	s.show([]*Invoice{i})
	return nil
}

// RecordPayment records a payment, which may be a part. SECRETARIAT only. More than what is outstanding
// is OUT_OF_RANGE; an invoice that is not open is NOT_ALLOWED_IN_STATE.
func (s *InvoiceService) RecordPayment(ctx context.Context, in RecordPaymentInput) (*RecordPaymentPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	i, err := amend(ctx, s.core, InvoiceNoun, amendment{"recordPayment", in.Invoice, in.ExpectedVersion, nil}, s.anyInvoice, func(i *Invoice, f *faults) []string {
		checkOpenInvoice(f, i)
		f.positive("input.amount", in.Amount)
		if left := i.Outstanding().Amount; i.State() == InvoiceOpen && in.Amount > left {
			f.add(CodeOutOfRange, "input.amount", "outOfRange.outstanding", map[string]string{"amount": left.String()})
		}
		if today := s.core.clock.Today(); in.ReceivedOn > today {
			f.add(CodeOutOfRange, "input.receivedOn", "outOfRange.after", map[string]string{"date": string(today)})
		}
		f.line("input.reference", &in.Reference, 100, true)
		if len(i.Payments) >= maxPayments {
			f.add(CodeFull, "input.invoice", "full", nil)
		}
		i.Payments = append(i.Payments, Payment{
			ID: s.core.newID("pay"), Amount: Money{in.Amount, i.Amount.Currency}, ReceivedOn: in.ReceivedOn, Reference: in.Reference,
			RecordedAt: DateTimeOf(s.core.clock.Now()), RecordedBy: ActorOf(ctx).Subject,
		})
		return []string{"payments"}
	})
	faults, err := refused(err)
	return &RecordPaymentPayload{i, faults}, err
}

// checkOpenInvoice asks that an invoice is open.
func checkOpenInvoice(f *faults, i *Invoice) {
	if i.State() != InvoiceOpen {
		f.add(CodeNotAllowedInState, "input.invoice", "notAllowedInState", map[string]string{"status": string(i.State()), "allowed": string(InvoiceOpen)})
	}
}

// Cancel cancels an open invoice, so that another one can be issued for its year. SECRETARIAT only. One
// of which something was paid is NOT_ALLOWED_IN_STATE.
func (s *InvoiceService) Cancel(ctx context.Context, in CancelInvoiceInput) (*CancelInvoicePayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	i, err := amend(ctx, s.core, InvoiceNoun, amendment{"cancelInvoice", in.Invoice, in.ExpectedVersion, &in.Reason}, s.anyInvoice, func(i *Invoice, f *faults) []string {
		if checkOpenInvoice(f, i); i.State() == InvoiceOpen && len(i.Payments) > 0 {
			f.add(CodeNotAllowedInState, "input.invoice", "notAllowedInState.paid", nil)
		}
		f.text("input.reason", &in.Reason, 1000, true)
		i.Cancelled = &Cancellation{s.core.clock.Today(), in.Reason}
		return []string{"cancelled"}
	})
	faults, err := refused(err)
	return &CancelInvoicePayload{i, faults}, err
}
