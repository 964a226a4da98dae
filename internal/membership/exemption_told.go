package membership

import (
	"context"

	"memberportal/internal/kit"
)

// tellRequested tells the secretariat that a member asks for an exemption, and the other focal points.
func (s *FeeExemptionService) tellRequested(ctx context.Context, m *Member) error {
	if err := s.members.tellArea(ctx, kit.AreaMembership, m, kit.Letter{Key: "mail.exemption.task", Params: map[string]any{}, About: m.ID}); err != nil {
		return err
	}
	return s.members.tellMember(ctx, m.ID, kit.Letter{Key: "mail.exemption.requested", Params: map[string]any{}, About: m.ID})
}

// tellDecided tells the member what was decided. The reason is in the portal, because it may be confidential.
func (s *FeeExemptionService) tellDecided(ctx context.Context, x *FeeExemption) error {
	if x.Decision.Granted {
		return s.members.tellMember(ctx, x.Member, kit.Letter{Key: "mail.exemption.granted", Params: map[string]any{"from": *x.Decision.From}, About: x.Member})
	}
	return s.members.tellMember(ctx, x.Member, kit.Letter{Key: "mail.exemption.refused", Params: map[string]any{}, About: x.Member})
}

// tellEnded tells the member that its exemption is over.
func (s *FeeExemptionService) tellEnded(ctx context.Context, x *FeeExemption, on kit.Date) error {
	return s.members.tellMember(ctx, x.Member, kit.Letter{Key: "mail.exemption.ended", Params: map[string]any{"date": on}, About: x.Member})
}
