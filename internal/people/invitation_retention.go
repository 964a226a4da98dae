package people

import (
	"context"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// InvitationsTo returns the query for the invitations to an address that are not closed.
func InvitationsTo(email string) store.Query {
	return store.Query{Any: []store.Where{{"address": {input.AddressKey(email)}}}, Sort: "invitedAt"}
}

// forget empties what identifies the invited person, so that the link holds no longer, and returns the changed fields.
func (i *PersonInvitation) forget() (fields []string) {
	kit.Emptied(&fields, "name", &i.Name)
	kit.Emptied(&fields, "email", &i.Email)
	if i.CodeHash != "" {
		i.CodeHash, fields = "", append(fields, "codeHash")
	}
	return fields
}

// InvitationErasures returns how to erase the invitations to the address of a person.
func InvitationErasures(p *Person) []kit.Erasure {
	if p.Email == nil {
		return nil
	}
	return []kit.Erasure{kit.Sweep[PersonInvitation]{Of: PersonInvitationNoun, Query: InvitationsTo(*p.Email), Due: kit.Alone((*PersonInvitation).forget)}.Run}
}

// SweepPersonInvitations empties names and addresses of invitations whose last link, or that themselves if none was
// sent, are from before a day.
func SweepPersonInvitations(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[PersonInvitation]{Of: PersonInvitationNoun, Due: kit.Alone(func(i *PersonInvitation) []string {
		at := i.InvitedAt
		kit.Set(&at, i.ExpiresAt)
		if string(at) >= string(before) {
			return nil
		}
		return i.forget()
	})}.Run(ctx, c, dry)
}
