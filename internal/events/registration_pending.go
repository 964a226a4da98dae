package events

import (
	"context"
	"errors"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// PendingTelling is what the registrants of an event are to be told, and how far that is done. It keeps what is said, so
// that all are told the same although the event changes meanwhile.
type PendingTelling struct {
	// Key names the message, Operation what happened, and Actor who did it and is not told.
	Key       string `bson:"key"`
	Operation string `bson:"operation"`
	Actor     kit.ID `bson:"actor,omitempty" valid:"empty"`
	// Event, When and Place are said of the event, Title of its document; each is nil if the message does not say it.
	Event *kit.LocalizedText `bson:"event,omitempty"`
	When  *kit.LocalizedText `bson:"when,omitempty"`
	Place *kit.LocalizedText `bson:"place,omitempty"`
	Title *kit.LocalizedText `bson:"title,omitempty"`
	// Public says that everybody may see the event, so that the letters of guests lead to it. Guests says whether guests
	// are told.
	Public bool `bson:"public"`
	Guests bool `bson:"guests"`
	// Statuses are those of the registrations that are told, if they were made until At.
	Statuses []RegistrationStatus `bson:"statuses" most:"4"`
	At       kit.DateTime         `bson:"at"`
	// After is the place in the listing up to which registrants were told, and Last the latest person of them.
	After string `bson:"after,omitempty"`
	Last  kit.ID `bson:"last,omitempty" valid:"empty"`
}

// maxPending bounds what the registrants of one event are still to be told.
const maxPending = 50

// letter is what persons are told.
func (p *PendingTelling) letter(event kit.ID) kit.Letter {
	params := map[string]any{}
	for name, text := range map[string]*kit.LocalizedText{"event": p.Event, "when": p.When, "place": p.Place, "title": p.Title} {
		if text != nil {
			params[name] = text
		}
	}
	key := p.Key // named where the telling is made
	return kit.Letter{Key: key, Params: params, About: event}
}

// tellAll tells everybody who has one of the statuses at an event, guests only if so said, but not whoever acts: the first
// tellBatch*tellAtOnce registrations in the caller's transaction, which then holds for all of them or nobody, and the others
// later, when Portal.TellPending carries on from what the transaction records. Each person is told once, whatever happens
// in between. If earlier tellings of the event are not done, all of it waits for them, so that nobody hears of the later
// change first. For each tellBatch registrations it costs at most five store calls.
func (t *registrantTeller) tellAll(ctx context.Context, e *Event, letter kit.Letter, guests bool, statuses ...RegistrationStatus) error {
	if kit.Quiet(ctx) {
		return nil
	}
	text := func(name string) *kit.LocalizedText { text, _ := letter.Params[name].(*kit.LocalizedText); return text }
	p := PendingTelling{
		Key: letter.Key, Operation: kit.OperationOf(ctx), Actor: kit.ActorOf(ctx).Subject, Event: text("event"), When: text("when"), Place: text("place"), Title: text("title"),
		Public: e.Visibility == VisiblePublic, Guests: guests, Statuses: statuses, At: kit.DateTimeOf(t.core.Clock.Now()),
	}
	taken, err := t.seats.Get(ctx, string(e.ID))
	if err != nil {
		return err
	}
	if len(taken.Pending) == 0 {
		for range tellAtOnce {
			if more, err := t.batch(ctx, e.ID, &p); err != nil || !more {
				return err
			}
		}
	}
	f := kit.NewFaults(ctx)
	f.Grows("input.id", len(taken.Pending), maxPending)
	if err := f.Err(); err != nil {
		return err
	}
	taken.Pending = append(taken.Pending, p)
	return t.seats.Replace(ctx, taken)
}

// batch tells the next tellBatch registrants in the transaction of the context, and notes in p how far it came. more says
// whether anybody is left. Registrations are read in the order of their persons, so that a person who comes for two members
// is told once, and nobody changes the place while the telling goes on.
func (t *registrantTeller) batch(ctx context.Context, event kit.ID, p *PendingTelling) (more bool, err error) {
	plan, err := t.registrations.Plan(store.Query{Any: []store.Where{{"event": {string(event)}, "status": kit.Strings(p.Statuses)}}, Sort: "person"})
	if err != nil {
		return false, err
	}
	page, err := t.registrations.Page(store.Looking(ctx), plan, store.Range{Bounds: store.Bounds{After: p.After}, Limit: tellBatch})
	if err != nil {
		return false, err
	}
	var told []*Registration
	for _, r := range page.Docs {
		switch {
		case r.RegisteredAt > p.At: // who registered later knew
		case r.PersonID != nil && (*r.PersonID == p.Actor || *r.PersonID == p.Last):
		case r.PersonID != nil:
			p.Last = *r.PersonID
			told = append(told, r)
		case r.Guest != nil && p.Guests:
			told = append(told, r)
		}
	}
	letter := p.letter(event)
	guestLetter := letter
	if !p.Public {
		guestLetter.About = ""
	}
	if len(page.Tokens) > 0 {
		p.After = page.Tokens[len(page.Tokens)-1]
	}
	return page.More, t.send(ctx, letter, guestLetter, told)
}

// TellPending tells registrants what they are still to be told, batch by batch, each in a transaction of its own that also
// notes how far it came. So any number of processes may do it, and one that ends in between leaves the rest to the next.
// What goes wrong with one event keeps none of the others back.
func (s *RegistrationService) TellPending(ctx context.Context) error {
	return s.teller.tellPending(ctx)
}

func (t *registrantTeller) tellPending(ctx context.Context) error {
	plan, err := t.seats.Plan(store.Query{Any: []store.Where{{"pending": {pendingYes}}}})
	if err != nil {
		return err
	}
	page, err := t.seats.Page(store.Looking(ctx), plan, store.Range{Limit: kit.MaxPage})
	if err != nil {
		return err
	}
	var all []error
	for _, of := range page.Docs {
		for left := true; left && err == nil; {
			left, err = t.carryOn(ctx, of.ID)
		}
		all, err = append(all, err), nil
	}
	return errors.Join(all...)
}

// carryOn tells the next batch of what is pending at an event; left says whether anything is after it.
func (t *registrantTeller) carryOn(ctx context.Context, event kit.ID) (left bool, err error) {
	err = t.core.Transact(ctx, func(ctx context.Context) error {
		left = false
		taken, err := t.seats.Get(ctx, string(event))
		if err != nil || len(taken.Pending) == 0 {
			return err
		}
		p := &taken.Pending[0]
		more, err := t.batch(kit.WithOperation(ctx, p.Operation), event, p)
		if err != nil {
			return err
		}
		if !more {
			taken.Pending = taken.Pending[1:]
		}
		left = len(taken.Pending) > 0
		return t.seats.Replace(ctx, taken)
	})
	return left, err
}
