package portal

import (
	"context"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
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
	c, today := p.core, p.core.Clock.Today()
	query := store.Query{Any: []store.Where{{"keepsPersons": {"yes"}}}, Sort: "retainUntil"}
	err = kit.EachWithin(store.Looking(ctx), events.EventNoun.In(c.Store), query, store.Bounds{Before: string(today)}, kit.EraseBatch, func(page []*events.Event) error {
		for _, e := range page {
			n, err := events.EraseEvent(ctx, c, e.ID, dry)
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
	before := today.AddDays(-personsAfter)
	gone := events.IdlePersons(c, func(_ *membership.Person, last kit.Date) bool { return last != "" && last < before })
	done.Persons, err = kit.Sweep[membership.Person]{Of: membership.PersonNoun, Due: gone, Batch: membership.PersonBatch}.Run(ctx, c, dry)
	return done, err
}
