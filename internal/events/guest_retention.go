package events

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SweepInvitations erases the names of invited organisations that did not become members.
func SweepInvitations(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	guests := store.Query{Any: []store.Where{{"outcome": {"GUEST"}}}, Sort: "invitedAt"}
	return kit.Sweep[EventInvitation]{Of: InvitationNoun, Query: guests, Due: kit.Alone(func(i *EventInvitation) (fields []string) {
		if i.ExpiresOn < before {
			kit.Blotted(&fields, "organisation", &i.Organisation)
		}
		return fields
	})}.Run(ctx, c, dry)
}
