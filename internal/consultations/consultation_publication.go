package consultations

import "memberportal/internal/kit"

// AnonymousPool says that the anonymised replies of a capacity are published. It is set when the consultation is
// closed, because only then is their number final.
type AnonymousPool struct {
	Capacity FeedbackCapacity `bson:"capacity"`
	// Replies is the number of anonymised replies.
	Replies int `bson:"replies"`
	// Languages are the languages with at least five of these replies. Texts in other languages are not published,
	// because a rare language would reveal the author.
	Languages []kit.Locale `bson:"languages" most:"6"`
}

// ConsultationErratum says that published replies are no longer published.
type ConsultationErratum struct {
	At kit.DateTime `bson:"at"`
	// Was says how they were published.
	Was     Publication `bson:"was"`
	Replies int         `bson:"replies"`
}

// FeedbackCapacity says for whom a reply speaks.
type FeedbackCapacity string

// The capacities: for the entity, or for a delegate personally.
const (
	OfficialReply FeedbackCapacity = "OFFICIAL"
	DelegateView  FeedbackCapacity = "DELEGATE_VIEW"
)

// FeedbackCapacities are all values of FeedbackCapacity.
var FeedbackCapacities = []FeedbackCapacity{OfficialReply, DelegateView}

// Valid returns an error for a value that is not in FeedbackCapacities.
func (v FeedbackCapacity) Valid() error {
	return kit.CheckOneOf(v, FeedbackCapacities, "feedback capacity")
}

// Publication says what may be published of a reply once the consultation is closed.
type Publication string

// The publications: all of the reply, the reply without its respondent, or nothing.
const (
	Attributed   Publication = "ATTRIBUTED"
	Anonymised   Publication = "ANONYMISED"
	Confidential Publication = "CONFIDENTIAL"
)

// Publications are all values of Publication.
var Publications = []Publication{Attributed, Anonymised, Confidential}

// Valid returns an error for a value that is not in Publications.
func (v Publication) Valid() error { return kit.CheckOneOf(v, Publications, "publication") }
