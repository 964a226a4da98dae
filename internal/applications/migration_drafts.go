package applications

import (
	"context"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// TimeDrafts notes in drafts of applications when they were last changed. Of those that were stored before
// that was kept nobody knows it, so that they count as changed now and live for a whole period more.
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
