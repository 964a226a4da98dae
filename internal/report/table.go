package report

import (
	"slices"
	"strconv"

	"memberportal/internal/portal"
)

// table is one table of the report.
type table struct {
	Caption string
	// Head names the columns; the first is that of the names of the rows.
	Head []string
	Rows []row
}

// row is a line of a table.
type row struct {
	Name  string
	Cells []cell
	// Total marks the line that the others add up to.
	Total bool
}

// cell is a count or a word. Hidden marks one that is not published.
type cell struct {
	Text   string
	Hidden bool
}

func (f *facts) count(n *int64) cell {
	if n == nil {
		return cell{f.label("notPublished"), true}
	}
	return cell{Text: f.plain(strconv.FormatInt(*n, 10))}
}

// rate is a share in whole per cent; one that is not nothing is never shown as 0.
func (f *facts) rate(n *int64, of int64) cell {
	switch {
	case n == nil:
		return f.count(nil)
	case of == 0:
		return cell{Text: "–"}
	case *n > 0 && 100**n < of:
		return cell{Text: f.plain("<1 %")}
	}
	return cell{Text: f.plain(strconv.FormatInt((200**n+of)/(2*of), 10) + " %")}
}

// responses are the rates of response: of all, by kind and by region.
func (f *facts) responses() []table {
	head := func(first string) []string {
		return []string{f.label(first), f.label("invited"), f.label("inTime"), f.label("late"), f.label("rate")}
	}
	kinds, regions := table{Caption: f.label("responses") + " – " + f.label("category"), Head: head("category")}, table{Caption: f.label("responses") + " – " + f.label("region"), Head: head("region")}
	add := func(t *table, name string, total bool, c responseFacts) {
		t.Rows = append(t.Rows, row{name, []cell{{Text: f.plain(strconv.FormatInt(c.Invited, 10))}, f.count(c.InTime), f.count(c.Late), f.rate(c.InTime, c.Invited)}, total})
	}
	for _, k := range portal.RespondentKinds {
		for _, c := range f.Responses {
			if c.Region == nil && c.Kind != nil && *c.Kind == k {
				add(&kinds, coded(f, "kind", k), false, c)
			}
		}
	}
	for _, r := range portal.Regions {
		for _, c := range f.Responses {
			if c.Kind == nil && c.Region != nil && *c.Region == r {
				add(&regions, coded(f, "region", r), false, c)
			}
		}
	}
	for _, c := range f.Responses {
		if c.Kind == nil && c.Region == nil {
			add(&kinds, f.label("all"), true, c)
			add(&regions, f.label("all"), true, c)
		}
	}
	return []table{kinds, regions}
}

// cell finds a count of a question: those that are left out are 0, but for those of a kind or region whose
// own count is not published, of which nothing is known.
func (q questionFacts) cell(value *string, k portal.RespondentKind, r portal.Region) cellFacts {
	for _, c := range q.Cells {
		if same(c.Value, value) && deref(c.Kind) == k && deref(c.Region) == r {
			return c
		}
	}
	if value != nil && (k != "" || r != "") && q.cell(nil, k, r).Count == nil {
		return cellFacts{}
	}
	return cellFacts{Count: new(int64), CountOnce: new(int64)}
}

func same(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

func deref[T ~string](v *T) T {
	if v == nil {
		return ""
	}
	return *v
}

// tables are the counts of a question: by answer and kind with both totals, and by answer and region.
func (f *facts) tables(q questionFacts) []table {
	kinds, regions := f.columns(q)
	byKind := table{Caption: f.label("byKind"), Head: []string{f.label("answer")}}
	for _, k := range kinds {
		byKind.Head = append(byKind.Head, coded(f, "kind", k))
	}
	byKind.Head = append(byKind.Head, f.label("allReplies"), f.label("onceCount"))
	byRegion := table{Caption: f.label("byRegion"), Head: []string{f.label("answer")}}
	for _, r := range regions {
		byRegion.Head = append(byRegion.Head, coded(f, "region", r))
	}
	byRegion.Head = append(byRegion.Head, f.label("allReplies"))
	for _, v := range append(q.values(), nil) {
		name, all := f.label("allReplies"), q.cell(v, "", "")
		if v != nil {
			name = f.value(q, *v)
		}
		one, two := row{Name: name, Total: v == nil}, row{Name: name, Total: v == nil}
		for _, k := range kinds {
			one.Cells = append(one.Cells, f.count(q.cell(v, k, "").Count))
		}
		for _, r := range regions {
			two.Cells = append(two.Cells, f.count(q.cell(v, "", r).Count))
		}
		one.Cells = append(one.Cells, f.count(all.Count), f.count(all.CountOnce))
		two.Cells = append(two.Cells, f.count(all.Count))
		byKind.Rows, byRegion.Rows = append(byKind.Rows, one), append(byRegion.Rows, two)
	}
	return []table{byKind, byRegion}
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
func (f *facts) columns(q questionFacts) (kinds []portal.RespondentKind, regions []portal.Region) {
	for _, k := range portal.RespondentKinds {
		if slices.Contains(f.Consultation.Kinds, k) || slices.ContainsFunc(q.Cells, func(c cellFacts) bool { return deref(c.Kind) == k }) {
			kinds = append(kinds, k)
		}
	}
	for _, r := range portal.Regions {
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
	case q.Kind == portal.AskPosition:
		return coded(f, "position", v)
	case q.Kind == portal.AskActionBy:
		return coded(f, "body", v)
	}
	for _, o := range q.Options {
		if o.Code == v {
			return line(o.Text.Text)
		}
	}
	return f.plain(v)
}
