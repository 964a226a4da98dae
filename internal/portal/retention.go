package portal

import (
	"context"

	"memberportal/internal/events"
	"memberportal/internal/kit"
)

// Erased says what a run of Erase did, or would do.
type Erased struct {
	Events        int `json:"events"`
	Registrations int `json:"registrations"`
	Persons       int `json:"persons"`
}

// Erase removes what names persons from the registrations of events whose retention date is past (who,
// answers, guests; what is counted stays), and then name and address of persons whose last mandate
// ended more than personsAfter days ago and who have no registration left that names them. It may be
// run again at any time, also after it was interrupted. It goes on past damaged documents; an event with a
// damaged registration is looked at again by the next run. With dry it only counts; persons whose
// registrations would have to be erased first are then not among those counted. SECRETARIAT or
// OPERATOR.
func (p *Portal) Erase(ctx context.Context, personsAfter int, dry bool) (done Erased, err error) {
	if err := kit.Require(ctx, kit.RoleSecretariat, kit.RoleOperator); err != nil {
		return done, err
	}
	today := p.core.Clock.Today()
	err = p.Events.EachKept(ctx, today, func(page []*events.Event) error {
		for _, e := range page {
			n, err := p.Registrations.Erase(ctx, e.ID, dry)
			if done.Registrations += n; err != nil {
				return err
			}
			done.Events++
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	done.Persons, err = p.Registrations.SweepGone(ctx, today.AddDays(-personsAfter), dry)
	return done, err
}
