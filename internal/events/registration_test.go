package events_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// persons stores persons with a mandate as delegate of mem_ACTIVE: usr_P00, usr_P01 and so on.
func (s scene) persons(n int) []kit.ID {
	s.Helper()
	ids := make([]kit.ID, n)
	for i := range ids {
		ids[i] = kit.ID(fmt.Sprintf("usr_P%02d", i))
		s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), &people.Person{
			ID: ids[i], Name: new(fmt.Sprintf("Person %02d", i)), Entities: []kit.ID{"mem_ACTIVE"}, Dataset: kit.Demonstration,
		}))
		s.Must(people.MandateNoun.In(s.Store).Insert(context.Background(), &people.Mandate{
			ID: kit.ID(fmt.Sprintf("man_P%02d", i)), Entity: "mem_ACTIVE", Person: ids[i], Role: people.MandateDelegate, From: "2020-01-01",
			RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", Dataset: kit.Demonstration,
		}))
	}
	return ids
}

// held publishes a hybrid event for everyone at which one registers like this.
func (s scene) held(how events.EventRegistrationInput) *events.Event {
	s.Helper()
	made, err := s.Portal.Events.Create(stage.By(stage.Secretariat), events.CreateEventInput{
		Code: "HELD", Series: "ser_TESTBED", Title: stage.English("Held"), Time: events.EventTimeInput{StartsOn: new(kit.Date("2025-06-01"))},
		Format: new(events.FormatHybrid), Visibility: events.VisiblePublic, Audience: events.EventAudienceInput{Everyone: true, Guests: true}, Registration: &how,
	})
	s.Must(err)
	if made.Event == nil {
		s.Fatal(stage.FaultsOf(made.UserErrors))
	}
	published, err := s.Portal.Events.Publish(stage.By(stage.Secretariat), events.PublishEventInput{ID: made.Event.ID, ExpectedVersion: 1})
	s.Must(err)
	return published.Event
}

// registered registers a person of mem_ACTIVE.
func (s scene) registered(a kit.Actor, event, person kit.ID, mode events.AttendanceMode) (*events.Registration, []string) {
	s.Helper()
	payload, err := s.Portal.Registrations.Register(stage.By(a), events.RegisterForEventInput{
		Event: event, Entity: new(kit.ID("mem_ACTIVE")), Person: &person, Mode: mode, Consent: true, NameVisibility: events.NameNobody,
	})
	s.Must(err)
	return payload.Registration, stage.FaultsOf(payload.UserErrors)
}

func (s scene) cancelled(r *events.Registration) []string {
	s.Helper()
	payload, err := s.Portal.Registrations.Cancel(stage.By(stage.Secretariat), events.CancelRegistrationInput{ID: r.ID, ExpectedVersion: int(r.Version)})
	s.Must(err)
	return stage.FaultsOf(payload.UserErrors)
}

// resized gives an event other places.
func (s scene) resized(e *events.Event, inPerson, remote *int, waiting bool) (*events.Event, []string) {
	s.Helper()
	payload, err := s.Portal.Events.Update(stage.By(stage.Secretariat), events.UpdateEventInput{ID: e.ID, ExpectedVersion: int(e.Version), Registration: kit.Some(events.EventRegistrationInput{
		CapacityInPerson: inPerson, CapacityRemote: remote, WaitingList: waiting,
	})})
	s.Must(err)
	return payload.Event, stage.FaultsOf(payload.UserErrors)
}

// standings are who stands how in a mode, in the order of the queue.
func standings(queue []*events.Registration, mode events.AttendanceMode) []string {
	var out []string
	for _, r := range queue {
		if r.Mode == mode && r.Order > 0 {
			out = append(out, strings.TrimPrefix(string(*r.PersonID), "usr_")+" "+string(r.Status))
		}
	}
	return out
}

