package portal_test

import (
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
)

// A focal point amends its reply in a loop: an amendment that says the same makes no version, the 50th
// handing in is the last, and the reply can be withdrawn all the same.
func TestAReplyThatIsAmendedInALoopStaysWithinItsBounds(t *testing.T) {
	onEngines(t, func(s stage) {
		focal := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL")
		x := s.handedIn(focal, support("con_OPEN", "the first words"))
		amend := func(answers ...consultations.FeedbackAnswerInput) *consultations.AmendFeedbackPayload {
			p, err := s.portal.Feedback.Amend(by(focal), consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.Ver), Publication: new(consultations.Attributed), Answers: answers})
			s.must(err)
			if p.Feedback != nil {
				x = p.Feedback
			}
			return p
		}
		version := x.Ver
		for range 3 {
			if p := amend(); len(p.UserErrors) > 0 || x.Ver != version || len(x.Submissions()) != 1 {
				s.Fatalf("no change made version %d with %d submissions: %s", x.Ver, len(x.Submissions()), inJSON(p.UserErrors))
			}
		}
		stored, err := consultations.FeedbackNoun.In(s.store).Get(s.Context(), string(x.ID))
		s.must(err)
		for n := 2; n < 50; n++ {
			h := stored.Handed[0]
			h.Number = n
			stored.Handed = append(stored.Handed, h)
		}
		s.must(consultations.FeedbackNoun.In(s.store).Replace(s.Context(), stored))
		x.Ver = stored.Ver
		if p := amend(consultations.FeedbackAnswerInput{Question: "Q_LEGAL_TEXT", Text: new("words 50")}); len(p.UserErrors) > 0 {
			s.Fatalf("the 50th: %s", inJSON(p.UserErrors))
		}
		p := amend(consultations.FeedbackAnswerInput{Question: "Q_LEGAL_TEXT", Text: new("one too many")})
		if len(p.UserErrors) != 1 || p.UserErrors[0].Code != kit.CodeFull || len(s.seen(focal, x.ID).Submissions()) != 50 {
			s.Fatalf("the 51st: %s", inJSON(p.UserErrors))
		}
		if got := *s.seen(focal, x.ID).Submissions()[49].Answers[2].Text; got != "words 50" {
			s.Errorf("the latest state is %q", got)
		}
		w, err := s.portal.Feedback.Withdraw(by(focal), consultations.WithdrawFeedbackInput{ID: x.ID, ExpectedVersion: int(x.Ver)})
		if err != nil || len(w.UserErrors) > 0 {
			s.Errorf("withdrawing: %v, %s", err, inJSON(w))
		}
	})
}

// A person has ten calendar links, all of them listed; they end with the mandate of the person.
func TestCalendarLinksAreFewListedAndEndWithTheMandate(t *testing.T) {
	onEngines(t, func(s stage) {
		focal := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL")
		var path string
		made := 1 // the fixture's own
		for ; made < 10; made++ {
			p, err := s.portal.Calendars.CreateLink(by(focal), events.CreateCalendarLinkInput{})
			if err != nil || len(p.UserErrors) > 0 {
				s.Fatalf("link %d: %v, %s", made+1, err, inJSON(p))
			}
			path = *p.Path
		}
		p, err := s.portal.Calendars.CreateLink(by(focal), events.CreateCalendarLinkInput{})
		s.must(err)
		if len(p.UserErrors) != 1 || p.UserErrors[0].Code != kit.CodeFull {
			s.Errorf("the 11th link: %s", inJSON(p))
		}
		links, err := s.portal.Calendars.Of(by(focal))
		if s.must(err); len(links) != 10 {
			s.Errorf("%d of 10 links are listed", len(links))
		}
		secret := path[len("/calendar/own/") : len(path)-len(".ics")]
		works := func() bool {
			_, ok, err := s.portal.Calendars.Own(s.Context(), secret)
			s.must(err)
			return ok
		}
		if !works() {
			s.Error("the link does not work")
		}
		if p, err := s.portal.Calendars.CreateLink(by(testkit.Actor("FOCAL_POINT mem_ACTIVE usr_STRANGER")), events.CreateCalendarLinkInput{}); err != nil || len(p.UserErrors) != 1 || p.UserErrors[0].Code != kit.CodeNotEligible {
			s.Errorf("without a mandate: %v, %s", err, inJSON(p))
		}

		other := testkit.Actor("SECRETARIAT")
		m, err := membership.MandateNoun.In(s.store).Get(s.Context(), "man_FOCAL")
		s.must(err)
		ended, err := s.portal.Mandates.End(by(other), membership.EndMandateInput{ID: "man_FOCAL", ExpectedVersion: int(m.Version), EndsOn: "2025-03-31", Reason: new("dismissed")})
		if err != nil || len(ended.UserErrors) > 0 {
			s.Fatalf("ending the mandate: %v, %s", err, inJSON(ended))
		}
		links, err = s.portal.Calendars.Of(by(focal))
		if s.must(err); works() || len(links) > 0 {
			s.Errorf("after the mandate: the link works: %v, %d are listed", works(), len(links))
		}
	})
}
