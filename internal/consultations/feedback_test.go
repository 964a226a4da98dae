package consultations_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// hashOf recomputes the hash of a receipt from what its entity is told.
func hashOf(r consultations.FeedbackReceipt) string {
	if r.Canonical == nil || r.Nonce == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(*r.Canonical + "\n" + *r.Nonce))
	return hex.EncodeToString(sum[:])
}

func TestAReceiptProvesWhatWasHandedIn(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		focal := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL")
		x := s.HandIn(focal, stage.Support("con_OPEN", "the first words"))
		first := *x.Receipt()
		var canonical struct {
			Consultation, Reference, Entity, Capacity, Publication, Language, At string
			Answers                                                              []struct{ Question, Position, Text string }
		}
		s.Must(json.Unmarshal([]byte(*first.Canonical), &canonical))
		if first.SHA256 != hashOf(first) || canonical.Reference != first.Reference || canonical.At != string(first.At) || canonical.Entity != "mem_ACTIVE" ||
			canonical.Consultation != "TESTBED_OPEN" || canonical.Publication != "ATTRIBUTED" || canonical.Capacity != "OFFICIAL" || canonical.Language != "EN" || len(canonical.Answers) != 3 {
			s.Errorf("the receipt is %s", stage.InJSON(first))
		}
		if first.At != kit.DateTimeOf(testkit.Now) || len(*first.Nonce) != 32 {
			s.Errorf("handed in at %s with the nonce %s", first.At, *first.Nonce)
		}

		amended, err := s.Portal.Feedback.Amend(stage.By(focal), consultations.AmendFeedbackInput{
			ID: x.ID, ExpectedVersion: int(x.StoredVersion), Publication: new(consultations.Anonymised), Answers: []consultations.FeedbackAnswerInput{{Question: "Q_LEGAL_TEXT", Text: new("the second words")}},
		})
		if err != nil || amended.Feedback == nil {
			s.Fatalf("amending: %v, %s", err, stage.InJSON(amended))
		}
		second, history := *amended.Feedback.Receipt(), amended.Feedback.Submissions()
		if second.SHA256 != hashOf(second) || second.SHA256 == first.SHA256 || second.Reference == first.Reference || *second.Nonce == *first.Nonce {
			s.Errorf("the receipts are %s and %s", stage.InJSON(first), stage.InJSON(second))
		}
		if len(history) != 2 || !reflect.DeepEqual(*history[0].Receipt(), first) || !reflect.DeepEqual(*history[1].Receipt(), second) ||
			*history[0].Answers[2].Text != "the first words" || *history[1].Answers[2].Text != "the second words" || history[0].Publication != consultations.Attributed {
			s.Errorf("the history is %s", stage.InJSON(history))
		}

		for _, a := range []kit.Actor{stage.Secretariat, stage.Reviewer} {
			x := s.SeenFeedback(a, x.ID)
			shown := []consultations.FeedbackReceipt{*x.Receipt()}
			for _, h := range x.Submissions() {
				shown = append(shown, *h.Receipt())
			}
			if len(shown) != 3 {
				s.Errorf("%v is shown %s", a.Roles, stage.InJSON(shown))
			}
			for _, r := range shown {
				if r.Nonce != nil || r.Canonical != nil || r.SHA256 == "" || r.Reference == "" {
					s.Errorf("%v is shown %s", a.Roles, stage.InJSON(r))
				}
			}
		}
		for _, a := range []kit.Actor{stage.Nobody, stage.Operator, stage.Applicant, stage.Kenya, stage.FocalPoint("mem_INTERNATIONAL"), {Subject: "usr_reviewer", Roles: []kit.Role{kit.RoleReviewer}, Groups: []string{"RAG"}}} {
			if s.SeenFeedback(a, x.ID) != nil {
				s.Errorf("%v sees it", a)
			}
		}
	})
}

