package people

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// MarkNotificationsReadInput names notifications of the caller, or all.
type MarkNotificationsReadInput struct {
	IDs []kit.ID
	All bool
}

// MarkNotificationsReadPayload says how many of the caller's notifications are still unread; nil if UserErrors is not empty.
type MarkNotificationsReadPayload struct {
	Unread     *int
	UserErrors []kit.UserError
}

// mostRead is how many notifications one call marks at most.
const mostRead = 500

// MarkRead marks notifications of the caller as read: those named, or the latest 500 that are unread. Everybody who is
// signed in may. A notification that is not the caller's is NOT_FOUND; none and all together is INVALID. Nothing about it
// enters the audit log, because it concerns nobody else.
func (s *NotificationService) MarkRead(ctx context.Context, in MarkNotificationsReadInput) (*MarkNotificationsReadPayload, error) {
	var unread int
	err := s.core.Transact(ctx, func(ctx context.Context) error {
		if (len(in.IDs) > 0) == in.All {
			f := kit.NewFaults(ctx)
			f.Add(kit.CodeInvalid, "input", "invalid.notifications", nil)
			return f
		}
		marked, err := s.toMark(ctx, in)
		if err != nil {
			return err
		}
		for _, n := range marked {
			if n.ReadAt == nil {
				n.ReadAt = new(kit.DateTimeOf(s.core.Wall()))
				if err := s.notifications.Replace(ctx, n); err != nil {
					return err
				}
			}
		}
		unread, err = s.unread(ctx, kit.ActorOf(ctx).Subject)
		return err
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &MarkNotificationsReadPayload{UserErrors: faults}, err
	}
	return &MarkNotificationsReadPayload{Unread: &unread}, nil
}

// toMark reads the notifications that an input is about.
func (s *NotificationService) toMark(ctx context.Context, in MarkNotificationsReadInput) ([]*Notification, error) {
	if !in.All {
		found, err := s.ByIDs(ctx, in.IDs)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			if n == nil {
				return nil, kit.Refuse(kit.NotFound, "notFound", nil)
			}
		}
		return found, nil
	}
	plan, err := s.notifications.Plan((&NotificationFilter{Unread: new(true)}).of(kit.ActorOf(ctx).Subject))
	if err != nil {
		return nil, err
	}
	page, err := s.notifications.Page(ctx, plan, store.Range{Limit: mostRead, Backward: true})
	return page.Docs, err
}
