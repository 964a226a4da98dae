package report

import (
	"slices"
	"strconv"

	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/membership"
)

// table is one table of the report.
type table struct {
	Caption string
	// Head names the columns; the first is that of the names of the rows.
	Head []string
	Rows []row
	// Note says what is counted; empty where that needs no saying.
	Note string
}

// row is a line of a table.
type row struct {
	Name  string
	Cells []cell
	// Total marks the line that the others add up to.
	Total bool
}

// cell is a count or a word.
type cell struct{ Text string }

func (f *facts) count(n int64) cell { return cell{f.plain(strconv.FormatInt(n, 10))} }

// rate is a share in whole per cent; one that is not nothing is never shown as 0.
func (f *facts) rate(n, of int64) cell {
	switch {
	case of == 0:
		return cell{"–"}
	case n > 0 && 100*n < of:
		return cell{f.plain("<1 %")}
	}
	return cell{f.plain(strconv.FormatInt((200*n+of)/(2*of), 10) + " %")}
}

// responses are how many are consulted and replied, and what is published of the replies.
func (f *facts) responses() []table {
	c := f.Counts
	return []table{{
		Caption: f.label("responses"), Head: []string{f.label("respondents"), f.label("number")},
		Rows: []row{
			{f.label("invited"), []cell{f.count(c.Consulted)}, false}, {f.label("replied"), []cell{f.count(c.Replied)}, false},
			{f.label("rate"), []cell{f.rate(c.Replied, c.Consulted)}, false}, {f.label("attributedReplies"), []cell{f.count(c.Attributed)}, false},
			{f.label("anonymisedReplies"), []cell{f.count(c.Anonymised)}, false}, {f.label("confidentialReplies"), []cell{f.count(c.Confidential)}, false},
			{f.label("publishedViews"), []cell{f.count(c.DelegateViews)}, false},
		},
	}}
}

// count is a count of a question: those that are left out are 0.
func (q questionFacts) count(value *string, k membership.RespondentKind, r country.Region) int64 {
	for _, c := range q.Cells {
		if same(c.Value, value) && deref(c.Kind) == k && deref(c.Region) == r {
			return c.Count
		}
	}
	return 0
}

func same(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

func deref[T ~string](v *T) T {
	if v == nil {
		return ""
	}
	return *v
}

// tables are the counts of a question: by answer and kind, and by answer and region, of the replies that name
// their respondents, each with all published replies behind them.
func (f *facts) tables(q questionFacts) []table {
	kinds, regions := f.columns(q)
	byKind, byRegion := table{Caption: f.label("byKind"), Head: []string{f.label("answer")}}, table{Caption: f.label("byRegion"), Head: []string{f.label("answer")}}
	for _, k := range kinds {
		byKind.Head = append(byKind.Head, coded(f, "kind", k))
	}
	for _, r := range regions {
		byRegion.Head = append(byRegion.Head, coded(f, "region", r))
	}
	for _, v := range append(q.values(), nil) {
		name := f.label("allReplies")
		if v != nil {
			name = f.value(q, *v)
		}
		one, two := row{Name: name, Total: v == nil}, row{Name: name, Total: v == nil}
		for _, k := range kinds {
			one.Cells = append(one.Cells, f.count(q.count(v, k, "")))
		}
		for _, r := range regions {
			two.Cells = append(two.Cells, f.count(q.count(v, "", r)))
		}
		byKind.Rows, byRegion.Rows = append(byKind.Rows, one), append(byRegion.Rows, two)
	}
	tables := []table{byKind, byRegion}
	for i := range tables {
		t := &tables[i]
		t.Head, t.Note = append(t.Head, f.label("allPublished")), f.Counts.Note
		for j, v := range append(q.values(), nil) {
			t.Rows[j].Cells = append(t.Rows[j].Cells, f.count(q.count(v, "", "")))
		}
	}
	return tables
}

// once are the answers to each question with each campaign counted once.
func (f *facts) once(all []onceFacts) []table {
	var tables []table
	for _, q := range f.Questions {
		t := table{Caption: f.plain(q.Code) + " – " + f.label("onceCount"), Head: []string{f.label("answer"), f.label("allPublished"), f.label("onceCount")}}
		for _, n := range all {
			if n.Question == q.Code {
				t.Rows = append(t.Rows, row{f.value(q, n.Value), []cell{f.count(n.Count), f.count(n.CountOnce)}, false})
			}
		}
		if t.Rows != nil {
			tables = append(tables, t)
		}
	}
	return tables
}

// values are the answers of a question, in the order of its cells.
func (q questionFacts) values() (all []*string) {
	for _, c := range q.Cells {
		if c.Value != nil && c.Kind == nil && c.Region == nil {
			all = append(all, c.Value)
		}
	}
	return all
}

// columns are the kinds and regions that are consulted, or counted all the same.
func (f *facts) columns(q questionFacts) (kinds []membership.RespondentKind, regions []country.Region) {
	for _, k := range membership.RespondentKinds {
		if slices.Contains(f.Consultation.Kinds, k) || slices.ContainsFunc(q.Cells, func(c cellFacts) bool { return deref(c.Kind) == k }) {
			kinds = append(kinds, k)
		}
	}
	for _, r := range country.Regions {
		asked := len(f.Consultation.Regions) == 0 || slices.Contains(f.Consultation.Regions, r)
		if asked || slices.ContainsFunc(q.Cells, func(c cellFacts) bool { return deref(c.Region) == r }) {
			regions = append(regions, r)
		}
	}
	return kinds, regions
}

// noAnswer is the value of replies that did not answer a question.
const noAnswer = "NONE"

// value is an answer's value as it is read.
func (f *facts) value(q questionFacts, v string) string {
	switch {
	case v == noAnswer:
		return f.label("value.NONE")
	case q.Kind == consultations.AskPosition:
		return coded(f, "position", v)
	case q.Kind == consultations.AskActionBy:
		return coded(f, "body", v)
	}
	for _, o := range q.Options {
		if o.Code == v {
			return line(o.Text.Text)
		}
	}
	return f.plain(v)
}
