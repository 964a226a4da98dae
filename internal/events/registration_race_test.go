package events_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// aCrowd is how many want the places of an event, and places how many there are.
const (
	crowd  = 64
	places = 10
)

// queued registers a crowd at the same moment.
func (s scene) queued(e *events.Event) {
	s.Helper()
	stage.Together(s.Registrants(crowd), func(r stage.Registrant) {
		payload, err := s.Register(e.ID, r)
		if err != nil || payload.Registration == nil {
			s.Errorf("%s: %v, %v", r.Person, err, payload)
		}
	})
}

// settled holds that the count of places is what a recount gives, that nobody has a place in the queue
// twice, and that whoever was registered once and not cancelled is confirmed or waits. It says how many are confirmed.
func (s scene) settled(e kit.ID) (confirmed int) {
	s.Helper()
	seats, err := events.SeatNoun.In(s.Store).Get(context.Background(), string(e))
	s.Must(err)
	var recount events.SeatCount
	orders := map[int64]bool{}
	latest, longest := int64(0), int64(crowd+1)
	for _, r := range s.Queue(e) {
		if orders[r.Order] || r.Order < 1 || r.Order > seats.Last {
			s.Errorf("%s has the place %d in the queue, of %d", r.ID, r.Order, seats.Last)
		}
		orders[r.Order] = true
		if last := r.Changes[len(r.Changes)-1].Status; last != r.Status {
			s.Errorf("%s is %s, and became %s", r.ID, r.Status, last)
		}
		switch r.Status {
		case events.RegistrationConfirmed:
			recount.Confirmed++
			latest = max(latest, r.Order)
		case events.RegistrationWaiting:
			recount.Waiting++
			longest = min(longest, r.Order)
		case events.RegistrationCancelled:
		default:
			s.Errorf("%s is %s", r.ID, r.Status)
		}
	}
	if seats.Remote != recount || seats.InPerson != (events.SeatCount{}) || seats.Last != crowd || len(orders) != crowd {
		s.Errorf("counted %+v, recounted %+v of %d", seats, recount, len(orders))
	}
	if latest > longest {
		s.Errorf("number %d is confirmed while number %d waits", latest, longest)
	}
	return recount.Confirmed
}

// withdrawn cancels registrations for the version that they have.
func (s scene) withdrawn(r *events.Registration) {
	s.Helper()
	payload, err := s.Portal.Registrations.Cancel(stage.By(stage.Secretariat), events.CancelRegistrationInput{ID: r.ID, ExpectedVersion: int(r.Version)})
	if err != nil || payload.Registration == nil || payload.Registration.Status != events.RegistrationCancelled {
		s.Errorf("cancelling %s: %v, %v", r.ID, err, payload)
	}
}

// resizedTo gives an event another number of places, whatever happens to it meanwhile.
func (s scene) resizedTo(e kit.ID, capacity int) {
	s.Helper()
	for {
		now, err := events.EventNoun.In(s.Store).Get(context.Background(), string(e))
		if err != nil {
			s.Errorf("reading: %v", err)
			return
		}
		payload, err := s.Portal.Events.Update(stage.By(stage.Secretariat), events.UpdateEventInput{
			ID: e, ExpectedVersion: int(now.Version), Registration: kit.Some(events.EventRegistrationInput{CapacityRemote: &capacity, WaitingList: true}),
		})
		if err != nil {
			s.Errorf("updating: %v", err)
			return
		}
		if payload.Event != nil {
			return
		}
		if got := stage.FaultsOf(payload.UserErrors); !slices.Contains(got, "CONFLICT input.expectedVersion") {
			s.Errorf("updating: %v", got)
			return
		}
	}
}

