package portal

import (
	"context"

	"memberportal/internal/store"
)

// What the tests of package portal_test need of the inside.
var (
	AuditNoun  = auditNoun
	NoticeNoun = noticeNoun
	RepeatNoun = repeatNoun
)

// PageOf pages through a stretch of any listing.
func PageOf[T any](ctx context.Context, c store.Collection[T], q store.Query, within store.Bounds, descending bool, args PageArgs) (*Connection[*T], error) {
	return pageOf(ctx, c, q, within, descending, args)
}
