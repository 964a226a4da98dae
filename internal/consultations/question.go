package consultations

import (
	"fmt"
	"slices"
	"strconv"

	"memberportal/internal/kit"
)

// QuestionKind says what kind of answer a question takes.
type QuestionKind string

// The kinds of questions.
const (
	AskPosition       QuestionKind = "POSITION"
	AskPriority       QuestionKind = "PRIORITY"
	AskSingleChoice   QuestionKind = "SINGLE_CHOICE"
	AskMultipleChoice QuestionKind = "MULTIPLE_CHOICE"
	AskRanking        QuestionKind = "RANKING"
	AskText           QuestionKind = "TEXT"
	AskExpectedEffect QuestionKind = "EXPECTED_EFFECT"
	AskActionBy       QuestionKind = "ACTION_BY"
	AskLegalText      QuestionKind = "LEGAL_TEXT"
)

// QuestionKinds are all values of QuestionKind.
var QuestionKinds = []QuestionKind{
	AskPosition, AskPriority, AskSingleChoice, AskMultipleChoice, AskRanking, AskText, AskExpectedEffect, AskActionBy, AskLegalText,
}

// Valid returns an error for a value that is not in QuestionKinds.
func (k QuestionKind) Valid() error { return kit.CheckOneOf(k, QuestionKinds, "question kind") }

// chooses says whether a question of the kind has options.
func (k QuestionKind) chooses() bool {
	return k == AskSingleChoice || k == AskMultipleChoice || k == AskRanking
}

// counted says whether answers of the kind are counted by their values.
func (k QuestionKind) counted() bool {
	return k != AskText && k != AskExpectedEffect && k != AskLegalText
}

// several says whether one answer can have several values; counts by value then add up to more than the number of
// answers.
func (k QuestionKind) several() bool { return k == AskMultipleChoice || k == AskActionBy }

// Position is a position on a topic.
type Position string

// The positions on a topic.
const (
	PositionSupport Position = "SUPPORT"
	PositionOppose  Position = "OPPOSE"
	PositionMixed   Position = "MIXED"
	PositionNoView  Position = "NO_VIEW"
)

// Positions are all values of Position.
var Positions = []Position{PositionSupport, PositionOppose, PositionMixed, PositionNoView}

// Valid returns an error for a value that is not in Positions.
func (v Position) Valid() error { return kit.CheckOneOf(v, Positions, "position") }

// ActionBody is a body that should act on a topic, or has decided on it.
type ActionBody string

// ActionBodies are all values of ActionBody.
var ActionBodies = []ActionBody{"BDT", "SECRETARY_GENERAL", "COUNCIL", "PLENIPOTENTIARY_CONFERENCE", "WTDC", "MEMBER_STATES"}

// Valid returns an error for a value that is not in ActionBodies.
func (v ActionBody) Valid() error { return kit.CheckOneOf(v, ActionBodies, "action body") }

const (
	highestPriority = 1
	lowestPriority  = 5
)

// QuestionOption is an option that a respondent can choose or rank.
type QuestionOption struct {
	Code string             `bson:"code"`
	Text *kit.LocalizedText `bson:"text"`
}

// ConsultationQuestion is a question of a consultation.
type ConsultationQuestion struct {
	Code string `bson:"code"`
	// Topic is the code of a topic of the statement.
	Topic    string             `bson:"topic"`
	Kind     QuestionKind       `bson:"kind"`
	Text     *kit.LocalizedText `bson:"text"`
	Help     *kit.LocalizedText `bson:"help,omitempty"`
	Options  []QuestionOption   `bson:"options" most:"30"`
	Required bool               `bson:"required"`
}

func (q ConsultationQuestion) option(code string) bool {
	return slices.ContainsFunc(q.Options, func(o QuestionOption) bool { return o.Code == code })
}

// values are the values under which answers are counted, in the order in which they are shown.
func (q ConsultationQuestion) values() []string {
	switch q.Kind {
	case AskPosition:
		return kit.Strings(Positions)
	case AskActionBy:
		return kit.Strings(ActionBodies)
	case AskPriority:
		var all []string
		for n := highestPriority; n <= lowestPriority; n++ {
			all = append(all, strconv.Itoa(n))
		}
		return all
	}
	return kit.Map(q.Options, func(o QuestionOption) string { return o.Code })
}

