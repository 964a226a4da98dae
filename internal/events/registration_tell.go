package events

import (
	"context"
	"maps"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// tellBatch is how many registrations of an event are read and told at once, and tellAtOnce how many batches of them in
// the transaction of a change. Whoever is left is told later, see registration_pending.go.
const (
	tellBatch  = 100
	tellAtOnce = 10
)

// registrantTeller tells those who are registered for events: persons of the portal by their notifications, guests by mail.
type registrantTeller struct {
	core          *kit.Core
	countries     *country.CountryService
	registrations store.Collection[Registration]
	seats         store.Collection[Seats]
	persons       *people.PersonService
	notifications *people.NotificationService
}

// about implements eventRegistrants.
func (t *registrantTeller) about(e *Event, letter kit.Letter) kit.Letter {
	params := map[string]any{"event": e.Title}
	if letter.Takes("when") {
		params["when"], params["place"] = t.when(e), t.place(e)
	}
	maps.Copy(params, letter.Params)
	letter.Params, letter.About = params, e.ID
	return letter
}

// tell tells the registrants of one event something.
func (t *registrantTeller) tell(ctx context.Context, e *Event, letter kit.Letter, registrants ...*Registration) error {
	return t.send(ctx, letter, forGuest(e, letter), registrants)
}

// send sends persons a letter, and guests theirs.
func (t *registrantTeller) send(ctx context.Context, letter, guestLetter kit.Letter, registrants []*Registration) error {
	var ids []kit.ID
	var guests []kit.Posting
	for _, r := range registrants {
		switch {
		case r.PersonID != nil:
			ids = append(ids, *r.PersonID)
		case r.Guest != nil:
			guests = append(guests, kit.Posting{To: r.Guest.Email, Locale: r.Guest.language(), Letter: guestLetter})
		}
	}
	if len(ids) > 0 {
		// Somebody's damaged record keeps nobody from what is done.
		persons, err := t.persons.Stored(store.Looking(ctx), ids)
		if err != nil {
			return err
		}
		if _, err := t.notifications.Tell(ctx, letter, persons...); err != nil {
			return err
		}
	}
	return t.core.PostAll(ctx, guests)
}

// placed tells a registrant that it has a place, or how many stand in the queue up to it.
func (t *registrantTeller) placed(ctx context.Context, e *Event, r *Registration, taken *Seats) error {
	if r.Status == RegistrationWaiting {
		return t.tell(ctx, e, t.about(e, kit.Letter{Key: "mail.registration.waiting", Params: map[string]any{"n": taken.in(r.Mode).Waiting}}), r)
	}
	return t.tell(ctx, e, t.about(e, kit.Letter{Key: "mail.registration.confirmed"}), r)
}

// promoted tells registrants that they got a place for which they waited.
func (t *registrantTeller) promoted(ctx context.Context, e *Event, all []*Registration) error {
	letter := t.about(e, kit.Letter{Key: "mail.registration.promoted"})
	for batch := range slices.Chunk(all, tellBatch) {
		if err := t.tell(ctx, e, letter, batch...); err != nil {
			return err
		}
	}
	return nil
}

// tellPlanning implements eventRegistrants.
func (t *registrantTeller) tellPlanning(ctx context.Context, e *Event, letter kit.Letter) error {
	return t.tellAll(ctx, e, letter, true, RegistrationRequested, RegistrationWaiting, RegistrationConfirmed)
}

// tellPlaced implements eventRegistrants.
func (t *registrantTeller) tellPlaced(ctx context.Context, e *Event, letter kit.Letter, guests bool) error {
	return t.tellAll(ctx, e, letter, guests, RegistrationConfirmed)
}

// forGuest is a letter for somebody who cannot sign in: it leads to the event only if everybody may see it.
func forGuest(e *Event, letter kit.Letter) kit.Letter {
	if e.Visibility != VisiblePublic {
		letter.About = ""
	}
	return letter
}

// language is the language in which the guest accepted; English if it is not known.
func (g *Guest) language() kit.Locale {
	if g.Locale == nil {
		return kit.English
	}
	return *g.Locale
}

// inEach makes a text of each language.
func inEach(text func(kit.Locale) string) *kit.LocalizedText {
	all := &kit.LocalizedText{}
	for _, l := range kit.Locales {
		all.Translations = append(all.Translations, kit.Translation{Locale: l, Text: text(l), Provenance: kit.Original})
	}
	return all
}

// when says when an event takes place, as exactly as it is known.
func (t *registrantTeller) when(e *Event) *kit.LocalizedText {
	at := e.Time
	return inEach(func(l kit.Locale) string {
		from := at.StartsOn.Format(l)
		switch {
		case at.Precision == PrecisionMonth:
			return kit.Message(l, "event.dayUnknown", nil)
		case at.EndsOn == nil:
			return kit.Message(l, "event.lastDayUnknown", map[string]string{"date": from})
		}
		to := at.EndsOn.Format(l)
		switch {
		case at.LocalStart != nil && at.LocalEnd != nil && at.Zone != nil:
			from = kit.Message(l, "event.at", map[string]string{"date": from, "time": at.LocalStart.clock()})
			if at.StartsOn == *at.EndsOn {
				to = at.LocalEnd.clock()
			} else {
				to = kit.Message(l, "event.at", map[string]string{"date": to, "time": at.LocalEnd.clock()})
			}
			return from + " – " + to + " (" + *at.Zone + ")"
		case at.StartsOn == *at.EndsOn:
			return from
		}
		return from + " – " + to
	})
}

// clock is the time of day.
func (l LocalDateTime) clock() string { return string(l[len(localLayout)-len("15:04"):]) }

// place says where an event takes place, as far as it is known.
func (t *registrantTeller) place(e *Event) *kit.LocalizedText {
	return inEach(func(l kit.Locale) string {
		var parts []string
		if e.Venue != nil {
			parts = append(parts, *e.Venue)
		}
		if e.City != nil {
			parts = append(parts, e.City.Text(context.Background(), &l))
		}
		if c := t.countries.Get(kit.ID(kit.Deref(e.CountryID))); c != nil {
			parts = append(parts, c.Name.Text(context.Background(), &l))
		}
		switch {
		case e.Format != nil && *e.Format == FormatVirtual:
			return kit.Message(l, "event.online", nil)
		case len(parts) == 0:
			return kit.Message(l, "event.placeUnknown", nil)
		}
		return strings.Join(parts, kit.Comma(l))
	})
}