func TestThoseWhoWaitComeInTheirOrderWhenThereIsMoreRoom(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		persons := s.persons(6)
		e := s.held(events.EventRegistrationInput{CapacityInPerson: new(1), WaitingList: true})
		for _, p := range persons {
			s.registered(stage.Secretariat, e.ID, p, events.InPerson)
		}
		const c, w, x = " CONFIRMED", " WAITING", " CANCELLED"
		hold := func(what string, want ...string) {
			s.Helper()
			if got := standings(s.Queue(e.ID), events.InPerson); !slices.Equal(got, want) {
				s.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		hold("one place", "P00"+c, "P01"+w, "P02"+w, "P03"+w, "P04"+w, "P05"+w)
		e, _ = s.resized(e, new(3), nil, true)
		hold("two more", "P00"+c, "P01"+c, "P02"+c, "P03"+w, "P04"+w, "P05"+w)
		s.cancelled(s.Queue(e.ID)[4])
		hold("who waits cancels", "P00"+c, "P01"+c, "P02"+c, "P03"+w, "P04"+x, "P05"+w)
		s.cancelled(s.Queue(e.ID)[1])
		hold("one of three cancels", "P00"+c, "P01"+x, "P02"+c, "P03"+c, "P04"+x, "P05"+w)
		if _, faults := s.resized(e, new(2), nil, true); !slices.Equal(faults, []string{"OUT_OF_RANGE input.registration.capacityInPerson"}) {
			s.Errorf("fewer places than are taken: %q", faults)
		}
		s.resized(e, nil, nil, false)
		hold("no bound", "P00"+c, "P01"+x, "P02"+c, "P03"+c, "P04"+x, "P05"+c)
	})
}

func TestNoTwoRegistrationsHaveTheSameHolder(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		c := events.RegistrationNoun.In(s.Store)
		n := 0
		put := func(change func(r *events.Registration)) error {
			n++
			r := &events.Registration{
				ID: kit.ID(fmt.Sprintf("reg_%d", n)), EventID: "evt_SG1", Kind: events.RegistrantGuest, Mode: events.Remote, Status: events.RegistrationWaiting,
				NameVisibility: events.NameNobody, ConsentedAt: "2025-01-01T00:00:00.000Z", RegisteredAt: "2025-01-01T00:00:00.000Z", Dataset: kit.Demonstration,
			}
			change(r)
			return c.Insert(context.Background(), r)
		}
		person, invitation := new(kit.ID("usr_FOCAL")), new(kit.ID("inv_1"))
		for _, each := range []struct {
			name   string
			taken  bool
			change func(r *events.Registration)
		}{
			{"a person", false, func(r *events.Registration) { r.PersonID = person }},
			{"the same person", true, func(r *events.Registration) { r.PersonID = person }},
			{"the same person, requested only", true, func(r *events.Registration) { r.PersonID, r.Status = person, events.RegistrationRequested }},
			{"the same person, cancelled", false, func(r *events.Registration) { r.PersonID, r.Status = person, events.RegistrationCancelled }},
			{"the same person at another event", false, func(r *events.Registration) { r.PersonID, r.EventID = person, "evt_LATER" }},
			{"somebody erased", false, func(r *events.Registration) { r.ErasedAt = new(kit.DateTime("2025-01-01T00:00:00.000Z")) }},
			{"somebody else erased", false, func(r *events.Registration) { r.ErasedAt = new(kit.DateTime("2025-01-01T00:00:00.000Z")) }},
			{"a guest", false, func(r *events.Registration) { r.InvitationID = invitation }},
			{"the same invitation", true, func(r *events.Registration) { r.InvitationID = invitation }},
		} {
			err := put(each.change)
			duplicate, is := errors.AsType[*store.DuplicateError](err)
			switch {
			case is != each.taken, is && duplicate.Key != "holder", !is && err != nil:
				s.Errorf("%s: %v", each.name, err)
			}
		}
	})
}

func TestWhoRespondsCanRegisterAsWhatItIs(t *testing.T) {
	for i, k := range membership.RespondentKinds {
		if events.RegistrantKinds[i] != events.RegistrantKind(k) {
			t.Errorf("%s is no kind of registrant at its place", k)
		}
	}
}

