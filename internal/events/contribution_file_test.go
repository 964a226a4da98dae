package events_test

import (
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

// TestTheFileOfAContributionIsReadByWhoeverSeesIt walks from the proposal to the publication: its proposer and the
// secretariat read the file, another member does not; the file that is replaced is given up, and the one that is published
// is the event's, for everybody.
func TestTheFileOfAContributionIsReadByWhoeverSeesIt(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		proposer := kit.ActingFor("usr_FOCAL", kit.RoleFocalPoint, "mem_ACTIVE")
		reads := func(file kit.ID, a kit.Actor, want bool) {
			s.Helper()
			found, err := s.Portal.Files.Open(stage.By(a), file)
			s.Must(err)
			if (found != nil) != want {
				s.Errorf("%s reads %s: %v", a.Subject, file, found != nil)
			}
		}
		others := []kit.Actor{stage.Nobody, kit.ActingFor("usr_OTHER", kit.RoleFocalPoint, "mem_INTERNATIONAL")}
		submitted, err := s.Portal.Contributions.Submit(stage.By(proposer), events.SubmitContributionInput{
			Event: new(kit.ID("evt_OPEN")), Title: "Statutes", Abstract: "What we propose.", Source: &files.DocumentSourceInput{File: new(kit.ID("fil_STATUTES"))}, Language: kit.English, Topic: new("GUIDELINE_1"),
		})
		s.Must(err)
		s.none(submitted.UserErrors)
		c := submitted.Contribution
		reads("fil_STATUTES", stage.Secretariat, true)
		reads("fil_STATUTES", stage.DelegateOfActive, true)
		for _, other := range others {
			reads("fil_STATUTES", other, false)
		}

		amended, err := s.Portal.Contributions.Amend(stage.By(proposer), events.AmendContributionInput{ID: c.ID, ExpectedVersion: int(c.Version), Source: &files.DocumentSourceInput{File: new(kit.ID("fil_LOGO"))}})
		s.Must(err)
		s.none(amended.UserErrors)
		reads("fil_STATUTES", stage.Secretariat, false)
		reads("fil_LOGO", stage.Secretariat, true)

		decided, err := s.Portal.Contributions.Decide(stage.By(stage.Secretariat), events.DecideContributionInput{ID: c.ID, ExpectedVersion: int(amended.Contribution.Version), Decision: events.PublishContribution})
		s.Must(err)
		s.none(decided.UserErrors)
		for _, anybody := range append(others, proposer, stage.Secretariat) {
			reads("fil_LOGO", anybody, true)
		}
		if public, err := s.Portal.Files.OpenPublic(stage.By(stage.Nobody), decided.Contribution.File.SHA256); err != nil || public == nil || kit.Deref(decided.Contribution.URL()) != public.File.URL() {
			s.Errorf("its address is %s, and the file there %v, %v", kit.Deref(decided.Contribution.URL()), public, err)
		}
		s.Must(s.Portal.Files.Tidy(s.Context()))
		reads("fil_LOGO", stage.Nobody, true)
	})
}
