package portal_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// due runs Erase as the operator.
func (s stage) due(personsAfter int, dry bool) portal.Erased {
	s.Helper()
	done, err := s.portal.Erase(by(operator), personsAfter, dry)
	s.must(err)
	return done
}

// personal are the texts by which persons of the fixture are found anywhere in the store.
var personal = []string{"Grace Guest", "guest@example.org", "Wheelchair"}

// attended fills evt_PAST with n registrations that say everything.
func (s stage) attended(n int) {
	s.Helper()
	all := make([]*events.Registration, n)
	for i := range all {
		all[i] = &events.Registration{
			ID: kit.ID(fmt.Sprintf("reg_PAST%03d", i)), EventID: "evt_PAST", Kind: events.RegistrantGuest, Mode: events.Remote, Status: events.RegistrationConfirmed,
			Order: int64(i + 2), Guest: &events.Guest{Name: personal[0], Email: personal[1], Organisation: "Guests"}, NameVisibility: events.NamePublic,
			Answers:     []events.RegistrationAnswer{{Question: "NEEDS", Text: personal[2]}},
			ConsentedAt: "2025-02-01T09:00:00.000Z", RegisteredAt: "2025-02-01T09:00:00.000Z",
			Changes: []events.RegistrationChange{{Status: events.RegistrationConfirmed, At: "2025-02-01T09:00:00.000Z"}}, Dataset: kit.Demonstration,
		}
	}
	s.must(events.RegistrationNoun.In(s.store).Insert(context.Background(), all...))
}

func (s stage) statistics(event kit.ID) string {
	s.Helper()
	counted, err := s.portal.Registrations.Statistics(by(secretariat), event)
	s.must(err)
	return inJSON(counted)
}

func TestErasureLeavesNobodyOnAnyPath(t *testing.T) {
	onEngines(t, func(s stage) {
		s.attended(3)
		counted, before := s.statistics("evt_PAST"), s.records()
		if got := s.due(10_000, true); got != (portal.Erased{Events: 1, Registrations: 4}) {
			s.Errorf("would erase %+v", got)
		}
		if now := s.records(); !reflect.DeepEqual(now, before) {
			s.Error("the dry run wrote")
		}
		if got := s.due(10_000, false); got != (portal.Erased{Events: 1, Registrations: 4}) {
			s.Errorf("erased %+v", got)
		}
		for _, r := range s.queue("evt_PAST") {
			if r.PersonID != nil || r.Guest != nil || len(r.Answers) != 0 || r.ErasedAt == nil {
				s.Errorf("stored: %s", inJSON(r))
			}
		}
		node, err := s.portal.Nodes.ByIDs(by(secretariat), []kit.ID{"reg_PAST", "reg_PAST000"})
		s.must(err)
		list, err := s.portal.Registrations.List(by(secretariat), &events.RegistrationFilter{Event: new(kit.ID("evt_PAST"))}, kit.PageArgs{})
		s.must(err)
		own, err := s.portal.Registrations.List(by(focalPoint("mem_ACTIVE")), &events.RegistrationFilter{Event: new(kit.ID("evt_PAST"))}, kit.PageArgs{})
		s.must(err)
		if text := inJSON(node) + inJSON(list.Nodes()) + inJSON(own.Nodes()); len(list.Nodes()) != 4 || len(own.Nodes()) != 1 || containsAny(text, append(personal, "usr_")) {
			s.Errorf("read: %s", text)
		}
		peter := kit.Actor{Subject: "usr_DELEGATE", Roles: []kit.Role{kit.RoleDelegate}, Member: "mem_ACTIVE"}
		mine, err := s.portal.Registrations.Mine(by(peter), &kit.Viewer{ID: "usr_DELEGATE"}, kit.PageArgs{})
		s.must(err)
		if slices.ContainsFunc(mine.Nodes(), func(r *events.Registration) bool { return r.EventID == "evt_PAST" }) {
			s.Error("the person finds the erased registration")
		}
		e, err := s.portal.Events.Get(by(secretariat), "evt_PAST")
		s.must(err)
		shown, err := s.portal.Registrations.Participants(by(secretariat), e.ID, kit.PageArgs{})
		s.must(err)
		if len(shown.Edges) != 0 || e.ErasedAt == nil {
			s.Errorf("%d participants, erased at %v", len(shown.Edges), e.ErasedAt)
		}
		if now := s.statistics("evt_PAST"); now != counted {
			s.Errorf("counted %s, was %s", now, counted)
		}
		audit, notices := s.records().since(before)
		if text := inJSON(audit) + inJSON(notices); len(audit) != 5 || len(notices) != 5 || containsAny(text, append(personal, "usr_DELEGATE")) {
			s.Errorf("left %s", text)
		}
		for _, a := range audit {
			if want := []string{"answers", "guest", "person"}; !slices.Equal(a.Fields, want) && a.TargetID != "evt_PAST" || a.Operation != "erase" || a.Actor != "usr_operator" {
				s.Errorf("left %s", inJSON(a))
			}
		}
		// Nobody else lost anything.
		if others := s.queue("evt_OPEN"); slices.ContainsFunc(others, func(r *events.Registration) bool { return r.PersonID == nil }) {
			s.Errorf("stored: %s", inJSON(others))
		}
	})
}

