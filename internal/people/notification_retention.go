package people

import (
	"context"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// notificationsKept is how long notifications are kept, read or not.
const notificationsKept = 400 * 24 * time.Hour

// Tidy removes notifications that are old enough.
func (s *NotificationService) Tidy(ctx context.Context) error {
	return kit.Discard(ctx, s.notifications, s.core.Wall().Add(-notificationsKept), func(n *Notification) (string, int64) { return string(n.ID), n.Version })
}

// NotificationErasures remove the notifications of a person, and those of others that name it.
func NotificationErasures(p *Person) []kit.Erasure {
	away := func(*Notification) []string { return []string{"person"} }
	mentions := store.Query{Any: []store.Where{{"mentions": {string(p.ID)}}}}
	return []kit.Erasure{
		kit.Sweep[Notification]{Of: NotificationNoun, Traceless: true, Query: NotificationsOf(p.ID), Away: true, Due: kit.Alone(away)}.Run,
		kit.Sweep[Notification]{Of: NotificationNoun, Traceless: true, Query: mentions, Away: true, Due: kit.Alone(away)}.Run,
	}
}
