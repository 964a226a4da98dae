package portal_test

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
)

// hashOf recomputes the hash of a receipt from what its entity is told.
func hashOf(r consultations.FeedbackReceipt) string {
	if r.Canonical == nil || r.Nonce == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(*r.Canonical + "\n" + *r.Nonce))
	return hex.EncodeToString(sum[:])
}

// seen is a reply as somebody sees it, nil for who sees nothing.
func (s stage) seen(a kit.Actor, id kit.ID) *consultations.Feedback {
	s.Helper()
	found, err := s.portal.Feedback.ByIDs(by(a), []kit.ID{id})
	s.must(err)
	return found[0]
}

func TestAReceiptProvesWhatWasHandedIn(t *testing.T) {
	onEngines(t, func(s stage) {
		focal := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL")
		x := s.handedIn(focal, support("con_OPEN", "the first words"))
		first := *x.Receipt()
		var canonical struct {
			Consultation, Reference, Entity, Capacity, Publication, Language, At string
			Answers                                                              []struct{ Question, Position, Text string }
		}
		s.must(json.Unmarshal([]byte(*first.Canonical), &canonical))
		if first.SHA256 != hashOf(first) || canonical.Reference != first.Reference || canonical.At != string(first.At) || canonical.Entity != "mem_ACTIVE" ||
			canonical.Consultation != "TESTBED_OPEN" || canonical.Publication != "ATTRIBUTED" || canonical.Capacity != "OFFICIAL" || canonical.Language != "EN" || len(canonical.Answers) != 3 {
			s.Errorf("the receipt is %s", inJSON(first))
		}
		if first.At != kit.DateTimeOf(testkit.Now) || len(*first.Nonce) != 32 {
			s.Errorf("handed in at %s with the nonce %s", first.At, *first.Nonce)
		}

		amended, err := s.portal.Feedback.Amend(by(focal), consultations.AmendFeedbackInput{
			ID: x.ID, ExpectedVersion: int(x.Ver), Publication: new(consultations.Anonymised), Answers: []consultations.FeedbackAnswerInput{{Question: "Q_LEGAL_TEXT", Text: new("the second words")}},
		})
		if err != nil || amended.Feedback == nil {
			s.Fatalf("amending: %v, %s", err, inJSON(amended))
		}
		second, history := *amended.Feedback.Receipt(), amended.Feedback.Submissions()
		if second.SHA256 != hashOf(second) || second.SHA256 == first.SHA256 || second.Reference == first.Reference || *second.Nonce == *first.Nonce {
			s.Errorf("the receipts are %s and %s", inJSON(first), inJSON(second))
		}
		if len(history) != 2 || !reflect.DeepEqual(*history[0].Receipt(), first) || !reflect.DeepEqual(*history[1].Receipt(), second) ||
			*history[0].Answers[2].Text != "the first words" || *history[1].Answers[2].Text != "the second words" || history[0].Publication != consultations.Attributed {
			s.Errorf("the history is %s", inJSON(history))
		}

		for _, a := range []kit.Actor{secretariat, reviewer} {
			x := s.seen(a, x.ID)
			shown := []consultations.FeedbackReceipt{*x.Receipt()}
			for _, h := range x.Submissions() {
				shown = append(shown, *h.Receipt())
			}
			if len(shown) != 3 {
				s.Errorf("%v is shown %s", a.Roles, inJSON(shown))
			}
			for _, r := range shown {
				if r.Nonce != nil || r.Canonical != nil || r.SHA256 == "" || r.Reference == "" {
					s.Errorf("%v is shown %s", a.Roles, inJSON(r))
				}
			}
		}
		for _, a := range []kit.Actor{nobody, operator, applicant, kenya, focalPoint("mem_INTERNATIONAL"), {Subject: "usr_reviewer", Roles: []kit.Role{kit.RoleReviewer}, Groups: []string{"RAG"}}} {
			if s.seen(a, x.ID) != nil {
				s.Errorf("%v sees it", a)
			}
		}
	})
}