func TestACrowdThatWantsTheLastPlacesQueues(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		e := s.held(aCrowd(places))
		s.queued(e)
		all := s.Queue(e.ID)
		if n := s.settled(e.ID); n != places {
			s.Errorf("%d confirmed", n)
		}
		persons := map[kit.ID]bool{}
		for i, r := range all {
			persons[*r.PersonID] = true
			want := events.RegistrationWaiting
			if i < places {
				want = events.RegistrationConfirmed
			}
			if r.Order != int64(i+1) || r.Status != want {
				s.Errorf("number %d is %s, number %d", r.Order, r.Status, i+1)
			}
		}
		if len(all) != crowd || len(persons) != crowd {
			s.Fatalf("%d registrations of %d persons", len(all), len(persons))
		}

		// Ten who are confirmed leave, and then ten of those who came after them.
		for range 2 {
			stage.Together(s.Queue(e.ID, events.RegistrationConfirmed), s.withdrawn)
			if n := s.settled(e.ID); n != places {
				s.Errorf("%d confirmed", n)
			}
		}
		for i, r := range s.Queue(e.ID, events.RegistrationConfirmed) {
			if r.Order != int64(2*places+i+1) {
				s.Errorf("number %d is confirmed in place of number %d", r.Order, 2*places+i+1)
			}
		}
	})
}

func TestPlacesAreFilledInOrderWhileTheEventChanges(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		e := s.held(aCrowd(places))
		s.queued(e)
		confirmed, waiting := s.Queue(e.ID, events.RegistrationConfirmed), s.Queue(e.ID, events.RegistrationWaiting)
		changes := []func(){func() {
			for n := places + 1; n <= places+15; n++ {
				s.resizedTo(e.ID, n)
			}
		}}
		// Of those who wait, some leave to whom no place comes, so that the version is known.
		for _, r := range append(confirmed[:5:5], waiting[30:40]...) {
			changes = append(changes, func() { s.withdrawn(r) })
		}
		stage.Together(changes, func(change func()) { change() })
		if n := s.settled(e.ID); n != places+15 {
			s.Errorf("%d confirmed", n)
		}
		for i, r := range s.Queue(e.ID, events.RegistrationConfirmed) {
			if r.Order != int64(i+6) {
				s.Errorf("number %d is confirmed in place of number %d", r.Order, i+6)
			}
		}

		changes = nil
		for i, r := range s.Queue(e.ID, events.RegistrationConfirmed)[:15] {
			changes = append(changes, func() { s.withdrawn(r) })
			if i == 7 {
				changes = append(changes, func() { s.abandoned(e.ID) })
			}
		}
		stage.Together(changes, func(change func()) { change() })
		s.settled(e.ID)
		s.noneAfterTheEnd(e.ID)
		waiting = s.Queue(e.ID, events.RegistrationWaiting)
		for _, r := range s.Queue(e.ID, events.RegistrationConfirmed) {
			s.withdrawn(r)
		}
		if n := s.settled(e.ID); n != 0 || len(waiting) < 9 || len(s.Queue(e.ID, events.RegistrationWaiting)) != len(waiting) {
			s.Errorf("%d confirmed, %d waited", n, len(waiting))
		}
	})
}

// abandoned cancels an event.
func (s scene) abandoned(e kit.ID) {
	now, err := events.EventNoun.In(s.Store).Get(context.Background(), string(e))
	if err != nil {
		s.Errorf("reading: %v", err)
		return
	}
	payload, err := s.Portal.Events.Cancel(stage.By(stage.Secretariat), events.CancelEventInput{ID: e, ExpectedVersion: int(now.Version), Reason: "Test"})
	if err != nil || payload.Event == nil {
		s.Errorf("cancelling: %v, %v", err, payload)
	}
}

// noneAfterTheEnd holds that nobody who waited was confirmed after the event was cancelled. Entries of
// the audit log have ids in the order of the transactions, because all of these write the same seats.
func (s scene) noneAfterTheEnd(e kit.ID) {
	s.Helper()
	entries := func(target kit.ID) []*kit.AuditEntry {
		list, err := s.Portal.Audit.List(stage.By(stage.Secretariat), &kit.AuditFilter{TargetID: &target}, kit.PageArgs{First: new(100)})
		s.Must(err)
		return list.Nodes()
	}
	of := entries(e)
	end := of[slices.IndexFunc(of, func(a *kit.AuditEntry) bool { return a.Operation == "cancelEvent" })].ID
	promoted := 0
	for _, r := range s.Queue(e) {
		if r.Changes[0].Status != events.RegistrationWaiting || len(r.Changes) < 2 || r.Changes[1].Status != events.RegistrationConfirmed {
			continue
		}
		promoted++
		for _, a := range entries(r.ID) {
			if a.TargetVersion == 2 && a.ID > end {
				s.Errorf("number %d was confirmed after the event was cancelled", r.Order)
			}
		}
	}
	if promoted < 20 {
		s.Errorf("%d were confirmed from the queue", promoted)
	}
}

