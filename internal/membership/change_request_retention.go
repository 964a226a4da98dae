package membership

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SweepRequestReasons empties the reasons of requests for changes, decided or not.
func SweepRequestReasons(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	closed := store.Query{Any: []store.Where{{"state": kit.Strings([]ChangeRequestState{ChangeAccepted, ChangeRefused, ChangeWithdrawn})}}, Sort: "requestedOn"}
	old := store.Bounds{Before: string(before)}
	return kit.Sweep[MembershipChangeRequest]{Of: MembershipChangeRequestNoun, Query: closed, Within: old, Due: kit.Alone(func(x *MembershipChangeRequest) (fields []string) {
		kit.Blotted(&fields, "reason", &x.Reason)
		if x.Decision != nil {
			kit.Emptied(&fields, "decision", &x.Decision.Reason)
		}
		return fields
	})}.Run(ctx, c, dry)
}
