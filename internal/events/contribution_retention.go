package events

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SweepContributionReasons erases the reasons for decisions about contributions.
func SweepContributionReasons(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	old := store.Bounds{Before: string(before)}
	return kit.Sweep[Contribution]{Of: ContributionNoun, Query: store.Query{Sort: "submittedAt"}, Within: old, Due: kit.Alone(func(x *Contribution) (fields []string) {
		if n := len(x.Changes); n > 0 && x.Changes[n-1].At >= kit.DateTime(before) {
			return nil
		}
		for i := range x.Changes {
			kit.Emptied(&fields, "changes", &x.Changes[i].Reason)
		}
		return fields
	})}.Run(ctx, c, dry)
}
