package consultations

import (
	"context"
	"fmt"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// someAnswer is the value under which a reply with several answers to a question is counted once.
const someAnswer = "*"

// CountedAnswer is one value of one answer of an official reply. It is stored apart, so that answers are counted
// without reading the replies. Each reply also has one without a question, for the reply itself.
type CountedAnswer struct {
	ID         string `bson:"_id"`
	Version    int64  `bson:"version"`
	FeedbackID kit.ID `bson:"feedback"`
	// Tally joins everything that is counted, see tallied.
	Tally string `bson:"tally"`
}

// CountedNoun is how counted answers are stored; they are listed by reply and counted by tally.
var CountedNoun = store.Declare(store.Noun[CountedAnswer]{
	Name:     "countedAnswers",
	Identity: func(a *CountedAnswer) (string, *int64) { return a.ID, &a.Version },
	Keys: []store.Key[CountedAnswer]{
		store.One("feedback", func(a *CountedAnswer, _ string) string { return string(a.FeedbackID) }),
		store.One("tally", func(a *CountedAnswer, _ string) string { return a.Tally }),
	},
	Listings: []store.Listing{{Equal: []string{"feedback"}}, {Equal: []string{"tally"}}},
})

// tallied has everything that counts distinguish; answers that are equal in it are counted together.
type tallied struct {
	timeliness      Timeliness
	question, value string
	kind            membership.RespondentKind
	region          country.Region
	publication     Publication
	campaign        string
}

// tallyPrefix begins the tallies of all replies to a consultation.
func tallyPrefix(consultation kit.ID) string { return string(consultation) + events.TallySeparator }

func (t tallied) token() string {
	return strings.Join([]string{string(t.timeliness), t.question, t.value, string(t.kind), string(t.region), string(t.publication), t.campaign}, events.TallySeparator)
}

func readTallied(token string) (t tallied, err error) {
	parts := strings.Split(token, events.TallySeparator)
	if len(parts) != 7 {
		return t, fmt.Errorf("%w: a counted answer with the tally %q", store.ErrCorrupt, token)
	}
	return tallied{Timeliness(parts[0]), parts[1], parts[2], membership.RespondentKind(parts[3]), country.Region(parts[4]), Publication(parts[5]), parts[6]}, nil
}

// Counting returns the values to count for a reply, by their ids; none if the reply is withdrawn or not official.
func (x *Feedback) Counting(c *Consultation) map[string]*CountedAnswer {
	wanted := map[string]*CountedAnswer{}
	if x.Capacity != OfficialReply || x.Status != FeedbackSubmitted {
		return wanted
	}
	add := func(question, value string) {
		t := tallied{x.timeliness(), question, value, x.StoredRespondent.Kind, x.StoredRespondent.Region, x.Publication(), x.campaign()}
		id := strings.Join([]string{string(x.ID), question, value}, "/")
		wanted[id] = &CountedAnswer{ID: id, FeedbackID: x.ID, Tally: tallyPrefix(x.ConsultationID) + t.token()}
	}
	add("", "")
	for _, a := range x.last().Answers {
		q := c.question(a.Question)
		if q == nil || !q.Kind.counted() {
			continue
		}
		if q.Kind.several() {
			add(q.Code, someAnswer)
		}
		for _, v := range a.values(q.Kind) {
			add(q.Code, v)
		}
	}
	return wanted
}

// recount updates the counted answers of a reply to its present content.
func (s *FeedbackService) recount(ctx context.Context, x *Feedback, c *Consultation) error {
	wanted := x.Counting(c)
	plan, err := s.counted.Plan(store.Query{Any: []store.Where{{"feedback": {string(x.ID)}}}})
	if err != nil {
		return err
	}
	page, err := s.counted.Page(ctx, plan, store.Range{Limit: store.MaxLimit})
	if err != nil {
		return err
	}
	for _, there := range page.Docs {
		is := wanted[there.ID]
		delete(wanted, there.ID)
		switch {
		case is == nil:
			err = s.counted.Delete(ctx, there.ID, there.Version)
		case is.Tally != there.Tally:
			there.Tally = is.Tally
			err = s.counted.Replace(ctx, there)
		}
		if err != nil {
			return err
		}
	}
	var fresh []*CountedAnswer
	for _, is := range wanted {
		fresh = append(fresh, is)
	}
	return s.counted.Insert(ctx, fresh...)
}
