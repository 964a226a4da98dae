package consultations

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// tellReceipt sends the receipt of the latest submission of a reply to whoever made it and, of an official reply, to the
// other focal points. It holds nothing of the answers.
func (s *FeedbackService) tellReceipt(ctx context.Context, c *Consultation, x *Feedback, amended bool) error {
	key := "mail.reply.received"
	switch {
	case x.PersonID != nil:
		key = "mail.view.received"
	case amended:
		key = "mail.reply.amended"
	}
	receipt := x.last().StoredReceipt
	return s.tellReply(ctx, c, x, kit.Letter{Key: key, Params: map[string]any{"reference": receipt.Reference, "date": s.core.Clock.DateOf(receipt.At)}}, true)
}

// tellConfidential sends the receipt of a reply that was made confidential. The secretariat, which may do it too, gets
// none.
func (s *FeedbackService) tellConfidential(ctx context.Context, c *Consultation, x *Feedback) error {
	letter := kit.Letter{Key: "mail.reply.confidential", Params: map[string]any{"reference": x.last().StoredReceipt.Reference}}
	return s.tellReply(ctx, c, x, letter, kit.ActorOf(ctx).ActsFor(x.EntityID))
}

// tellReply tells those who speak for the entity of an official reply, or the delegate of a view, what happened to it.
// Whoever does it is told only if that is a receipt. The letter gets the names of the entity and of the consultation,
// and leads there: the id of a reply would say whose it is.
func (s *FeedbackService) tellReply(ctx context.Context, c *Consultation, x *Feedback, letter kit.Letter, receipt bool) error {
	looking, actor := store.Looking(ctx), kit.ActorOf(ctx).Subject
	var ids []kit.ID
	if x.PersonID != nil {
		ids = append(ids, *x.PersonID)
	} else {
		speakers, err := s.mandates.Speakers(looking, x.EntityID)
		if err != nil {
			return err
		}
		ids = speakers[x.EntityID]
	}
	ids = slices.DeleteFunc(ids, func(id kit.ID) bool { return id == actor })
	if receipt {
		ids = append(ids, actor)
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := s.persons.Stored(looking, ids)
	if err != nil {
		return err
	}
	if letter.Params == nil {
		letter.Params = map[string]any{}
	}
	if letter.Params["entity"], err = s.mandates.Named(looking, x.EntityID); err != nil {
		return err
	}
	letter.Params["title"], letter.About = c.Title, c.ID
	_, err = s.notifications.Tell(ctx, letter, found...)
	return err
}

// tellWhoReplied tells those who replied to a consultation something: the focal points of each entity with an official
// reply, and each delegate with a view who still acts for its entity. say returns what a respondent is told; nil for
// nothing. The store calls grow with the pages of replies, of which there is one for each 50.
func (s *FeedbackService) tellWhoReplied(ctx context.Context, c *Consultation, say func(x *Feedback) *kit.Letter) error {
	replies := FeedbackFilter{Consultation: &c.ID}
	query := store.Query{Any: []store.Where{replies.base([]FeedbackStatus{FeedbackSubmitted})}, Sort: "at"}
	return kit.EachPage(store.Looking(ctx), s.feedback, query, 50, func(page []*Feedback) error {
		official, entities, views := map[kit.ID]kit.Letter{}, []kit.ID{}, []view{}
		for _, x := range page {
			letter := say(x)
			switch {
			case letter == nil:
			case x.PersonID == nil:
				official[x.EntityID], entities = *letter, append(entities, x.EntityID)
			default:
				views = append(views, view{x, *letter})
			}
		}
		if len(entities) > 0 {
			if _, err := s.mandates.TellEntities(store.Looking(ctx), entities, func(entity kit.ID) kit.Letter { return official[entity] }); err != nil {
				return err
			}
		}
		return s.tellDelegates(ctx, views)
	})
}

// view is what the delegate of a view is told of it.
type view struct {
	of     *Feedback
	letter kit.Letter
}

// tellDelegates tells delegates of what became of their views.
func (s *FeedbackService) tellDelegates(ctx context.Context, views []view) error {
	if len(views) == 0 {
		return nil
	}
	looking := store.Looking(ctx)
	found, err := s.persons.Stored(looking, kit.Map(views, func(v view) kit.ID { return *v.of.PersonID }))
	if err != nil {
		return err
	}
	names, err := s.mandates.NamesOf(looking, kit.Map(views, func(v view) kit.ID { return v.of.EntityID }))
	if err != nil {
		return err
	}
	var all []people.Told
	for i, v := range views {
		if p := found[i]; p != nil && p.StillFor(v.of.EntityID, s.core.Clock.Today()) {
			v.letter.Params["entity"] = names[i]
			all = append(all, people.Told{To: p, Letter: v.letter})
		}
	}
	_, err = s.notifications.TellAll(ctx, all)
	return err
}
