package membership

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// JoiningOf returns the joining invoice of each of some members, the last one that is not cancelled, without checking
// the caller's rights. It makes one call for each 32 members, whose other invoices it reads too: those who ask have
// just joined and have few.
func (s *InvoiceService) JoiningOf(ctx context.Context, members []kit.ID) (map[kit.ID]*Invoice, error) {
	joining, states := map[kit.ID]*Invoice{}, []string{string(InvoiceOpen), string(InvoiceSettled)}
	members = slices.Compact(slices.Sorted(slices.Values(members)))
	for some := range slices.Chunk(members, store.MaxStreams/len(states)) {
		q := store.Query{Any: []store.Where{{"member": kit.Strings(some), "state": states}}, Sort: "dueOn"}
		err := kit.EachPage(ctx, s.invoices, q, store.MaxLimit-1, func(page []*Invoice) error {
			s.show(page)
			for _, i := range page {
				if last := joining[i.MemberID]; i.Kind == InvoiceJoining && (last == nil || last.ID < i.ID) {
					joining[i.MemberID] = i
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return joining, nil
}
