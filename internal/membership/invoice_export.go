package membership

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"memberportal/internal/kit"
)

// invoiceColumns are the columns of the table of invoices. docs/operations.md documents them.
var invoiceColumns = []kit.Column{
	{Name: "invoice"}, {Name: "number"}, {Name: "member"}, {Name: "name"}, {Name: "year", Kind: kit.NumberCell}, {Name: "kind"}, {Name: "fee_classes"},
	{Name: "issued_on", Kind: kit.DateCell}, {Name: "due_on", Kind: kit.DateCell}, {Name: "state"}, {Name: "currency"},
	{Name: "amount", Kind: kit.NumberCell}, {Name: "paid", Kind: kit.NumberCell}, {Name: "outstanding", Kind: kit.NumberCell},
	{Name: "overpaid", Kind: kit.NumberCell}, {Name: "last_paid_on", Kind: kit.DateCell}, {Name: "cancelled_on", Kind: kit.DateCell}, {Name: "credit_note"}, {Name: "dataset"},
}

// Export writes the invoices of a year as a table, or all if year is nil, in the order of their due days. It has no
// references of payments and no reasons. SECRETARIAT only.
func (s *InvoiceService) Export(ctx context.Context, year *int, to kit.Rows) error {
	if err := kit.Require(ctx, kit.FinanceSecretariat); err != nil {
		return err
	}
	return kit.WriteTable(ctx, s.invoices, s.Records().All(), invoiceColumns, to, func(ctx context.Context, page []*Invoice) ([]map[string]string, error) {
		page = slices.DeleteFunc(page, func(i *Invoice) bool { return year != nil && i.Year != *year })
		members, err := s.members.Stored(ctx, kit.Map(page, func(i *Invoice) kit.ID { return i.MemberID }))
		if err != nil {
			return nil, err
		}
		rows := make([]map[string]string, len(page))
		for at, i := range page {
			rows[at] = i.cells()
			if m := members[at]; m != nil {
				rows[at]["name"] = m.Name
			}
		}
		return rows, nil
	})
}

// cells returns an invoice's row without the name of its member.
func (i *Invoice) cells() map[string]string {
	row := map[string]string{
		"invoice": string(i.ID), "number": kit.Deref(i.Number), "credit_note": kit.Deref(i.creditNumber()), "overpaid": i.Overpaid().Amount.String(),
		"member": string(i.MemberID), "year": strconv.Itoa(i.Year), "kind": string(i.Kind), "fee_classes": strings.Join(i.FeeClasses, " "),
		"issued_on": string(i.IssuedOn), "due_on": string(kit.Deref(i.DueOn)), "state": string(i.State()), "currency": string(i.Amount.Currency),
		"amount": i.Amount.Amount.String(), "paid": i.Paid().Amount.String(), "outstanding": i.Outstanding().Amount.String(), "dataset": string(i.Dataset),
	}
	for _, p := range i.Payments {
		row["last_paid_on"] = max(row["last_paid_on"], string(p.ReceivedOn))
	}
	if i.Cancelled != nil {
		row["cancelled_on"] = string(i.Cancelled.On)
	}
	return row
}
