package membership

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SweepFormerContacts empties the contacts of members that left, and the reasons (free text) and evidence in their
// lifecycle.
func SweepFormerContacts(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	gone := store.Query{Any: []store.Where{{"status": kit.Strings([]MembershipStatus{Withdrawn, Excluded})}}, Sort: "name"}
	return kit.Sweep[Member]{Of: MemberNoun, Query: gone, Due: kit.Alone(func(m *Member) (fields []string) {
		var left kit.Date
		for _, e := range m.Current() {
			left = max(left, e.EffectiveOn)
		}
		if left >= before {
			return nil
		}
		if len(m.StoredContacts) > 0 {
			m.StoredContacts, fields = []Contact{}, append(fields, "contacts")
		}
		for i := range m.Events {
			kit.Emptied(&fields, "events", &m.Events[i].Reason)
			if len(m.Events[i].Evidence) > 0 {
				m.Events[i].Evidence, fields = nil, append(fields, "events")
			}
		}
		return fields
	})}.Run(ctx, c, dry)
}
