package consultations

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/people"
)

// tellAddressees tells the reviewers of the groups to which a statement is addressed, but whoever recorded it.
func (s *LiaisonService) tellAddressees(ctx context.Context, l *LiaisonStatement) error {
	groups := kit.Map(l.Addressees, func(a LiaisonAddressee) string { return a.Group })
	to, err := s.persons.Reviewers(ctx, groups)
	if err != nil {
		return err
	}
	to = slices.DeleteFunc(to, func(p *people.Person) bool { return p.ID == kit.ActorOf(ctx).Subject })
	_, err = s.notifications.Tell(ctx, kit.Letter{
		Key: "mail.statement.recorded", Params: map[string]any{"reference": l.FullReference(), "source": l.Source, "title": l.Title}, About: l.ID,
	}, to...)
	return err
}
