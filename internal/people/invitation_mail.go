package people

import (
	"context"

	"memberportal/internal/kit"
)

// post queues the message with the link of an invitation. The code stands behind the #, so that no server and no
// referrer sees it.
func (s *PersonInvitationService) post(ctx context.Context, i *PersonInvitation, code string) error {
	entity, err := s.mandates.Named(ctx, i.Entity)
	if err != nil {
		return err
	}
	key := "mail.invitation.delegate"
	if i.Role == MandateFocalPoint {
		key = "mail.invitation.focalPoint"
	}
	return s.core.Post(ctx, *i.Email, i.Locale, kit.Letter{Key: key, Params: map[string]any{"entity": entity}, Path: "/invitation#" + code, Action: "mail.action.invitation"})
}

// tellInviter sends the answer to whoever made the invitation, under the name that was invited.
func (s *PersonInvitationService) tellInviter(ctx context.Context, i *PersonInvitation, name string, answer PersonInvitationState) error {
	found, err := s.persons.Stored(ctx, []kit.ID{i.InvitedBy})
	if err != nil {
		return err
	}
	to, key := found[0], "mail.invitation.declined"
	if answer == InvitationAccepted {
		key = "mail.invitation.accepted"
	}
	entity, err := s.mandates.Named(ctx, i.Entity)
	if err != nil {
		return err
	}
	var mentioned []kit.ID
	if answer == InvitationAccepted {
		mentioned = []kit.ID{kit.ActorOf(ctx).Subject}
	}
	return s.persons.tell(ctx, to, kit.Letter{Key: key, Params: map[string]any{"entity": entity, "name": name}, About: i.Entity, Mentions: mentioned})
}
