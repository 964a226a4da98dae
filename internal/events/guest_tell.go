package events

import (
	"context"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// tellInvited mails the code of an invitation to its address. The code stands behind the #, so that no server and no
// referrer sees it.
func (s *GuestService) tellInvited(ctx context.Context, i *EventInvitation, e *Event, code string) error {
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
