package consultations

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// AnswerCell counts replies with the same value, kind and region. A nil field means all.
type AnswerCell struct {
	Value  *string
	Kind   *membership.RespondentKind
	Region *country.Region
	Count  int64
	// CountOnce is the count if each campaign counts as one.
	CountOnce int64
}

// AnswerMatrix counts the answers of official replies to one question. Only those who read all replies see it.
type AnswerMatrix struct {
	Question   *ConsultationQuestion
	Timeliness Timeliness
	Cells      []AnswerCell
}

// cellKey names a cell of a question; an empty field means all.
type cellKey struct {
	value  string
	kind   membership.RespondentKind
	region country.Region
}

// cellCount is the content of a cell.
type cellCount struct {
	all       int64
	campaigns map[string]int64
}

func (c *cellCount) take(t tallied, n int64) {
	c.all += n
	if t.campaign != "" {
		if c.campaigns == nil {
			c.campaigns = map[string]int64{}
		}
		c.campaigns[t.campaign] += n
	}
}

// once is the number of replies if each campaign counts as one.
func (c *cellCount) once() int64 {
	n := c.all + int64(len(c.campaigns))
	for _, of := range c.campaigns {
		n -= of
	}
	return n
}

// cube has all cells of a question, totals included.
type cube map[cellKey]*cellCount

func (u cube) put(key cellKey, t tallied, n int64) {
	if u[key] == nil {
		u[key] = &cellCount{}
	}
	u[key].take(t, n)
}

// spread adds a count to the cells of a value, by kind and region, and to their totals; an empty value means all. A
// count without kind and region goes only into the cell of all kinds and regions.
func (u cube) spread(value string, t tallied, n int64) {
	for _, k := range slices.Compact([]membership.RespondentKind{t.kind, ""}) {
		for _, r := range slices.Compact([]country.Region{t.region, ""}) {
			u.put(cellKey{value, k, r}, t, n)
		}
	}
}

func (u cube) count(k cellKey) int64 {
	if u[k] == nil {
		return 0
	}
	return u[k].all
}

// tables has the cube of each counted question by its code. The empty code has the replies themselves, which are
// the totals of the other cubes.
type tables map[string]cube

// tallies reads the counts of the replies to a consultation, in one call.
func (s *FeedbackService) tallies(ctx context.Context, c *Consultation) (map[tallied]int64, error) {
	prefix := tallyPrefix(c.ID)
	counts, err := s.counted.CountBy(ctx, "tally", prefix)
	if err != nil {
		return nil, err
	}
	all := map[tallied]int64{}
	for token, n := range counts {
		t, err := readTallied(strings.TrimPrefix(token, prefix))
		if err != nil {
			return nil, err
		}
		all[t] += n
	}
	return all, nil
}

// tabulate makes the tables from the counts.
func (c *Consultation) tabulate(counts map[tallied]int64) tables {
	all := tables{"": cube{}}
	answered := map[string]map[tallied]int64{}
	for t, n := range counts {
		who := t
		who.question, who.value = "", ""
		if answered[t.question] == nil {
			answered[t.question] = map[tallied]int64{}
		}
		q := c.question(t.question)
		if t.question == "" || t.value == someAnswer || q != nil && !q.Kind.several() {
			answered[t.question][who] += n
		}
		if t.question != "" && t.value != someAnswer {
			all.of(t.question).spread(t.value, t, n)
		} else if t.question == "" {
			all[""].spread("", t, n)
		}
	}
	for _, q := range c.Questions {
		if !q.Kind.counted() {
			continue
		}
		for who, n := range answered[""] {
			if silent := n - answered[q.Code][who]; silent > 0 {
				all.of(q.Code).spread(noAnswer, who, silent)
			}
		}
	}
	return all
}

func (t tables) of(question string) cube {
	if t[question] == nil {
		t[question] = cube{}
	}
	return t[question]
}

// keys returns the keys of the cells in the order in which they are shown.
func (u cube) keys() []cellKey {
	keys := make([]cellKey, 0, len(u))
	for k := range u {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b cellKey) int {
		return strings.Compare(a.value+"\x00"+string(a.kind)+"\x00"+string(a.region), b.value+"\x00"+string(b.kind)+"\x00"+string(b.region))
	})
	return keys
}

// of returns the keys of the cells with a value, in the order in which they are shown; an empty value means all. A
// value that nobody gave has one key, so that its zero is shown.
func (u cube) of(value string) []cellKey {
	keys := slices.DeleteFunc(u.keys(), func(k cellKey) bool { return k.value != value })
	if len(keys) == 0 {
		keys = append(keys, cellKey{value: value})
	}
	return keys
}

