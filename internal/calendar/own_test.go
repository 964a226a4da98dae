package calendar_test

import (
	"strconv"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// linkOf makes a calendar link for somebody and returns its path.
func linkOf(t *testing.T, s *golden.Server, who string) string {
	t.Helper()
	made, err := s.Portal.Calendars.CreateLink(kit.WithActor(t.Context(), testkit.Actor(who)), events.CreateCalendarLinkInput{})
	if err != nil || made.Path == nil {
		t.Fatal(err, made.UserErrors)
	}
	return *made.Path
}

// TestOwnCalendarSaysHowTheRegistrationStands: each change of it is a later version of the event, in each state.
func TestOwnCalendarSaysHowTheRegistrationStands(t *testing.T) {
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		path := linkOf(t, s, "DELEGATE mem_ACTIVE usr_DELEGATE")
		sequence, modified := -1, ""
		stands := func(status, transparency, said string) {
			t.Helper()
			r := feed(t, s, path)
			n, err := strconv.Atoi(r.prop(t, "evt_OPEN", "SEQUENCE"))
			must(t, err)
			last := r.prop(t, "evt_OPEN", "LAST-MODIFIED")
			if n <= sequence || last < modified {
				t.Errorf("%s: sequence %d after %d, modified %s after %s", said, n, sequence, last, modified)
			}
			sequence, modified = n, last
			text := r.prop(t, "evt_OPEN", "DESCRIPTION")
			if got := r.prop(t, "evt_OPEN", "STATUS"); got != status || r.prop(t, "evt_OPEN", "TRANSP") != transparency || !strings.HasPrefix(text, "Your registration: "+said) {
				t.Errorf("%s, %q; want %s, %q", got, text, status, said)
			}
			if title := r.prop(t, "evt_OPEN", "SUMMARY"); title != "Testbed briefing OPEN" {
				t.Errorf("the title is %q", title)
			}
		}
		become := func(to events.RegistrationStatus, at kit.DateTime) {
			t.Helper()
			all := events.RegistrationNoun.In(s.Store)
			r, err := all.Get(t.Context(), "reg_ASKED")
			must(t, err)
			r.Status, r.Changes = to, append(r.Changes, events.RegistrationChange{Status: to, At: at})
			must(t, all.Replace(t.Context(), r))
		}
		stands("TENTATIVE", "OPAQUE", "requested")
		become(events.RegistrationWaiting, "2025-03-01T10:00:00.000Z")
		stands("TENTATIVE", "OPAQUE", "on the waiting list")
		become(events.RegistrationConfirmed, "2025-03-02T10:00:00.000Z")
		stands("CONFIRMED", "OPAQUE", "confirmed")
		become(events.RegistrationCancelled, "2025-03-03T10:00:00.000Z")
		stands("CANCELLED", "TRANSPARENT", "cancelled")

		again, err := s.Portal.Registrations.Register(kit.WithActor(t.Context(), testkit.Actor("DELEGATE mem_ACTIVE usr_DELEGATE")), events.RegisterForEventInput{
			Event: "evt_OPEN", Mode: events.Remote, Consent: true, NameVisibility: events.NameNobody,
		})
		if err != nil || len(again.UserErrors) > 0 {
			t.Fatal(err, again.UserErrors)
		}
		stands("TENTATIVE", "OPAQUE", "requested")
	})
}

// TestOwnCalendarHoldsNothingOfOthers: neither whether colleagues are registered, nor how the maker is registered for
// another member, nor a name.
func TestOwnCalendarHoldsNothingOfOthers(t *testing.T) {
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		delegate := linkOf(t, s, "DELEGATE mem_ACTIVE usr_DELEGATE")
		all := events.RegistrationNoun.In(s.Store)
		other, err := all.Get(t.Context(), "reg_FOCAL")
		must(t, err)
		other.ID, other.EventID, other.EntityID, other.Mode, other.Order = "reg_OTHER", "evt_LATER", new(kit.ID("mem_LEAVING")), events.Remote, 1
		must(t, all.Insert(t.Context(), other))
		for path, states := range map[string]map[string]string{
			ownPath:  {"evt_OPEN": "confirmed."},
			delegate: {"evt_OPEN": "requested, not confirmed yet.", "evt_PAST": "confirmed.", "evt_CLOSED": "confirmed."},
		} {
			r := feed(t, s, path)
			for id := range r.one {
				said, _, _ := strings.Cut(r.prop(t, id, "DESCRIPTION"), "\n")
				said, has := strings.CutPrefix(said, "Your registration: ")
				if want, ok := states[id]; has != ok || has && said != want {
					t.Errorf("%s says of %s: %q, want %q", path, id, said, want)
				}
			}
			for _, secret := range []string{"usr_", "reg_", "Dora", "A ramp", "No fish", "example.org", "mem_"} {
				if strings.Contains(r.text, secret) {
					t.Errorf("%s has %q", path, secret)
				}
			}
		}
		for _, path := range []string{"/calendar.ics", "/calendar/TESTBED.ics"} {
			if strings.Contains(ask(t, s, "GET", path).body, "registration: ") {
				t.Errorf("%s says who is registered", path)
			}
		}
	})
}

