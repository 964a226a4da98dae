package applications

import (
	"context"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// TimeDrafts sets SavedAt in drafts that were stored before that field existed. When they were last changed is
// unknown, so that they count as changed now and are kept for another whole period.
func TimeDrafts(ctx context.Context, s store.Store) error {
	if err := s.Prepare(ctx, []*store.Kind{ApplicationNoun.Kind}); err != nil {
		return err
	}
	now, applications := kit.DateTimeOf(time.Now()), ApplicationNoun.In(s)
	return kit.EachPage(ctx, applications, store.Query{}, kit.MaxPage, func(page []*Application) error {
		for _, a := range page {
			if a.SubmittedOn != nil || a.SavedAt != nil {
				continue
			}
			a.SavedAt = &now
			if err := applications.Replace(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
}
