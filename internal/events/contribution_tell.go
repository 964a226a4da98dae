package events

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// The title of a contribution is not said in letters before it is published, because nobody but its member or State and
// the secretariat knows it until then.

// tellSubmitted gives whoever submits a contribution a receipt, and tells the secretariat what is to be decided.
func (s *ContributionService) tellSubmitted(ctx context.Context, c *Contribution, o occasion) error {
	me := kit.ActorOf(ctx).Subject
	persons, err := s.persons.Stored(store.Looking(ctx), []kit.ID{me})
	if err != nil {
		return err
	}
	if _, err := s.notifications.Tell(ctx, o.about(kit.Letter{Key: "mail.contribution.received"}), persons...); err != nil {
		return err
	}
	return s.tellStaff(ctx, c, o.about(kit.Letter{Key: "mail.contribution.submitted"}))
}

// about completes a letter: which event the contribution is for, or which series while there is none.
func (o occasion) about(letter kit.Letter) kit.Letter {
	title, id := o.told()
	if letter.Params == nil {
		letter.Params = map[string]any{}
	}
	letter.Params["event"], letter.About = title, id
	return letter
}

// tellAmended tells the secretariat that a contribution is to be decided again.
func (s *ContributionService) tellAmended(ctx context.Context, c *Contribution, o occasion) error {
	return s.tellStaff(ctx, c, o.about(kit.Letter{Key: "mail.contribution.amended"}))
}

// tellWithdrawn tells the secretariat that there is nothing to decide any more, and those whose contribution it was if the
// secretariat took it back.
func (s *ContributionService) tellWithdrawn(ctx context.Context, c *Contribution, o occasion) error {
	if !kit.ActorOf(ctx).ActsFor(c.EntityID) {
		known, err := s.toldTo(ctx, o, c.EntityID)
		if err != nil {
			return err
		}
		if err := s.tellAuthors(ctx, c, known.about(kit.Letter{Key: "mail.contribution.takenBack"})); err != nil {
			return err
		}
	}
	return s.tellStaff(ctx, c, o.about(kit.Letter{Key: "mail.contribution.withdrawn"}))
}

// tellDecided tells whose contribution it is what was decided, and of a topic that an event took up, which event.
func (s *ContributionService) tellDecided(ctx context.Context, c *Contribution, o occasion) error {
	known, err := s.toldTo(ctx, o, c.EntityID)
	if err != nil {
		return err
	}
	letter := kit.Letter{Key: "mail.contribution.accepted"}
	switch {
	case c.Status == ContributionReturned:
		letter = kit.Letter{Key: "mail.contribution.returned"}
	case c.Status == ContributionPublished:
		letter = kit.Letter{Key: "mail.contribution.published", Params: map[string]any{"title": c.Title}}
	case known.series != nil && known.event == nil:
		letter = kit.Letter{Key: "mail.contribution.topicAccepted"}
	case known.series != nil:
		letter = kit.Letter{Key: "mail.contribution.takenUp", Params: map[string]any{"series": known.series.Title}}
	}
	return s.tellAuthors(ctx, c, known.about(letter))
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
