package portal

import "sync"

// disclosing decides once for a consultation and what is counted of it which cells are not published.
type disclosing struct {
	mu   sync.Mutex
	last map[ID]disclosed
}

type disclosed struct {
	print  string
	hidden hiddenCells
}

// hiddenCells are cells that are not published, by question.
type hiddenCells map[string]map[cellKey]bool

// hidden are the cells that are not published of a closed consultation.
func (s *FeedbackService) hidden(c *Consultation, t tables, print string) hiddenCells {
	s.disclosed.mu.Lock()
	defer s.disclosed.mu.Unlock()
	if d, ok := s.disclosed.last[c.ID]; ok && d.print == print {
		return d.hidden
	}
	hidden := t.hide(c)
	if s.disclosed.last == nil {
		s.disclosed.last = map[ID]disclosed{}
	}
	s.disclosed.last[c.ID] = disclosed{print, hidden}
	return hidden
}

// published are the cells that others than readers of all replies are told of at all.
func (k cellKey) published() bool { return k.kind == "" || k.region == "" }

// parts are what is counted in a cell: all replies, and what is left of them without those that are
// published with their respondents, or without all that are published, which are known.
func (c *cellCount) parts() [3]int64 { return [3]int64{c.all, c.unnamed, c.confidential} }

// told says whether a count may be published by itself: no part of it is small.
func (c *cellCount) told(least int64) bool {
	if c == nil {
		return true
	}
	for _, n := range c.parts() {
		if n > 0 && n < least {
			return false
		}
	}
	return true
}

// hide finds the cells that are small, or give small ones away. All questions are held against each
// other, because their margins are the same.
func (t tables) hide(c *Consultation) hiddenCells {
	v := t.survey(c)
	hidden := hiddenCells{}
	for part := range (&cellCount{}).parts() {
		counts, small := make([]int64, len(v.cells)), make([]bool, len(v.cells))
		for i, is := range v.cells {
			counts[i] = t[is.question][is.key].parts()[part]
			small[i] = counts[i] > 0 && counts[i] < int64(c.SmallestCell)
		}
		for i, h := range suppress(counts, small, v.sums) {
			if is := v.cells[i]; h {
				if hidden[is.question] == nil {
					hidden[is.question] = map[cellKey]bool{}
				}
				hidden[is.question][is.key] = true
			}
		}
	}
	return hidden
}

// surveyed is a cell of one question, or of the replies themselves.
type surveyed struct {
	question string
	key      cellKey
}

// adding is all that is published of a consultation, and how it adds up.
type adding struct {
	cells []surveyed
	index map[surveyed]int
	sums  []sum
}

func (t tables) survey(c *Consultation) *adding {
	v := &adding{index: map[surveyed]int{}}
	for _, code := range append([]string{""}, each(c.Questions, func(q ConsultationQuestion) string { return q.Code })...) {
		for _, k := range t[code].keys() {
			if k.published() {
				v.index[surveyed{code, k}] = len(v.cells)
				v.cells = append(v.cells, surveyed{code, k})
			}
		}
	}
	for _, whole := range v.cells {
		if whole.key.kind == "" && whole.key.region == "" {
			v.add(whole, each(RespondentKinds, func(k RespondentKind) surveyed { return surveyed{whole.question, cellKey{whole.key.value, k, ""}} }))
			v.add(whole, each(Regions, func(r Region) surveyed { return surveyed{whole.question, cellKey{whole.key.value, "", r}} }))
		}
	}
	for _, q := range c.Questions {
		if !q.Kind.counted() || q.Kind.several() {
			continue
		}
		values := append(q.values(), noAnswer)
		for _, k := range t[""].keys() {
			if k.published() {
				v.add(surveyed{"", k}, each(values, func(value string) surveyed { return surveyed{q.Code, cellKey{value, k.kind, k.region}} }))
			}
		}
	}
	return v
}

// add notes that a cell is the sum of others. Cells in which nothing is counted are left out.
func (v *adding) add(whole surveyed, parts []surveyed) {
	s := sum{whole: v.index[whole]}
	for _, p := range parts {
		if i, ok := v.index[p]; ok {
			s.parts = append(s.parts, i)
		}
	}
	v.sums = append(v.sums, s)
}