func TestAPersonIsRegisteredOnceHoweverManyAsk(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		e, one := s.held(aCrowd(places)), s.Registrants(1)[0]
		var mu sync.Mutex
		var made []kit.ID
		var faults []kit.UserError
		stage.Together(make([]struct{}, crowd), func(struct{}) {
			payload, err := s.Register(e.ID, one)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				s.Errorf("registering: %v", err)
			} else if payload.Registration != nil {
				made = append(made, payload.Registration.ID)
			}
			faults = append(faults, payload.UserErrors...)
		})
		if len(made) != 1 || len(faults) != crowd-1 || len(s.Queue(e.ID)) != 1 {
			s.Fatalf("%d made, %d refused, %d stored", len(made), len(faults), len(s.Queue(e.ID)))
		}
		for _, f := range faults {
			if f.Code != kit.CodeDuplicate || f.RelatedID == nil || *f.RelatedID != made[0] {
				s.Errorf("got %+v", f)
			}
		}
	})
}

// contended is a store in which others overtake a number of writes of a kind.
type contended struct {
	store.Store
	noun  string
	left  *atomic.Int64
	fault error
}

func (c contended) overtaken(k *store.Kind) error {
	if k.Name == c.noun && c.left.Add(-1) >= 0 {
		return c.fault
	}
	return nil
}

func (c contended) Replace(ctx context.Context, k *store.Kind, doc any) error {
	if err := c.overtaken(k); err != nil {
		return err
	}
	return c.Store.Replace(ctx, k, doc)
}

func (c contended) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	if err := c.overtaken(k); err != nil {
		return err
	}
	return c.Store.Insert(ctx, k, docs)
}

func TestWhatOthersOvertakeIsTriedAgain(t *testing.T) {
	duplicate := &store.DuplicateError{Noun: "registrations", Key: "holder"}
	for name, c := range map[string]struct {
		noun  string
		times int64
		fault error
		lost  bool
	}{
		"the seats moved a few times":        {"seats", 3, fmt.Errorf("%w: seats", store.ErrConflict), false},
		"somebody registers the same person": {"registrations", 1, duplicate, false},
		"the seats never rest":               {"seats", 1 << 30, fmt.Errorf("%w: seats", store.ErrConflict), true},
	} {
		t.Run(name, func(t *testing.T) {
			left := new(atomic.Int64)
			s := scene{stage.New(t, contended{testkit.Engines()[0].Fresh(t), c.noun, left, c.fault})}
			e, one := s.held(aCrowd(1)), s.Registrants(1)
			left.Store(c.times)
			payload, err := s.Register(e.ID, one[0])
			if c.lost {
				if refusal := kit.Classify(err); refusal.Code != kit.Unavailable || len(s.Queue(e.ID)) != 0 {
					t.Errorf("got %v, %d registered", err, len(s.Queue(e.ID)))
				}
				return
			}
			if err != nil || payload.Registration == nil {
				t.Fatalf("%v, %v", err, payload)
			}
			left.Store(c.times)
			s.resizedTo(e.ID, 5)
			left.Store(c.times)
			s.withdrawn(s.Queue(e.ID)[0])
			if all := s.Queue(e.ID); len(all) != 1 || all[0].Version != 2 || len(all[0].Changes) != 2 {
				t.Errorf("stored %s", stage.InJSON(all))
			}
		})
	}
}

// aCrowd is an event over the network with a bound of places and a waiting list.
func aCrowd(capacity int) events.EventRegistrationInput {
	return events.EventRegistrationInput{CapacityRemote: &capacity, WaitingList: true}
}
