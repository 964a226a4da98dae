package consultations

import (
	"fmt"
	"strconv"
	"strings"

	"memberportal/internal/kit"
)

// ExpectedEffect is an effect that a respondent expects; a field is nil if the respondent did not say.
type ExpectedEffect struct {
	Members *int       `bson:"members,omitempty" json:"members,omitempty"`
	Amount  *kit.Money `bson:"amount,omitempty" json:"amount,omitempty"`
}

// FeedbackAnswer is an answer to one question. The kind of the question says which fields are set.
type FeedbackAnswer struct {
	Question string    `bson:"question" json:"question"`
	Position *Position `bson:"position,omitempty" json:"position,omitempty"`
	Priority *int      `bson:"priority,omitempty" json:"priority,omitempty"`
	// Options are the chosen codes; for a ranking, all codes in the order of preference.
	Options []string        `bson:"options" json:"options,omitempty" most:"30"`
	Text    *string         `bson:"text,omitempty" json:"text,omitempty"`
	Effect  *ExpectedEffect `bson:"effect,omitempty" json:"effect,omitempty"`
	Bodies  []ActionBody    `bson:"bodies" json:"bodies,omitempty" most:"20"`
}

// ExpectedEffectInput is an expected effect in a request; the amount is in Swiss francs.
type ExpectedEffectInput struct {
	Members *int
	Amount  *kit.Decimal
}

// FeedbackAnswerInput is an answer in a request. An input without any value removes the answer.
type FeedbackAnswerInput struct {
	Question        string
	ExpectedVersion *int
	Position        *Position
	Priority        *int
	Options         []string
	Text            *string
	Effect          *ExpectedEffectInput
	Bodies          []ActionBody
}

// answer converts the input to the stored form.
func (in FeedbackAnswerInput) answer() FeedbackAnswer {
	a := FeedbackAnswer{Question: in.Question, Position: in.Position, Priority: in.Priority, Options: kit.OrEmpty(in.Options), Bodies: kit.OrEmpty(in.Bodies)}
	if in.Text != nil && strings.TrimSpace(*in.Text) != "" {
		a.Text = kit.Trimmed(in.Text)
	}
	if e := in.Effect; e != nil && (e.Members != nil || e.Amount != nil) {
		a.Effect = &ExpectedEffect{Members: e.Members}
		if e.Amount != nil {
			a.Effect.Amount = &kit.Money{Amount: *e.Amount, Currency: kit.CHF}
		}
	}
	return a
}

// written says whether the answer is a text, which might reveal its author.
func (a FeedbackAnswer) written() bool { return a.Text != nil }

// given says whether the answer has any value.
func (a FeedbackAnswer) given() bool {
	return a.Position != nil || a.Priority != nil || len(a.Options) > 0 || a.Text != nil || a.Effect != nil || len(a.Bodies) > 0
}

// fits says whether exactly the fields are set that a question of the kind takes.
func (a FeedbackAnswer) fits(k QuestionKind) bool {
	set := map[QuestionKind]bool{
		AskPosition: a.Position != nil, AskPriority: a.Priority != nil, AskSingleChoice: len(a.Options) > 0, AskText: a.Text != nil,
		AskExpectedEffect: a.Effect != nil, AskActionBy: len(a.Bodies) > 0,
	}
	like := map[QuestionKind]QuestionKind{AskMultipleChoice: AskSingleChoice, AskRanking: AskSingleChoice, AskLegalText: AskText}
	if same, ok := like[k]; ok {
		k = same
	}
	for kind, is := range set {
		if is != (kind == k) {
			return false
		}
	}
	return true
}

const (
	maxText       = 10_000
	maxLegalText  = 500
	mostMembers   = 100_000
	mostThousands = 1_000_000_000 // francs
)

// check adds all faults of an answer to a question.
func (a FeedbackAnswer) check(f *kit.Faults, path string, q ConsultationQuestion) {
	if !a.fits(q.Kind) {
		f.Add(kit.CodeInvalid, path, "invalid.answer", map[string]string{"question": q.Code, "kind": string(q.Kind)})
		return
	}
	switch q.Kind {
	case AskPriority:
		f.Between(path+".priority", *a.Priority, highestPriority, lowestPriority)
	case AskSingleChoice, AskMultipleChoice, AskRanking:
		a.checkOptions(f, path+".options", q)
	case AskText:
		f.Text(path+".text", a.Text, maxText, true)
	case AskLegalText:
		f.Text(path+".text", a.Text, maxLegalText, true)
	case AskActionBy:
		f.Some(path+".bodies", len(a.Bodies))
	case AskExpectedEffect:
		if a.Effect.Members != nil {
			f.Between(path+".effect.members", *a.Effect.Members, -mostMembers, mostMembers)
		}
		if m := a.Effect.Amount; m != nil && (m.Amount < -mostThousands*100 || m.Amount > mostThousands*100) {
			f.Add(kit.CodeOutOfRange, path+".effect.amount", "outOfRange.number", map[string]string{"min": strconv.Itoa(-mostThousands), "max": strconv.Itoa(mostThousands)})
		}
	}
}

func (a FeedbackAnswer) checkOptions(f *kit.Faults, path string, q ConsultationQuestion) {
	for i, code := range a.Options {
		at := fmt.Sprintf("%s.%d", path, i)
		if !q.option(code) {
			f.Add(kit.CodeUnknownReference, at, "unknownReference.option", map[string]string{"question": q.Code})
		}
	}
	switch {
	case q.Kind == AskSingleChoice && len(a.Options) > 1:
		f.Add(kit.CodeInvalid, path, "invalid.oneOption", map[string]string{"question": q.Code})
	case q.Kind == AskRanking && len(a.Options) != len(q.Options):
		f.Add(kit.CodeInvalid, path, "invalid.ranking", map[string]string{"question": q.Code})
	}
}

// values are the values under which the answer is counted.
func (a FeedbackAnswer) values(k QuestionKind) []string {
	switch k {
	case AskPosition:
		return []string{string(*a.Position)}
	case AskPriority:
		return []string{strconv.Itoa(*a.Priority)}
	case AskActionBy:
		return kit.Strings(a.Bodies)
	case AskRanking:
		return a.Options[:1]
	}
	return a.Options
}
