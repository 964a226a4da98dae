package portal

import (
	"context"
	"maps"
	"slices"

	"memberportal/internal/kit"
)

// teller tells persons of what happens to members; see membership.Teller. The services of persons are made after those of
// members.
type teller struct{ portal *Portal }

// TellMembers tells the focal points of members, but not whoever acts.
func (t teller) TellMembers(ctx context.Context, members []kit.ID, letter func(kit.ID) kit.Letter) ([]kit.ID, error) {
	reached, err := t.portal.Mandates.TellEntities(ctx, members, letter, kit.ActorOf(ctx).Subject)
	return slices.Collect(maps.Keys(reached)), err
}

// TellArea tells those of the secretariat who work in an area, but not whoever acts.
func (t teller) TellArea(ctx context.Context, area kit.StaffArea, letter kit.Letter) error {
	_, err := t.portal.Notifications.TellStaff(ctx, area, letter, kit.ActorOf(ctx).Subject)
	return err
}