func containsAny(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}

func TestErasingIsForTheSecretariatAndOperators(t *testing.T) {
	s := embedded(t)
	for _, a := range []kit.Actor{focalPoint("mem_ACTIVE"), delegate("mem_ACTIVE"), uganda, reviewer, applicant} {
		_, err := s.portal.Erase(by(a), 0, false)
		s.refused(err, kit.Forbidden)
	}
	_, err := s.portal.Erase(by(nobody), 0, false)
	s.refused(err, kit.Unauthenticated)
}

func TestErasingTwiceIsErasingOnceHoweverOftenItFails(t *testing.T) {
	once := embedded(t)
	once.attended(250)
	want := once.due(366, false)
	if want.Registrations != 251 || want.Persons != 1 {
		t.Fatalf("erased %+v", want)
	}
	done := once.everything()
	if again := once.due(366, false); again != (portal.Erased{}) || once.everything() != done {
		t.Errorf("erased %+v again", again)
	}
	for _, after := range []int64{0, 1, 50, 99, 100, 150, 199, 240, 251, 252} {
		left := new(atomic.Int64)
		s := newStage(t, broken{testkit.Engines()[0].Fresh(t), left})
		s.attended(250)
		left.Store(after)
		first, err := s.portal.Erase(by(operator), 366, false)
		if !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("after %d writes: %v", after, err)
		}
		if n := len(slices.DeleteFunc(s.queue("evt_PAST"), func(r *events.Registration) bool { return r.ErasedAt == nil })); n != first.Registrations {
			t.Errorf("after %d writes: says %+v, %d are erased", after, first, n)
		}
		left.Store(1000)
		s.due(366, false)
		if got := s.everything(); got != done {
			t.Errorf("after %d writes it differs:\n%s\nwant\n%s", after, got, done)
		}
		if again := s.due(366, false); again != (portal.Erased{}) {
			t.Errorf("erased %+v again", again)
		}
	}
}

// broken is a store that goes away after a number of writes.
type broken struct {
	store.Store
	left *atomic.Int64
}

func (b broken) Replace(ctx context.Context, k *store.Kind, doc any) error {
	if b.left.Add(-1) < 0 {
		return store.ErrUnavailable
	}
	return b.Store.Replace(ctx, k, doc)
}

// everything are all registrations of evt_PAST, the event and the persons, as they are stored.
func (s stage) everything() string {
	s.Helper()
	e, err := events.EventNoun.In(s.store).Get(context.Background(), "evt_PAST")
	s.must(err)
	return inJSON(s.queue("evt_PAST")) + inJSON(e) + inJSON(all(s, membership.PersonNoun.In(s.store), ""))
}

