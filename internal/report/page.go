package report

import (
	"strconv"
	"strings"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
)

// page is the report as it is read: the same words for report.html and report.md, all of them clean.
type page struct {
	Language, Direction string
	Title               written
	Demonstration       string
	Statement, Facts    []pair
	Responses           []table
	CountNote           string
	Errata              []string
	Questions           []pageQuestion
	Synthesis           []pair
	Findings, Minority  []pageParagraph
	Campaigns           []pair
	Once                []table
	Decisions           []pageDecision
	Replies             []pageReply

	f *facts
}

// pair is a fact with its name.
type pair struct {
	Name  string
	Value written
}

type pageQuestion struct {
	Topic  string
	Text   written
	Tables []table
	Notes  []string
}

type pageParagraph struct {
	Number, Topic string
	Text          written
	Replies       []string
}

type pageDecision struct {
	Topic, Body, On, Source string
	Text                    written
	Paragraphs              []string
}

type pageReply struct {
	Number  string
	Marks   []string
	Facts   []pair
	Answers []pageAnswer
}

type pageAnswer struct {
	Question written
	Answer   written
}

// Label is a text of the report in its language.
func (p *page) Label(key string) string { return p.f.label(key) }

// read makes the report that is read of the facts.
func read(f *facts) *page {
	p := &page{
		Language: strings.ToLower(string(f.Language)), Direction: f.direction(), Title: tidy(f.Consultation.Title), Statement: f.aboutStatement(), Facts: f.aboutConsultation(),
		Responses: f.responses(), CountNote: f.fill("countNote", "{least}", strconv.Itoa(f.SmallestCell)), f: f,
	}
	for _, e := range f.Consultation.Errata {
		p.Errata = append(p.Errata, f.fill("erratum", "{at}", f.instant(&e.At), "{n}", strconv.Itoa(e.Replies), "{was}", coded(f, "publication", e.Was)))
	}
	if f.Dataset == kit.Demonstration {
		p.Demonstration = f.label("demonstration")
	}
	for _, q := range f.Questions {
		p.Questions = append(p.Questions, f.aboutQuestion(q))
	}
	p.conclude()
	for _, x := range f.Replies {
		p.Replies = append(p.Replies, f.aboutReply(x))
	}
	return p
}

// fill is a label with its parameters filled in.
func (f *facts) fill(key string, pairs ...string) string {
	for i := 1; i < len(pairs); i += 2 {
		pairs[i] = f.plain(pairs[i])
	}
	return strings.NewReplacer(pairs...).Replace(f.label(key))
}

// tidy is a text of one line.
func tidy(w written) written { return written{line(w.Text), w.Language} }

func (f *facts) named(key, value string) pair {
	return pair{f.label(key), written{value, f.Language}}
}

// topic is a topic's code with its title.
func (f *facts) topic(code string) string {
	if title := line(f.topics[code].Text); title != "" {
		return f.plain(code) + " – " + title
	}
	return f.plain(code)
}

func (f *facts) aboutStatement() []pair {
	l := f.Statement
	if l == nil {
		return nil
	}
	var to []string
	for _, a := range l.Addressees {
		to = append(to, f.plain(a.Group)+" ("+coded(f, "role", a.Role)+")")
	}
	pairs := []pair{{f.label("statement"), tidy(l.Title)}, f.named("reference", f.plain(l.Reference)), f.named("source", f.plain(l.Source)), f.named("addressees", strings.Join(to, kit.Comma(f.Language)))}
	if l.AgreedOn != nil {
		pairs = append(pairs, f.named("agreedOn", f.plain(string(*l.AgreedOn))))
	}
	return append(pairs, f.named("interimReport", f.due(f.Consultation.InterimReportDue)), f.named("finalReport", f.due(f.Consultation.FinalReportDue)))
}

// due is the deadline of a report with its source: sources differ, and each says its own.
func (f *facts) due(d *dueFacts) string {
	if d == nil {
		return f.label("notStated")
	}
	on := f.plain(string(d.On))
	if d.MonthOnly {
		on = f.plain(string(d.On)[:len("2006-01")]) + " (" + f.label("monthOnly") + ")"
	}
	return on + " – " + f.label("statedBy") + " " + f.plain(d.Source)
}

func (f *facts) instant(at *kit.DateTime) string {
	if at == nil {
		return f.label("notStated")
	}
	return f.plain(at.Time().Format("2006-01-02 15:04") + " UTC")
}

func (f *facts) aboutConsultation() []pair {
	c := f.Consultation
	var kinds, regions []string
	for _, k := range c.Kinds {
		kinds = append(kinds, coded(f, "kind", k))
	}
	for _, r := range c.Regions {
		regions = append(regions, coded(f, "region", r))
	}
	if regions == nil {
		regions = []string{f.label("allRegions")}
	}
	return []pair{
		f.named("code", f.plain(c.Code)), f.named("group", f.plain(c.Group)),
		f.named("audience", strings.Join(kinds, kit.Comma(f.Language))+" – "+strings.Join(regions, kit.Comma(f.Language))), f.named("opened", f.instant(c.OpenedAt)),
		f.named("deadline", f.plain(string(c.ClosesOn))+" ("+f.label("endOfDay")+kit.Comma(f.Language)+f.plain(c.Zone)+")"), f.named("closed", f.instant(c.ClosedAt)),
	}
}

func (f *facts) aboutQuestion(q questionFacts) pageQuestion {
	is := pageQuestion{Topic: f.topic(q.Topic), Text: tidy(q.Text)}
	if q.Cells == nil {
		is.Notes = []string{f.label("freeNote")}
		return is
	}
	is.Tables = f.tables(q)
	switch q.Kind {
	case consultations.AskMultipleChoice, consultations.AskActionBy:
		is.Notes = append(is.Notes, f.label("severalNote"))
	case consultations.AskRanking:
		is.Notes = append(is.Notes, f.label("rankingNote"))
	}
	return is
}

// conclude says what came of the consultation.
func (p *page) conclude() {
	y, f := p.f.Synthesis, p.f
	if y == nil {
		return
	}
	p.Synthesis = []pair{f.named("edition", f.plain(strconv.Itoa(y.Edition))), f.named("publishedAt", f.instant(y.PublishedAt))}
	for _, g := range y.Paragraphs {
		is := pageParagraph{Number: g.Number, Topic: f.topic(g.Topic), Text: written{clean(g.Text.Text), g.Text.Language}, Replies: g.Replies}
		if g.Kind == consultations.MinorityView {
			p.Minority = append(p.Minority, is)
		} else {
			p.Findings = append(p.Findings, is)
		}
	}
	for _, c := range y.Campaigns {
		p.Campaigns = append(p.Campaigns, pair{f.plain(c.Group), written{strings.Join(c.Replies, kit.Comma(f.Language)), f.Language}})
	}
	p.Once = f.once(y.Once)
	for _, d := range y.Decisions {
		p.Decisions = append(p.Decisions, pageDecision{
			Topic: f.topic(d.Topic), Body: coded(f, "body", d.Body), On: f.plain(string(d.DecidedOn)), Source: f.plain(d.Source),
			Text: written{clean(d.Text.Text), d.Text.Language}, Paragraphs: d.Paragraphs,
		})
	}
}
