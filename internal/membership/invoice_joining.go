package membership

import (
	"context"

	"memberportal/internal/kit"
)

// JoiningOf returns the joining invoice of each of some members, the last one that is not cancelled, without checking
// the caller's rights. It makes one call for each 32 members, whose other invoices it reads too: those who ask have
// just joined and have few.
func (s *InvoiceService) JoiningOf(ctx context.Context, members []kit.ID) (map[kit.ID]*Invoice, error) {
	all, err := s.standing(ctx, members...)
	joining := map[kit.ID]*Invoice{}
	for member, invoices := range all {
		s.show(invoices)
		for _, i := range invoices {
			if last := joining[member]; i.Kind == InvoiceJoining && (last == nil || last.ID < i.ID) {
				joining[member] = i
			}
		}
	}
	return joining, err
}
