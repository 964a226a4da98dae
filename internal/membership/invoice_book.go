package membership

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// invoiceBook reads the invoices of members without checking the caller's rights, for rules that depend on them. It
// does not read members.
type invoiceBook struct{ invoices store.Collection[Invoice] }

// overdue passes to take, in batches, the members of the open invoices that were due before a day.
func (b *invoiceBook) overdue(ctx context.Context, before kit.Date, take func([]kit.ID) error) error {
	q := store.Query{Any: []store.Where{{"state": {string(InvoiceOpen)}}}, Sort: "dueOn"}
	return kit.EachWithin(ctx, b.invoices, q, kit.DueBy(before.AddDays(-1)), kit.TickBatch, func(page []*Invoice) error {
		return take(kit.Map(page, func(i *Invoice) kit.ID { return i.MemberID }))
	})
}

// debts returns what is left to pay of the open invoices of each member, the oldest first.
func (b *invoiceBook) debts(ctx context.Context, members []kit.ID) (map[kit.ID][]debt, error) {
	open, err := b.OpenOf(ctx, members)
	debts := map[kit.ID][]debt{}
	for member, invoices := range open {
		for _, i := range invoices {
			d := debt{owed: i.Outstanding(), dueOn: kit.Never}
			kit.Set(&d.dueOn, i.DueOn)
			debts[member] = append(debts[member], d)
		}
	}
	return debts, err
}

// OpenOf returns the open invoices of each member, the earliest due day first, without checking the caller's rights.
func (b *invoiceBook) OpenOf(ctx context.Context, members []kit.ID) (map[kit.ID][]*Invoice, error) {
	return b.of(ctx, members, InvoiceOpen)
}

// standing returns the invoices of each member that are not cancelled, the earliest due day first.
func (b *invoiceBook) standing(ctx context.Context, members ...kit.ID) (map[kit.ID][]*Invoice, error) {
	return b.of(ctx, members, InvoiceOpen, InvoiceSettled)
}

// invoiced says whether a member has an invoice that is not cancelled.
func (b *invoiceBook) invoiced(ctx context.Context, member kit.ID) (bool, error) {
	standing, err := b.standing(ctx, member)
	return len(standing) > 0, err
}

// of returns the invoices of each member in some states, the earliest due day first; see kit.EachOf.
func (b *invoiceBook) of(ctx context.Context, members []kit.ID, states ...InvoiceState) (map[kit.ID][]*Invoice, error) {
	all := map[kit.ID][]*Invoice{}
	return all, kit.EachOf(ctx, b.invoices, "member", members, store.Where{"state": kit.Strings(states)}, "dueOn", func(i *Invoice) {
		all[i.MemberID] = append(all[i.MemberID], i)
	})
}
