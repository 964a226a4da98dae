package portal

import (
	"context"
	"maps"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
)

// teller tells persons of what happens to members; see membership.Teller. The services of persons are made after those of
// members.
type teller struct{ portal *Portal }

// TellMembers tells the focal points of members, but not whoever acts. A member that waits for its activation has none;
// there it tells the applicant.
func (t teller) TellMembers(ctx context.Context, members []kit.ID, letter func(kit.ID) kit.Letter) ([]kit.ID, error) {
	found, err := t.portal.Mandates.TellEntities(ctx, members, letter, kit.ActorOf(ctx).Subject)
	if err != nil {
		return nil, err
	}
	reached := slices.Collect(maps.Keys(found))
	applicants, err := t.portal.Applications.TellApplicants(ctx, missed(members, reached), letter)
	return append(reached, applicants...), err
}

// InvoiceReach says how many members of a run of invoices messages about invoices reach, and why the others are not
// reached; see InvoiceRun.Addressed and TellMembers.
func (p *Portal) InvoiceReach(ctx context.Context, run *membership.InvoiceRun) (*people.MailReach, error) {
	reach, err := p.Mandates.Reach(ctx, kit.AboutInvoice, run.Addressed())
	if err != nil {
		return nil, err
	}
	applicants, err := p.Applications.Joining(ctx, reach.Missed())
	return reach.With(slices.Collect(maps.Keys(applicants))), err
}

// missed returns those of all that are not among the reached.
func missed(all, reached []kit.ID) (rest []kit.ID) {
	of := map[kit.ID]bool{}
	for _, id := range reached {
		of[id] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(id kit.ID) bool { return of[id] })
}

// TellArea tells those of the secretariat who work in an area, but not whoever acts.
func (t teller) TellArea(ctx context.Context, area kit.StaffArea, letter kit.Letter) error {
	_, err := t.portal.Notifications.TellStaff(ctx, area, letter, kit.ActorOf(ctx).Subject)
	return err
}