func TestCountsAddUpInEveryCut(t *testing.T) {
	s := scene{stage.Embedded(t)}
	r := rand.New(rand.NewPCG(5, 2025))
	countries := []*kit.ID{nil, new(kit.ID("cty_UG")), new(kit.ID("cty_KE")), new(kit.ID("cty_CH"))}
	want := map[string]int64{}
	for i := range 300 {
		pick := func(n int) int { return r.IntN(n) }
		x := &events.Registration{
			ID: kit.ID(fmt.Sprintf("reg_%03d", i)), EventID: "evt_SG1", Kind: events.RegistrantKinds[pick(5)], CountryID: countries[pick(4)],
			Mode: events.AttendanceModes[pick(2)], Status: events.RegistrationStatuses[pick(4)], NameVisibility: events.NameNobody,
			ConsentedAt: "2025-01-01T00:00:00.000Z", RegisteredAt: "2025-01-01T00:00:00.000Z", Dataset: kit.Demonstration,
		}
		if n := pick(len(country.Regions) + 1); n > 0 {
			x.Region = &country.Regions[n-1]
		}
		mode := x.Mode
		if x.Status == events.RegistrationConfirmed && pick(2) == 0 {
			mode = events.AttendanceModes[pick(2)]
			x.Attendance = &events.Attendance{Attended: pick(3) > 0, Mode: mode, RecordedAt: "2025-01-01T00:00:00.000Z"}
		}
		region, country := "", ""
		if x.Region != nil {
			region = string(*x.Region)
		}
		if x.CountryID != nil {
			country = string(*x.CountryID)
		}
		count := func(what string, mode events.AttendanceMode) {
			for _, part := range []string{"", " kind " + string(x.Kind), " region " + region, " country " + country, " mode " + string(mode)} {
				want[what+part]++
			}
		}
		switch x.Status {
		case events.RegistrationConfirmed:
			count("confirmed", x.Mode)
		case events.RegistrationWaiting:
			count("waiting", x.Mode)
		}
		if x.Attendance != nil && x.Attendance.Attended {
			count("attended", mode)
		}
		s.Must(events.RegistrationNoun.In(s.Store).Insert(context.Background(), x))
	}
	statistics, err := s.Portal.Registrations.Statistics(stage.By(stage.Secretariat), "evt_SG1")
	s.Must(err)
	got := map[string]int64{}
	for what, c := range map[string]events.ParticipationCount{"confirmed": statistics.Confirmed, "waiting": statistics.Waiting, "attended": statistics.Attended} {
		got[what] = c.Total
		sums := map[string]int64{}
		note := func(cut, part string, n int64) { got[what+" "+cut+" "+part] = n; sums[cut] += n }
		for _, k := range c.ByKind {
			note("kind", string(k.Kind), k.Count)
		}
		for _, k := range c.ByRegion {
			part := ""
			if k.Region != nil {
				part = string(*k.Region)
			}
			note("region", part, k.Count)
		}
		for _, k := range c.ByCountry {
			part := ""
			if k.Country != nil {
				part = string(k.Country.ID)
			}
			note("country", part, k.Count)
		}
		for _, k := range c.ByMode {
			note("mode", string(k.Mode), k.Count)
		}
		for cut, n := range sums {
			if n != c.Total {
				t.Errorf("%s by %s adds up to %d, not %d", what, cut, n, c.Total)
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d counts, want %d", len(got), len(want))
	}
	for key, n := range want {
		if got[key] != n {
			t.Errorf("%s: %d, want %d", key, got[key], n)
		}
	}
}

func TestChangesOfRegistrationsAreRecordedWithoutValues(t *testing.T) {
	s := scene{stage.Embedded(t)}
	before := s.Records()
	code := invited(s, nil)
	accepted, err := s.Portal.Guests.Accept(stage.By(stage.Nobody), acceptance(code))
	s.Must(err)
	in := events.RegisterForEventInput{
		Event: "evt_OPEN", Person: new(kit.ID("usr_UGANDA")), Mode: events.Remote, Consent: true, NameVisibility: events.NamePublic,
		Answers: []events.RegistrationAnswerInput{{Question: "NEEDS", Text: "A sesame answer"}},
	}
	registered, err := s.Portal.Registrations.Register(stage.By(stage.Uganda), in)
	s.Must(err)
	if accepted.Reference == nil || registered.Registration == nil {
		t.Fatalf("%v %v", accepted.UserErrors, registered.UserErrors)
	}
	s.cancelled(registered.Registration)
	audit, notices := s.Records().Since(before)
	if len(audit) != 4 || len(notices) != 4 {
		t.Errorf("%d entries and %d notices", len(audit), len(notices))
	}
	for _, text := range []string{"Sesame", "sesame", code, "David Mugisha", "PUBLIC", "https://"} {
		if strings.Contains(stage.InJSON(audit)+stage.InJSON(notices), text) {
			t.Errorf("%q is in %s %s", text, stage.InJSON(audit), stage.InJSON(notices))
		}
	}
}

// hall is what an event and its queue should be after each step of a random run.
type hall struct {
	capacity map[events.AttendanceMode]*int
	waiting  bool
	status   events.EventStatus
	last     int64
	all      []*seat
}

type seat struct {
	id     kit.ID
	person kit.ID
	mode   events.AttendanceMode
	status events.RegistrationStatus
	order  int64
}

func (h *hall) count(m events.AttendanceMode, status events.RegistrationStatus) (n int) {
	for _, x := range h.all {
		if x.mode == m && x.status == status {
			n++
		}
	}
	return n
}

func (h *hall) free(m events.AttendanceMode) bool {
	return h.capacity[m] == nil || h.count(m, events.RegistrationConfirmed) < *h.capacity[m]
}

func (h *hall) room(m events.AttendanceMode) bool {
	return h.waiting || h.free(m) && h.count(m, events.RegistrationWaiting) == 0
}

func (h *hall) take(x *seat) {
	x.status = events.RegistrationWaiting
	if h.free(x.mode) && h.count(x.mode, events.RegistrationWaiting) == 0 {
		x.status = events.RegistrationConfirmed
	}
	h.last++
	x.order = h.last
}

func (h *hall) promote() {
	for _, m := range events.AttendanceModes {
		for h.status == events.EventPublished && h.free(m) && h.count(m, events.RegistrationWaiting) > 0 {
			var first *seat
			for _, x := range h.all {
				if x.mode == m && x.status == events.RegistrationWaiting && (first == nil || x.order < first.order) {
					first = x
				}
			}
			first.status = events.RegistrationConfirmed
		}
	}
}

// hold compares the queue and the count of places in the store with the model.
func (h *hall) hold(s scene, step string, event kit.ID) {
	s.Helper()
	stored := map[kit.ID]*events.Registration{}
	for _, r := range s.Queue(event) {
		stored[r.ID] = r
	}
	if len(stored) != len(h.all) {
		s.Fatalf("%s: %d registrations, want %d", step, len(stored), len(h.all))
	}
	for _, x := range h.all {
		if r := stored[x.id]; r == nil || r.Status != x.status || r.Order != x.order || r.Mode != x.mode || r.Changes[len(r.Changes)-1].Status != r.Status {
			s.Fatalf("%s: %s is stored as %s, want %+v", step, x.id, stage.InJSON(r), x)
		}
	}
	taken, err := events.SeatNoun.In(s.Store).Get(context.Background(), string(event))
	s.Must(err)
	want := events.Seats{ID: event, Version: taken.Version, Last: h.last}
	want.InPerson = events.SeatCount{Confirmed: h.count(events.InPerson, events.RegistrationConfirmed), Waiting: h.count(events.InPerson, events.RegistrationWaiting)}
	want.Remote = events.SeatCount{Confirmed: h.count(events.Remote, events.RegistrationConfirmed), Waiting: h.count(events.Remote, events.RegistrationWaiting)}
	if !reflect.DeepEqual(*taken, want) {
		s.Fatalf("%s: counted %+v, want %+v", step, *taken, want)
	}
	for _, m := range events.AttendanceModes {
		if c := h.capacity[m]; c != nil && h.count(m, events.RegistrationConfirmed) > *c {
			s.Fatalf("%s: more are confirmed than there are places", step)
		}
		if h.status == events.EventPublished && h.free(m) && h.count(m, events.RegistrationWaiting) > 0 {
			s.Fatalf("%s: somebody waits while there are places", step)
		}
	}
}

// TestPlacesAreCountedRightWhateverHappens runs random registrations, confirmations, cancellations and
// changes of the event, and holds every step against a model that counts by looking at everybody.
func TestPlacesAreCountedRightWhateverHappens(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			r := rand.New(rand.NewPCG(seed, 2025))
			persons := s.persons(14)
			capacity := func() *int { return []*int{nil, new(1), new(2), new(3), new(5)}[r.IntN(5)] }
			h := &hall{capacity: map[events.AttendanceMode]*int{events.InPerson: new(2), events.Remote: new(1)}, waiting: true, status: events.EventPublished}
			e := s.held(events.EventRegistrationInput{CapacityInPerson: new(2), CapacityRemote: new(1), WaitingList: true})
			for i := range 250 {
				step := fmt.Sprintf("step %d", i)
				switch n := r.IntN(20); {
				case n < 9:
					h.register(s, r, e.ID, persons)
				case n < 12:
					h.confirm(s, r)
				case n < 16:
					h.cancel(s, r)
				case n < 19:
					in, remote, waiting := capacity(), capacity(), r.IntN(4) > 0
					after, faults := s.resized(e, in, remote, waiting)
					tooFew := in != nil && *in < h.count(events.InPerson, events.RegistrationConfirmed) || remote != nil && *remote < h.count(events.Remote, events.RegistrationConfirmed)
					if tooFew != (after == nil) {
						t.Fatalf("%s: %q", step, faults)
					}
					if after != nil {
						e, h.capacity, h.waiting = after, map[events.AttendanceMode]*int{events.InPerson: in, events.Remote: remote}, waiting
					}
				case h.status == events.EventPublished:
					payload, err := s.Portal.Events.Postpone(stage.By(stage.Secretariat), events.PostponeEventInput{ID: e.ID, ExpectedVersion: int(e.Version), Reason: "test"})
					s.Must(err)
					e, h.status = payload.Event, events.EventPostponed
				default:
					payload, err := s.Portal.Events.Publish(stage.By(stage.Secretariat), events.PublishEventInput{ID: e.ID, ExpectedVersion: int(e.Version)})
					s.Must(err)
					e, h.status = payload.Event, events.EventPublished
				}
				h.promote()
				h.hold(s, step, e.ID)
			}
			payload, err := s.Portal.Events.Cancel(stage.By(stage.Secretariat), events.CancelEventInput{ID: e.ID, ExpectedVersion: int(e.Version), Reason: "test"})
			s.Must(err)
			h.status = payload.Event.Status()
			h.hold(s, "the event is cancelled", e.ID)
			for range 10 {
				h.register(s, r, e.ID, persons)
				h.confirm(s, r)
				h.cancel(s, r)
				h.hold(s, "after that", e.ID)
			}
		})
	}
}

