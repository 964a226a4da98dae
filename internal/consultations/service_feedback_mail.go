package consultations

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// tellGiven tells the secretariat that there is feedback to answer. It says nothing of what was written.
func (s *ServiceFeedbackService) tellGiven(ctx context.Context, f *ServiceFeedback) error {
	name, err := s.mandates.Named(store.Looking(ctx), f.EntityID)
	if err != nil {
		return err
	}
	_, err = s.notifications.TellStaff(ctx, kit.AreaConsultations, kit.Letter{Key: "mail.serviceFeedback.received", Params: map[string]any{"entity": name}, About: f.ID}, f.PersonID)
	return err
}

// tellAnswered tells whoever gave the feedback that it is answered.
func (s *ServiceFeedbackService) tellAnswered(ctx context.Context, f *ServiceFeedback) error {
	found, err := s.persons.Stored(store.Looking(ctx), []kit.ID{f.PersonID})
	if err != nil || found[0] == nil || found[0].ID == kit.ActorOf(ctx).Subject {
		return err
	}
	_, err = s.notifications.Tell(ctx, kit.Letter{Key: "mail.serviceFeedback.answered", Params: map[string]any{"date": s.core.Clock.DateOf(f.SubmittedAt)}, About: f.ID}, found[0])
	return err
}
