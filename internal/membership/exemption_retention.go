package membership

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SweepExemptionReasons empties the arguments for and against exemptions that no longer hold.
func SweepExemptionReasons(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	over := store.Query{Any: []store.Where{{"state": kit.Strings([]ExemptionState{ExemptionRefused, ExemptionOver})}}, Sort: "requestedOn"}
	return kit.Sweep[FeeExemption]{Of: FeeExemptionNoun, Query: over, Due: kit.Alone(func(x *FeeExemption) (fields []string) {
		if x.Decision == nil || max(x.Decision.On, x.until()) >= before {
			return nil
		}
		for i := range x.Criteria {
			kit.Emptied(&fields, "criteria", &x.Criteria[i].Note)
		}
		kit.Emptied(&fields, "decision", &x.Decision.Reason)
		if len(x.Evidence) > 0 {
			x.Evidence, fields = []string{}, append(fields, "evidence")
		}
		if len(x.StoredEvidenceFiles) > 0 {
			x.StoredEvidenceFiles, fields = nil, append(fields, "evidenceFiles")
		}
		return fields
	})}.Run(ctx, c, dry)
}
