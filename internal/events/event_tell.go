package events

import (
	"context"

	"memberportal/internal/kit"
)

// eventRegistrants tells those who are registered for an event, but not whoever acts: in the caller's transaction, or after
// it as that records.
type eventRegistrants interface {
	// about completes a letter about an event: which event, and when and where if its texts say so.
	about(e *Event, letter kit.Letter) kit.Letter
	// tellPlanning tells everybody who asked for a place, waits or has one, guests included.
	tellPlanning(ctx context.Context, e *Event, letter kit.Letter) error
	// tellPlaced tells those who have a place, guests only if so said.
	tellPlaced(ctx context.Context, e *Event, letter kit.Letter, guests bool) error
}

// eventGuests tells those who are invited to an event and have not answered yet, in the caller's transaction.
type eventGuests interface {
	// follow moves the end of invitations that were good until the last day of an event to its new last day.
	follow(ctx context.Context, e *Event, was kit.Date) error
	// tellInvited mails everybody to whom the code of an invitation was mailed that is still good.
	tellInvited(ctx context.Context, e *Event, letter kit.Letter) error
}

// The letters about events go to all who are registered, those who only asked or wait included, because they plan the
// same day. Whom the audience entitles is not mailed: those may be hundreds, and have it in their calendars.

// tellMoved tells those who come of a new time or place. A postponed event has none yet, and one that is over had its own.
func (s *EventService) tellMoved(ctx context.Context, e *Event) error {
	if e.on(s.core.Clock.Today()) != EventPublished {
		return nil
	}
	return s.tellComing(ctx, e, kit.Letter{Key: "mail.event.changed"}, kit.Letter{Key: "mail.guest.moved"})
}

// tellRescheduled tells those who come that an event that was postponed takes place, and when.
func (s *EventService) tellRescheduled(ctx context.Context, e *Event) error {
	return s.tellComing(ctx, e, kit.Letter{Key: "mail.event.rescheduled"}, kit.Letter{Key: "mail.guest.moved"})
}

func (s *EventService) tellPostponed(ctx context.Context, e *Event) error {
	return s.tellComing(ctx, e, kit.Letter{Key: "mail.event.postponed"}, kit.Letter{Key: "mail.guest.postponed"})
}

func (s *EventService) tellCancelled(ctx context.Context, e *Event) error {
	return s.tellComing(ctx, e, kit.Letter{Key: "mail.event.cancelled"}, kit.Letter{Key: "mail.event.cancelled"})
}

// tellDocument tells those who have a place of a new document that they may read. Only a public one is named.
func (s *EventService) tellDocument(ctx context.Context, e *Event, d EventDocument) error {
	letter := kit.Letter{Key: "mail.document.restricted"}
	switch d.Readers {
	case ReadersSecretariat:
		return nil
	case ReadersPublic:
		letter = kit.Letter{Key: "mail.document.public", Params: map[string]any{"title": d.Title}}
	}
	return s.registrants.tellPlaced(ctx, e, s.registrants.about(e, letter), d.Readers == ReadersPublic)
}

// tellComing tells those who are registered, and those who are invited and have not answered.
func (s *EventService) tellComing(ctx context.Context, e *Event, registered, invited kit.Letter) error {
	if err := s.registrants.tellPlanning(ctx, e, s.registrants.about(e, registered)); err != nil {
		return err
	}
	return s.guests.tellInvited(ctx, e, s.registrants.about(e, invited))
}
