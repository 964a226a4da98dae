package people

import (
	"context"
	"slices"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// ToFocalPoint returns, for each of some entities, the state of the last invitation of an address to be its focal point
// that was not answered: PREPARED, OPEN or EXPIRED. It does not check the caller's rights. It makes one call for each 64
// entities.
func (s *PersonInvitationService) ToFocalPoint(ctx context.Context, addresses map[kit.ID]string) (map[kit.ID]PersonInvitationState, error) {
	states, entities := map[kit.ID]PersonInvitationState{}, []kit.ID{}
	for entity := range addresses {
		entities = append(entities, entity)
	}
	slices.Sort(entities)
	for some := range slices.Chunk(entities, store.MaxStreams) {
		q := store.Query{Any: []store.Where{{"entity": kit.Strings(some), "closed": {"NO"}}}, Sort: "invitedAt"}
		err := kit.EachPage(ctx, s.invitations, q, store.MaxLimit-1, func(page []*PersonInvitation) error {
			for _, i := range page {
				i.now = kit.DateTimeOf(s.core.Wall())
				if i.Role == MandateFocalPoint && i.Email != nil && input.AddressKey(*i.Email) == input.AddressKey(addresses[i.Entity]) {
					states[i.Entity] = i.State()
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return states, nil
}
