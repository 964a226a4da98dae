package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// aboutReply is a reply as it stands in the annex.
func (f *facts) aboutReply(x replyFacts) pageReply {
	is := pageReply{Number: x.Number}
	if x.Timeliness != nil && *x.Timeliness == consultations.Late {
		is.Marks = append(is.Marks, f.label("isLate"))
	}
	if x.Capacity == consultations.DelegateView {
		is.Marks = append(is.Marks, f.label("isView"))
	}
	if r := x.Respondent; r == nil {
		is.Facts = []pair{f.named("respondent", f.label("anonymised"))}
	} else {
		name := written{f.label("unnamed"), f.Language}
		if r.Name != nil {
			name = tidy(*r.Name)
		}
		is.Facts = []pair{{f.label("respondent"), name}, f.named("category", coded(f, "kind", r.Kind)), f.named("region", coded(f, "region", r.Region))}
		if r.Country != nil && r.Kind != membership.RespondentMemberState {
			is.Facts = append(is.Facts, pair{f.label("country"), tidy(*r.Country)})
		}
	}
	is.Facts = append(is.Facts, f.named("publication", coded(f, "publication", x.Publication)))
	language := f.Language
	if x.Language != nil {
		language = *x.Language
		is.Facts = append(is.Facts, f.named("language", coded(f, "language", language)))
	}
	for _, a := range x.Answers {
		q := f.question(a.Question)
		is.Answers = append(is.Answers, pageAnswer{tidy(q.Text), f.answer(q, a, language)})
	}
	return is
}

// question is the question with a code; of one that is gone its code is all that is left.
func (f *facts) question(code string) questionFacts {
	if i := slices.IndexFunc(f.Questions, func(q questionFacts) bool { return q.Code == code }); i >= 0 {
		return f.Questions[i]
	}
	return questionFacts{Code: code, Text: written{code, f.Language}}
}

// answer is what was answered, in the language of the reply where it is a text of it.
func (f *facts) answer(q questionFacts, a answerFacts, language kit.Locale) written {
	if a.Text != nil {
		return written{clean(*a.Text), language}
	}
	var parts []string
	switch {
	case a.Position != nil:
		parts = []string{f.value(q, string(*a.Position))}
	case a.Priority != nil:
		parts = []string{f.plain(strconv.Itoa(*a.Priority))}
	}
	for i, code := range a.Options {
		text := f.value(q, code)
		if q.Kind == consultations.AskRanking {
			text = fmt.Sprintf("%d) %s", i+1, text)
		}
		parts = append(parts, text)
	}
	if a.Members != nil {
		parts = append(parts, f.label("effectMembers")+": "+f.plain(fmt.Sprintf("%+d", *a.Members)))
	}
	if a.Amount != nil {
		parts = append(parts, f.label("effectAmount")+": "+f.plain(a.Amount.Amount.String()+" "+string(a.Amount.Currency)))
	}
	for _, b := range a.Bodies {
		parts = append(parts, coded(f, "body", b))
	}
	return written{strings.Join(parts, "\n"), f.Language}
}
