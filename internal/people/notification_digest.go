package people

import (
	"context"
	"slices"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const (
	// digestEvery is how long after a daily message the next one may follow. It is less than a day, so that the hour does
	// not wander.
	digestEvery = 23 * time.Hour
	// mostInDigest is how many notifications a daily message lists; it says how many more there are.
	mostInDigest = 50
)

// SendDigests sends the daily message to the persons for whom something waits, each in a transaction of its own. Call it
// from time to time; several processes may do so. It does not check the caller's rights.
func (s *NotificationService) SendDigests(ctx context.Context) error {
	waiting := store.Bounds{After: "0"} // what waits for no daily message has an empty key
	return kit.EachWithin(ctx, s.notifications, store.Query{Sort: "digest"}, waiting, kit.TickBatch, func(all []*Notification) error {
		persons := kit.Map(all, func(n *Notification) kit.ID { return n.PersonID })
		for _, person := range slices.Compact(persons) {
			if err := s.sendDigest(ctx, person); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendDigest sends a person what waits, unless the last daily message is too near.
func (s *NotificationService) sendDigest(ctx context.Context, person kit.ID) error {
	return s.core.Transact(kit.WithOperation(ctx, "sendDigest"), func(ctx context.Context) error {
		found, err := s.persons.Stored(ctx, []kit.ID{person})
		if err != nil {
			return err
		}
		p := found[0]
		if p.Reachable() {
			n, err := s.core.RecentlyPosted(ctx, *p.Email, "mail.digest", s.core.Wall().Add(-digestEvery))
			if err != nil || n > 0 {
				return err
			}
		}
		plan, err := s.notifications.Plan(store.Query{Any: []store.Where{{"digest": {string(person)}}}, Sort: "at"})
		if err != nil {
			return err
		}
		page, err := s.notifications.Page(ctx, plan, store.Range{Limit: mostRead})
		if err != nil || len(page.Docs) == 0 {
			return err
		}
		var lines kit.Lines
		for _, n := range page.Docs {
			if len(lines) < mostInDigest {
				lines = append(lines, n.Subject)
			}
			n.Digest = false
			if err := s.notifications.Replace(ctx, n); err != nil {
				return err
			}
		}
		if !p.Reachable() {
			return nil
		}
		return s.core.Post(ctx, *p.Email, p.Language(), kit.Letter{Key: "mail.digest", Params: map[string]any{
			"count": len(page.Docs), "list": lines,
		}, Path: "/notifications", Action: "mail.action.notifications"})
	})
}
