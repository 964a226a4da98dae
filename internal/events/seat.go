package events

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Seats counts the places of one event, and keeps what its registrants are still to be told. Every registration writes
// this document in its own transaction, so two registrations for the last place conflict on every store. The event's own
// version does not change.
type Seats struct {
	ID       kit.ID    `bson:"_id"`
	Version  int64     `bson:"version"`
	InPerson SeatCount `bson:"inPerson"`
	Remote   SeatCount `bson:"remote"`
	// Last is the latest position in the queue that was given.
	Last int64 `bson:"last"`
	// Pending is what registrants are still to be told, oldest first; see registrantTeller.
	Pending []PendingTelling `bson:"pending,omitempty" most:"50"`
}

// SeatCount counts the places of one mode.
type SeatCount struct {
	Confirmed int `bson:"confirmed"`
	Waiting   int `bson:"waiting"`
}

// SeatNoun is how the counts of places are stored, under the ids of their events.
var SeatNoun = store.Declare(store.Noun[Seats]{
	Name:     "seats",
	Identity: func(s *Seats) (string, *int64) { return string(s.ID), &s.Version },
	Keys: []store.Key[Seats]{
		store.OneOf("pending", []string{pendingNo, pendingYes}, func(s *Seats, _ string) string {
			if len(s.Pending) > 0 {
				return pendingYes
			}
			return pendingNo
		}),
	},
	Listings: []store.Listing{{}, {Equal: []string{"pending"}}},
})

// Whether registrants are still to be told something, as the key says.
const (
	pendingNo  = "NO"
	pendingYes = "YES"
)

func (s *Seats) in(m AttendanceMode) *SeatCount {
	if m == InPerson {
		return &s.InPerson
	}
	return &s.Remote
}

// EventPlaces has the numbers of places of an event in one mode.
type EventPlaces struct {
	Mode AttendanceMode
	// Capacity is the number of places, nil without a limit. Left is the number of free places, also nil if the
	// event is not for the reader. Confirmed and Waiting are for SECRETARIAT only, as they change with every
	// registration. If the event's count is damaged, all but Capacity are nil.
	Capacity  *int
	Confirmed *int
	Waiting   *int
	Left      *int
}

// seatService keeps the counts of places.
type seatService struct {
	core          *kit.Core
	seats         store.Collection[Seats]
	registrations store.Collection[Registration]
	teller        *registrantTeller
}

// open stores the count of a new event.
func (s *seatService) open(ctx context.Context, e *Event) error {
	return s.seats.Insert(ctx, &Seats{ID: e.ID})
}

// storedOne reads the count of an event; store.ErrNotFound if there is none.
func (s *seatService) storedOne(ctx context.Context, event kit.ID) (*Seats, error) {
	return s.seats.Get(ctx, string(event))
}

// many reads the counts of events, nil for an event without one.
func (s *seatService) many(ctx context.Context, events []string) ([]*Seats, error) {
	return s.seats.Many(ctx, events)
}

// damaged says whether the count of an event is known to be damaged.
func (s *seatService) damaged(event kit.ID) bool {
	return slices.Contains(s.core.Store.Damage().IDs(SeatNoun.Kind.Name), string(event))
}

// keep stores a count.
func (s *seatService) keep(ctx context.Context, taken *Seats) error {
	return s.seats.Replace(ctx, taken)
}

// of reads the count of an event, zero if there is none.
func (s *seatService) of(ctx context.Context, event kit.ID) (*Seats, error) {
	found, err := s.seats.Many(ctx, []string{string(event)})
	if err != nil || found[0] == nil {
		return &Seats{ID: event}, err
	}
	return found[0], nil
}

// registered says whether anybody ever registered for an event; registrations that are only requested count too.
func (s *seatService) registered(ctx context.Context, event kit.ID) (bool, error) {
	counts, err := s.registrations.CountBy(ctx, "tally", string(event)+TallySeparator)
	return len(counts) > 0, err
}

// keepers implements eventSeats.
func (s *seatService) keepers(ctx context.Context, event kit.ID, registration bool) (func(f *kit.Faults, before, after *Event), error) {
	taken, err := s.of(ctx, event)
	registered := false
	if err == nil && registration {
		registered, err = s.registered(ctx, event)
	}
	return func(f *kit.Faults, before, after *Event) { taken.check(f, before, after, registered) }, err
}

// check adds faults for a change of the event that would take places from confirmed registrants, or would remove or
// change questions that were answered.
func (s *Seats) check(f *kit.Faults, before, after *Event, registered bool) {
	if after.Registration == nil {
		if registered && before.Registration != nil {
			f.Add(kit.CodeNotAllowedInState, "input.registration", "notAllowedInState.registered", nil)
		}
		return
	}
	if registered && before.Registration != nil && !reflect.DeepEqual(before.Registration.Questions, after.Registration.Questions) {
		f.Add(kit.CodeNotAllowedInState, "input.registration.questions", "notAllowedInState.registered", nil)
	}
	for _, m := range AttendanceModes {
		n := s.in(m)
		if n.Confirmed+n.Waiting > 0 && !after.Format.has(m) {
			f.Add(kit.CodeNotAllowedInState, "input.format", "notAllowedInState.registered", nil)
		}
		if c := after.Registration.capacity(m); c != nil && *c < n.Confirmed {
			f.Add(kit.CodeOutOfRange, capacityPath(m), "outOfRange.confirmed", map[string]string{"n": strconv.Itoa(n.Confirmed)})
		}
	}
}

