package people

import (
	"context"

	"memberportal/internal/kit"
)

// post queues the message with the link of an invitation. The code stands behind the #, so that no server and no
// referrer sees it.
func (s *PersonInvitationService) post(ctx context.Context, i *PersonInvitation, code string) error {
	entity, err := s.mandates.EntityName(asInvited(ctx, i.ID, i.Entity), i.Entity, i.Locale)
	if err != nil {
		return err
	}
	key := "mail.invitation.delegate"
	if i.Role == MandateFocalPoint {
		key = "mail.invitation.focalPoint"
	}
	return s.core.Post(ctx, *i.Email, i.Locale, key, map[string]string{"entity": entity, "link": s.base + "/invitation#" + code})
}

// tellInviter sends the answer to whoever made the invitation, under the name that was invited.
func (s *PersonInvitationService) tellInviter(ctx context.Context, i *PersonInvitation, name string, answer PersonInvitationState) error {
	found, err := s.persons.Stored(ctx, []kit.ID{i.InvitedBy})
	if err != nil || !found[0].Reachable() {
		return err
	}
	to, key := found[0], "mail.invitation.declined"
	if answer == InvitationAccepted {
		key = "mail.invitation.accepted"
	}
	entity, err := s.mandates.EntityName(asInvited(ctx, i.ID, i.Entity), i.Entity, to.Language())
	if err != nil {
		return err
	}
	return s.core.Post(ctx, *to.Email, to.Language(), key, map[string]string{"entity": entity, "name": name})
}
