package consultations

import (
	"context"
	"errors"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SynthesisCampaign is a group of published replies with nearly the same text.
type SynthesisCampaign struct {
	Group         string   `bson:"group"`
	StoredReplies []kit.ID `bson:"replies" most:"2000"`

	of *Synthesis
}

// Replies are the replies of the campaign that the caller may see. They are read with the citations of the
// synthesis, at no further cost.
func (g *SynthesisCampaign) Replies(ctx context.Context) ([]*Feedback, error) {
	return g.of.from.shown(ctx, g.of, g.StoredReplies)
}

// CampaignCount is the number of published replies with one answer to a question, and that number if each campaign
// counts as one.
type CampaignCount struct {
	Question  string `bson:"question"`
	Value     string `bson:"value"`
	Count     int64  `bson:"count"`
	CountOnce int64  `bson:"countOnce"`
}

// Campaigns are the campaigns of the published edition, sorted by group. A campaign without a published reply is
// left out.
func (y *Synthesis) Campaigns() []*SynthesisCampaign { return kit.OrEmpty(y.StoredCampaigns) }

// CampaignCounts are the counts of the published edition, in the order of the questions and their values.
func (y *Synthesis) CampaignCounts() []CampaignCount { return kit.OrEmpty(y.StoredCampaignCounts) }

// count makes the campaigns and counts of a synthesis from published replies. of returns the campaign of a reply. A
// reply with withheld texts is in no campaign, because the campaign would reveal its text.
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

// correct removes replies that are no longer published from the campaigns and counts of a published synthesis. It
// does not change to which campaign a reply belongs.
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
