package calendar_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// deadlines are those of a feed.
func (r read) deadlines() (ids []string) {
	for id := range r.one {
		if strings.Contains(id, "-") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestFeedsHaveDeadlinesOnTheirDays(t *testing.T) {
	onEngines(t, false, func(t *testing.T, s *golden.Server) {
		for path, consulted := range map[string]bool{"/calendar.ics": true, "/calendar/TESTBED.ics": false} {
			r := feed(t, s, path)
			for id, want := range map[string][2]string{
				"evt_OPEN-registration-closes":   {"2025-06-09", "Registration closes: Testbed briefing OPEN"},
				"evt_OPEN-contributions":         {"2025-05-01", "Contributions due: Testbed briefing OPEN"},
				"evt_LATER-registration-opens":   {"2025-05-01", "Registration opens: Testbed briefing LATER"},
				"evt_CLOSED-registration-closes": {"2025-03-30", "Registration closes: Testbed briefing CLOSED"},
			} {
				if got := r.prop(t, id, "SUMMARY"); got != want[1] || r.two[id].Start.Format("2006-01-02") != want[0] || r.prop(t, id, "TRANSP") != "TRANSPARENT" {
					t.Errorf("%s %s: %q on %v", path, id, got, r.two[id].Start)
				}
			}
			if has := strings.Contains(strings.Join(r.deadlines(), " "), "con_"); has != consulted {
				t.Errorf("%s has consultations: %v in %v", path, has, r.deadlines())
			}
			for _, id := range r.deadlines() {
				for _, of := range []string{"evt_POSTPONED-", "evt_CANCELLED-", "evt_PAST-", "evt_DRAFT-"} {
					if strings.HasPrefix(id, of) {
						t.Errorf("%s has %s", path, id)
					}
				}
			}
		}
	})
}

// TestDeadlinesOfConsultations: the public calendar has those that are open, the own one those that are left to answer.
func TestDeadlinesOfConsultations(t *testing.T) {
	onEngines(t, true, func(t *testing.T, s *golden.Server) {
		open, err := s.Portal.Consultations.List(t.Context(), &consultations.ConsultationFilter{Status: new(consultations.ConsultationOpen)}, kit.PageArgs{})
		must(t, err)
		var public, own []string
		var answered *consultations.Participation
		all := consultations.ParticipationNoun.In(s.Store)
		for _, c := range open.Nodes() {
			id := string(c.ID) + "-closes"
			public = append(public, id)
			p, err := all.Get(t.Context(), string(consultations.ParticipationID(c.ID, "mem_ACTIVE")))
			if err == nil && p.Reply == consultations.NoReply {
				own, answered = append(own, id), p
			}
		}
		slices.Sort(public)
		slices.Sort(own)
		if len(own) == 0 {
			t.Fatalf("mem_ACTIVE has none of %v to answer", public)
		}
		consulted := func(path string) []string {
			return slices.DeleteFunc(feed(t, s, path).deadlines(), func(id string) bool { return !strings.HasPrefix(id, "con_") })
		}
		if got := consulted("/calendar.ics"); !slices.Equal(got, public) {
			t.Errorf("public: %v, want %v", got, public)
		}
		if got := consulted(ownPath); !slices.Equal(got, own) {
			t.Errorf("own: %v, want %v", got, own)
		}
		answered.Reply = consultations.ReplyInTime
		must(t, all.Replace(t.Context(), answered))
		if got := consulted(ownPath); slices.Contains(got, string(answered.ConsultationID)+"-closes") {
			t.Errorf("own after the reply: %v", got)
		}
		if got := consulted("/calendar.ics"); !slices.Equal(got, public) {
			t.Errorf("a reply is told to all: %v", got)
		}
	})
}

// TestAPostponedEventHasNoDeadlines, and gets them back with its new time.
func TestAPostponedEventHasNoDeadlines(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	p, err := s.Portal.Events.Postpone(secretariat, events.PostponeEventInput{ID: "evt_OPEN", ExpectedVersion: 1, Reason: "Rain"})
	if err != nil || len(p.UserErrors) > 0 {
		t.Fatal(err, p.UserErrors)
	}
	if a := ask(t, s, http.MethodGet, "/calendar.ics"); strings.Contains(a.body, "evt_OPEN-") || !strings.Contains(a.body, "evt_OPEN@") {
		t.Error(a.body)
	}
}
