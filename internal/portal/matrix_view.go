package portal

import (
	"context"
	"slices"
	"strings"
)

// countable reads a consultation whose counts the caller may see, nil for none: who reads all replies at
// any time, others once it is closed. All says that nothing is hidden.
func (s *FeedbackService) countable(ctx context.Context, consultation ID) (c *Consultation, all bool, err error) {
	c, err = s.consultations.Get(ctx, consultation)
	if err != nil || c == nil {
		return nil, false, err
	}
	all = ActorOf(ctx).readsAll(c.Group)
	if !all && c.State != ConsultationClosed {
		return nil, false, nil
	}
	return c, all, nil
}

// Matrix counts how official replies answered questions, all that can be counted if none is named: for
// SECRETARIAT and REVIEWER of the group at any time, for others once the consultation is closed, without
// small counts and those that give them away. Late replies are counted for the former only, FORBIDDEN for
// others. A question that is not there or cannot be counted is BAD_USER_INPUT. It costs two calls.
func (s *FeedbackService) Matrix(ctx context.Context, consultation ID, questions []string, of Timeliness) ([]AnswerMatrix, error) {
	c, all, err := s.countable(ctx, consultation)
	if err != nil || c == nil {
		return nil, err
	}
	if of == Late && !all {
		return nil, refuse(Forbidden, "forbidden", nil)
	}
	for _, code := range questions {
		if q := c.question(code); q == nil || !q.Kind.counted() {
			return nil, refuse(BadUserInput, "unknownQuestion", map[string]string{"question": code})
		}
	}
	t, print, err := s.tables(ctx, c, of)
	if err != nil {
		return nil, err
	}
	var hidden hiddenCells
	if !all {
		hidden = s.hidden(c, t, print)
	}
	matrices := []AnswerMatrix{}
	for i := range c.Questions {
		q := &c.Questions[i]
		if !q.Kind.counted() || questions != nil && !slices.Contains(questions, q.Code) {
			continue
		}
		m := AnswerMatrix{Question: q, Timeliness: of, Cells: []AnswerCell{}}
		m.Cells = append(m.Cells, t[""].shown("", hidden[""], hidden[""], all, int64(c.SmallestCell))...)
		for _, v := range append(q.values(), noAnswer) {
			cells := t[q.Code].shown(v, hidden[q.Code], hidden[""], all, int64(c.SmallestCell))
			if len(cells) == 0 {
				cells = []AnswerCell{{Value: &v, Count: new(int64), CountOnce: new(int64)}}
			}
			m.Cells = append(m.Cells, cells...)
		}
		matrices = append(matrices, m)
	}
	return matrices, nil
}

// shown are the cells of a value, or of all, as a reader sees them: the value's own first. Of a kind or
// region whose own count is not published nothing is told by answer: that there is a cell, and not one of
// another answer, would tell what its few replies say.
func (u cube) shown(value string, hidden, margins map[cellKey]bool, all bool, least int64) []AnswerCell {
	cells := []AnswerCell{}
	for _, k := range u.keys() {
		few := value != "" && (k.kind != "" || k.region != "") && margins[cellKey{"", k.kind, k.region}]
		if k.value != value || !all && (!k.published() || few) {
			continue
		}
		n, cell := u[k], AnswerCell{Value: optional(k.value), Kind: optional(k.kind), Region: optional(k.region)}
		if all || !hidden[k] {
			cell.Count = &n.all
			// Others are told of campaigns by answer only, where a campaign is not a small count itself.
			if in := n.inCampaigns(); all || k.kind == "" && k.region == "" && (in == 0 || in >= least) {
				cell.CountOnce = new(n.once())
			}
		}
		cells = append(cells, cell)
	}
	return cells
}

// ResponseCell is how many are consulted and replied that are alike. What is nil of its key stands for all.
type ResponseCell struct {
	Kind    *RespondentKind
	Region  *Region
	Invited int64
	// InTime and Late are nil where they are not published.
	InTime *int64
	Late   *int64
}

// ConsultationResponses is the rate of response.
type ConsultationResponses struct{ Cells []ResponseCell }

// Responses counts who is consulted and who replied: for SECRETARIAT and REVIEWER of the group at any
// time, for others once the consultation is closed, without small counts. It costs two calls for the former and four for others.
func (s *FeedbackService) Responses(ctx context.Context, consultation ID) (*ConsultationResponses, error) {
	c, all, err := s.countable(ctx, consultation)
	if err != nil || c == nil {
		return nil, err
	}
	counts, err := s.participations.participations.CountBy(ctx, "tally", string(c.ID)+tallySeparator)
	if err != nil {
		return nil, err
	}
	invited, replied := cube{}, map[ReplyState]cube{ReplyInTime: {}, ReplyLate: {}}
	for token, n := range counts {
		parts := strings.Split(token, tallySeparator)
		t := tallied{kind: RespondentKind(parts[2]), region: Region(parts[3])}
		invited.spread("", t, n)
		if u := replied[ReplyState(parts[1])]; u != nil {
			u.spread("", t, n)
		}
	}
	hidden, lateTold := map[cellKey]bool{}, true
	if !all {
		t, print, err := s.tables(ctx, c, InTime)
		if err != nil {
			return nil, err
		}
		hidden = s.hidden(c, t, print)[""]
		late, _, err := s.tables(ctx, c, Late)
		if err != nil {
			return nil, err
		}
		lateTold = late[""][cellKey{}].told(int64(c.SmallestCell))
	}
	r := &ConsultationResponses{Cells: []ResponseCell{}}
	for _, k := range invited.keys() {
		if !all && !k.published() {
			continue
		}
		cell := ResponseCell{Kind: optional(k.kind), Region: optional(k.region), Invited: invited[k].all}
		if all || !hidden[k] {
			cell.InTime = new(replied[ReplyInTime].count(k))
		}
		late := replied[ReplyLate].count(k)
		if all || k == (cellKey{}) && lateTold {
			cell.Late = &late
		}
		r.Cells = append(r.Cells, cell)
	}
	return r, nil
}

func (u cube) count(k cellKey) int64 {
	if u[k] == nil {
		return 0
	}
	return u[k].all
}