// PlacesOf lists the places of an event for each of its modes; empty if the event takes no registrations. One call
// serves all events of a page.
func (s *RegistrationService) PlacesOf(ctx context.Context, e *Event) ([]EventPlaces, error) {
	places := []EventPlaces{}
	if e.Registration == nil {
		return places, nil
	}
	taken, err := kit.Neighbour(ctx, e.with, "seats", e, func(ctx context.Context, events []*Event) ([]*Seats, error) {
		return s.seats.many(ctx, kit.Map(events, func(e *Event) string { return string(e.ID) }))
	})
	if err != nil {
		return nil, err
	}
	unknown := taken == nil && s.seats.damaged(e.ID)
	if taken == nil {
		taken = &Seats{}
	}
	for _, m := range AttendanceModes {
		if !e.Format.has(m) {
			continue
		}
		n, p := taken.in(m), EventPlaces{Mode: m, Capacity: e.Registration.capacity(m)}
		if unknown {
			places = append(places, p)
			continue
		}
		if e.view.secretariat {
			p.Confirmed, p.Waiting = &n.Confirmed, &n.Waiting
		}
		if p.Capacity != nil && (e.view.secretariat || e.view.addressed(e)) {
			p.Left = new(max(0, *p.Capacity-n.Confirmed))
		}
		places = append(places, p)
	}
	return places, nil
}

// free says whether there is a free place in a mode.
func (s *Seats) free(e *Event, m AttendanceMode) bool {
	c := e.Registration.capacity(m)
	return c == nil || s.in(m).Confirmed < *c
}

// room says whether a new registration in a mode would get a place or a position in the queue.
func (s *Seats) room(e *Event, m AttendanceMode) bool {
	return e.Registration.WaitingList || s.free(e, m) && s.in(m).Waiting == 0
}

// take gives a registration a place if there is one and nobody waits (CONFIRMED), otherwise a position in the queue
// (WAITING). The caller must have checked room.
func (s *Seats) take(e *Event, r *Registration, at kit.DateTime) {
	if n := s.in(r.Mode); s.free(e, r.Mode) && n.Waiting == 0 {
		n.Confirmed++
		r.become(RegistrationConfirmed, at)
	} else {
		n.Waiting++
		r.become(RegistrationWaiting, at)
	}
	s.Last++
	r.Order = s.Last
}

// leave frees the place or the position of a registration.
func (s *Seats) leave(r *Registration) {
	switch n := s.in(r.Mode); r.Status {
	case RegistrationConfirmed:
		n.Confirmed--
	case RegistrationWaiting:
		n.Waiting--
	}
}

// settle gives free places to those who wait, in their order. It writes the count even if nothing changed, so that
// a change of the event conflicts with a registration at the same moment.
func (s *seatService) settle(ctx context.Context, operation string, e *Event) error {
	return s.core.Write(ctx, operation, func(ctx context.Context, note func(kit.Change)) error {
		taken, err := s.seats.Get(ctx, string(e.ID))
		if err != nil {
			return err
		}
		if err := s.promote(ctx, e, taken, note); err != nil {
			return err
		}
		return s.seats.Replace(ctx, taken)
	})
}

// promote confirms those who wait while there are places, and tells them. It does nothing unless the event is published and not
// over.
func (s *seatService) promote(ctx context.Context, e *Event, taken *Seats, note func(kit.Change)) error {
	if e.Registration == nil || e.StoredStatus != EventPublished || !s.core.Clock.Now().Before(e.ends(s.core.Clock.Zone)) {
		return nil
	}
	at := kit.DateTimeOf(s.core.Clock.Now())
	for _, m := range AttendanceModes {
		for n := taken.in(m); n.Waiting > 0 && taken.free(e, m); {
			wanted := min(n.Waiting, store.MaxLimit-1)
			if c := e.Registration.capacity(m); c != nil {
				wanted = min(wanted, *c-n.Confirmed)
			}
			next, err := s.waiting(ctx, e.ID, m, wanted)
			if err != nil {
				return err
			}
			if len(next) == 0 {
				return errors.New("the count of places waits for somebody who is not in the queue")
			}
			for _, r := range next {
				r.become(RegistrationConfirmed, at)
				if err := s.registrations.Replace(ctx, r); err != nil {
					return err
				}
				n.Waiting--
				n.Confirmed++
				note(kit.Changed(RegistrationNoun, r, kit.Updated, "status"))
			}
			if err := s.teller.promoted(ctx, e, next); err != nil {
				return err
			}
		}
	}
	return nil
}

// waiting reads the first n registrations in the queue of a mode.
func (s *seatService) waiting(ctx context.Context, event kit.ID, m AttendanceMode, n int) ([]*Registration, error) {
	plan, err := s.registrations.Plan(store.Query{
		Any:  []store.Where{{"event": {string(event)}, "status": {string(RegistrationWaiting)}, "mode": {string(m)}}},
		Sort: "order",
	})
	if err != nil {
		return nil, err
	}
	page, err := s.registrations.Page(ctx, plan, store.Range{Limit: n})
	return page.Docs, err
}
