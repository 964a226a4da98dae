package portal

import (
	"context"
	"slices"

	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// ErasePerson erases at once, at the person's request, what names it: name and addresses, registrations,
// the texts of its service feedback and of its views as a delegate, drafts of such views, the reasons of its
// mandates and those that it gave for others', hand-overs to it, and messages on their way to it. Its calendar
// links cease to work. Records stay, because others name their ids; what it said officially for a member or
// State, in drafts too, is that one's. A person with a mandate of today is NOT_ALLOWED_IN_STATE: the mandate
// ends first. It goes on past damaged documents that are not its mandates. SECRETARIAT or OPERATOR; NOT_FOUND
// if there is no such person.
func (p *Portal) ErasePerson(ctx context.Context, id kit.ID) error {
	if err := kit.Require(ctx, kit.RoleSecretariat, kit.RoleOperator); err != nil {
		return err
	}
	c, today := p.core, p.core.Clock.Today()
	person, err := p.Persons.Named(ctx, id)
	if err != nil {
		return err
	}
	last, err := p.Mandates.LastDays(store.Deciding(ctx), []*membership.Person{person})
	if err != nil {
		return err
	}
	if last[id] > today {
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeNotAllowedInState, "id", "notAllowedInState.mandate", nil)
		return f
	}
	for _, erase := range personErasures(c, person) {
		if _, err := erase(ctx, c, false); err != nil {
			return err
		}
	}
	return p.Persons.EraseOwn(ctx, id)
}

// personErasures erase what names a person beside its own record.
func personErasures(c *kit.Core, p *membership.Person) []kit.Erasure {
	return slices.Concat(membership.MandateErasures(p), events.RegistrationErasures(c, p), consultations.ReplyErasures(p), []kit.Erasure{kit.MessageErasure(p.Has)})
}
