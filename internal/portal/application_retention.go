package portal

import "context"

// sweepApplicants empties the contact of applications, what the deciding side noted, and free reasons.
func sweepApplicants(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[Application]{of: ApplicationNoun, due: alone(func(a *Application) (fields []string) {
		if day := a.endedOn(); day == "" || day >= before {
			return nil
		}
		emptied(&fields, "contact", &a.Contact)
		emptied(&fields, "dueDiligence", &a.Diligence)
		for i := range a.Events {
			emptied(&fields, "events", &a.Events[i].Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

func sweepApplicationDrafts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[Application]{of: ApplicationNoun, away: true, due: alone(func(a *Application) []string {
		if a.SubmittedOn != nil || len(a.Events) == 0 || a.Events[len(a.Events)-1].On >= before || a.SavedAt != nil && *a.SavedAt >= DateTime(before) {
			return nil
		}
		return []string{"draft"}
	})}.run(ctx, c, dry)
}
