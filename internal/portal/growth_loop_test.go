package portal_test

import (
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// A focal point amends its reply in a loop: an amendment that says the same makes no version, the 50th
// handing in is the last, and the reply can be withdrawn all the same.
func TestAReplyThatIsAmendedInALoopStaysWithinItsBounds(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		focal := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL")
		x := s.HandIn(focal, stage.Support("con_OPEN", "the first words"))
		amend := func(answers ...consultations.FeedbackAnswerInput) *consultations.AmendFeedbackPayload {
			p, err := s.Portal.Feedback.Amend(stage.By(focal), consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Publication: new(consultations.Attributed), Answers: answers})
			s.Must(err)
			if p.Feedback != nil {
				x = p.Feedback
			}
			return p
		}
		version := x.StoredVersion
		for range 3 {
			if p := amend(); len(p.UserErrors) > 0 || x.StoredVersion != version || len(x.Submissions()) != 1 {
				s.Fatalf("no change made version %d with %d submissions: %s", x.StoredVersion, len(x.Submissions()), stage.InJSON(p.UserErrors))
			}
		}
		stored, err := consultations.FeedbackNoun.In(s.Store).Get(s.Context(), string(x.ID))
		s.Must(err)
		for n := 2; n < 50; n++ {
			h := stored.StoredSubmissions[0]
			h.Number = n
			stored.StoredSubmissions = append(stored.StoredSubmissions, h)
		}
		s.Must(consultations.FeedbackNoun.In(s.Store).Replace(s.Context(), stored))
		x.StoredVersion = stored.StoredVersion
		if p := amend(consultations.FeedbackAnswerInput{Question: "Q_LEGAL_TEXT", Text: new("words 50")}); len(p.UserErrors) > 0 {
			s.Fatalf("the 50th: %s", stage.InJSON(p.UserErrors))
		}
		p := amend(consultations.FeedbackAnswerInput{Question: "Q_LEGAL_TEXT", Text: new("one too many")})
		if len(p.UserErrors) != 1 || p.UserErrors[0].Code != kit.CodeFull || len(s.SeenFeedback(focal, x.ID).Submissions()) != 50 {
			s.Fatalf("the 51st: %s", stage.InJSON(p.UserErrors))
		}
		if got := *s.SeenFeedback(focal, x.ID).Submissions()[49].Answers[2].Text; got != "words 50" {
			s.Errorf("the latest state is %q", got)
		}
		w, err := s.Portal.Feedback.Withdraw(stage.By(focal), consultations.WithdrawFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion)})
		if err != nil || len(w.UserErrors) > 0 {
			s.Errorf("withdrawing: %v, %s", err, stage.InJSON(w))
		}
	})
}

// A person has ten calendar links, all of them listed; they end with the mandate of the person.
func TestCalendarLinksAreFewListedAndEndWithTheMandate(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		focal := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL")
		var path string
		made := 1 // the fixture's own
		for ; made < 10; made++ {
			p, err := s.Portal.Calendars.CreateLink(stage.By(focal), events.CreateCalendarLinkInput{})
			if err != nil || len(p.UserErrors) > 0 {
				s.Fatalf("link %d: %v, %s", made+1, err, stage.InJSON(p))
			}
			path = *p.Path
		}
		p, err := s.Portal.Calendars.CreateLink(stage.By(focal), events.CreateCalendarLinkInput{})
		s.Must(err)
		if len(p.UserErrors) != 1 || p.UserErrors[0].Code != kit.CodeFull {
			s.Errorf("the 11th link: %s", stage.InJSON(p))
		}
		links, err := s.Portal.Calendars.Of(stage.By(focal))
		if s.Must(err); len(links) != 10 {
			s.Errorf("%d of 10 links are listed", len(links))
		}
		delegate := testkit.Actor("DELEGATE mem_ACTIVE usr_DELEGATE")
		own, err := s.Portal.Calendars.CreateLink(stage.By(delegate), events.CreateCalendarLinkInput{})
		s.Must(err)
		for actor, want := range map[string]int{"DELEGATE mem_ACTIVE usr_DELEGATE": 1, "FOCAL_POINT mem_ACTIVE usr_FOCAL": 10, "DELEGATE mem_LEAVING usr_STRANGER": 0, "SECRETARIAT": 0} {
			links, err := s.Portal.Calendars.Of(stage.By(testkit.Actor(actor)))
			s.Must(err)
			if shown, err := s.Portal.Calendars.ByIDs(stage.By(testkit.Actor(actor)), []kit.ID{own.CalendarLink.ID}); err != nil || len(links) != want || (shown[0] != nil) != (want == 1) {
				s.Errorf("%s is shown %d links, and the delegate's: %v, %v", actor, len(links), shown[0] != nil, err)
			}
		}
		secret := path[len("/calendar/own/") : len(path)-len(".ics")]
		works := func() bool {
			own, err := s.Portal.Calendars.Own(s.Context(), secret)
			s.Must(err)
			return own != nil
		}
		if !works() {
			s.Error("the link does not work")
		}
		if p, err := s.Portal.Calendars.CreateLink(stage.By(testkit.Actor("FOCAL_POINT mem_ACTIVE usr_STRANGER")), events.CreateCalendarLinkInput{Entity: new(kit.ID("mem_LEAVING"))}); err == nil {
			s.Errorf("for another member: %s", stage.InJSON(p))
		}

		other := testkit.Actor("SECRETARIAT")
		m, err := people.MandateNoun.In(s.Store).Get(s.Context(), "man_FOCAL")
		s.Must(err)
		ended, err := s.Portal.Mandates.End(stage.By(other), people.EndMandateInput{ID: "man_FOCAL", ExpectedVersion: int(m.Version), EndsOn: "2025-03-31", Reason: new("dismissed")})
		if err != nil || len(ended.UserErrors) > 0 {
			s.Fatalf("ending the mandate: %v, %s", err, stage.InJSON(ended))
		}
		links, err = s.Portal.Calendars.Of(stage.By(focal))
		if s.Must(err); works() || len(links) > 0 {
			s.Errorf("after the mandate: the link works: %v, %d are listed", works(), len(links))
		}
	})
}
