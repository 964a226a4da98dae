package consultations

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// tellOpened asks the focal points of all who are consulted to reply, and says whom that reached.
func (s *ConsultationService) tellOpened(ctx context.Context, c *Consultation, addressed []kit.ID) (*people.MailReach, error) {
	reached, err := s.mandates.TellEntities(store.Looking(ctx), addressed, func(kit.ID) kit.Letter {
		return kit.Letter{Key: "mail.consultation.opened", Params: map[string]any{"title": c.Title, "date": c.ClosesOn}, About: c.ID}
	})
	if err != nil {
		return nil, err
	}
	return s.mandates.Reached(ctx, kit.AboutConsultation, addressed, reached)
}

// tellChanged tells the focal points of all who are consulted that there is more time to reply, or that the title is
// another. A translation of the title that is added changes nothing for them.
func (s *ConsultationService) tellChanged(ctx context.Context, was, c *Consultation) error {
	key := ""
	switch {
	case c.StoredStatus == ConsultationDraft:
	case c.ClosesOn != was.ClosesOn:
		key = "mail.consultation.extended"
	case c.Title.Original().Text != was.Title.Original().Text:
		key = "mail.consultation.changed"
	}
	if key == "" {
		return nil
	}
	return s.tellAddressed(ctx, c, kit.Letter{Key: key, Params: map[string]any{"title": c.Title, "date": c.ClosesOn}, About: c.ID})
}

// tellClosed tells the focal points of all who were consulted that no more replies are taken, and what comes next.
func (s *ConsultationService) tellClosed(ctx context.Context, c *Consultation) error {
	return s.tellAddressed(ctx, c, kit.Letter{Key: "mail.consultation.closed", Params: map[string]any{"title": c.Title}, About: c.ID})
}

func (s *ConsultationService) tellAddressed(ctx context.Context, c *Consultation, letter kit.Letter) error {
	addressed, err := s.audience.addressed(ctx, c)
	if err != nil {
		return err
	}
	_, err = s.mandates.TellEntities(store.Looking(ctx), addressed, func(kit.ID) kit.Letter { return letter })
	return err
}

// Reach says how many of those who are consulted a mail about it reaches today: for a draft those who would be consulted
// if it were opened now. SECRETARIAT only. It is nil if there is no such consultation. For each 50 members and States it
// costs two calls.
func (s *ConsultationService) Reach(ctx context.Context, id kit.ID) (*people.MailReach, error) {
	if err := kit.Require(ctx, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	c, err := s.Get(ctx, id)
	if err != nil || c == nil {
		return nil, err
	}
	addressed, err := s.audience.addressed(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.mandates.Reach(ctx, kit.AboutConsultation, addressed)
}
