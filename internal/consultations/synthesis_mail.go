package consultations

import (
	"context"
	"slices"

	"memberportal/internal/kit"
)

// tellPublished tells everybody who replied that the synthesis is published, and how many of its paragraphs rest on
// their own reply.
func (s *SynthesisService) tellPublished(ctx context.Context, c *Consultation, y *Synthesis) error {
	cited := map[kit.ID]int{}
	for _, p := range y.Published {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(p.StoredCitations))) {
			cited[id]++
		}
	}
	return s.feedback.tellWhoReplied(ctx, c, func(x *Feedback) *kit.Letter {
		if n := cited[x.ID]; n > 0 {
			return &kit.Letter{Key: "mail.synthesis.cites", Params: map[string]any{"title": c.Title, "edition": y.Edition, "count": n}, About: c.ID}
		}
		return &kit.Letter{Key: "mail.synthesis.published", Params: map[string]any{"title": c.Title, "edition": y.Edition}, About: c.ID}
	})
}

// tellDecided tells those whose replies answered a question on the topic that a decision on it is recorded.
func (s *SynthesisService) tellDecided(ctx context.Context, c *Consultation, d TopicDecision) error {
	return s.feedback.tellWhoReplied(ctx, c, func(x *Feedback) *kit.Letter {
		if !slices.ContainsFunc(x.last().Answers, func(a FeedbackAnswer) bool {
			q := c.question(a.Question)
			return q != nil && q.Topic == d.Topic
		}) {
			return nil
		}
		return &kit.Letter{Key: "mail.decision.recorded", Params: map[string]any{"title": c.Title, "date": d.DecidedOn}, About: c.ID}
	})
}
