package membership

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// MemberAccount is the sum of the invoices of a member. Balance is Invoiced less Credited and Paid: what the member owes,
// or below zero what it has in its favour.
type MemberAccount struct {
	Invoiced kit.Money
	// Credited is the sum of the invoices that were cancelled.
	Credited kit.Money
	Paid     kit.Money
	Balance  kit.Money
	// Overdue is what is still to be paid after its due day.
	Overdue kit.Money
}

// Account sums up the invoices of a member. The focal points of the member, its administration and SECRETARIAT may ask.
// Others get FORBIDDEN, whether the member exists or not.
func (s *InvoiceService) Account(ctx context.Context, member kit.ID) (*MemberAccount, error) {
	if err := s.mayRead(ctx, member); err != nil {
		return nil, err
	}
	none := kit.Money{Amount: 0, Currency: kit.CHF}
	a := &MemberAccount{none, none, none, none, none}
	q := store.Query{Any: []store.Where{{"member": {string(member)}, "state": kit.Strings(InvoiceStates)}}, Sort: "dueOn"}
	err := kit.EachPage(ctx, s.invoices, q, store.MaxLimit-1, func(page []*Invoice) error {
		s.show(page)
		for _, i := range page {
			a.Invoiced.Amount += i.Amount.Amount
			a.Credited.Amount += i.Amount.Amount - i.owed()
			a.Paid.Amount += i.Paid().Amount
			if i.Overdue() {
				a.Overdue.Amount += i.Outstanding().Amount
			}
		}
		return nil
	})
	a.Balance.Amount = a.Invoiced.Amount - a.Credited.Amount - a.Paid.Amount
	return a, err
}
