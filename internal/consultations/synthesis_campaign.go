package consultations

import (
	"context"
	"errors"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SynthesisCampaign is a group of published replies that have one text.
type SynthesisCampaign struct {
	Group         string   `bson:"group"`
	StoredReplies []kit.ID `bson:"replies" most:"2000"`

	of *Synthesis
}

// Replies are those replies. They cost nothing beside the citations of the synthesis.
func (g *SynthesisCampaign) Replies(ctx context.Context) ([]*Feedback, error) {
	return g.of.from.shown(ctx, g.of, g.StoredReplies)
}

// CampaignCount is how many published replies gave an answer to a question, and how many if each campaign is
// counted once.
type CampaignCount struct {
	Question  string `bson:"question"`
	Value     string `bson:"value"`
	Count     int64  `bson:"count"`
	CountOnce int64  `bson:"countOnce"`
}

// Campaigns are those of the edition, by their groups; of one no reply of which is published nothing is told.
func (y *Synthesis) Campaigns() []*SynthesisCampaign { return kit.OrEmpty(y.StoredCampaigns) }

// CampaignCounts are those of the edition, in the order of the questions and their values.
func (y *Synthesis) CampaignCounts() []CampaignCount { return kit.OrEmpty(y.StoredCampaignCounts) }

// count makes the campaigns and counts of a synthesis, over replies that everybody may read. Of says to
// which campaign each belongs; one whose texts are withheld is in none, as the campaign would tell its text.
func (s *SynthesisService) count(ctx context.Context, y *Synthesis, c *Consultation, of func(*Feedback) string) error {
	replies, err := s.feedback.publishedTo(ctx, c)
	if err != nil {
		return err
	}
	counts, members := map[tallied]int64{}, map[string][]kit.ID{}
	for _, x := range replies {
		group := of(x)
		if x.Publication() == Anonymised && !c.tells(x) {
			group = ""
		}
		if group != "" {
			members[group] = append(members[group], x.ID)
		}
		for _, counted := range x.Counting(c) {
			t, err := readTallied(strings.TrimPrefix(counted.Tally, tallyPrefix(c.ID)))
			if err != nil {
				return err
			}
			counts[tallied{question: t.question, value: t.value, campaign: group}]++
		}
	}
	y.StoredCampaigns, y.StoredCampaignCounts = []*SynthesisCampaign{}, []CampaignCount{}
	for group, ids := range members {
		slices.Sort(ids)
		y.StoredCampaigns = append(y.StoredCampaigns, &SynthesisCampaign{Group: group, StoredReplies: ids})
	}
	slices.SortFunc(y.StoredCampaigns, func(a, b *SynthesisCampaign) int { return strings.Compare(a.Group, b.Group) })
	t := c.tabulate(counts)
	return c.asked(nil, func(q *ConsultationQuestion, values []string) {
		for _, v := range values[1:] {
			n := CampaignCount{Question: q.Code, Value: v}
			if cell := t.of(q.Code)[cellKey{value: v}]; cell != nil {
				n.Count, n.CountOnce = cell.all, cell.once()
			}
			y.StoredCampaignCounts = append(y.StoredCampaignCounts, n)
		}
	})
}

// correct takes replies that are published no more out of the campaigns and counts of a published synthesis.
// Which campaign a reply belongs to stays as it was when the edition was published.
func (s *SynthesisService) correct(ctx context.Context, c *Consultation) error {
	y, err := s.syntheses.Get(ctx, string(SynthesisID(c.ID)))
	if errors.Is(err, store.ErrNotFound) || err == nil && y.Edition == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	campaign := map[kit.ID]string{}
	for _, g := range y.StoredCampaigns {
		for _, id := range g.StoredReplies {
			campaign[id] = g.Group
		}
	}
	if err := s.count(ctx, y, c, func(x *Feedback) string { return campaign[x.ID] }); err != nil {
		return err
	}
	return s.syntheses.Replace(ctx, y)
}
