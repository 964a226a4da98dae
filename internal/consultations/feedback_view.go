package consultations

import (
	"slices"

	"memberportal/internal/kit"
)

// feedbackView is what a reader may see of a reply.
type feedbackView int

// The views, each with all that those before it show.
const (
	seesNothing    feedbackView = iota
	seesAnonymous               // the answers
	seesAttributed              // and the respondent
	seesReview                  // and receipts, history and sorting, as reviewers do
	seesRecord                  // and who handed it in, as the secretariat does
	seesOwn                     // and nonces and no sorting, as the entity does
)

// viewed is what the actor sees of a reply; closed is its consultation, nil until that is closed.
func (x *Feedback) viewed(a kit.Actor, closed *Consultation) feedbackView {
	own := a.ActsFor(x.EntityID) && (x.PersonID == nil || *x.PersonID == a.Subject || a.SpeaksFor(x.EntityID))
	stands := x.Status == FeedbackSubmitted
	switch {
	case own:
		return seesOwn
	case a.Has(kit.RoleSecretariat):
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

// Version is the record's, nil for who reads what is published.
func (x *Feedback) Version() *int64 {
	if x.view < seesReview {
		return nil
	}
	return &x.StoredVersion
}

// Publication is what may be published of it.
func (x *Feedback) Publication() Publication { return x.last().Publication }

// Timeliness says whether what holds came in time, nil where the respondent is not named.
func (x *Feedback) Timeliness() *Timeliness {
	if x.view < seesAttributed {
		return nil
	}
	return &x.last().StoredReceipt.Timeliness
}

// Language is the one that it is in; nil where the respondent is not named and no text is shown, so that
// nobody can tell a reply whose texts are withheld from one that has none.
func (x *Feedback) Language() *kit.Locale {
	if x.view < seesAttributed && !slices.ContainsFunc(x.Answers(), FeedbackAnswer.written) {
		return nil
	}
	return &x.last().Language
}

// ContactConsent says whether the secretariat may write to who handed it in.
func (x *Feedback) ContactConsent() *bool {
	if x.view < seesRecord {
		return nil
	}
	return &x.last().ContactConsent
}

// Answers are those that hold. Texts that are withheld are left out whole: an empty answer would tell that
// the reply is in a rare language.
func (x *Feedback) Answers() []FeedbackAnswer {
	switch {
	case x.view == seesNothing:
		return []FeedbackAnswer{}
	case x.view == seesAnonymous && x.textsWithheld:
		return slices.DeleteFunc(slices.Clone(x.last().Answers), FeedbackAnswer.written)
	}
	return x.last().Answers
}

// CitationAgreedAt is when the respondent agreed that a paragraph on few replies rests on this one; nil if
// it has not, and for who reads what is published.
func (x *Feedback) CitationAgreedAt() *kit.DateTime {
	if x.view < seesReview || x.StoredCitationAgreement == nil {
		return nil
	}
	return &x.StoredCitationAgreement.At
}

// Respondent is what was known of the respondent, nil where that is not published.
func (x *Feedback) Respondent() *Respondent {
	if x.view < seesAttributed {
		return nil
	}
	return &x.StoredRespondent
}

// Receipt is the latest one, nil for who reads what is published.
func (x *Feedback) Receipt() *FeedbackReceipt {
	if x.view < seesReview {
		return nil
	}
	return x.last().StoredReceipt.shown(x.view)
}

// Submissions are all handings in, nil for who reads what is published.
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

// Receipt is that of the submission.
func (s FeedbackSubmission) Receipt() *FeedbackReceipt { return &s.StoredReceipt }

// Classification says how it was sorted, to who sorts.
func (x *Feedback) Classification() *FeedbackClassification {
	if x.view != seesReview && x.view != seesRecord {
		return nil
	}
	return x.StoredClassification
}