// means says whether answers to both questions mean the same: only translations may differ.
func (q ConsultationQuestion) means(o ConsultationQuestion) bool {
	if q.Code != o.Code || q.Topic != o.Topic || q.Kind != o.Kind || q.Required != o.Required || len(q.Options) != len(o.Options) || q.Text.Original() != o.Text.Original() {
		return false
	}
	for i := range q.Options {
		if q.Options[i].Code != o.Options[i].Code || q.Options[i].Text.Original() != o.Options[i].Text.Original() {
			return false
		}
	}
	return true
}

// QuestionOptionInput is an option in a request.
type QuestionOptionInput struct {
	Code string
	Text []kit.TranslationInput
}

// ConsultationQuestionInput is a question in a request.
type ConsultationQuestionInput struct {
	Code     string
	Topic    string
	Kind     QuestionKind
	Text     []kit.TranslationInput
	Help     []kit.TranslationInput
	Options  []QuestionOptionInput
	Required bool
}

func (in ConsultationQuestionInput) question() ConsultationQuestion {
	return ConsultationQuestion{
		Code: in.Code, Topic: in.Topic, Kind: in.Kind, Text: (*kit.LocalizedText)(nil).With(in.Text), Help: (*kit.LocalizedText)(nil).With(in.Help), Required: in.Required,
		Options: kit.Map(in.Options, func(o QuestionOptionInput) QuestionOption {
			return QuestionOption{o.Code, (*kit.LocalizedText)(nil).With(o.Text)}
		}),
	}
}

// checkQuestions adds all faults of the written questions; their topics must be in the statement.
func checkQuestions(f *kit.Faults, written []ConsultationQuestionInput, l *LiaisonStatement) {
	if len(written) == 0 {
		f.Add(kit.CodeRequired, "input.questions", "required", nil)
	}
	for i, in := range written {
		path := fmt.Sprintf("input.questions.%d.", i)
		q := in.question()
		f.Code(path+"code", in.Code)
		if in.Code == noAnswer {
			f.Add(kit.CodeInvalid, path+"code", "invalid.code", nil)
		}
		if slices.ContainsFunc(written[:i], func(o ConsultationQuestionInput) bool { return o.Code == in.Code }) {
			f.Add(kit.CodeDuplicate, path+"code", "duplicate.entry", nil)
		}
		if l != nil && !l.topic(in.Topic) {
			f.Add(kit.CodeUnknownReference, path+"topic", "unknownReference.topic", nil)
		}
		f.Written(path+"text", kit.Some(in.Text), q.Text, 1000, true)
		f.Written(path+"help", kit.Some(in.Help), q.Help, 1000, false)
		in.checkOptions(f, path+"options")
	}
}

func (in ConsultationQuestionInput) checkOptions(f *kit.Faults, path string) {
	switch {
	case in.Kind.chooses() && len(in.Options) < 2:
		f.Add(kit.CodeRequired, path, "required.options", nil)
	case !in.Kind.chooses() && len(in.Options) > 0:
		f.Add(kit.CodeInvalid, path, "invalid.options", nil)
	}
	for i, o := range in.Options {
		at := fmt.Sprintf("%s.%d.", path, i)
		f.Code(at+"code", o.Code)
		if o.Code == noAnswer {
			f.Add(kit.CodeInvalid, at+"code", "invalid.code", nil)
		}
		if slices.ContainsFunc(in.Options[:i], func(other QuestionOptionInput) bool { return other.Code == o.Code }) {
			f.Add(kit.CodeDuplicate, at+"code", "duplicate.entry", nil)
		}
		f.Titled(at+"text", kit.Some(o.Text), (*kit.LocalizedText)(nil).With(o.Text), 300, true)
	}
}

// noAnswer is the value for replies that did not answer a question. No question or option can have it as its code.
const noAnswer = "NONE"
