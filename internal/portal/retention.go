package portal

import (
	"context"

	"memberportal/internal/events"
	"memberportal/internal/kit"
)

// Erased says how much a run of Erase erased, or would erase.
type Erased struct {
	Events        int `json:"events"`
	Registrations int `json:"registrations"`
	Persons       int `json:"persons"`
}

// Erase works in two steps. In the registrations of events whose retention date is past, it removes what names
// persons (the person, answers, guests); what is counted stays. Then it removes name and address of persons whose
// last mandate ended more than personsAfter days ago and whom no registration names any more.
//
// It may be run again at any time, also after an interruption. It skips damaged documents; the next run looks
// again at an event with a damaged registration. With dry it only counts, without the persons whose registrations
// would have to be erased first. SECRETARIAT or OPERATOR.
func (p *Portal) Erase(ctx context.Context, personsAfter int, dry bool) (done Erased, err error) {
	if err := kit.Require(ctx, kit.WholeSecretariat, kit.RoleOperator); err != nil {
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
