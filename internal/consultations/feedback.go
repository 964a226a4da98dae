package consultations

import (
	"context"
	"errors"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// FeedbackStatus is the status of a reply.
type FeedbackStatus string

// The statuses of a reply.
const (
	FeedbackSubmitted FeedbackStatus = "SUBMITTED"
	FeedbackWithdrawn FeedbackStatus = "WITHDRAWN"
)

// FeedbackStatuses are all values of FeedbackStatus.
var FeedbackStatuses = []FeedbackStatus{FeedbackSubmitted, FeedbackWithdrawn}

// Valid returns an error for a value that is not in FeedbackStatuses.
func (v FeedbackStatus) Valid() error { return kit.CheckOneOf(v, FeedbackStatuses, "feedback status") }

// Timeliness says whether a reply came before the deadline.
type Timeliness string

// The values of Timeliness.
const (
	InTime Timeliness = "IN_TIME"
	Late   Timeliness = "LATE"
)

// Timelinesses are all values of Timeliness.
var Timelinesses = []Timeliness{InTime, Late}

// Valid returns an error for a value that is not in Timelinesses.
func (v Timeliness) Valid() error { return kit.CheckOneOf(v, Timelinesses, "timeliness") }

// FeedbackSubmission is one submission of a reply: the first, or an amendment.
type FeedbackSubmission struct {
	// Number counts from 1.
	Number         int              `bson:"number"`
	By             kit.ID           `bson:"by"`
	Publication    Publication      `bson:"publication"`
	Language       kit.Locale       `bson:"language"`
	ContactConsent bool             `bson:"contactConsent"`
	Answers        []FeedbackAnswer `bson:"answers" most:"60"`
	StoredReceipt  FeedbackReceipt  `bson:"receipt"`
	// Reason says why the reply was made confidential after the consultation was closed; nil for other submissions.
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

// Feedback is a reply that was submitted to a consultation. Its methods return what the reader may see; until the
// service sets the view they return nothing.
type Feedback struct {
	ID             kit.ID `bson:"_id"`
	StoredVersion  int64  `bson:"version"`
	ConsultationID kit.ID `bson:"consultation"`
	// Group is the group of the consultation, whose reviewers read the reply.
	Group    string           `bson:"group"`
	EntityID kit.ID           `bson:"entity"`
	Capacity FeedbackCapacity `bson:"capacity"`
	// PersonID is the delegate who gave the view; nil for an official reply.
	PersonID         *kit.ID    `bson:"person,omitempty"`
	StoredRespondent Respondent `bson:"respondent"`
	// StoredSubmissions are all submissions, oldest first; the last one counts.
	StoredSubmissions    []FeedbackSubmission    `bson:"submissions" most:"60"`
	Status               FeedbackStatus          `bson:"status"`
	StoredClassification *FeedbackClassification `bson:"classification,omitempty"`
	// StoredCitationAgreement is set if the respondent agreed that a paragraph which rests on few replies may cite
	// this one.
	StoredCitationAgreement *CitationAgreement `bson:"citationAgreement,omitempty"`
	// ToldOfFew is when the respondent got a message that there are too few anonymised replies to publish any.
	ToldOfFew *kit.DateTime `bson:"toldOfFew,omitempty"`
	Dataset   kit.Dataset   `bson:"dataset"`

	view feedbackView
	// textsWithheld says that the reader sees an anonymised reply without its texts.
	textsWithheld bool
	with          *kit.Together[*Feedback]
}

// IsNode marks a type that node and nodes can answer.
func (x *Feedback) IsNode() {}

// last is the latest submission, the one that counts.
func (x *Feedback) last() *FeedbackSubmission {
	return &x.StoredSubmissions[len(x.StoredSubmissions)-1]
}

func (x *Feedback) timeliness() Timeliness { return x.last().StoredReceipt.Timeliness }

// standing joins capacity and timeliness into one key, because most queries ask for both.
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

// FeedbackNoun is how replies are stored and listed: by consultation and by entity in the order of their first
// submission. Published replies are listed by id, because ids do not reveal that order.
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

// answeredKey ends with a separator, so that no question's key is the beginning of another key.
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

// Valid refuses a reply without a submission.
func (x *Feedback) Valid() error {
	if len(x.StoredSubmissions) == 0 {
		return errors.New("a reply that was never handed in")
	}
	return nil
}

// feedbackEditions corrects published syntheses.
type feedbackEditions interface {
	// correct removes replies that are no longer published from the published synthesis of a consultation.
	correct(context.Context, *Consultation) error
}

// FeedbackService takes drafts and replies, and shows them to those who may read them.
type FeedbackService struct {
	core           *kit.Core
	feedback       store.Collection[Feedback]
	drafts         store.Collection[FeedbackDraft]
	counted        store.Collection[CountedAnswer]
	consultations  *ConsultationService
	participations *ParticipationService
	mandates       *people.MandateService
	members        *membership.MemberService
	persons        *people.PersonService
	notifications  *people.NotificationService
	editions       feedbackEditions
}

// show sets the caller's view on replies that were read in one call, and sets to nil the replies that the caller
// may not see at all. It reads consultations in one call, and in none if the caller may read all the replies
// anyway.
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

// ByIDs reads replies in the order of the ids, nil for replies that the caller may not see at all.
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

// eraseTexts removes the texts of a reply, also from its receipts. Choices stay, because they are counted.
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

// OfficialOf is the official reply of a participation, nil if there is none that the caller may see. One call
// serves all participations of a page.
func (s *FeedbackService) OfficialOf(ctx context.Context, p *Participation) (*Feedback, error) {
	return kit.Neighbour(ctx, p.with, "feedback", p, func(ctx context.Context, all []*Participation) ([]*Feedback, error) {
		return s.ByIDs(ctx, kit.Map(all, func(p *Participation) kit.ID { return kit.ID(kit.Deref(p.FeedbackID)) }))
	})
}

// stored reads stored replies without a check of permissions, nil for missing ones. Only rules of other records use
// it; answers to readers come from ByIDs.
func (s *FeedbackService) stored(ctx context.Context, ids []kit.ID) ([]*Feedback, error) {
	return s.feedback.Many(ctx, kit.Strings(ids))
}
