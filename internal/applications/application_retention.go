package applications

import (
	"context"

	"memberportal/internal/kit"
)

// SweepApplicants empties the contact, the due diligence and the reasons of applications that were decided or
// withdrawn before a day.
func SweepApplicants(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[Application]{Of: ApplicationNoun, Due: kit.Alone(func(a *Application) (fields []string) {
		if day := a.endedOn(); day == "" || day >= before {
			return nil
		}
		kit.Emptied(&fields, "contact", &a.Contact)
		kit.Emptied(&fields, "bound", &a.Bound)
		kit.Emptied(&fields, "boundAs", &a.BoundAs)
		kit.Emptied(&fields, "dueDiligence", &a.StoredDueDiligence)
		for i := range a.Events {
			kit.Emptied(&fields, "events", &a.Events[i].Reason)
		}
		return fields
	})}.Run(ctx, c, dry)
}

// SweepApplicationDrafts removes applications that were never submitted and were last changed before a day.
func SweepApplicationDrafts(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[Application]{Of: ApplicationNoun, Away: true, Due: kit.Alone(func(a *Application) []string {
		if a.SubmittedOn != nil || len(a.Events) == 0 || a.Events[len(a.Events)-1].On >= before || a.SavedAt != nil && *a.SavedAt >= kit.DateTime(before) {
			return nil
		}
		return []string{"draft"}
	})}.Run(ctx, c, dry)
}