// register registers somebody, by the secretariat or as a delegate does.
func (h *hall) register(s scene, r *rand.Rand, event kit.ID, persons []kit.ID) {
	s.Helper()
	x := &seat{person: persons[r.IntN(len(persons))], mode: events.AttendanceModes[r.IntN(2)], status: events.RegistrationRequested}
	actor := stage.Secretariat
	if r.IntN(3) == 0 {
		actor = kit.ActingFor(x.person, kit.RoleDelegate, "mem_ACTIVE")
	}
	var want []string
	if h.status != events.EventPublished {
		want = append(want, "NOT_ALLOWED_IN_STATE input.event")
	}
	if slices.ContainsFunc(h.all, func(y *seat) bool { return y.person == x.person && y.status != events.RegistrationCancelled }) {
		want = append(want, "DUPLICATE input.person")
	}
	if !h.room(x.mode) {
		want = append(want, "FULL input.mode")
	}
	slices.Sort(want)
	made, faults := s.registered(actor, event, x.person, x.mode)
	if !slices.Equal(faults, want) {
		s.Fatalf("registering %+v: %q, want %q", x, faults, want)
	}
	if made == nil {
		return
	}
	if x.id = made.ID; actor.Has(kit.RoleSecretariat) {
		h.take(x)
	}
	h.all = append(h.all, x)
}