func TestTheDeadlineIsTheEndOfTheLastDayInItsZone(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s, clock := moving(s.T, s.Store)
		clock.set(time.Date(2025, 3, 28, 12, 0, 0, 0, time.UTC), 0)
		if c := s.opened("WINTER", "2025-03-29", membership.RespondentSectorMember); c.Deadline != "2025-03-29T23:00:00.000Z" {
			s.Errorf("a day of winter ends at %s", c.Deadline)
		}
		c := s.opened("SUMMER", "2025-03-30", membership.RespondentSectorMember, membership.RespondentMemberState)
		if c.Deadline != "2025-03-30T22:00:00.000Z" || c.Zone != "Europe/Zurich" {
			s.Fatalf("it ends at %s in %s", c.Deadline, c.Zone)
		}
		focal, international, state := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL"), testkit.Actor("FOCAL_POINT mem_INTERNATIONAL usr_INTERNATIONAL"), stage.Uganda
		deadline := c.Deadline.Time()
		status := func(want consultations.ConsultationStatus) {
			s.Helper()
			now, err := s.Portal.Consultations.Get(stage.By(stage.Nobody), c.ID)
			s.Must(err)
			if now.Status() != want {
				s.Errorf("it is %s, not %s", now.Status(), want)
			}
		}
		closing := func() (*consultations.CloseConsultationPayload, error) {
			return s.Portal.Consultations.Close(stage.By(stage.Secretariat), consultations.CloseConsultationInput{ID: c.ID, ExpectedVersion: int(c.Version), Reason: new("all there")})
		}

		clock.set(deadline.Add(-time.Millisecond), 0)
		status(consultations.ConsultationOpen)
		early := s.HandIn(focal, stage.Support(c.ID, "in time"))
		if *early.Timeliness() != consultations.InTime || early.Receipt().At != "2025-03-30T21:59:59.999Z" {
			s.Errorf("one millisecond before it is %s at %s", *early.Timeliness(), early.Receipt().At)
		}
		if payload, err := closing(); err != nil || !slices.Equal(stage.FaultsOf(payload.UserErrors), []string{"NOT_ALLOWED_IN_STATE input.id"}) {
			s.Errorf("closing before the deadline: %v, %s", err, stage.InJSON(payload))
		}

		clock.set(deadline, 0)
		status(consultations.ConsultationDeadlinePassed)
		late := s.HandIn(international, stage.Support(c.ID, "late"))
		if *late.Timeliness() != consultations.Late || late.Receipt().At != c.Deadline {
			s.Errorf("at the deadline it is %s at %s", *late.Timeliness(), late.Receipt().At)
		}
		for _, x := range []*consultations.Feedback{early, late} {
			actor := focal
			if x == late {
				actor = international
			}
			in := consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Answers: []consultations.FeedbackAnswerInput{{Question: "Q_LEGAL_TEXT", Text: new("in other words")}}}
			amended, err := s.Portal.Feedback.Amend(stage.By(actor), in)
			if want := x == late; err != nil || (amended.Feedback != nil) != want || !want && !slices.Equal(stage.FaultsOf(amended.UserErrors), []string{"CLOSED input.id"}) {
				s.Errorf("amending after the deadline: %v, %s", err, stage.InJSON(amended))
			}
		}
		payload, err := closing()
		if err != nil || payload.Consultation == nil {
			s.Fatalf("closing after the deadline: %v, %s", err, stage.InJSON(payload))
		}
		status(consultations.ConsultationClosed)
		submitted, err := s.Portal.Feedback.Submit(stage.By(state), stage.Support(c.ID, "too late"))
		if err != nil || !slices.Equal(stage.FaultsOf(submitted.UserErrors), []string{"CLOSED input.consultation"}) {
			s.Errorf("submitting after closing: %v, %s", err, stage.InJSON(submitted))
		}
		saved, err := s.Portal.Feedback.SaveDraft(stage.By(state), consultations.SaveFeedbackDraftInput{Consultation: c.ID, Capacity: consultations.OfficialReply})
		if err != nil || !slices.Equal(stage.FaultsOf(saved.UserErrors), []string{"CLOSED input.consultation"}) {
			s.Errorf("drafting after closing: %v, %s", err, stage.InJSON(saved))
		}
		withdrawn, err := s.Portal.Feedback.Withdraw(stage.By(focal), consultations.WithdrawFeedbackInput{ID: early.ID, ExpectedVersion: int(early.StoredVersion)})
		if err != nil || !slices.Equal(stage.FaultsOf(withdrawn.UserErrors), []string{"CLOSED input.id"}) {
			s.Errorf("withdrawing after closing: %v, %s", err, stage.InJSON(withdrawn))
		}
	})
}
