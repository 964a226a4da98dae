package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// markup are the signs that mean something in Markdown wherever they stand. Those that a browser takes for
// more become entities, because not every reader of Markdown knows a backslash ahead of them.
var markup = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "\\", `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`, "$", `\$`, "!", `\!`,
	"://", `\://`, "www.", `www\.`, "WWW.", `WWW\.`, "@", "&#64;",
)

// leading are the signs that make a list, a heading or a line where a line begins.
var leading = regexp.MustCompile(`^(\s*)([-+=:]|\d+[.)])`)

// md is a text of one line in which nothing is markup.
func md(s string) string {
	s = markup.Replace(line(s))
	return leading.ReplaceAllStringFunc(s, func(lead string) string { return lead[:len(lead)-1] + `\` + lead[len(lead)-1:] })
}

// mdBlock is a text of several lines, each of them a line of a quotation.
func mdBlock(s string) string {
	var lines []string
	for l := range strings.SplitSeq(s, "\n") {
		lines = append(lines, strings.TrimRight("> "+md(l), " "))
	}
	return strings.Join(lines, "  \n") + "\n\n"
}

// markdown writes the report as Markdown with tables, links to headings, and nothing else.
func (f *facts) markdown(w io.Writer) error {
	p, b := read(f), &strings.Builder{}
	say := func(format string, args ...any) { fmt.Fprintf(b, format, args...) }
	say("# %s: %s\n\n", md(p.Label("title")), md(p.Title.Text))
	if p.Demonstration != "" {
		say("> **%s**\n\n", md(p.Demonstration))
	}
	if p.Statement != nil {
		say("## %s\n\n%s", md(p.Label("statement")), mdPairs(p.Statement))
	}
	say("## %s\n\n%s", md(p.Label("consultation")), mdPairs(p.Facts))
	say("## %s\n\n", md(p.Label("responses")))
	for _, t := range p.Responses {
		say("%s", t.markdown())
	}
	say("%s\n\n", md(p.CountNote))
	for _, e := range p.Errata {
		say("%s\n\n", md(e))
	}
	say("## %s\n\n", md(p.Label("questions")))
	for _, q := range p.Questions {
		say("### %s\n\n%s\n\n", md(q.Text.Text), md(q.Topic))
		for _, n := range q.Notes {
			say("%s\n\n", md(n))
		}
		for _, t := range q.Tables {
			say("%s", t.markdown())
		}
	}
	p.mdSynthesis(b)
	p.mdAnnex(b)
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

func mdPairs(pairs []pair) string {
	var b strings.Builder
	for _, is := range pairs {
		fmt.Fprintf(&b, "- %s: %s\n", md(is.Name), md(is.Value.Text))
	}
	return b.String() + "\n"
}

func (t table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n", md(t.Caption))
	mdRow(&b, t.Head)
	b.WriteString("|" + strings.Repeat(" --- |", len(t.Head)) + "\n")
	for _, r := range t.Rows {
		cells := []string{r.Name}
		for _, c := range r.Cells {
			cells = append(cells, c.Text)
		}
		mdRow(&b, cells)
	}
	if t.Note != "" {
		fmt.Fprintf(&b, "\n%s\n", md(t.Note))
	}
	return b.String() + "\n"
}

func mdRow(b *strings.Builder, cells []string) {
	for _, c := range cells {
		b.WriteString("| " + md(c) + " ")
	}
	b.WriteString("|\n")
}

// mdLinks are links to headings that are numbers, such as R1.
func mdLinks(numbers []string) string {
	links := make([]string, len(numbers))
	for i, n := range numbers {
		links[i] = "[" + n + "](#" + strings.ToLower(n) + ")"
	}
	return strings.Join(links, ", ")
}

func (p *page) mdSynthesis(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n", md(p.Label("synthesis")))
	if p.Synthesis == nil {
		fmt.Fprintf(b, "%s\n\n", md(p.Label("noSynthesis")))
	} else {
		b.WriteString(mdPairs(p.Synthesis))
		p.mdParagraphs(b, "findings", p.Findings)
		p.mdParagraphs(b, "minorityViews", p.Minority)
		if len(p.Campaigns) > 0 {
			fmt.Fprintf(b, "### %s\n\n%s\n\n%s", md(p.Label("campaigns")), md(p.Label("onceNote")), mdPairs(p.Campaigns))
			for _, t := range p.Once {
				b.WriteString(t.markdown())
			}
		}
	}
	fmt.Fprintf(b, "## %s\n\n", md(p.Label("decisions")))
	if len(p.Decisions) == 0 {
		fmt.Fprintf(b, "%s\n\n", md(p.Label("none")))
	}
	for _, d := range p.Decisions {
		fmt.Fprintf(b, "- %s: %s\n- %s: %s\n- %s: %s\n- %s: %s\n", md(p.Label("decidedOn")), md(d.On), md(p.Label("decidedBy")), md(d.Body), md(p.Label("topic")), md(d.Topic), md(p.Label("source")), md(d.Source))
		if len(d.Paragraphs) > 0 {
			fmt.Fprintf(b, "- %s: %s\n", md(p.Label("takesUp")), mdLinks(d.Paragraphs))
		}
		fmt.Fprintf(b, "\n%s", mdBlock(d.Text.Text))
	}
}

func (p *page) mdParagraphs(b *strings.Builder, label string, all []pageParagraph) {
	fmt.Fprintf(b, "### %s\n\n", md(p.Label(label)))
	if len(all) == 0 {
		fmt.Fprintf(b, "%s\n\n", md(p.Label("none")))
	}
	for _, g := range all {
		rests := md(p.Label("none"))
		if len(g.Replies) > 0 {
			rests = mdLinks(g.Replies)
		}
		fmt.Fprintf(b, "#### %s\n\n%s\n\n%s%s: %s\n\n", g.Number, md(g.Topic), mdBlock(g.Text.Text), md(p.Label("restsOn")), rests)
	}
}

func (p *page) mdAnnex(b *strings.Builder) {
	note := "annexNote"
	if len(p.Replies) == 0 {
		note = "noReplies"
	}
	fmt.Fprintf(b, "## %s\n\n%s\n\n", md(p.Label("annex")), md(p.Label(note)))
	for _, x := range p.Replies {
		fmt.Fprintf(b, "### %s\n\n", x.Number)
		for _, m := range x.Marks {
			fmt.Fprintf(b, "- **%s**\n", md(m))
		}
		b.WriteString(mdPairs(x.Facts))
		for _, a := range x.Answers {
			fmt.Fprintf(b, "%s\n\n%s", md(a.Question.Text), mdBlock(a.Answer.Text))
		}
		if len(x.Answers) == 0 {
			fmt.Fprintf(b, "%s\n\n", md(p.Label("noAnswers")))
		}
	}
}
