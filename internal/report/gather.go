package report

import (
	"context"
	"slices"
	"strconv"

	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// format is the edition of the names in report.json.
const format = 2

// gathering turns records into facts in one language.
type gathering struct {
	ctx context.Context
	r   *consultations.ConsultationReport
	// replies and paragraphs are the numbers in the report by the ids of the records.
	replies, paragraphs map[kit.ID]string
}

// gather makes the facts of a report.
func gather(r *consultations.ConsultationReport, locale kit.Locale) *facts {
	g := &gathering{ctx: kit.WithLocale(context.Background(), locale), r: r, replies: map[kit.ID]string{}, paragraphs: map[kit.ID]string{}}
	for i, x := range r.Replies {
		g.replies[x.ID] = "R" + strconv.Itoa(i+1)
	}
	f := &facts{
		Format: format, Language: locale, Dataset: r.Consultation.Dataset, SmallestCell: r.Consultation.SmallestCell, Consultation: g.consultation(),
		Counts: g.counts(), Questions: g.questions(), Synthesis: g.synthesis(), Replies: []replyFacts{}, topics: map[string]written{},
	}
	if r.Statement != nil {
		f.Statement = g.statement()
		for _, p := range r.Statement.Pillars {
			for _, t := range p.Topics {
				f.topics[t.Code] = g.text(t.Title)
			}
		}
	}
	for i, x := range r.Replies {
		f.Replies = append(f.Replies, g.reply(x, r.Respondents[i]))
	}
	return f
}

func (g *gathering) text(t *kit.LocalizedText) written {
	if t == nil {
		return written{Language: kit.LocaleOf(g.ctx)}
	}
	return written{t.Text(g.ctx, nil), t.Locale(g.ctx, nil)}
}

func (g *gathering) statement() *statementFacts {
	l := g.r.Statement
	s := &statementFacts{Reference: l.FullReference(), Source: l.Source, Title: g.text(l.Title), Addressees: []addresseeFacts{}, AgreedOn: l.AgreedOn}
	for _, a := range l.Addressees {
		s.Addressees = append(s.Addressees, addresseeFacts(a))
	}
	return s
}

func (g *gathering) counts() countFacts {
	c := g.r.Counts
	return countFacts{c.Consulted, c.Replied, c.Published(), c.Attributed, c.Anonymised, c.Confidential, c.DelegateViews, c.Note(g.ctx, nil)}
}

func (g *gathering) consultation() consultationFacts {
	c, errata := g.r.Consultation, []erratumFacts{}
	for _, e := range c.Errata {
		errata = append(errata, erratumFacts(e))
	}
	return consultationFacts{
		Code: c.Code, Group: c.Group, Title: g.text(c.Title), Kinds: c.Audience.Kinds, Regions: orNone(c.Audience.Regions),
		OpenedAt: c.OpenedAt, ClosesOn: c.ClosesOn, Zone: c.Zone, Deadline: c.Deadline, ClosedAt: c.ClosedAt, Errata: errata,
		InterimReportDue: (*dueFacts)(c.InterimReportDue), FinalReportDue: (*dueFacts)(c.FinalReportDue),
	}
}

// orNone is a list that JSON writes as one, even if it is empty.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (g *gathering) questions() []questionFacts {
	all := []questionFacts{}
	for _, q := range g.r.Consultation.Questions {
		is := questionFacts{Code: q.Code, Topic: q.Topic, Kind: q.Kind, Text: g.text(q.Text), Options: []optionFacts{}}
		for _, o := range q.Options {
			is.Options = append(is.Options, optionFacts{o.Code, g.text(o.Text)})
		}
		for _, m := range g.r.Counts.Tables {
			if m.Question.Code != q.Code {
				continue
			}
			is.Cells = []cellFacts{}
			for _, c := range m.Cells {
				is.Cells = append(is.Cells, cellFacts(c))
			}
		}
		all = append(all, is)
	}
	return all
}

func (g *gathering) synthesis() *synthesisFacts {
	y := g.r.Synthesis
	if y == nil {
		return nil
	}
	s := &synthesisFacts{Edition: y.Edition, PublishedAt: y.PublishedAt, Paragraphs: []paragraphFacts{}, Campaigns: []campaignFacts{}, Once: []onceFacts{}, Decisions: []decisionFacts{}}
	for i, p := range y.Paragraphs() {
		is := paragraphFacts{Number: "P" + strconv.Itoa(i+1), Topic: p.Topic, Kind: p.Kind, Text: g.text(p.Text), Replies: g.numbers(p.StoredCitations)}
		g.paragraphs[p.ID] = is.Number
		s.Paragraphs = append(s.Paragraphs, is)
	}
	for _, c := range y.Campaigns() {
		s.Campaigns = append(s.Campaigns, campaignFacts{c.Group, g.numbers(c.StoredReplies)})
	}
	if len(s.Campaigns) > 0 {
		for _, c := range y.CampaignCounts() {
			s.Once = append(s.Once, onceFacts(c))
		}
	}
	for _, d := range y.Decisions {
		is := decisionFacts{Topic: d.Topic, Body: d.Body, Text: g.text(d.Text), DecidedOn: d.DecidedOn, Source: d.Source, Paragraphs: []string{}}
		for _, id := range d.Paragraphs {
			if number, ok := g.paragraphs[id]; ok { // a later edition may have left it out
				is.Paragraphs = append(is.Paragraphs, number)
			}
		}
		s.Decisions = append(s.Decisions, is)
	}
	return s
}

// numbers are those of the published replies among some, in their order in the annex.
func (g *gathering) numbers(ids []kit.ID) []string {
	numbers := []string{}
	for _, x := range g.r.Replies {
		if slices.Contains(ids, x.ID) {
			numbers = append(numbers, g.replies[x.ID])
		}
	}
	return numbers
}

func (g *gathering) reply(x *consultations.Feedback, from membership.Entity) replyFacts {
	is := replyFacts{
		Number: g.replies[x.ID], Respondent: g.respondent(x, from), Capacity: x.Capacity, Timeliness: x.Timeliness(), Publication: x.Publication(), Language: x.Language(),
		Answers: []answerFacts{},
	}
	for _, a := range x.Answers() {
		answer := answerFacts{Question: a.Question, Position: a.Position, Priority: a.Priority, Options: a.Options, Text: a.Text, Bodies: a.Bodies}
		if a.Effect != nil {
			answer.Members, answer.Amount = a.Effect.Members, a.Effect.Amount
		}
		is.Answers = append(is.Answers, answer)
	}
	return is
}

// respondent is who replied; nil for a reply that is anonymised, whatever else is known.
func (g *gathering) respondent(x *consultations.Feedback, from membership.Entity) *respondentFacts {
	of := x.Respondent()
	if of == nil || x.Publication() != consultations.Attributed {
		return nil
	}
	is := &respondentFacts{Kind: of.Kind, Region: of.Region}
	switch e := from.(type) {
	case *membership.Member:
		is.Name = &written{Text: e.Name} // an official name, in whatever language it is
	case *country.Country:
		name := g.text(e.Name)
		is.Name = &name
	}
	if country := of.Country(); country != nil {
		name := g.text(country.Name)
		is.Country = &name
	}
	return is
}
