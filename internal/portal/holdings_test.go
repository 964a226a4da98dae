package portal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// holdings is what Holdings writes about a member or country.
func (s scene) holdings(id kit.ID) (text string, sections map[string][]map[string]any) {
	s.Helper()
	var out strings.Builder
	s.Must(s.Portal.Holdings(stage.By(stage.Operator), id, &out))
	var all map[string]json.RawMessage
	s.Must(json.Unmarshal([]byte(out.String()), &all))
	sections = map[string][]map[string]any{}
	for name, raw := range all {
		var docs []map[string]any
		if name == "entity" || name == "writtenAt" {
			continue
		}
		s.Must(json.Unmarshal(raw, &docs))
		sections[name] = docs
	}
	return out.String(), sections
}

func ids(docs []map[string]any) []string {
	all := []string{}
	for _, d := range docs {
		all = append(all, fmt.Sprint(d["id"]))
	}
	slices.Sort(all)
	return all
}

func TestAllThatIsHeldAboutAMemberIsWritten(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		text, held := s.holdings("mem_ACTIVE")
		for name, want := range map[string][]string{
			"members": {"mem_ACTIVE"}, "mandates": {"man_COLLEAGUE", "man_DELEGATE", "man_FOCAL", "man_FORMER"}, "persons": {"usr_COLLEAGUE", "usr_DELEGATE", "usr_FOCAL", "usr_FORMER"},
			"contributions": {"ctr_SENT", "ctr_TOPIC"}, "calendarLinks": {"cal_ACTIVE"}, "serviceFeedback": {"sfb_ANSWERED", "sfb_GIVEN"},
			"feedbackDrafts": {string(consultations.DraftID("con_OPEN", "mem_ACTIVE", ""))}, "invitations": {},
		} {
			if got := ids(held[name]); !slices.Equal(got, want) {
				s.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		for _, name := range []string{"registrations", "participations", "feedback"} {
			if len(held[name]) == 0 {
				s.Errorf("no %s", name)
			}
			for _, d := range held[name] {
				if entity, ok := d["entity"]; ok && entity != "mem_ACTIVE" {
					s.Errorf("%s of %v", name, entity)
				}
			}
		}
		for _, secret := range []string{testkit.InvitationCode, testkit.CalendarSecret, kit.Hash(testkit.CalendarSecret), kit.Hash(testkit.InvitationCode), "nonce", "Hash", "No fish for Dora"} {
			if strings.Contains(text, secret) {
				s.Errorf("%q is written", secret)
			}
		}
		for _, other := range []string{"David Mugisha", "Maria Costa", "Samuel Okello", "Testbed International", "@example.com"} {
			if strings.Contains(text, other) {
				s.Errorf("%q, of others, is written", other)
			}
		}
		for _, own := range []string{"Grace Akello", "Testbed Active", "person@active.example", "The focal point waits for weeks."} {
			if !strings.Contains(text, own) {
				s.Errorf("%q is not written", own)
			}
		}
	})
}

func TestAllThatIsHeldAboutACountryIsWritten(t *testing.T) {
	s := scene{stage.Embedded(t)}
	_, held := s.holdings("cty_UG")
	if got := ids(held["mandates"]); !slices.Contains(got, "man_UGANDA") || slices.Contains(got, "man_FOCAL") || len(held["members"]) != 0 || len(held["registrations"]) == 0 {
		t.Errorf("mandates %q, %d members, %d registrations", got, len(held["members"]), len(held["registrations"]))
	}
}

func TestHoldingsOfManyRecordsHaveAllOfThemAndTheirAudit(t *testing.T) {
	s := scene{stage.Embedded(t)}
	var mandates []*people.Mandate
	for i := range 230 {
		mandates = append(mandates, &people.Mandate{ID: kit.ID(fmt.Sprintf("man_%03d", i)), Entity: "mem_LEAVING", Person: "usr_FOCAL", Role: people.MandateDelegate, RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", From: "2020-01-01", Dataset: kit.Recorded})
	}
	s.Must(people.MandateNoun.In(s.Store).Insert(context.Background(), mandates...))
	for _, id := range []kit.ID{"man_000", "man_100", "man_229"} {
		s.EndMandate(stage.Secretariat, id, 1, "2025-04-15")
	}
	_, held := s.holdings("mem_LEAVING")
	if len(held["mandates"]) != 231 || !slices.Equal(ids(held["persons"]), []string{"usr_FOCAL", "usr_LEAVING"}) || len(held["audit"]) != 4 { // and that it was written
		t.Errorf("%d mandates, %q, %d entries", len(held["mandates"]), ids(held["persons"]), len(held["audit"]))
	}
}

func TestTheViewThatADelegateWritesIsNotWritten(t *testing.T) {
	s := scene{stage.Embedded(t)}
	const view = "Only the delegate may know"
	s.Must(consultations.DraftNoun.In(s.Store).Insert(context.Background(), &consultations.FeedbackDraft{
		ID: consultations.DraftID("con_OPEN", "mem_ACTIVE", "usr_DELEGATE"), ConsultationID: "con_OPEN", EntityID: "mem_ACTIVE", Capacity: consultations.DelegateView, PersonID: new(kit.ID("usr_DELEGATE")),
		Answers:   []*consultations.DraftAnswer{{Answer: consultations.FeedbackAnswer{Question: "Q1", Text: new(view)}, Version: 1, EditorID: "usr_DELEGATE", EditedAt: "2025-01-01T00:00:00.000Z"}},
		ChangedAt: "2025-01-01T00:00:00.000Z", Dataset: kit.Demonstration,
	}))
	if text, held := s.holdings("mem_ACTIVE"); strings.Contains(text, view) || len(held["feedbackDrafts"]) != 1 {
		t.Errorf("drafts %q", ids(held["feedbackDrafts"]))
	}
}

func TestHoldingsAreForOperatorsAndTheSecretariat(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for name, c := range map[string]struct {
		actor kit.Actor
		id    kit.ID
		want  kit.Code
	}{
		"nobody":                   {stage.Nobody, "mem_ACTIVE", kit.Unauthenticated},
		"its focal point":          {stage.FocalPoint("mem_ACTIVE"), "mem_ACTIVE", kit.Forbidden},
		"its administration":       {stage.Uganda, "cty_UG", kit.Forbidden},
		"of no member":             {stage.Operator, "mem_NONE", kit.NotFound},
		"of no country":            {stage.Secretariat, "cty_XX", kit.NotFound},
		"of what is no such thing": {stage.Secretariat, "man_FOCAL", kit.NotFound},
	} {
		stage.Run(s, name, func(s scene) {
			var out strings.Builder
			s.Refused(s.Portal.Holdings(stage.By(c.actor), c.id, &out), c.want)
			if out.Len() > 0 {
				s.Errorf("wrote %q", out.String())
			}
		})
	}
	if err := s.Portal.Holdings(stage.By(stage.Operator), "mem_ACTIVE", full{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}

// full takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
