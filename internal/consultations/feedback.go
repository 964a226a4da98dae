package consultations

import (
	"context"
	"errors"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// FeedbackCapacity says as what something is said.
type FeedbackCapacity string

// The capacities.
const (
	OfficialReply FeedbackCapacity = "OFFICIAL"
	DelegateView  FeedbackCapacity = "DELEGATE_VIEW"
)

// FeedbackCapacities are both.
var FeedbackCapacities = []FeedbackCapacity{OfficialReply, DelegateView}

// Valid refuses what is none of FeedbackCapacities.
func (v FeedbackCapacity) Valid() error {
	return kit.CheckOneOf(v, FeedbackCapacities, "feedback capacity")
}

// Publication is what may be published of a reply once the consultation is closed.
type Publication string

// The publications.
const (
	Attributed   Publication = "ATTRIBUTED"
	Anonymised   Publication = "ANONYMISED"
	Confidential Publication = "CONFIDENTIAL"
)

// Publications are all of them.
var Publications = []Publication{Attributed, Anonymised, Confidential}

// Valid refuses what is none of Publications.
func (v Publication) Valid() error { return kit.CheckOneOf(v, Publications, "publication") }

// FeedbackStatus is where a reply stands.
type FeedbackStatus string

// The statuses.
const (
	FeedbackSubmitted FeedbackStatus = "SUBMITTED"
	FeedbackWithdrawn FeedbackStatus = "WITHDRAWN"
)

// FeedbackStatuses are both.
var FeedbackStatuses = []FeedbackStatus{FeedbackSubmitted, FeedbackWithdrawn}

// Valid refuses what is none of FeedbackStatuses.
func (v FeedbackStatus) Valid() error { return kit.CheckOneOf(v, FeedbackStatuses, "feedback status") }

// Timeliness says whether a reply came in time.
type Timeliness string

// The values.
const (
	InTime Timeliness = "IN_TIME"
	Late   Timeliness = "LATE"
)

// Timelinesses are both.
var Timelinesses = []Timeliness{InTime, Late}

// Valid refuses what is none of Timelinesses.
func (v Timeliness) Valid() error { return kit.CheckOneOf(v, Timelinesses, "timeliness") }

// FeedbackSubmission is one handing in of a reply: the first, or an amendment.
type FeedbackSubmission struct {
	// Number counts from 1.
	Number         int              `bson:"number"`
	By             kit.ID           `bson:"by"`
	Publication    Publication      `bson:"publication"`
	Language       kit.Locale       `bson:"language"`
	ContactConsent bool             `bson:"contactConsent"`
	Answers        []FeedbackAnswer `bson:"answers" most:"60"`
	StoredReceipt  FeedbackReceipt  `bson:"receipt"`
	// Reason is why the reply was made confidential after the consultation was closed; nil for all others.
	Reason *string `bson:"reason,omitempty"`
}

// FeedbackClassification says how a reply was sorted.
type FeedbackClassification struct {
	Tags          []string     `bson:"tags" most:"20"`
	Topics        []string     `bson:"topics" most:"200"`
	CampaignGroup *string      `bson:"campaignGroup,omitempty"`
	At            kit.DateTime `bson:"at"`
	By            kit.ID       `bson:"by"`
}

// Feedback is a reply to a consultation that was handed in. What it answers depends on what the service
// found that the reader may see; until then it answers nothing.
type Feedback struct {
	ID             kit.ID `bson:"_id"`
	StoredVersion  int64  `bson:"version"`
	ConsultationID kit.ID `bson:"consultation"`
	// Group is the consultation's, whose reviewers read it.
	Group    string           `bson:"group"`
	EntityID kit.ID           `bson:"entity"`
	Capacity FeedbackCapacity `bson:"capacity"`
	// PersonID is the delegate whose view it is; nil for an official reply.
	PersonID         *kit.ID    `bson:"person,omitempty"`
	StoredRespondent Respondent `bson:"respondent"`
	// StoredSubmissions are all handings in, oldest first; the last one holds.
	StoredSubmissions    []FeedbackSubmission    `bson:"submissions" most:"60"`
	Status               FeedbackStatus          `bson:"status"`
	StoredClassification *FeedbackClassification `bson:"classification,omitempty"`
	// StoredCitationAgreement is set once the respondent agreed that a paragraph on few replies rests on this one.
	StoredCitationAgreement *CitationAgreement `bson:"citationAgreement,omitempty"`
	// ToldOfFew is when the respondent was told that too few replies are anonymised to publish any.
	ToldOfFew *kit.DateTime `bson:"toldOfFew,omitempty"`
	Dataset   kit.Dataset   `bson:"dataset"`

	view feedbackView
	// textsWithheld says that of an anonymised reply the texts are not published.
	textsWithheld bool
	with          *kit.Together[*Feedback]
}

// IsNode marks a type that node and nodes can answer.
func (x *Feedback) IsNode() {}

// last is the handing in that holds.
func (x *Feedback) last() *FeedbackSubmission {
	return &x.StoredSubmissions[len(x.StoredSubmissions)-1]
}

func (x *Feedback) timeliness() Timeliness { return x.last().StoredReceipt.Timeliness }

// standing joins capacity and timeliness, which are mostly asked together.
func (x *Feedback) standing() string { return replyStanding(x.Capacity, x.timeliness()) }

func replyStanding(c FeedbackCapacity, t Timeliness) string { return string(c) + "/" + string(t) }

var replyStandings = func() (all []string) {
	for _, c := range FeedbackCapacities {
		for _, t := range Timelinesses {
			all = append(all, replyStanding(c, t))
		}
	}
	return all
}()

// FeedbackNoun is how replies are stored: those to a consultation and those of an entity, in the order
// in which they were first handed in; and those that are published by their ids, which tell no order.
var FeedbackNoun = store.Declare(store.Noun[Feedback]{
	Name:     "feedback",
	Identity: func(x *Feedback) (string, *int64) { return string(x.ID), &x.StoredVersion },
	Keys: []store.Key[Feedback]{
		store.One("consultation", func(x *Feedback, _ string) string { return string(x.ConsultationID) }),
		store.One("entity", func(x *Feedback, _ string) string { return string(x.EntityID) }),
		store.OneOf("status", FeedbackStatuses, func(x *Feedback, _ string) FeedbackStatus { return x.Status }),
		store.OneOf("standing", replyStandings, func(x *Feedback, _ string) string { return x.standing() }),
		store.OneOf("publication", Publications, func(x *Feedback, _ string) Publication { return x.Publication() }),
		store.OneOf("kind", membership.RespondentKinds, func(x *Feedback, _ string) membership.RespondentKind { return x.StoredRespondent.Kind }),
		store.OneOf("region", country.Regions, func(x *Feedback, _ string) country.Region { return x.StoredRespondent.Region }),
		store.Many("tag", func(x *Feedback, _ string) []string {
			if x.StoredClassification == nil {
				return nil
			}
			return x.StoredClassification.Tags
		}),
		store.One("campaign", func(x *Feedback, _ string) string { return x.campaign() }),
		store.Many("answered", func(x *Feedback, _ string) []string {
			var all []string
			for _, h := range x.StoredSubmissions {
				for _, a := range h.Answers {
					all = append(all, answeredKey(x.ConsultationID, a.Question))
				}
			}
			return all
		}),
		store.One("at", func(x *Feedback, _ string) string { return string(x.StoredSubmissions[0].StoredReceipt.At) }),
		store.Unique("holder", func(x *Feedback) string { return feedbackHolder(x.ConsultationID, x.EntityID, kit.Deref(x.PersonID)) }),
	},
	Listings: []store.Listing{
		{Equal: []string{"consultation", "status", "standing"}, Sort: "at"},
		{Equal: []string{"consultation", "status", "standing", "kind", "region"}, Sort: "at"},
		{Equal: []string{"consultation", "status", "publication", "standing"}, Sort: "at"},
		{Equal: []string{"consultation", "status", "publication", "standing"}},
		{Equal: []string{"consultation", "status", "publication", "standing", "kind", "region"}, Sort: "at"},
		{Equal: []string{"consultation", "status", "publication", "standing", "kind", "region"}},
		{Has: "tag", Equal: []string{"consultation", "status", "standing"}, Sort: "at"},
		{Equal: []string{"consultation", "campaign", "status", "standing"}, Sort: "at"},
		{Equal: []string{"entity", "status", "standing"}, Sort: "at"},
		{Has: "answered"},
	},
})

// answeredKey ends with a separator, so that no question's key is the beginning of another's.
func answeredKey(consultation kit.ID, question string) string {
	return strings.Join([]string{string(consultation), question, ""}, events.TallySeparator)
}

func feedbackHolder(consultation, entity kit.ID, person string) string {
	return strings.Join([]string{string(consultation), string(entity), person}, "/")
}

func (x *Feedback) campaign() string {
	if x.StoredClassification == nil || x.StoredClassification.CampaignGroup == nil {
		return ""
	}
	return *x.StoredClassification.CampaignGroup
}

// Valid refuses a reply that was never handed in.
func (x *Feedback) Valid() error {
	if len(x.StoredSubmissions) == 0 {
		return errors.New("a reply that was never handed in")
	}
	return nil
}

// feedbackEditions are the published syntheses of replies.
type feedbackEditions interface {
	// correct takes replies that are no longer published out of the published synthesis of a consultation.
	correct(context.Context, *Consultation) error
}

// FeedbackService takes replies and drafts of them, and shows them to who may read them.
type FeedbackService struct {
	core           *kit.Core
	feedback       store.Collection[Feedback]
	drafts         store.Collection[FeedbackDraft]
	counted        store.Collection[CountedAnswer]
	consultations  *ConsultationService
	participations *ParticipationService
	mandates       *membership.MandateService
	members        *membership.MemberService
	persons        *membership.PersonService
	editions       feedbackEditions
}

// show gives replies that were read in one call what the caller may see of them, nil for those of which
// that is nothing. Which consultations are closed costs one call, and none for who reads all.
func (s *FeedbackService) show(ctx context.Context, found []*Feedback) error {
	actor, with, respondents := kit.ActorOf(ctx), &kit.Together[*Feedback]{}, &kit.Together[*Respondent]{}
	var unsure []kit.ID
	for _, x := range found {
		if x != nil && x.viewed(actor, nil) == seesNothing {
			unsure = append(unsure, x.ConsultationID)
		}
	}
	closed := map[kit.ID]*Consultation{}
	consultations, err := s.consultations.stored(ctx, unsure)
	if err != nil {
		return err
	}
	for _, c := range consultations {
		if c != nil && c.StoredStatus == ConsultationClosed {
			closed[c.ID] = c
		}
	}
	for i, x := range found {
		if x == nil {
			continue
		}
		if x.view = x.viewed(actor, closed[x.ConsultationID]); x.view == seesNothing {
			found[i] = nil
			continue
		}
		x.textsWithheld = x.view == seesAnonymous && !closed[x.ConsultationID].tells(x)
		x.with, with.Items, x.StoredRespondent.from = with, append(with.Items, x), s.participations
		x.StoredRespondent.with, respondents.Items = respondents, append(respondents.Items, &x.StoredRespondent)
	}
	return nil
}

// ByIDs reads replies of which the caller may see anything, in the ids' order, nil for the others.
func (s *FeedbackService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Feedback, error) {
	found, err := s.feedback.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	return found, s.show(ctx, found)
}

func (s *FeedbackService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// eraseTexts empties the texts of a reply and what its receipts repeat of them. What was chosen stays, as
// it is counted.
func (x *Feedback) eraseTexts() (fields []string) {
	for i := range x.StoredSubmissions {
		h := &x.StoredSubmissions[i]
		for a := range h.Answers {
			if h.Answers[a].Text != nil {
				kit.Blotted(&fields, "submissions", h.Answers[a].Text)
			}
		}
		kit.Emptied(&fields, "submissions", &h.Reason)
		kit.Emptied(&fields, "submissions", &h.StoredReceipt.Canonical)
	}
	return fields
}

// OfficialOf is the official reply, nil for none that the caller may see. Those of all of a page cost
// one call.
func (s *FeedbackService) OfficialOf(ctx context.Context, p *Participation) (*Feedback, error) {
	return kit.Neighbour(ctx, p.with, "feedback", p, func(ctx context.Context, all []*Participation) ([]*Feedback, error) {
		return s.ByIDs(ctx, kit.Map(all, func(p *Participation) kit.ID { return kit.ID(kit.Deref(p.FeedbackID)) }))
	})
}

// stored reads replies as they are stored, whoever asks, nil for those that are not there. Rules of other nouns
// ask for them; what is answered is read by ByIDs.
func (s *FeedbackService) stored(ctx context.Context, ids []kit.ID) ([]*Feedback, error) {
	return s.feedback.Many(ctx, kit.Strings(ids))
}
