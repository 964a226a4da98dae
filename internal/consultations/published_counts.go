package consultations

import (
	"context"
	"strconv"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// PublishedCell is a count of published replies that are alike. What is nil of its key stands for all.
type PublishedCell struct {
	Value *string
	// Kind and Region are never both set. With one of them only attributed replies are counted.
	Kind   *membership.RespondentKind
	Region *country.Region
	Count  int64
}

// PublishedTable is how published replies answered one question.
type PublishedTable struct {
	Question *ConsultationQuestion
	Cells    []PublishedCell

	of *PublishedCounts
}

// PublishedCounts are all counts of a closed consultation that everybody may know. Whoever reads the
// published replies can make them again; of confidential ones there is nothing in them but how many they are.
type PublishedCounts struct {
	// Consulted and Replied count members and States.
	Consulted, Replied int64
	// Attributed and Anonymised count official replies that are published, Confidential those that are not.
	Attributed, Anonymised, Confidential int64
	// DelegateViews are those that are published. They are counted nowhere else.
	DelegateViews int64
	Tables        []PublishedTable
}

// Published is how many official replies are.
func (p *PublishedCounts) Published() int64 { return p.Attributed + p.Anonymised }

// Note says in the language asked for (left out, the caller's) which replies are counted and which are not.
func (p *PublishedCounts) Note(ctx context.Context, locale *kit.Locale) string {
	l := kit.LocaleOf(ctx)
	kit.Set(&l, locale)
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	return kit.Message(l, "counts.published", map[string]string{
		"published": number(p.Published()), "attributed": number(p.Attributed), "confidential": number(p.Confidential), "views": number(p.DelegateViews),
	})
}

// Published is the number of replies that the table counts: all that are published.
func (t PublishedTable) Published() int64 { return t.of.Published() }

// Attributed is the number of those that it counts by kind and region.
func (t PublishedTable) Attributed() int64 { return t.of.Attributed }

// Confidential is the number of replies that it does not count.
func (t PublishedTable) Confidential() int64 { return t.of.Confidential }

// DelegateViews is the number of published views that it does not count.
func (t PublishedTable) DelegateViews() int64 { return t.of.DelegateViews }

// Note says so in a sentence.
func (t PublishedTable) Note(ctx context.Context, locale *kit.Locale) string {
	return t.of.Note(ctx, locale)
}

// PublishedCounts counts what is published of a consultation, the same for everybody: in all, and by the
// answers to questions, all that can be counted if none is named. Late replies are counted with the others.
// Nil before the consultation is closed, and for one that the caller does not see. A question that is not
// there or cannot be counted is BAD_USER_INPUT. It costs four calls.
func (s *FeedbackService) PublishedCounts(ctx context.Context, consultation kit.ID, questions []string) (*PublishedCounts, error) {
	c, err := s.consultations.Get(ctx, consultation)
	if err != nil || c == nil || c.StoredStatus != ConsultationClosed {
		return nil, err
	}
	counts, err := s.tallies(ctx, c)
	if err != nil {
		return nil, err
	}
	p, public := &PublishedCounts{Tables: []PublishedTable{}}, c.public(counts)
	for t, n := range counts {
		if t.question == "" {
			p.Replied += n
		}
	}
	for t, n := range public {
		switch {
		case t.question != "":
		case t.publication == Attributed:
			p.Attributed += n
		default:
			p.Anonymised += n
		}
	}
	p.Confidential = p.Replied - p.Published()
	if p.Consulted, err = s.participations.consulted(ctx, c.ID); err != nil {
		return nil, err
	}
	views := FeedbackFilter{Consultation: &c.ID, Capacities: []FeedbackCapacity{DelegateView}}
	if p.DelegateViews, err = countOf(ctx, s.feedback, store.Query{Any: views.published(c)}); err != nil {
		return nil, err
	}
	t := c.tabulate(public)
	return p, c.asked(questions, func(q *ConsultationQuestion, values []string) {
		m := PublishedTable{Question: q, Cells: []PublishedCell{}, of: p}
		for _, v := range values {
			u := t.of(q.Code)
			if v == "" {
				u = t[""]
			}
			for _, k := range u.of(v) {
				if k.kind == "" || k.region == "" {
					m.Cells = append(m.Cells, PublishedCell{kit.Optional(v), kit.Optional(k.kind), kit.Optional(k.region), u.count(k)})
				}
			}
		}
		p.Tables = append(p.Tables, m)
	})
}

// public is what is counted of replies that everybody may read: by kind and region of attributed ones alone.
func (c *Consultation) public(counts map[tallied]int64) map[tallied]int64 {
	public := map[tallied]int64{}
	for t, n := range counts {
		if !c.publishesAll(OfficialReply, t.publication) {
			continue
		}
		if t.timeliness = ""; t.publication != Attributed {
			t.kind, t.region = "", ""
		}
		t.campaign = ""
		public[t] += n
	}
	return public
}

func countOf[T any](ctx context.Context, c store.Collection[T], q store.Query) (int64, error) {
	plan, err := c.Plan(q)
	if err != nil {
		return 0, err
	}
	return c.Count(ctx, plan, store.Bounds{})
}