// TestOwnCalendarKeepsWhatThePersonRegisteredFor, also when the event is no longer for the member; but not its deadlines,
// and not once the member may not see it.
func TestOwnCalendarKeepsWhatThePersonRegisteredFor(t *testing.T) {
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		all := events.EventNoun.In(s.Store)
		change := func(audience events.EventAudience, visibility events.EventVisibility) {
			e, err := all.Get(t.Context(), "evt_OPEN")
			must(t, err)
			e.Audience, e.Visibility = audience, visibility
			must(t, all.Replace(t.Context(), e))
		}
		sg1, err := all.Get(t.Context(), "evt_SG1")
		must(t, err)
		if r := feed(t, s, ownPath); len(r.deadlines()) == 0 || !r.has("evt_OPEN-contributions") {
			t.Fatalf("deadlines: %v", r.deadlines())
		}
		change(sg1.Audience, events.VisiblePublic)
		if r := feed(t, s, ownPath); !r.has("evt_OPEN") || r.has("evt_OPEN-contributions") || r.has("evt_OPEN-registration-closes") {
			t.Errorf("for others: %v", r.deadlines())
		}
		change(sg1.Audience, events.VisibleAudience)
		if r := feed(t, s, ownPath); r.has("evt_OPEN") {
			t.Error("an event that the member may not see")
		}
	})
}

// TestOwnCalendarIsInTheLanguageOfItsMaker, unless the address asks for another.
func TestOwnCalendarIsInTheLanguageOfItsMaker(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	all := people.PersonNoun.In(s.Store)
	p, err := all.Get(t.Context(), "usr_FOCAL")
	must(t, err)
	p.Locale = new(kit.French)
	must(t, all.Replace(t.Context(), p))
	for path, want := range map[string]string{ownPath: "Votre inscription : confirmée.", ownPath + "?lang=es": "Su inscripción: confirmada.", ownPath + "?lang=en": "Your registration: confirmed."} {
		if got := feed(t, s, path, "Accept-Language", "ru").prop(t, "evt_OPEN", "DESCRIPTION"); !strings.HasPrefix(got, want) {
			t.Errorf("%s says %q", path, got)
		}
	}
}

// TestOwnCalendarCostsTheSameForMoreEvents, and leaves out older ones from the thousandth on.
func TestOwnCalendarCostsTheSameForMoreEvents(t *testing.T) {
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		s.Store.Take()
		feed(t, s, ownPath)
		few := s.Store.Take()
		e, err := events.EventNoun.In(s.Store).Get(t.Context(), "evt_FULL")
		must(t, err)
		r, err := events.RegistrationNoun.In(s.Store).Get(t.Context(), "reg_FOCAL")
		must(t, err)
		var many []*events.Event
		var mine []*events.Registration
		for i := range 1100 {
			one, at := *e, *r
			one.ID, one.Code = kit.ID("evt_N"+strconv.Itoa(i)), "N_"+strconv.Itoa(i)
			at.ID, at.EventID = kit.ID("reg_N"+strconv.Itoa(i)), one.ID
			many, mine = append(many, &one), append(mine, &at)
		}
		must(t, events.EventNoun.In(s.Store).Insert(t.Context(), many...))
		must(t, events.RegistrationNoun.In(s.Store).Insert(t.Context(), mine...))
		s.Store.Take()
		a := ask(t, s, "GET", ownPath)
		if n := s.Store.Take(); n > few+1 {
			t.Errorf("%d store calls for few events, %d for many", few, n)
		}
		if n := strings.Count(a.body, "UID:evt_N"); a.StatusCode != 200 || n < 1000 || n > 2000 {
			t.Errorf("HTTP %d with %d events", a.StatusCode, n)
		}
	})
}
