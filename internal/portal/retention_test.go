package portal_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

func TestErasureLeavesNobodyOnAnyPath(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.FillPastEvent(3)
		counted, before := s.EventStatistics("evt_PAST"), s.Records()
		if got := s.Erase(10_000, true); got != (portal.Erased{Events: 1, Registrations: 4}) {
			s.Errorf("would erase %+v", got)
		}
		if now := s.Records(); !reflect.DeepEqual(now, before) {
			s.Error("the dry run wrote")
		}
		if got := s.Erase(10_000, false); got != (portal.Erased{Events: 1, Registrations: 4}) {
			s.Errorf("erased %+v", got)
		}
		for _, r := range s.Queue("evt_PAST") {
			if r.PersonID != nil || r.Guest != nil || len(r.StoredAnswers) != 0 || r.RegisteredBy != nil || r.ErasedAt == nil {
				s.Errorf("stored: %s", stage.InJSON(r))
			}
		}
		node, err := s.Portal.Nodes.ByIDs(stage.By(stage.Secretariat), []kit.ID{"reg_PAST", "reg_PAST000"})
		s.Must(err)
		list, err := s.Portal.Registrations.List(stage.By(stage.Secretariat), &events.RegistrationFilter{Event: new(kit.ID("evt_PAST"))}, kit.PageArgs{})
		s.Must(err)
		own, err := s.Portal.Registrations.List(stage.By(stage.FocalPoint("mem_ACTIVE")), &events.RegistrationFilter{Event: new(kit.ID("evt_PAST"))}, kit.PageArgs{})
		s.Must(err)
		if text := stage.InJSON(node) + stage.InJSON(list.Nodes()) + stage.InJSON(own.Nodes()); len(list.Nodes()) != 4 || len(own.Nodes()) != 1 || stage.ContainsAny(text, append(stage.Personal, "usr_")) {
			s.Errorf("read: %s", text)
		}
		peter := kit.ActingFor("usr_DELEGATE", kit.RoleDelegate, "mem_ACTIVE")
		mine, err := s.Portal.Registrations.Mine(stage.By(peter), &kit.Viewer{ID: "usr_DELEGATE"}, kit.PageArgs{})
		s.Must(err)
		if slices.ContainsFunc(mine.Nodes(), func(r *events.Registration) bool { return r.EventID == "evt_PAST" }) {
			s.Error("the person finds the erased registration")
		}
		e, err := s.Portal.Events.Get(stage.By(stage.Secretariat), "evt_PAST")
		s.Must(err)
		shown, err := s.Portal.Registrations.Participants(stage.By(stage.Secretariat), e.ID, kit.PageArgs{})
		s.Must(err)
		if len(shown.Edges) != 0 || e.ErasedAt == nil {
			s.Errorf("%d participants, erased at %v", len(shown.Edges), e.ErasedAt)
		}
		if now := s.EventStatistics("evt_PAST"); now != counted {
			s.Errorf("counted %s, was %s", now, counted)
		}
		audit, notices := s.Records().Since(before)
		if text := stage.InJSON(audit) + stage.InJSON(notices); len(audit) != 5 || len(notices) != 5 || stage.ContainsAny(text, append(stage.Personal, "usr_DELEGATE")) {
			s.Errorf("left %s", text)
		}
		for _, a := range audit {
			if want := []string{"answers", "guest", "person"}; !slices.Equal(a.Fields, want) && a.TargetID != "evt_PAST" || a.Operation != "erase" || a.Actor != "usr_operator" {
				s.Errorf("left %s", stage.InJSON(a))
			}
		}
		// Nobody else lost anything.
		if others := s.Queue("evt_OPEN"); slices.ContainsFunc(others, func(r *events.Registration) bool { return r.PersonID == nil }) {
			s.Errorf("stored: %s", stage.InJSON(others))
		}
	})
}

func TestErasingIsForTheSecretariatAndOperators(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for _, a := range []kit.Actor{stage.FocalPoint("mem_ACTIVE"), stage.Delegate("mem_ACTIVE"), stage.Uganda, stage.Reviewer, stage.Applicant} {
		_, err := s.Portal.Erase(stage.By(a), 0, false)
		s.Refused(err, kit.Forbidden)
	}
	_, err := s.Portal.Erase(stage.By(stage.Nobody), 0, false)
	s.Refused(err, kit.Unauthenticated)
}

