package kit

import (
	"context"

	"memberportal/internal/store"
)

// Between calls take with the entries of the days from one to another in UTC, both included, page by page, earliest
// first. As in List, SECRETARIAT sees all of them, and OPERATOR what operatorView shows of those that are not about
// replies. Others get FORBIDDEN.
func (s *AuditService) Between(ctx context.Context, from, until Date, take func([]*AuditEntry) error) error {
	if err := Require(ctx, WholeSecretariat, RoleOperator); err != nil {
		return err
	}
	where, operator := store.Where{}, !ActorOf(ctx).Has(WholeSecretariat)
	if operator {
		where["ofReply"] = []string{"no"}
	}
	days := store.Bounds{After: string(from), Before: string(until.AddDays(1))}
	return EachWithin(ctx, s.entries, store.Query{Any: []store.Where{where}, Sort: "at"}, days, EraseBatch, func(all []*AuditEntry) error {
		if operator {
			all = Map(all, s.operatorView)
		}
		return take(all)
	})
}
