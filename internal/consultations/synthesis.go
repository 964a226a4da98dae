package consultations

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const synthesisPrefix = "syn"

// ParagraphKind says whether a paragraph of a synthesis is a finding or a minority view.
type ParagraphKind string

// The kinds of paragraphs.
const (
	Finding      ParagraphKind = "FINDING"
	MinorityView ParagraphKind = "MINORITY_VIEW"
)

// ParagraphKinds are all values of ParagraphKind.
var ParagraphKinds = []ParagraphKind{Finding, MinorityView}

// Valid returns an error for a value that is not in ParagraphKinds.
func (v ParagraphKind) Valid() error { return kit.CheckOneOf(v, ParagraphKinds, "paragraph kind") }

// SynthesisParagraph summarises replies and cites them.
type SynthesisParagraph struct {
	ID    kit.ID             `bson:"id"`
	Topic string             `bson:"topic"`
	Kind  ParagraphKind      `bson:"kind"`
	Text  *kit.LocalizedText `bson:"text"`
	// StoredCitations are the replies on which the paragraph rests.
	StoredCitations []kit.ID `bson:"citations" most:"1000"`

	of *Synthesis
}

// TopicDecision is what a body decided on a topic.
type TopicDecision struct {
	ID         kit.ID             `bson:"id"`
	Topic      string             `bson:"topic"`
	Body       ActionBody         `bson:"body"`
	Text       *kit.LocalizedText `bson:"text"`
	DecidedOn  kit.Date           `bson:"decidedOn"`
	Source     string             `bson:"source"`
	Paragraphs []kit.ID           `bson:"paragraphs" most:"100"`
	RecordedAt kit.DateTime       `bson:"recordedAt"`
	RecordedBy kit.ID             `bson:"recordedBy"`
}

// Synthesis is the summary of the replies to a consultation, with the decisions that followed.
type Synthesis struct {
	ID             kit.ID `bson:"_id"`
	Version        int64  `bson:"version"`
	ConsultationID kit.ID `bson:"consultation"`
	Group          string `bson:"group"`
	// StoredDraft is the text that is being written, Published the text that everybody reads.
	StoredDraft []*SynthesisParagraph `bson:"draft" most:"100"`
	Published   []*SynthesisParagraph `bson:"published" most:"100"`
	// StoredCampaigns and StoredCampaignCounts are the campaigns and the counts of published replies at the time of
	// publication. Later sorting does not change them; a reply that is no longer published is removed from both.
	StoredCampaigns      []*SynthesisCampaign `bson:"campaigns" most:"1000"`
	StoredCampaignCounts []CampaignCount      `bson:"campaignCounts" most:"3000"`
	Edition              int                  `bson:"edition"`
	PublishedAt          *kit.DateTime        `bson:"publishedAt,omitempty"`
	Decisions            []TopicDecision      `bson:"decisions" most:"200"`
	Dataset              kit.Dataset          `bson:"dataset"`

	writes bool
	from   *SynthesisService
	with   *kit.Together[*Synthesis]
}

// SynthesisNoun is how syntheses are stored. They are read by id, which SynthesisID computes.
var SynthesisNoun = store.Declare(store.Noun[Synthesis]{
	Name:     "syntheses",
	Identity: func(y *Synthesis) (string, *int64) { return string(y.ID), &y.Version },
	Listings: []store.Listing{{}},
})

// IsNode marks a type that node and nodes can answer.
func (y *Synthesis) IsNode() {}

// SynthesisID is the id of the synthesis of a consultation: the consultation's id with another prefix.
func SynthesisID(consultation kit.ID) kit.ID {
	_, letters, _ := strings.Cut(string(consultation), "_")
	return kit.ID(synthesisPrefix + "_" + letters)
}

// Paragraphs are the published paragraphs.
func (y *Synthesis) Paragraphs() []*SynthesisParagraph { return y.Published }

// Draft is the text that is being written, nil unless the caller is SECRETARIAT or REVIEWER of the group.
func (y *Synthesis) Draft() []*SynthesisParagraph {
	if !y.writes {
		return nil
	}
	return y.StoredDraft
}

// SynthesisService writes and shows syntheses. Everybody sees what is published; SECRETARIAT and REVIEWER of the
// group see all.
type SynthesisService struct {
	core          *kit.Core
	syntheses     store.Collection[Synthesis]
	consultations *ConsultationService
	feedback      *FeedbackService
}

func (s *SynthesisService) show(ctx context.Context, found []*Synthesis) {
	actor, with := kit.ActorOf(ctx), &kit.Together[*Synthesis]{}
	for i, y := range found {
		if y == nil {
			continue
		}
		if y.writes = actor.ReadsAll(y.Group); !y.writes && y.Edition == 0 {
			found[i] = nil
			continue
		}
		y.with, with.Items, y.from = with, append(with.Items, y), s
		for _, p := range slices.Concat(y.StoredDraft, y.Published) {
			p.of = y
		}
		for _, g := range y.StoredCampaigns {
			g.of = y
		}
	}
}

// ByIDs reads syntheses in the order of the ids, nil for syntheses that the caller may not see at all.
func (s *SynthesisService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Synthesis, error) {
	found, err := s.syntheses.Many(ctx, kit.Strings(ids))
	if err == nil {
		s.show(ctx, found)
	}
	return found, err
}

