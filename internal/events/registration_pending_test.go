package events_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// crashing is a store that breaks off a transaction in which the outbox was written, once left reaches 0: as a process
// does that dies before the commit.
type crashing struct {
	store.Store
	left *int
}

var errCrash = errors.New("the process died")

func (c crashing) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	if err := c.Store.Insert(ctx, k, docs); err != nil || k.Name != kit.OutboxNoun.Kind.Name {
		return err
	}
	if *c.left--; *c.left == 0 {
		return errCrash
	}
	return nil
}

// crowd registers many guests for evt_OPEN, and one person twice, for two members.
func (s scene) crowd(n int) {
	s.Helper()
	base := events.Registration{
		EventID: "evt_OPEN", Kind: events.RegistrantGuest, Mode: events.Remote, Status: events.RegistrationConfirmed, NameVisibility: events.NameNobody,
		StoredAnswers: []events.RegistrationAnswer{}, ConsentedAt: "2025-02-01T09:00:00.000Z", RegisteredAt: "2025-02-01T09:00:00.000Z", Changes: []events.RegistrationChange{}, Dataset: kit.Demonstration,
	}
	var all []*events.Registration
	for i := range n {
		r := base
		r.ID, r.Order = kit.ID(fmt.Sprintf("reg_CROWD%04d", i)), int64(i+2)
		r.Guest = &events.Guest{Name: "Guest", Email: fmt.Sprintf("guest%d@example.com", i), Organisation: "Guests"}
		all = append(all, &r)
	}
	for i, entity := range []kit.ID{"mem_INTERNATIONAL", "mem_SUSPENDED"} {
		r := base
		r.ID, r.Order, r.Kind, r.EntityID, r.PersonID = kit.ID(fmt.Sprintf("reg_TWICE%d", i)), int64(2+i), "SECTOR_MEMBER", &entity, new(kit.ID("usr_ABROAD"))
		all = append(all, &r)
	}
	for batch := range slices.Chunk(all, 500) {
		s.Must(events.RegistrationNoun.In(s.Store).Insert(context.Background(), batch...))
	}
}

// toldOf counts the mails with a key by their address.
func (s scene) toldOf(key string) map[string]int {
	s.Helper()
	all := map[string]int{}
	s.Must(kit.EachPage(context.Background(), kit.OutboxNoun.In(s.Store), store.Query{Sort: "at"}, 500, func(page []*kit.Outgoing) error {
		for _, m := range page {
			if m.Key == key {
				all[m.To]++
			}
		}
		return nil
	}))
	return all
}

func (s scene) pending() int {
	s.Helper()
	taken, err := events.SeatNoun.In(s.Store).Get(context.Background(), "evt_OPEN")
	s.Must(err)
	return len(taken.Pending)
}

// TestMoreRegistrantsThanOneTransactionBearsAreToldOnce: the change is stored, the first are told with it, and the others in
// batches, also when processes die in between. A later change is told after the earlier one, to the same persons.
func TestMoreRegistrantsThanOneTransactionBearsAreToldOnce(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		const guests, persons = 2300, 3 // usr_ABROAD, and the two of the fixture
		s.crowd(guests)
		s.postpones()
		if n := len(s.toldOf("mail.event.postponed")); n < 900 || n > 1000 || s.pending() != 1 {
			s.Fatalf("%d told in the transaction, %d tellings pending", n, s.pending())
		}
		// Somebody registers after both changes, and somebody cancels: the first knew, the second need not know.
		all := events.RegistrationNoun.In(s.Store)
		late, err := all.Get(s.Context(), "reg_CROWD2299")
		s.Must(err)
		late.ID, late.Guest.Email, late.RegisteredAt = "reg_LATE", "late@example.com", kit.DateTime(testkit.Today.AddDays(1)+"T09:00:00.000Z")
		s.Must(all.Insert(s.Context(), late))
		off, err := all.Get(s.Context(), "reg_CROWD2298")
		s.Must(err)
		off.Status = events.RegistrationCancelled
		s.Must(all.Replace(s.Context(), off))

		e, err := events.EventNoun.In(s.Store).Get(s.Context(), "evt_OPEN")
		s.Must(err)
		p, err := s.Portal.Events.Cancel(stage.By(stage.Secretariat), events.CancelEventInput{ID: "evt_OPEN", ExpectedVersion: int(e.Version), Reason: "Rain"})
		s.Must(err)
		s.none(p.UserErrors)
		if n := len(s.toldOf("mail.event.cancelled")); n != 0 || s.pending() != 2 {
			s.Errorf("%d heard of the later change first, %d tellings pending", n, s.pending())
		}
		died, deaths := 0, []int{1, 3, 2, 5}
		if mongo, ok := s.Store.(interface{ Atomic() bool }); ok && !mongo.Atomic() {
			deaths = nil // a peer without transactions keeps what a dying process wrote
		}
		for _, after := range deaths {
			dying := s.With(func(o *portal.Options) { o.Store, o.Entropy = crashing{s.Store, &after}, rand.Reader })
			if err := dying.Portal.TellPending(s.Context()); errors.Is(err, errCrash) {
				died++
			}
		}
		if died != len(deaths) {
			s.Fatalf("the process died %d times", died)
		}
		s.Must(s.Portal.TellPending(s.Context()))
		s.Must(s.Portal.TellPending(s.Context()))
		for _, key := range []string{"mail.event.postponed", "mail.event.cancelled"} {
			told := s.toldOf(key)
			for to, n := range told {
				if n != 1 {
					s.Errorf("%s: %s is told %d times", key, to, n)
				}
			}
			want := guests - 1 + persons
			if len(told) != want || told["guest2298@example.com"]+told["late@example.com"] != 0 || told["abroad@example.org"] != 1 || told["guest2297@example.com"] != 1 {
				s.Errorf("%s: %d told, want %d", key, len(told), want)
			}
		}
		noticed := stage.Count(s, people.NotificationNoun.In(s.Store), "at")
		if s.Must(s.Portal.TellPending(s.Context())); s.pending() != 0 || stage.Count(s, people.NotificationNoun.In(s.Store), "at") != noticed {
			s.Errorf("%d tellings are left", s.pending())
		}
	})
}
