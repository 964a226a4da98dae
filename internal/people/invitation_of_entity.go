package people

import (
	"context"
	"maps"
	"slices"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// ToFocalPoint returns, for each of some entities, the state of the last invitation of an address to be its focal point
// that was not answered: PREPARED, OPEN or EXPIRED. It does not check the caller's rights. It makes one call for each 64
// entities.
func (s *PersonInvitationService) ToFocalPoint(ctx context.Context, addresses map[kit.ID]string) (map[kit.ID]PersonInvitationState, error) {
	states := map[kit.ID]PersonInvitationState{}
	return states, kit.EachOf(ctx, s.invitations, "entity", slices.Collect(maps.Keys(addresses)), store.Where{"closed": {"NO"}}, "invitedAt", func(i *PersonInvitation) {
		i.now = kit.DateTimeOf(s.core.Wall())
		if i.Role == MandateFocalPoint && i.Email != nil && input.AddressKey(*i.Email) == input.AddressKey(addresses[i.Entity]) {
			states[i.Entity] = i.State()
		}
	})
}