func TestErasingTwiceIsErasingOnceHoweverOftenItFails(t *testing.T) {
	once := scene{stage.Embedded(t)}
	once.FillPastEvent(250)
	want := once.Erase(366, false)
	if want.Registrations != 251 || want.Persons != 1 {
		t.Fatalf("erased %+v", want)
	}
	done := once.everything()
	if again := once.Erase(366, false); again != (portal.Erased{}) || once.everything() != done {
		t.Errorf("erased %+v again", again)
	}
	for _, after := range []int64{0, 1, 50, 99, 100, 150, 199, 240, 251, 252} {
		left := new(atomic.Int64)
		s := scene{stage.New(t, broken{testkit.Engines()[0].Fresh(t), left})}
		s.FillPastEvent(250)
		left.Store(after)
		first, err := s.Portal.Erase(stage.By(stage.Operator), 366, false)
		if !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("after %d writes: %v", after, err)
		}
		if n := len(slices.DeleteFunc(s.Queue("evt_PAST"), func(r *events.Registration) bool { return r.ErasedAt == nil })); n != first.Registrations {
			t.Errorf("after %d writes: says %+v, %d are erased", after, first, n)
		}
		left.Store(1000)
		s.Erase(366, false)
		if got := s.everything(); got != done {
			t.Errorf("after %d writes it differs:\n%s\nwant\n%s", after, got, done)
		}
		if again := s.Erase(366, false); again != (portal.Erased{}) {
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
func (s scene) everything() string {
	s.Helper()
	e, err := events.EventNoun.In(s.Store).Get(context.Background(), "evt_PAST")
	s.Must(err)
	return stage.InJSON(s.Queue("evt_PAST")) + stage.InJSON(e) + stage.InJSON(stage.All(s, people.PersonNoun.In(s.Store), ""))
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
			s := scene{stage.Embedded(t)}
			ctx := context.Background()
			p := &people.Person{ID: "usr_GONE", Name: new("Once There"), Email: new("gone@example.org"), Entities: []kit.ID{"mem_ACTIVE"}, Dataset: kit.Demonstration}
			s.Must(people.PersonNoun.In(s.Store).Insert(ctx, p))
			for i, until := range c.untils {
				m := &people.Mandate{ID: kit.ID(fmt.Sprint("man_GONE", i)), Entity: "mem_ACTIVE", Person: "usr_GONE", Role: people.MandateDelegate, RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", From: "2020-01-01", Dataset: kit.Demonstration}
				if m.Until = &until; until == "" {
					m.Until = nil
				}
				if i > 0 && c.from != "" {
					m.From = c.from
				}
				s.Must(people.MandateNoun.In(s.Store).Insert(ctx, m))
			}
			if c.reg {
				r := s.Queue("evt_OPEN")[0]
				r.ID, r.PersonID = "reg_GONE", new(kit.ID("usr_GONE"))
				s.Must(events.RegistrationNoun.In(s.Store).Insert(ctx, r))
			}
			want := 1 // usr_FORMER
			if c.erased {
				want = 2
			}
			before := s.Records()
			if got := s.Erase(366, true); got.Persons != want || stage.InJSON(s.Records()) != stage.InJSON(before) {
				t.Errorf("would erase %+v, want %d", got, want)
			}
			if got := s.Erase(366, false); got.Persons != want {
				t.Errorf("erased %+v, want %d", got, want)
			}
			now, err := people.PersonNoun.In(s.Store).Get(ctx, "usr_GONE")
			s.Must(err)
			if gone := now.Name == nil && now.Email == nil && now.ErasedOn != nil; gone != c.erased || now.ErasedOn == nil && *now.Name != "Once There" {
				t.Errorf("stored %s", stage.InJSON(now))
			}
			if got := s.Erase(366, false); got.Persons != 0 {
				t.Errorf("erased %+v again", got)
			}
			audit, _ := s.Records().Since(before)
			if stage.ContainsAny(stage.InJSON(audit), []string{"Once", "gone@"}) {
				t.Errorf("left %s", stage.InJSON(audit))
			}
		})
	}
}

func TestPersonsAreErasedInBatches(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for i := range 65 {
		id := kit.ID(fmt.Sprintf("usr_GONE%02d", i))
		s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), &people.Person{ID: id, Name: new("A"), Email: new(string(id) + "@example.org"), Entities: []kit.ID{}, Dataset: kit.Demonstration}))
		s.Must(people.MandateNoun.In(s.Store).Insert(context.Background(), &people.Mandate{
			ID: "man_" + id, Entity: "mem_ACTIVE", Person: id, Role: people.MandateDelegate, RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", From: "2020-01-01", Until: new(kit.Date("2021-01-01")), Dataset: kit.Demonstration,
		}))
	}
	if got := s.Erase(366, false); got.Persons != 66 {
		t.Errorf("erased %+v", got)
	}
}

func TestAnEventKeepsItsRegistrationWhileSomebodyAsked(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.Must(events.RegistrationNoun.In(s.Store).Delete(context.Background(), "reg_FOCAL", 1))
	seats, err := events.SeatNoun.In(s.Store).Get(context.Background(), "evt_OPEN")
	s.Must(err)
	seats.InPerson.Confirmed, seats.Last = 0, 0
	s.Must(events.SeatNoun.In(s.Store).Replace(context.Background(), seats))
	// What was asked for and answered would otherwise be kept for ever: erasure looks at events that register.
	payload, err := s.Portal.Events.Update(stage.By(stage.Secretariat), events.UpdateEventInput{ID: "evt_OPEN", ExpectedVersion: 1, Registration: kit.Opt[events.EventRegistrationInput]{Set: true}})
	s.Must(err)
	if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, []string{"NOT_ALLOWED_IN_STATE input.registration"}) {
		t.Errorf("got %v", got)
	}
}

func TestAnEventThatIsMovedAfterItsErasureIsErasedAgain(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.Erase(10_000, false)
	payload, err := s.Portal.Events.Update(stage.By(stage.Secretariat), events.UpdateEventInput{
		ID: "evt_PAST", ExpectedVersion: 2, RetainUntil: kit.Some(kit.Date("2026-04-01")),
		Time: kit.Some(events.EventTimeInput{StartsOn: new(kit.Date("2025-05-01")), EndsOn: new(kit.Date("2025-05-01"))}),
	})
	s.Must(err)
	if payload.Event == nil || payload.Event.ErasedAt != nil {
		t.Errorf("got %s, %v", stage.InJSON(payload.Event), payload.UserErrors)
	}
}
