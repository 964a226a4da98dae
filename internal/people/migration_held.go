package people

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// HoldMandates repeats the mandates that have not ended in the documents of their persons, which earlier releases did
// not.
func HoldMandates(ctx context.Context, s store.Store) error {
	if err := s.Prepare(ctx, []*store.Kind{PersonNoun.Kind, MandateNoun.Kind}); err != nil {
		return err
	}
	persons, mandates := PersonNoun.In(s), MandateNoun.In(s)
	held := map[kit.ID][]HeldMandate{}
	if err := kit.EachPage(ctx, mandates, store.Query{}, kit.MaxPage, func(page []*Mandate) error {
		for _, m := range page {
			if m.Until == nil || *m.Until > m.From {
				held[m.Person] = append(held[m.Person], m.held())
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return kit.EachPage(ctx, persons, store.Query{}, kit.MaxPage, func(page []*Person) error {
		for _, p := range page {
			if len(p.Mandates) > 0 || len(held[p.ID]) == 0 {
				continue
			}
			// The latest, if there are more than a person may have. What ended before today is left out at the next change.
			all := held[p.ID]
			p.Mandates = all[max(0, len(all)-maxHeld):]
			if err := persons.Replace(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
}
