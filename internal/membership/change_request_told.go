package membership

import (
	"context"

	"memberportal/internal/kit"
)

// tellRequested tells the secretariat that a member asks for a change, and the other focal points.
func (s *MembershipChangeRequestService) tellRequested(ctx context.Context, m *Member) error {
	if err := s.members.tellArea(ctx, kit.AreaMembership, m, kit.Letter{Key: "mail.change.task", Params: map[string]any{}, About: m.ID}); err != nil {
		return err
	}
	return s.members.tellMember(ctx, m.ID, kit.Letter{Key: "mail.change.requested", Params: map[string]any{}, About: m.ID})
}

// tellDecided tells the member what was decided. The reason is in the portal, because it may be confidential.
func (s *MembershipChangeRequestService) tellDecided(ctx context.Context, _ func(kit.Change), x *MembershipChangeRequest, _ *Member) error {
	if x.Decision.Accepted {
		return s.members.tellMember(ctx, x.Member, kit.Letter{Key: "mail.change.accepted", Params: map[string]any{"date": *x.Decision.EffectiveOn}, About: x.Member})
	}
	return s.members.tellMember(ctx, x.Member, kit.Letter{Key: "mail.change.refused", Params: map[string]any{}, About: x.Member})
}

// tellWithdrawn tells the secretariat that a member takes a request back.
func (s *MembershipChangeRequestService) tellWithdrawn(ctx context.Context, x *MembershipChangeRequest) error {
	m, err := s.members.StoredOne(ctx, x.Member)
	if err != nil {
		return err
	}
	return s.members.tellArea(ctx, kit.AreaMembership, m, kit.Letter{Key: "mail.change.withdrawn", Params: map[string]any{}, About: m.ID})
}
