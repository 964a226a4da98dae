package stage

import (
	"memberportal/internal/consultations"
	"memberportal/internal/kit"
)

// Support is a reply that supports and says something.
func Support(c kit.ID, text string) consultations.SubmitFeedbackInput {
	return consultations.SubmitFeedbackInput{
		Consultation: c, Capacity: consultations.OfficialReply, Publication: consultations.Attributed, Language: kit.English,
		Answers: []consultations.FeedbackAnswerInput{{Question: "Q_POSITION", Position: new(consultations.PositionSupport)}, {Question: "Q_LEGAL_TEXT", Text: &text}},
	}
}

// HandIn hands in a reply and ends the test if it is not taken.
func (s Stage) HandIn(a kit.Actor, in consultations.SubmitFeedbackInput) *consultations.Feedback {
	s.Helper()
	payload, err := s.Portal.Feedback.Submit(By(a), in)
	if err != nil || payload.Feedback == nil {
		s.Fatalf("%s: %v, %s", a.Subject, err, InJSON(payload))
	}
	return payload.Feedback
}

// SeenFeedback is a reply as somebody sees it, nil for who sees nothing.
func (s Stage) SeenFeedback(a kit.Actor, id kit.ID) *consultations.Feedback {
	s.Helper()
	found, err := s.Portal.Feedback.ByIDs(By(a), []kit.ID{id})
	s.Must(err)
	return found[0]
}