// some is one of those who stand in one of the statuses, nil for none.
func (h *hall) some(r *rand.Rand, statuses ...events.RegistrationStatus) *seat {
	var of []*seat
	for _, x := range h.all {
		if slices.Contains(statuses, x.status) {
			of = append(of, x)
		}
	}
	if len(of) == 0 {
		return nil
	}
	return of[r.IntN(len(of))]
}

func (h *hall) stored(s scene, x *seat) *events.Registration {
	s.Helper()
	found, err := events.RegistrationNoun.In(s.Store).Get(context.Background(), string(x.id))
	s.Must(err)
	return found
}

func (h *hall) confirm(s scene, r *rand.Rand) {
	s.Helper()
	x := h.some(r, events.RegistrationRequested)
	if x == nil {
		return
	}
	payload, err := s.Portal.Registrations.Confirm(stage.By(stage.FocalPoint("mem_ACTIVE")), events.ConfirmRegistrationInput{ID: x.id, ExpectedVersion: int(h.stored(s, x).Version)})
	s.Must(err)
	if allowed := h.status == events.EventPublished && h.room(x.mode); allowed != (payload.Registration != nil) {
		s.Fatalf("confirming %+v: %q", x, stage.FaultsOf(payload.UserErrors))
	}
	if payload.Registration != nil {
		h.take(x)
	}
}