func TestTheDeadlineIsTheEndOfTheLastDayInItsZone(t *testing.T) {
	onEngines(t, func(s stage) {
		s, clock := moving(s.T, s.store)
		clock.set(time.Date(2025, 3, 28, 12, 0, 0, 0, time.UTC), 0)
		if c := s.opened("WINTER", "2025-03-29", membership.RespondentSectorMember); c.Deadline != "2025-03-29T23:00:00.000Z" {
			s.Errorf("a day of winter ends at %s", c.Deadline)
		}
		c := s.opened("SUMMER", "2025-03-30", membership.RespondentSectorMember, membership.RespondentMemberState)
		if c.Deadline != "2025-03-30T22:00:00.000Z" || c.Zone != "Europe/Zurich" {
			s.Fatalf("it ends at %s in %s", c.Deadline, c.Zone)
		}
		focal, international, state := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL"), testkit.Actor("FOCAL_POINT mem_INTERNATIONAL usr_INTERNATIONAL"), uganda
		deadline := c.Deadline.Time()
		status := func(want consultations.ConsultationStatus) {
			s.Helper()
			now, err := s.portal.Consultations.Get(by(nobody), c.ID)
			s.must(err)
			if now.Status() != want {
				s.Errorf("it is %s, not %s", now.Status(), want)
			}
		}
		closing := func() (*consultations.CloseConsultationPayload, error) {
			return s.portal.Consultations.Close(by(secretariat), consultations.CloseConsultationInput{ID: c.ID, ExpectedVersion: int(c.Version), Reason: new("all there")})
		}

		clock.set(deadline.Add(-time.Millisecond), 0)
		status(consultations.ConsultationOpen)
		early := s.handedIn(focal, support(c.ID, "in time"))
		if *early.Timeliness() != consultations.InTime || early.Receipt().At != "2025-03-30T21:59:59.999Z" {
			s.Errorf("one millisecond before it is %s at %s", *early.Timeliness(), early.Receipt().At)
		}
		if payload, err := closing(); err != nil || !slices.Equal(faultsOf(payload.UserErrors), []string{"NOT_ALLOWED_IN_STATE input.id"}) {
			s.Errorf("closing before the deadline: %v, %s", err, inJSON(payload))
		}

		clock.set(deadline, 0)
		status(consultations.ConsultationDeadlinePassed)
		late := s.handedIn(international, support(c.ID, "late"))
		if *late.Timeliness() != consultations.Late || late.Receipt().At != c.Deadline {
			s.Errorf("at the deadline it is %s at %s", *late.Timeliness(), late.Receipt().At)
		}
		for _, x := range []*consultations.Feedback{early, late} {
			actor := focal
			if x == late {
				actor = international
			}
			in := consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.Ver), Answers: []consultations.FeedbackAnswerInput{{Question: "Q_LEGAL_TEXT", Text: new("in other words")}}}
			amended, err := s.portal.Feedback.Amend(by(actor), in)
			if want := x == late; err != nil || (amended.Feedback != nil) != want || !want && !slices.Equal(faultsOf(amended.UserErrors), []string{"CLOSED input.id"}) {
				s.Errorf("amending after the deadline: %v, %s", err, inJSON(amended))
			}
		}
		payload, err := closing()
		if err != nil || payload.Consultation == nil {
			s.Fatalf("closing after the deadline: %v, %s", err, inJSON(payload))
		}
		status(consultations.ConsultationClosed)
		submitted, err := s.portal.Feedback.Submit(by(state), support(c.ID, "too late"))
		if err != nil || !slices.Equal(faultsOf(submitted.UserErrors), []string{"CLOSED input.consultation"}) {
			s.Errorf("submitting after closing: %v, %s", err, inJSON(submitted))
		}
		saved, err := s.portal.Feedback.SaveDraft(by(state), consultations.SaveFeedbackDraftInput{Consultation: c.ID, Capacity: consultations.OfficialReply})
		if err != nil || !slices.Equal(faultsOf(saved.UserErrors), []string{"CLOSED input.consultation"}) {
			s.Errorf("drafting after closing: %v, %s", err, inJSON(saved))
		}
		withdrawn, err := s.portal.Feedback.Withdraw(by(focal), consultations.WithdrawFeedbackInput{ID: early.ID, ExpectedVersion: int(early.Ver)})
		if err != nil || !slices.Equal(faultsOf(withdrawn.UserErrors), []string{"CLOSED input.id"}) {
			s.Errorf("withdrawing after closing: %v, %s", err, inJSON(withdrawn))
		}
	})
}
