package events

import (
	"context"
	"slices"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// maxInvitations bounds the invitations to one event, so that all of them can follow a change of it in its transaction.
const maxInvitations = 2000

// guestTeller tells those who are invited to events and have not answered yet.
type guestTeller struct {
	core        *kit.Core
	invitations store.Collection[EventInvitation]
}

// each calls take for the invitations to an event that are neither accepted nor taken back, page by page.
func (t *guestTeller) each(ctx context.Context, event kit.ID, take func([]*EventInvitation) error) error {
	all := store.Query{Any: []store.Where{{"event": {string(event)}, "outcome": {"GUEST", "MEMBER"}}}, Sort: "invitedAt"}
	return kit.EachPage(ctx, t.invitations, all, tellBatch, func(page []*EventInvitation) error {
		return take(slices.DeleteFunc(page, func(i *EventInvitation) bool { return i.AcceptedAt != nil || i.RevokedAt != nil }))
	})
}

// follow implements eventGuests.
func (t *guestTeller) follow(ctx context.Context, e *Event, was kit.Date) error {
	if e.LastDay == was {
		return nil
	}
	return t.each(ctx, e.ID, func(page []*EventInvitation) error {
		for _, i := range page {
			if i.ExpiresOn != was {
				continue
			}
			i.ExpiresOn = e.LastDay
			if err := t.invitations.Replace(ctx, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// tellInvited implements eventGuests.
func (t *guestTeller) tellInvited(ctx context.Context, e *Event, letter kit.Letter) error {
	letter = forGuest(e, letter)
	return t.each(store.Looking(ctx), e.ID, func(page []*EventInvitation) error {
		var guests []kit.Posting
		for _, i := range page {
			if i.Email != nil && i.Locale != nil && i.ExpiresOn >= t.core.Clock.Today() {
				guests = append(guests, kit.Posting{To: *i.Email, Locale: *i.Locale, Letter: letter})
			}
		}
		return t.core.PostAll(ctx, guests)
	})
}

// mailCode mails the code of an invitation to its address. The code stands behind the #, so that no server and no
// referrer sees it.
func (s *GuestService) mailCode(ctx context.Context, i *EventInvitation, e *Event, code string) error {
	sent, err := s.core.RecentlyPosted(ctx, *i.Email, "mail.guest.invited", s.core.Wall().Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if sent >= linksToAPerson {
		return kit.TooMany(24 * time.Hour)
	}
	letter := kit.Letter{
		Key: "mail.guest.invited", Path: "/guest#" + code, Action: "mail.action.guest", Params: map[string]any{"organisation": i.Organisation, "date": i.ExpiresOn},
	}
	return s.core.Post(ctx, *i.Email, *i.Locale, forGuest(e, s.registrations.teller.about(e, letter)))
}

// tellWithdrawn tells a guest to whom a code was mailed that it is good no longer.
func (s *GuestService) tellWithdrawn(ctx context.Context, i *EventInvitation) error {
	if i.Email == nil || i.Locale == nil {
		return nil
	}
	e, err := s.registrations.events.storedIf(store.Looking(ctx), i.EventID)
	if err != nil || e == nil {
		return err
	}
	letter := kit.Letter{Key: "mail.guest.withdrawn", Params: map[string]any{"organisation": i.Organisation}}
	return s.core.Post(ctx, *i.Email, *i.Locale, forGuest(e, s.registrations.teller.about(e, letter)))
}

// forgetAddress empties the address, which nobody needs once the code is good no longer, and returns the changed fields.
func (i *EventInvitation) forgetAddress() (fields []string) {
	kit.Emptied(&fields, "email", &i.Email)
	i.Locale = nil
	return fields
}

// GuestNotice is what whoever has the code of an invitation is told, to register with it.
type GuestNotice struct {
	Organisation string
	// Event is the title, in the language of the request.
	Event    string
	StartsOn kit.Date
	// EndsOn is nil while the last day is not known.
	EndsOn *kit.Date
	// ExpiresOn is the last day on which the code is good.
	ExpiresOn kit.Date
	// Modes are how the guest can take part.
	Modes     []AttendanceMode
	Questions []GuestQuestion
	// KeptUntil is the last day on which the data are kept.
	KeptUntil kit.Date
	Dataset   kit.Dataset
}

// GuestQuestion is a question to registrants, in the language of the request.
type GuestQuestion struct {
	Code     string
	Text     string
	Required bool
}

// Notice returns what an invitation is to, to whoever has its code; nil for any other code, for one that is good no
// longer, and if the event takes no registrations. It does not say why.
func (s *GuestService) Notice(ctx context.Context, code string) (*GuestNotice, error) {
	looking := store.Looking(ctx) // a damaged record is as one that is not there
	i, err := s.open(looking, code)
	if i == nil || err != nil {
		return nil, err
	}
	e, err := s.registrations.events.storedIf(looking, i.EventID)
	if err != nil || e == nil || e.Registration == nil || e.StoredStatus != EventPublished || s.registrations.over(e) {
		return nil, err
	}
	n := &GuestNotice{
		Organisation: i.Organisation, Event: e.Title.Text(ctx, nil), StartsOn: e.Time.StartsOn, EndsOn: e.knownLastDay(), ExpiresOn: i.ExpiresOn,
		Modes: []AttendanceMode{}, Questions: []GuestQuestion{}, KeptUntil: e.RetainUntil, Dataset: i.Dataset,
	}
	for _, m := range AttendanceModes {
		if e.Format.has(m) {
			n.Modes = append(n.Modes, m)
		}
	}
	for _, q := range e.Registration.Questions {
		n.Questions = append(n.Questions, GuestQuestion{q.Code, q.Text.Text(ctx, nil), q.Required})
	}
	return n, nil
}