func (h *hall) cancel(s scene, r *rand.Rand) {
	s.Helper()
	x := h.some(r, events.RegistrationRequested, events.RegistrationWaiting, events.RegistrationConfirmed)
	if x == nil {
		return
	}
	if faults := s.cancelled(h.stored(s, x)); len(faults) > 0 {
		s.Fatalf("cancelling %+v: %q", x, faults)
	}
	x.status = events.RegistrationCancelled
}

func TestWhatWasAskedForIsNotConfirmedWhenItIsNoLongerPossible(t *testing.T) {
	for name, c := range map[string]struct {
		before func(s scene)
		want   []string
	}{
		"nothing happened": {func(scene) {}, []string{}},
		"the event is at a place only": {func(s scene) {
			s.altered("evt_OPEN", func(e *events.Event) { e.Format = new(events.FormatPhysical) })
		}, []string{"INVALID input.id"}},
		"one does not register any more": {func(s scene) {
			s.altered("evt_OPEN", func(e *events.Event) { e.Registration = nil })
		}, []string{"NOT_ALLOWED_IN_STATE input.id"}},
		"the member's rights are suspended": {func(s scene) {
			m := s.StoredMember("mem_ACTIVE")
			m.Events = append(m.Events, membership.LifecycleEvent{ID: "evn_X", Kind: membership.EventSuspended, EffectiveOn: "2025-03-01", RecordedAt: "2025-03-01T09:00:00.000Z", Actor: "usr_test"})
			s.Must(membership.MemberNoun.In(s.Store).Replace(context.Background(), m))
		}, []string{"NOT_ELIGIBLE input.id"}},
		"the last place is taken": {func(s scene) {
			s.altered("evt_OPEN", func(e *events.Event) { e.Registration.WaitingList, e.Registration.CapacityRemote = false, new(1) })
			s.registered(stage.Secretariat, "evt_OPEN", s.persons(1)[0], events.Remote)
		}, []string{"FULL input.id"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			c.before(s)
			payload, err := s.Portal.Registrations.Confirm(stage.By(stage.FocalPoint("mem_ACTIVE")), events.ConfirmRegistrationInput{ID: "reg_ASKED", ExpectedVersion: 1})
			s.Must(err)
			if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// altered changes an event in the store.
func (s scene) altered(id kit.ID, change func(e *events.Event)) {
	s.Helper()
	e, err := events.EventNoun.In(s.Store).Get(context.Background(), string(id))
	s.Must(err)
	change(e)
	s.Must(events.EventNoun.In(s.Store).Replace(context.Background(), e))
}

func TestWhatIsPostponedIsNotOverWhenItsOldTimeIsPast(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.altered("evt_POSTPONED", func(e *events.Event) {
		e.Time.StartsOn, e.Time.EndsOn, e.LastDay = testkit.Today.AddDays(-2), new(testkit.Today.AddDays(-2)), testkit.Today.AddDays(-2)
	})
	if _, faults := s.registered(stage.Secretariat, "evt_POSTPONED", "usr_FOCAL", events.Remote); !slices.Equal(faults, []string{"NOT_ALLOWED_IN_STATE input.event"}) {
		t.Errorf("registering: %q", faults)
	}
	r := s.Queue("evt_FULL")[0]
	r.EventID = "evt_POSTPONED"
	s.Must(events.RegistrationNoun.In(s.Store).Replace(context.Background(), r))
	if faults := s.cancelled(r); len(faults) > 0 {
		t.Errorf("cancelling: %q", faults)
	}
}
