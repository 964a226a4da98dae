package testkit

import (
	"context"
	"errors"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// PersonInvitationCode opens pin_OPEN.
const PersonInvitationCode = "TESTPERSONINVITATION"

// fillInvitations puts an open invitation into the store: pin_OPEN proposes man_INVITED, by which Nora Mensah would be
// a delegate of mem_SUSPENDED. Its focal point usr_SUSPENDED made it.
func fillInvitations(ctx context.Context, s store.Store) error {
	invited := mandate("INVITED", "mem_SUSPENDED", people.MandateDelegate, "2025-03-01")
	invited.Person, invited.Invitation, invited.RecordedBy = "", new(kit.ID("pin_OPEN")), "usr_SUSPENDED"
	sent := kit.DateTimeOf(Now.Add(-time.Hour))
	return errors.Join(
		people.MandateNoun.In(s).Insert(ctx, invited),
		people.PersonInvitationNoun.In(s).Insert(ctx, &people.PersonInvitation{
			ID: "pin_OPEN", MandateID: invited.ID, Entity: invited.Entity, Role: invited.Role, From: invited.From, Name: new("Nora Mensah"), Email: new("nora.invited@example.org"),
			Locale: kit.English, CodeHash: kit.Hash("personInvitation", PersonInvitationCode), InvitedBy: invited.RecordedBy, InvitedAt: sent, Sent: []kit.DateTime{sent},
			ExpiresAt: new(kit.DateTimeOf(Now.Add(29 * 24 * time.Hour))), Dataset: kit.Demonstration,
		}),
	)
}
