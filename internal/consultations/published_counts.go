package consultations

import (
	"context"
	"strconv"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// PublishedCell counts published replies with the same value, kind and region. A nil field means all.
type PublishedCell struct {
	Value *string
	// Kind and Region are never both set. With one of them only attributed replies count.
	Kind   *membership.RespondentKind
	Region *country.Region
	Count  int64
}

// PublishedTable counts the answers of published replies to one question.
type PublishedTable struct {
	Question *ConsultationQuestion
	Cells    []PublishedCell

	of *PublishedCounts
}

// PublishedCounts are all public counts of a closed consultation. Everybody can compute them again from the
// published replies. Of confidential replies they contain only the number.
type PublishedCounts struct {
	// Consulted and Replied count members and States.
	Consulted, Replied int64
	// Attributed and Anonymised count the published official replies, Confidential the others.
	Attributed, Anonymised, Confidential int64
	// DelegateViews counts the published views, which no other count includes.
	DelegateViews int64
	Tables        []PublishedTable
}

// Published is the number of published official replies.
func (p *PublishedCounts) Published() int64 { return p.Attributed + p.Anonymised }

// Note explains which replies are counted and which are not, in a language, by default the caller's.
func (p *PublishedCounts) Note(ctx context.Context, locale *kit.Locale) string {
	l := kit.LocaleOf(ctx)
	kit.Set(&l, locale)
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	return kit.Message(l, "counts.published", map[string]string{
		"published": number(p.Published()), "attributed": number(p.Attributed), "confidential": number(p.Confidential), "views": number(p.DelegateViews),
	})
}

// Published is the number of replies that the table counts: all published ones.
func (t PublishedTable) Published() int64 { return t.of.Published() }

// Attributed is the number of replies that the table counts by kind and region.
func (t PublishedTable) Attributed() int64 { return t.of.Attributed }

// Confidential is the number of replies that the table does not count.
func (t PublishedTable) Confidential() int64 { return t.of.Confidential }

// DelegateViews is the number of published views, which the table does not count.
func (t PublishedTable) DelegateViews() int64 { return t.of.DelegateViews }

// Note explains which replies the table counts, as PublishedCounts.Note does.
func (t PublishedTable) Note(ctx context.Context, locale *kit.Locale) string {
	return t.of.Note(ctx, locale)
}

// PublishedCounts counts what is published of a consultation, the same for every reader: in total, and by the
// answers to the named questions, or to all that can be counted. Late replies count too. It is nil before the
// consultation is closed, and if the caller may not see it. A question that is missing or cannot be counted is
// BAD_USER_INPUT. It costs four calls.
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

// public reduces counts to published replies, and removes kind and region from anonymised ones.
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
