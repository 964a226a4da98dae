package events

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// The title of a contribution is not said in letters before it is published, because nobody but its member or State and
// the secretariat knows it until then.

// tellSubmitted gives whoever submits a contribution a receipt, and tells the secretariat what is to be decided.
func (s *ContributionService) tellSubmitted(ctx context.Context, c *Contribution, e *Event) error {
	me := kit.ActorOf(ctx).Subject
	persons, err := s.persons.Stored(store.Looking(ctx), []kit.ID{me})
	if err != nil {
		return err
	}
	if _, err := s.notifications.Tell(ctx, kit.Letter{Key: "mail.contribution.received", Params: map[string]any{"event": e.Title}, About: e.ID}, persons...); err != nil {
		return err
	}
	return s.tellStaff(ctx, c, kit.Letter{Key: "mail.contribution.submitted", Params: map[string]any{"event": e.Title}, About: e.ID})
}

// tellAmended tells the secretariat that a contribution is to be decided again.
func (s *ContributionService) tellAmended(ctx context.Context, c *Contribution, e *Event) error {
	return s.tellStaff(ctx, c, kit.Letter{Key: "mail.contribution.amended", Params: map[string]any{"event": e.Title}, About: e.ID})
}

// tellWithdrawn tells the secretariat that there is nothing to decide any more, and those whose contribution it was if the
// secretariat took it back.
func (s *ContributionService) tellWithdrawn(ctx context.Context, c *Contribution, e *Event) error {
	if !kit.ActorOf(ctx).ActsFor(c.EntityID) {
		if err := s.tellAuthors(ctx, c, kit.Letter{Key: "mail.contribution.takenBack", Params: map[string]any{"event": e.Title}, About: e.ID}); err != nil {
			return err
		}
	}
	return s.tellStaff(ctx, c, kit.Letter{Key: "mail.contribution.withdrawn", Params: map[string]any{"event": e.Title}, About: e.ID})
}

// tellDecided tells whose contribution it is what was decided.
func (s *ContributionService) tellDecided(ctx context.Context, c *Contribution, e *Event) error {
	params := map[string]any{"event": e.Title}
	letter := kit.Letter{Key: "mail.contribution.accepted", Params: params, About: e.ID}
	switch c.Status {
	case ContributionReturned:
		letter = kit.Letter{Key: "mail.contribution.returned", Params: params, About: e.ID}
	case ContributionPublished:
		letter = kit.Letter{Key: "mail.contribution.published", Params: map[string]any{"event": e.Title, "title": c.Title}, About: e.ID}
	}
	return s.tellAuthors(ctx, c, letter)
}

// tellAuthors tells whoever wrote the contribution last, if that person still acts for the member or State, and its focal
// points; but not whoever acts.
func (s *ContributionService) tellAuthors(ctx context.Context, c *Contribution, letter kit.Letter) error {
	me := kit.ActorOf(ctx).Subject
	author, err := s.core.LastActor(ctx, c.ID, "submitContribution", "amendContribution")
	if err != nil {
		return err
	}
	if author != "" && author != me {
		told, err := s.tellAuthor(ctx, c, author, letter)
		if err != nil {
			return err
		}
		if !told {
			author = "" // whose record is damaged may be a focal point
		}
	}
	_, err = s.mandates.TellFocalPoints(ctx, c.EntityID, letter, me, author)
	return err
}

func (s *ContributionService) tellAuthor(ctx context.Context, c *Contribution, author kit.ID, letter kit.Letter) (told bool, err error) {
	held, err := s.mandates.Holds(store.Looking(ctx), author, c.EntityID, s.core.Clock.Today())
	if err != nil || held == nil {
		return false, err
	}
	persons, err := s.persons.Stored(store.Looking(ctx), []kit.ID{author})
	if err != nil || persons[0] == nil {
		return false, err
	}
	_, err = s.notifications.Tell(ctx, letter, persons...)
	return true, err
}

// tellStaff tells the secretariat, with the name of the member or State.
func (s *ContributionService) tellStaff(ctx context.Context, c *Contribution, letter kit.Letter) error {
	name, err := s.mandates.Named(store.Looking(ctx), c.EntityID)
	if err != nil {
		return err
	}
	letter.Params["entity"] = name
	_, err = s.notifications.TellStaff(ctx, kit.AreaEvents, letter, kit.ActorOf(ctx).Subject)
	return err
}
