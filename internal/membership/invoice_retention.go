package membership

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SweepInvoiceTexts empties the reasons of cancellations, and the references of payments in the accounts.
func SweepInvoiceTexts(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[Invoice]{Of: InvoiceNoun, Query: store.Query{Sort: "dueOn"}, Due: kit.Alone(func(i *Invoice) (fields []string) {
		if i.IssuedOn >= before {
			return nil
		}
		for p := range i.Payments {
			kit.Blotted(&fields, "payments", &i.Payments[p].Reference)
		}
		if i.Cancelled != nil {
			kit.Blotted(&fields, "cancelled", &i.Cancelled.Reason)
		}
		return fields
	})}.Run(ctx, c, dry)
}
