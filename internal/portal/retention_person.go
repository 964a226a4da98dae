package portal

import (
	"context"
	"slices"

	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// ErasePerson erases at once, when a person asks for it, what names that person:
//   - its name and addresses, its registrations, and messages that wait to be sent to it;
//   - the texts of its service feedback and of its views as a delegate, and drafts of such views;
//   - the reasons of its mandates, the reasons that it gave for mandates of others, and hand-overs to it;
//   - open invitations to its address, which can then not be accepted.
//
// Its sessions end, its passkeys are removed, and so is what it was told and what others were told of it; its calendar links stop working, and files go that it uploaded and no record
// took. The files of all exports are removed,
// and exports that wait or run are cancelled, because they may name it. Records stay, because others name their ids.
// What it wrote officially for a member or State stays too, also in drafts, because it belongs to the member or State.
// A person with a mandate of today is NOT_ALLOWED_IN_STATE: the mandate must end first. It skips damaged documents,
// except the person's mandates. SECRETARIAT or OPERATOR; NOT_FOUND if there is no such person.
func (p *Portal) ErasePerson(ctx context.Context, id kit.ID) error {
	if err := kit.Require(ctx, kit.WholeSecretariat, kit.RoleOperator); err != nil {
		return err
	}
	today := p.core.Clock.Today()
	person, err := p.Persons.Named(ctx, id)
	if err != nil {
		return err
	}
	last, err := p.Mandates.LastDays(store.Deciding(ctx), []*people.Person{person})
	if err != nil {
		return err
	}
	if last[id] > today {
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeNotAllowedInState, "id", "notAllowedInState.mandate", nil)
		return f
	}
	return p.erasePerson(ctx, person)
}

// erasePerson is ErasePerson of a person whose mandates have been looked at.
func (p *Portal) erasePerson(ctx context.Context, person *people.Person) error {
	for _, erase := range personErasures(p.core, person) {
		if _, err := erase(ctx, p.core, false); err != nil {
			return err
		}
	}
	if err := p.Persons.EraseOwn(ctx, person.ID); err != nil {
		return err
	}
	if err := p.Files.EraseOf(ctx, person.ID); err != nil {
		return err
	}
	return p.Jobs.EraseFiles(ctx) // an export that began before may have read what is erased only now
}

// personErasures returns what erases the traces of a person outside its own record.
func personErasures(c *kit.Core, p *people.Person) []kit.Erasure {
	return slices.Concat(people.MandateErasures(p), people.InvitationErasures(p), events.RegistrationErasures(c, p), []kit.Erasure{events.LinkErasure(c, p)}, people.SessionErasures(p), people.PasskeyErasures(p), people.NotificationErasures(p), consultations.ReplyErasures(p), []kit.Erasure{kit.MessageErasure(p.Has)})
}
