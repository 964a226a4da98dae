package portal

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// AnswerCell is a count of replies that are alike. What is nil of its key stands for all.
type AnswerCell struct {
	Value  *string
	Kind   *RespondentKind
	Region *Region
	// Count is nil if it is not published; CountOnce counts each campaign once.
	Count     *int64
	CountOnce *int64
}

// AnswerMatrix is how official replies answered one question.
type AnswerMatrix struct {
	Question   *ConsultationQuestion
	Timeliness Timeliness
	Cells      []AnswerCell
}

// cellKey names a cell of a question; what is empty stands for all.
type cellKey struct {
	value  string
	kind   RespondentKind
	region Region
}

// cellCount is what is counted in a cell.
type cellCount struct {
	all int64
	// unnamed are those of which nobody is told who replied, and confidential those of which nothing is
	// published at all.
	unnamed, confidential int64
	campaigns             map[string]int64
}

func (c *cellCount) take(t tallied, n int64) {
	c.all += n
	if t.publication != Attributed {
		c.unnamed += n
	}
	if t.publication == Confidential {
		c.confidential += n
	}
	if t.campaign != "" {
		if c.campaigns == nil {
			c.campaigns = map[string]int64{}
		}
		c.campaigns[t.campaign] += n
	}
}

// inCampaigns is how many belong to campaigns.
func (c *cellCount) inCampaigns() (n int64) {
	for _, of := range c.campaigns {
		n += of
	}
	return n
}

func (c *cellCount) once() int64 { return c.all - c.inCampaigns() + int64(len(c.campaigns)) }

// cube are all cells of a question, margins included.
type cube map[cellKey]*cellCount

func (u cube) put(key cellKey, t tallied, n int64) {
	if u[key] == nil {
		u[key] = &cellCount{}
	}
	u[key].take(t, n)
}

// spread adds a count to the cells of a value, or of all, at every level of kind and region.
func (u cube) spread(value string, t tallied, n int64) {
	for _, k := range []RespondentKind{t.kind, ""} {
		for _, r := range []Region{t.region, ""} {
			u.put(cellKey{value, k, r}, t, n)
		}
	}
}

// tables are the cubes of all questions of a consultation that are counted, by their codes; that of no
// question holds the replies themselves, which are the margins of all others.
type tables map[string]cube

// tables counts the replies to a consultation.
func (s *FeedbackService) tables(ctx context.Context, c *Consultation, of Timeliness) (tables, string, error) {
	prefix := tallyPrefix(c.ID, of)
	counts, err := s.counted.CountBy(ctx, "tally", prefix)
	if err != nil {
		return nil, "", err
	}
	all := tables{"": cube{}}
	answered := map[string]map[tallied]int64{}
	var replies []tallied
	var prints []string
	for token, n := range counts {
		prints = append(prints, token+"="+strconv.FormatInt(n, 10))
		t, err := readTallied(strings.TrimPrefix(token, prefix))
		if err != nil {
			return nil, "", err
		}
		if t.question == "" {
			replies = append(replies, t)
		}
		who := tallied{kind: t.kind, region: t.region, publication: t.publication, campaign: t.campaign}
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
		for _, t := range replies {
			if silent := answered[""][t] - answered[q.Code][t]; silent > 0 {
				all.of(q.Code).spread(noAnswer, t, silent)
			}
		}
	}
	slices.Sort(prints)
	return all, hash(prints...), nil
}

func (t tables) of(question string) cube {
	if t[question] == nil {
		t[question] = cube{}
	}
	return t[question]
}

// keys are those of the cells, in the order in which they are shown.
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
