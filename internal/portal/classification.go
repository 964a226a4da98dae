package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"memberportal/internal/store"
)

// ClassifyFeedbackInput sorts a reply; what was sorted before is replaced whole.
type ClassifyFeedbackInput struct {
	ID              ID
	ExpectedVersion int
	Tags            []string
	Topics          []string
	CampaignGroup   *string
}

// ClassifyFeedbackPayload is the reply as it is now, or what is wrong.
type ClassifyFeedbackPayload struct {
	Feedback   *Feedback
	UserErrors []UserError
}

// Classify sorts a reply that stands: SECRETARIAT, and REVIEWER of the consultation's group. For others
// it does not exist.
func (s *FeedbackService) Classify(ctx context.Context, in ClassifyFeedbackInput) (*ClassifyFeedbackPayload, error) {
	if err := Require(ctx, RoleReviewer, RoleSecretariat); err != nil {
		return nil, err
	}
	err := s.core.transact(ctx, func(ctx context.Context) error {
		x, err := s.feedback.Get(ctx, string(in.ID))
		if errors.Is(err, store.ErrNotFound) || err == nil && !x.sortedBy(ActorOf(ctx)) {
			return refuse(NotFound, "notFound", nil)
		}
		if err != nil {
			return err
		}
		c, err := s.consultations.storedOne(ctx, x.ConsultationID)
		if err != nil {
			return err
		}
		l, err := s.consultations.statements.storedOne(ctx, c.StatementID)
		if err != nil {
			return err
		}
		may := func(context.Context, *Feedback) error { return nil }
		if x, err = amend(ctx, s.core, FeedbackNoun, amendment{"classifyFeedback", in.ID, in.ExpectedVersion, nil}, may, func(x *Feedback, f *faults) []string {
			in.check(f, x, l)
			x.Sorted = &FeedbackClassification{orNone(in.Tags), orNone(in.Topics), in.CampaignGroup, DateTimeOf(s.core.clock.Now()), ActorOf(ctx).Subject}
			slices.Sort(x.Sorted.Tags)
			return []string{"classification"}
		}); err != nil {
			return err
		}
		return s.recount(ctx, x, c)
	})
	if err != nil {
		faults, err := refused(err)
		return &ClassifyFeedbackPayload{UserErrors: faults}, err
	}
	x, err := one(ctx, s.ByIDs, in.ID)
	return &ClassifyFeedbackPayload{Feedback: x}, err
}

// sortedBy says whether the reply exists for who sorts: one that was taken back only for SECRETARIAT.
func (x *Feedback) sortedBy(a Actor) bool {
	return a.Has(RoleSecretariat) || a.reviews(x.Group) && x.Status == FeedbackSubmitted
}

func (in ClassifyFeedbackInput) check(f *faults, x *Feedback, l *LiaisonStatement) {
	if x.Status != FeedbackSubmitted {
		f.add(CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{"status": string(x.Status), "allowed": string(FeedbackSubmitted)})
	}
	for i, t := range in.Tags {
		f.code(fmt.Sprintf("input.tags.%d", i), t)
	}
	for i, t := range in.Topics {
		if !l.topic(t) {
			f.add(CodeUnknownReference, fmt.Sprintf("input.topics.%d", i), "unknownReference.topic", nil)
		}
	}
	if in.CampaignGroup != nil {
		f.code("input.campaignGroup", *in.CampaignGroup)
	}
}
