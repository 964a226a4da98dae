package consultations

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// ClassifyFeedbackInput sorts a reply; it replaces the earlier classification as a whole.
type ClassifyFeedbackInput struct {
	ID              kit.ID
	ExpectedVersion int
	Tags            []string
	Topics          []string
	CampaignGroup   *string
}

// ClassifyFeedbackPayload has the reply after the change; it is nil if there are UserErrors.
type ClassifyFeedbackPayload struct {
	Feedback   *Feedback
	UserErrors []kit.UserError
}

// Classify sorts a submitted reply. SECRETARIAT, and REVIEWER of the consultation's group; for others the reply is
// NOT_FOUND.
func (s *FeedbackService) Classify(ctx context.Context, in ClassifyFeedbackInput) (*ClassifyFeedbackPayload, error) {
	if err := kit.Require(ctx, kit.RoleReviewer, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	err := s.core.Transact(ctx, func(ctx context.Context) error {
		x, err := s.feedback.Get(ctx, string(in.ID))
		if errors.Is(err, store.ErrNotFound) || err == nil && !x.sortedBy(kit.ActorOf(ctx)) {
			return kit.Refuse(kit.NotFound, "notFound", nil)
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
		if x, err = kit.Amend(ctx, s.core, FeedbackNoun, kit.Amendment{Operation: "classifyFeedback", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, may, func(x *Feedback, f *kit.Faults) []string {
			in.check(f, x, l)
			x.StoredClassification = &FeedbackClassification{kit.OrEmpty(in.Tags), kit.OrEmpty(in.Topics), in.CampaignGroup, kit.DateTimeOf(s.core.Clock.Now()), kit.ActorOf(ctx).Subject}
			slices.Sort(x.StoredClassification.Tags)
			return []string{"classification"}
		}); err != nil {
			return err
		}
		return s.recount(ctx, x, c)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &ClassifyFeedbackPayload{UserErrors: faults}, err
	}
	x, err := kit.One(ctx, s.ByIDs, in.ID)
	return &ClassifyFeedbackPayload{Feedback: x}, err
}

// sortedBy says whether the actor may sort the reply. Only SECRETARIAT sees a reply that was withdrawn.
func (x *Feedback) sortedBy(a kit.Actor) bool {
	return a.Has(kit.ConsultationsSecretariat) || a.Reviews(x.Group) && x.Status == FeedbackSubmitted
}

func (in ClassifyFeedbackInput) check(f *kit.Faults, x *Feedback, l *LiaisonStatement) {
	if x.Status != FeedbackSubmitted {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{"status": string(x.Status), "allowed": string(FeedbackSubmitted)})
	}
	for i, t := range in.Tags {
		f.Code(fmt.Sprintf("input.tags.%d", i), t)
	}
	for i, t := range in.Topics {
		if !l.topic(t) {
			f.Add(kit.CodeUnknownReference, fmt.Sprintf("input.topics.%d", i), "unknownReference.topic", nil)
		}
	}
	if in.CampaignGroup != nil {
		f.Code("input.campaignGroup", *in.CampaignGroup)
	}
}
