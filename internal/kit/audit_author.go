package kit

import (
	"context"
	"slices"

	"memberportal/internal/store"
)

// LastActor returns who did one of some operations to a record last; empty if nobody did, or the entry is not among the
// record's latest hundred, or was erased. It does not check the caller's rights. It costs one store call.
func (c *Core) LastActor(ctx context.Context, target ID, operations ...string) (ID, error) {
	entries := AuditNoun.In(c.Store)
	plan, err := entries.Plan(store.Query{Any: []store.Where{{"target": {string(target)}}}, Sort: "at"})
	if err != nil {
		return "", err
	}
	page, err := entries.Page(store.Looking(ctx), plan, store.Range{Backward: true, Limit: 100})
	if err != nil {
		return "", err
	}
	for _, e := range page.Docs {
		if slices.Contains(operations, e.Operation) {
			return e.Actor, nil
		}
	}
	return "", nil
}