// asked calls take with each counted question of a consultation, or only with the named ones, and with the values
// of the question; the first value is empty and means all. A question that is missing or cannot be counted is
// BAD_USER_INPUT.
func (c *Consultation) asked(codes []string, take func(q *ConsultationQuestion, values []string)) error {
	for _, code := range codes {
		if q := c.question(code); q == nil || !q.Kind.counted() {
			return kit.Refuse(kit.BadUserInput, "unknownQuestion", map[string]string{"question": code})
		}
	}
	for i := range c.Questions {
		q := &c.Questions[i]
		if q.Kind.counted() && (codes == nil || slices.Contains(codes, q.Code)) {
			take(q, slices.Concat([]string{""}, q.values(), []string{noAnswer}))
		}
	}
	return nil
}

// countable reads a consultation for those who read all its replies, SECRETARIAT and REVIEWER of its group; others
// get FORBIDDEN. It is nil if there is none that the caller may see.
func (s *FeedbackService) countable(ctx context.Context, consultation kit.ID) (*Consultation, error) {
	if err := kit.Require(ctx, kit.RoleReviewer, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	c, err := s.consultations.Get(ctx, consultation)
	if err == nil && c != nil && !kit.ActorOf(ctx).ReadsAll(c.Group) {
		err = kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	return c, err
}

// Matrix counts the answers of official replies that came in time, or late, to the named questions, or to all that
// can be counted. SECRETARIAT and REVIEWER of the group, at any time; confidential replies count too. A question
// that is missing or cannot be counted is BAD_USER_INPUT. It costs two calls.
func (s *FeedbackService) Matrix(ctx context.Context, consultation kit.ID, questions []string, of Timeliness) ([]AnswerMatrix, error) {
	c, err := s.countable(ctx, consultation)
	if err != nil || c == nil {
		return nil, err
	}
	counts, err := s.tallies(ctx, c)
	if err != nil {
		return nil, err
	}
	for t := range counts {
		if t.timeliness != of {
			delete(counts, t)
		}
	}
	t, matrices := c.tabulate(counts), []AnswerMatrix{}
	err = c.asked(questions, func(q *ConsultationQuestion, values []string) {
		m := AnswerMatrix{Question: q, Timeliness: of, Cells: []AnswerCell{}}
		for _, v := range values {
			u := t.of(q.Code)
			if v == "" {
				u = t[""]
			}
			for _, k := range u.of(v) {
				cell := AnswerCell{Value: kit.Optional(v), Kind: kit.Optional(k.kind), Region: kit.Optional(k.region)}
				if n := u[k]; n != nil {
					cell.Count, cell.CountOnce = n.all, n.once()
				}
				m.Cells = append(m.Cells, cell)
			}
		}
		matrices = append(matrices, m)
	})
	return matrices, err
}

// ResponseCell counts who is consulted and who replied, for a kind and a region. A nil field means all.
type ResponseCell struct {
	Kind    *membership.RespondentKind
	Region  *country.Region
	Invited int64
	InTime  int64
	Late    int64
}

// ConsultationResponses is the rate of response. Only those who read all replies see it.
type ConsultationResponses struct{ Cells []ResponseCell }

// Responses counts who is consulted and who replied, by kind and region: SECRETARIAT and REVIEWER of the group, at
// any time. It costs two calls.
func (s *FeedbackService) Responses(ctx context.Context, consultation kit.ID) (*ConsultationResponses, error) {
	c, err := s.countable(ctx, consultation)
	if err != nil || c == nil {
		return nil, err
	}
	counts, err := s.participations.tally(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	invited, replied := cube{}, map[ReplyState]cube{ReplyInTime: {}, ReplyLate: {}}
	for token, n := range counts {
		parts := strings.Split(token, events.TallySeparator)
		t := tallied{kind: membership.RespondentKind(parts[2]), region: country.Region(parts[3])}
		invited.spread("", t, n)
		if u := replied[ReplyState(parts[1])]; u != nil {
			u.spread("", t, n)
		}
	}
	r := &ConsultationResponses{Cells: []ResponseCell{}}
	for _, k := range invited.keys() {
		r.Cells = append(r.Cells, ResponseCell{
			Kind: kit.Optional(k.kind), Region: kit.Optional(k.region), Invited: invited[k].all, InTime: replied[ReplyInTime].count(k), Late: replied[ReplyLate].count(k),
		})
	}
	return r, nil
}