func (s *SynthesisService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// ConsultationOf is the consultation of a synthesis. One call serves all syntheses of a page.
func (s *SynthesisService) ConsultationOf(ctx context.Context, y *Synthesis) (*Consultation, error) {
	return kit.Neighbour(ctx, y.with, "consultation", y, func(ctx context.Context, all []*Synthesis) ([]*Consultation, error) {
		return s.consultations.ByIDs(ctx, kit.Map(all, func(y *Synthesis) kit.ID { return y.ConsultationID }))
	})
}

// cited reads the replies that a synthesis names, by id, as the caller may see them. Two calls serve all syntheses
// of a page.
func (s *SynthesisService) cited(ctx context.Context, y *Synthesis) (map[kit.ID]*Feedback, error) {
	return kit.Neighbour(ctx, y.with, "cited", y, func(ctx context.Context, all []*Synthesis) ([]map[kit.ID]*Feedback, error) {
		var ids []kit.ID
		for _, y := range all {
			for _, p := range slices.Concat(y.Published, y.Draft()) {
				ids = append(ids, p.StoredCitations...)
			}
			for _, g := range y.StoredCampaigns {
				ids = append(ids, g.StoredReplies...)
			}
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		found, err := s.feedback.ByIDs(ctx, ids)
		byID := map[kit.ID]*Feedback{}
		for i, x := range found {
			byID[ids[i]] = x
		}
		return kit.Map(all, func(*Synthesis) map[kit.ID]*Feedback { return byID }), err
	})
}

// Citations are the cited replies that the caller may see.
func (p *SynthesisParagraph) Citations(ctx context.Context) ([]*Feedback, error) {
	return p.of.from.shown(ctx, p.of, p.StoredCitations)
}

// shown returns the replies that a synthesis names under these ids, without those that the caller may not see.
func (s *SynthesisService) shown(ctx context.Context, y *Synthesis, ids []kit.ID) ([]*Feedback, error) {
	byID, err := s.cited(ctx, y)
	shown := []*Feedback{}
	for _, id := range ids {
		if x := byID[id]; x != nil {
			shown = append(shown, x)
		}
	}
	return shown, err
}

// CitationCount is the number of published replies on which the paragraph rests, the same for every reader.
func (p *SynthesisParagraph) CitationCount(ctx context.Context) (int, error) {
	shown, err := p.Citations(ctx)
	if err != nil {
		return 0, err
	}
	c, err := p.of.from.ConsultationOf(ctx, p.of)
	n := 0
	for _, x := range shown {
		if c.publishes(x) {
			n++
		}
	}
	return n, err
}

// FeedbackOutcome says what followed from a reply.
type FeedbackOutcome struct {
	Paragraphs []*SynthesisParagraph
	Decisions  []TopicDecision
}

// OutcomeOf lists the published paragraphs that cite a reply, and the decisions on topics that it answered. It is
// nil if there is neither. Two calls serve all replies of a page.
func (s *SynthesisService) OutcomeOf(ctx context.Context, x *Feedback) (*FeedbackOutcome, error) {
	c, err := s.feedback.ConsultationOf(ctx, x)
	if err != nil || c == nil {
		return nil, err
	}
	y, err := kit.Neighbour(ctx, x.with, "synthesis", x, func(ctx context.Context, all []*Feedback) ([]*Synthesis, error) {
		return s.ByIDs(ctx, kit.Map(all, func(x *Feedback) kit.ID { return SynthesisID(x.ConsultationID) }))
	})
	if err != nil || y == nil {
		return nil, err
	}
	out := &FeedbackOutcome{Paragraphs: []*SynthesisParagraph{}, Decisions: []TopicDecision{}}
	for _, p := range y.Published {
		if slices.Contains(p.StoredCitations, x.ID) {
			out.Paragraphs = append(out.Paragraphs, p)
		}
	}
	for _, d := range y.Decisions {
		if x.answers(c, d.Topic) {
			out.Decisions = append(out.Decisions, d)
		}
	}
	if len(out.Paragraphs)+len(out.Decisions) == 0 {
		return nil, nil
	}
	return out, nil
}

// answers says whether a reply answered a question on a topic. For readers who see how it was sorted, it is also
// true if the reply was sorted under the topic.
func (x *Feedback) answers(c *Consultation, topic string) bool {
	if sorted := x.Classification(); sorted != nil && slices.Contains(sorted.Topics, topic) {
		return true
	}
	return slices.ContainsFunc(x.Answers(), func(a FeedbackAnswer) bool {
		q := c.question(a.Question)
		return q != nil && q.Topic == topic
	})
}

// ShownVersion is the version for SECRETARIAT and the group's reviewers, nil for others.
func (y *Synthesis) ShownVersion(ctx context.Context) *int64 {
	return kit.ShownVersion(&y.Version, kit.ActorOf(ctx).ReadsAll(y.Group))
}

// Of is the synthesis of a consultation, nil if there is none that the caller may see. One call serves all
// consultations of a page.
func (s *SynthesisService) Of(ctx context.Context, c *Consultation) (*Synthesis, error) {
	return kit.Neighbour(ctx, c.with, "synthesis", c, func(ctx context.Context, all []*Consultation) ([]*Synthesis, error) {
		return s.ByIDs(ctx, kit.Map(all, func(c *Consultation) kit.ID { return SynthesisID(c.ID) }))
	})
}