func TestPersonsAreErasedLongAfterTheirLastMandate(t *testing.T) {
	for name, c := range map[string]struct {
		untils []kit.Date // the ends of the mandates, empty for an open one
		from   kit.Date
		reg    bool
		erased bool
	}{
		"the only mandate ended a year ago":  {[]kit.Date{"2024-03-29"}, "", false, true},
		"it ended 366 days ago":              {[]kit.Date{"2024-03-30"}, "", false, false},
		"another one ended later":            {[]kit.Date{"2023-01-01", "2024-12-31"}, "", false, false},
		"both ended long ago":                {[]kit.Date{"2023-01-01", "2024-01-01"}, "", false, true},
		"another one is open":                {[]kit.Date{"2023-01-01", ""}, "", false, false},
		"another one is coming":              {[]kit.Date{"2023-01-01", ""}, "2025-05-01", false, false},
		"another one is coming and will end": {[]kit.Date{"2023-01-01", "2025-06-01"}, "2025-05-01", false, false},
		"there never was one":                {nil, "", false, false},
		"a registration still names it":      {[]kit.Date{"2023-01-01"}, "", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := embedded(t)
			ctx := context.Background()
			p := &membership.Person{ID: "usr_GONE", Name: new("Once There"), Email: new("gone@example.org"), Entities: []kit.ID{"mem_ACTIVE"}, Dataset: kit.Demonstration}
			s.must(membership.PersonNoun.In(s.store).Insert(ctx, p))
			for i, until := range c.untils {
				m := &membership.Mandate{ID: kit.ID(fmt.Sprint("man_GONE", i)), Entity: "mem_ACTIVE", Person: "usr_GONE", Role: membership.MandateDelegate, RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", From: "2020-01-01", Dataset: kit.Demonstration}
				if m.Until = &until; until == "" {
					m.Until = nil
				}
				if i > 0 && c.from != "" {
					m.From = c.from
				}
				s.must(membership.MandateNoun.In(s.store).Insert(ctx, m))
			}
			if c.reg {
				r := s.queue("evt_OPEN")[0]
				r.ID, r.PersonID = "reg_GONE", new(kit.ID("usr_GONE"))
				s.must(events.RegistrationNoun.In(s.store).Insert(ctx, r))
			}
			want := 1 // usr_FORMER
			if c.erased {
				want = 2
			}
			before := s.records()
			if got := s.due(366, true); got.Persons != want || inJSON(s.records()) != inJSON(before) {
				t.Errorf("would erase %+v, want %d", got, want)
			}
			if got := s.due(366, false); got.Persons != want {
				t.Errorf("erased %+v, want %d", got, want)
			}
			now, err := membership.PersonNoun.In(s.store).Get(ctx, "usr_GONE")
			s.must(err)
			if gone := now.Name == nil && now.Email == nil && now.ErasedOn != nil; gone != c.erased || now.ErasedOn == nil && *now.Name != "Once There" {
				t.Errorf("stored %s", inJSON(now))
			}
			if got := s.due(366, false); got.Persons != 0 {
				t.Errorf("erased %+v again", got)
			}
			audit, _ := s.records().since(before)
			if containsAny(inJSON(audit), []string{"Once", "gone@"}) {
				t.Errorf("left %s", inJSON(audit))
			}
		})
	}
}

func TestPersonsAreErasedInBatches(t *testing.T) {
	s := embedded(t)
	for i := range 65 {
		id := kit.ID(fmt.Sprintf("usr_GONE%02d", i))
		s.must(membership.PersonNoun.In(s.store).Insert(context.Background(), &membership.Person{ID: id, Name: new("A"), Email: new(string(id) + "@example.org"), Entities: []kit.ID{}, Dataset: kit.Demonstration}))
		s.must(membership.MandateNoun.In(s.store).Insert(context.Background(), &membership.Mandate{
			ID: "man_" + id, Entity: "mem_ACTIVE", Person: id, Role: membership.MandateDelegate, RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", From: "2020-01-01", Until: new(kit.Date("2021-01-01")), Dataset: kit.Demonstration,
		}))
	}
	if got := s.due(366, false); got.Persons != 66 {
		t.Errorf("erased %+v", got)
	}
}

func TestAnEventKeepsItsRegistrationWhileSomebodyAsked(t *testing.T) {
	s := embedded(t)
	s.must(events.RegistrationNoun.In(s.store).Delete(context.Background(), "reg_FOCAL", 1))
	seats, err := events.SeatNoun.In(s.store).Get(context.Background(), "evt_OPEN")
	s.must(err)
	seats.InPerson.Confirmed, seats.Last = 0, 0
	s.must(events.SeatNoun.In(s.store).Replace(context.Background(), seats))
	// What was asked for and answered would otherwise be kept for ever: erasure looks at events that register.
	payload, err := s.portal.Events.Update(by(secretariat), events.UpdateEventInput{ID: "evt_OPEN", ExpectedVersion: 1, Registration: kit.Opt[events.EventRegistrationInput]{Set: true}})
	s.must(err)
	if got := faultsOf(payload.UserErrors); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input.registration"}) {
		t.Errorf("got %v", got)
	}
}

func TestAnEventThatIsMovedAfterItsErasureIsErasedAgain(t *testing.T) {
	s := embedded(t)
	s.due(10_000, false)
	payload, err := s.portal.Events.Update(by(secretariat), events.UpdateEventInput{
		ID: "evt_PAST", ExpectedVersion: 2, RetainUntil: kit.Some(kit.Date("2026-04-01")),
		Time: kit.Some(events.EventTimeInput{StartsOn: new(kit.Date("2025-05-01")), EndsOn: new(kit.Date("2025-05-01"))}),
	})
	s.must(err)
	if payload.Event == nil || payload.Event.ErasedAt != nil {
		t.Errorf("got %s, %v", inJSON(payload.Event), payload.UserErrors)
	}
}
