package events

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SweepInvitations erases the addresses in invitations, and the names of invited organisations that did not become
// members.
func SweepInvitations(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	all := store.Query{Any: []store.Where{{"outcome": {"GUEST", "MEMBER"}}}, Sort: "invitedAt"}
	return kit.Sweep[EventInvitation]{Of: InvitationNoun, Query: all, Due: kit.Alone(func(i *EventInvitation) (fields []string) {
		if i.ExpiresOn >= before {
			return nil
		}
		if fields = i.forgetAddress(); i.MemberID == nil {
			kit.Blotted(&fields, "organisation", &i.Organisation)
		}
		return fields
	})}.Run(ctx, c, dry)
}
