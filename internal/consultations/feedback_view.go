package consultations

import (
	"slices"

	"memberportal/internal/kit"
)

// feedbackView is how much a reader may see of a reply.
type feedbackView int

// The views. Each shows what is named beside it and all that the views before it show, unless noted.
const (
	seesNothing    feedbackView = iota
	seesAnonymous               // the answers
	seesAttributed              // and the respondent
	seesReview                  // and receipts, history and sorting, as reviewers do
	seesRecord                  // and who submitted it, as the secretariat does
	seesOwn                     // and nonces and no sorting, as the entity does
)

// viewed is the view of the actor on a reply; closed is its consultation, or nil while that is not closed.
func (x *Feedback) viewed(a kit.Actor, closed *Consultation) feedbackView {
	own := a.ActsFor(x.EntityID) && (x.PersonID == nil || *x.PersonID == a.Subject || a.SpeaksFor(x.EntityID))
	stands := x.Status == FeedbackSubmitted
	switch {
	case own:
		return seesOwn
	case a.Has(kit.ConsultationsSecretariat):
		return seesRecord
	case a.Reviews(x.Group) && stands:
		return seesReview
	case !closed.publishes(x):
		return seesNothing
	case x.Publication() == Attributed:
		return seesAttributed
	}
	return seesAnonymous
}

// Version is the version of the record, nil for readers who see only what is published.
func (x *Feedback) Version() *int64 {
	if x.view < seesReview {
		return nil
	}
	return &x.StoredVersion
}

// Publication says what may be published of the reply.
func (x *Feedback) Publication() Publication { return x.last().Publication }

// Timeliness says whether the latest submission came in time, nil if the reader may not see the respondent.
func (x *Feedback) Timeliness() *Timeliness {
	if x.view < seesAttributed {
		return nil
	}
	return &x.last().StoredReceipt.Timeliness
}

// Language is the language of the reply. It is nil if the reader sees neither the respondent nor a text, so that
// nobody can tell a reply with withheld texts from one without texts.
func (x *Feedback) Language() *kit.Locale {
	if x.view < seesAttributed && !slices.ContainsFunc(x.Answers(), FeedbackAnswer.written) {
		return nil
	}
	return &x.last().Language
}

// ContactConsent says whether the secretariat may write to the person who submitted the reply; nil for readers who
// may not know.
func (x *Feedback) ContactConsent() *bool {
	if x.view < seesRecord {
		return nil
	}
	return &x.last().ContactConsent
}

// Answers are the answers of the latest submission. An answer whose text is withheld is left out as a whole,
// because an empty text would reveal that the reply is in a rare language.
func (x *Feedback) Answers() []FeedbackAnswer {
	switch {
	case x.view == seesNothing:
		return []FeedbackAnswer{}
	case x.view == seesAnonymous && x.textsWithheld:
		return slices.DeleteFunc(slices.Clone(x.last().Answers), FeedbackAnswer.written)
	}
	return x.last().Answers
}

// CitationAgreedAt is when the respondent agreed that a paragraph on few replies may cite this one. It is nil if
// the respondent did not, and for readers who see only what is published.
func (x *Feedback) CitationAgreedAt() *kit.DateTime {
	if x.view < seesReview || x.StoredCitationAgreement == nil {
		return nil
	}
	return &x.StoredCitationAgreement.At
}

// Respondent is what was known of the respondent, nil if the reader may not see who replied.
func (x *Feedback) Respondent() *Respondent {
	if x.view < seesAttributed {
		return nil
	}
	return &x.StoredRespondent
}

// Receipt is the latest receipt, nil for readers who see only what is published.
func (x *Feedback) Receipt() *FeedbackReceipt {
	if x.view < seesReview {
		return nil
	}
	return x.last().StoredReceipt.shown(x.view)
}

// Submissions are all submissions, nil for readers who see only what is published.
func (x *Feedback) Submissions() []FeedbackSubmission {
	if x.view < seesReview {
		return nil
	}
	shown := slices.Clone(x.StoredSubmissions)
	for i := range shown {
		shown[i].StoredReceipt = *shown[i].StoredReceipt.shown(x.view)
	}
	return shown
}

// Receipt is the receipt of the submission.
func (s FeedbackSubmission) Receipt() *FeedbackReceipt { return &s.StoredReceipt }

// Classification says how the reply was sorted, nil for readers who may not sort it.
func (x *Feedback) Classification() *FeedbackClassification {
	if x.view != seesReview && x.view != seesRecord {
		return nil
	}
	return x.StoredClassification
}
