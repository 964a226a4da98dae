package consultations

import (
	"context"
	"fmt"

	"memberportal/internal/kit"
	"memberportal/internal/people"
)

// Tick sends a message to the respondents of anonymised replies if, after the deadline, there are too few of these
// to publish any. The respondents may choose again until the consultation is closed. Respondents of later replies
// get the message at the next run. The returned list says neither whose replies these are nor how many there are.
func (s *FeedbackService) Tick(ctx context.Context, dry bool) ([]kit.Due, error) {
	all := []kit.Due{}
	err := s.consultations.overdue(ctx, func(page []*Consultation) error {
		for _, c := range page {
			due := kit.Due{Kind: kit.DueFewAnonymised, Target: c.ID, On: c.ClosesOn.AddDays(1)}
			due.Text = fmt.Sprintf("telling respondents that fewer than %d replies to %s are anonymised", c.SmallestCell, c.Code)
			told, err := s.tellOfFew(ctx, c, dry)
			if err != nil {
				return fmt.Errorf("%s: %w", c.ID, err)
			}
			if due.Recorded = told && !dry; told {
				all = append(all, due)
			}
		}
		return nil
	})
	return all, err
}

// tellOfFew sends that message to the respondents of a consultation who did not get it yet, and says whether there
// were any.
func (s *FeedbackService) tellOfFew(ctx context.Context, c *Consultation, dry bool) (told bool, err error) {
	tell := func(ctx context.Context, note func(kit.Change)) error {
		told = false // the transaction may run again
		pools, err := s.pools(ctx, c)
		if err != nil {
			return err
		}
		replies, err := s.anonymised(ctx, c)
		if err != nil {
			return err
		}
		enough := &Consultation{Anonymous: pools}
		for _, x := range replies {
			if enough.pool(x.Capacity) != nil || x.ToldOfFew != nil {
				continue
			}
			if told = true; dry {
				return nil
			}
			if err := s.tellRespondent(ctx, c, x); err != nil {
				return err
			}
			x.ToldOfFew = new(kit.DateTimeOf(s.core.Clock.Now()))
			if err := s.feedback.Replace(ctx, x); err != nil {
				return err
			}
		}
		if told { // about the consultation: an entry about a reply would reveal who chose to be anonymous
			note(kit.Changed(ConsultationNoun, c, kit.Updated, "feedback"))
		}
		return nil
	}
	if dry {
		return told, tell(ctx, nil)
	}
	err = s.core.Write(ctx, "clock", tell)
	return told, err
}

// tellRespondent writes to those who speak for the entity of an official reply, or to the delegate of a view, each
// in the person's language.
func (s *FeedbackService) tellRespondent(ctx context.Context, c *Consultation, x *Feedback) error {
	p, err := s.participations.storedOne(ctx, c.ID, x.EntityID)
	if err != nil {
		return err
	}
	var ids []kit.ID
	if x.PersonID != nil {
		ids = append(ids, *x.PersonID)
	} else {
		mandates, err := s.mandates.Speaking(ctx, []kit.ID{p.EntityID})
		if err != nil {
			return err
		}
		ids = kit.Map(mandates, func(m *people.Mandate) kit.ID { return m.Person })
	}
	found, err := s.persons.Stored(ctx, ids)
	if err != nil {
		return err
	}
	_, err = s.notifications.Tell(ctx, kit.Letter{
		Key: "mail.fewAnonymised", Params: map[string]any{"entity": p.Name, "title": c.Title, "least": c.SmallestCell}, About: c.ID,
	}, found...)
	return err
}
