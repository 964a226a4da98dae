package membership

import (
	"context"

	"memberportal/internal/kit"
)

// InvoicePaper is the path of an invoice to print, and CreditNotePaper that of its credit note.
func InvoicePaper(id kit.ID) string    { return "/invoices/" + string(id) + "/print" }
func CreditNotePaper(id kit.ID) string { return "/invoices/" + string(id) + "/credit-note" }

// PrintPath is the path of the invoice to print.
func (i *Invoice) PrintPath() string { return InvoicePaper(i.ID) }

// Paper returns an invoice with the member that owes it, to be printed; nil if there is none or the caller may not see
// it.
func (s *InvoiceService) Paper(ctx context.Context, id kit.ID) (*Invoice, *Member, error) {
	i, err := kit.One(ctx, s.ByIDs, id)
	if err != nil || i == nil {
		return nil, nil, err
	}
	m, err := s.MemberOf(ctx, i)
	return i, m, err
}
