package seed

import (
	"context"
	"fmt"
	"time"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
)

// tagsOf sort a reply by the positions that it takes on the two topics.
func tagsOf(answers []consultations.FeedbackAnswerInput) []string {
	var taken []consultations.Position
	for _, a := range answers {
		if a.Position != nil {
			taken = append(taken, *a.Position)
		}
	}
	var tags []string
	if taken[0] == consultations.PositionSupport {
		tags = append(tags, tagBriefings)
	}
	switch {
	case taken[1] == consultations.PositionSupport || taken[1] == consultations.PositionMixed:
		tags = append(tags, tagDirectory)
	case taken[0] == consultations.PositionOppose && taken[1] == consultations.PositionOppose:
		tags = append(tags, tagMinority)
	}
	return tags
}

// said are answers to all questions of the consultation that is over.
func (h hearing) said(first consultations.Position, priority int, second consultations.Position, text string) []consultations.FeedbackAnswerInput {
	q := h.c.Questions
	return []consultations.FeedbackAnswerInput{
		{Question: q[0].Code, Position: &first}, {Question: q[1].Code, Priority: &priority}, {Question: q[2].Code, Position: &second}, {Question: q[3].Code, Text: &text},
	}
}

// positions are those that are taken, mostly for something.
var positions = []consultations.Position{
	consultations.PositionSupport, consultations.PositionSupport, consultations.PositionMixed, consultations.PositionSupport, consultations.PositionOppose, consultations.PositionSupport, consultations.PositionNoView,
}

// answers are what the nth respondent answers to all questions, or to most of those that need no answer.
func (h hearing) answers(n int, language kit.Locale) []consultations.FeedbackAnswerInput {
	var all []consultations.FeedbackAnswerInput
	for i, q := range h.c.Questions {
		a := consultations.FeedbackAnswerInput{Question: q.Code}
		switch q.Kind {
		case consultations.AskPosition:
			a.Position = &positions[(n+i)%len(positions)]
		case consultations.AskPriority:
			a.Priority = new(1 + (2*n+i)%5)
		case consultations.AskSingleChoice:
			a.Options = []string{q.Options[n%len(q.Options)].Code}
		case consultations.AskMultipleChoice:
			for j, option := range q.Options {
				if j == n%len(q.Options) || (n+1)>>j&1 == 1 {
					a.Options = append(a.Options, option.Code)
				}
			}
		case consultations.AskRanking:
			for j := range q.Options {
				a.Options = append(a.Options, q.Options[(n+j)%len(q.Options)].Code)
			}
		case consultations.AskActionBy:
			a.Bodies = []consultations.ActionBody{consultations.ActionBodies[n%len(consultations.ActionBodies)]}
		case consultations.AskExpectedEffect:
			members := 1 + n%4
			a.Effect = &consultations.ExpectedEffectInput{Members: &members, Amount: new(kit.Decimal(members * sixteenth))}
		case consultations.AskText, consultations.AskLegalText:
			a.Text = new(h.c.Answers[q.Code][language])
		}
		if !q.Required && (n+i)%4 == 3 {
			continue
		}
		all = append(all, a)
	}
	return all
}

// sixteenth is what a sixteenth of a contributory unit of a Sector Member costs a year, in centimes.
const sixteenth = 397500

// hand hands a reply in, and sorts it an hour later if it has tags.
func (h hearing) hand(ctx context.Context, r reply) error {
	*h.clock = r.at
	handed, err := h.p.Feedback.Submit(kit.WithActor(ctx, r.by.actor), consultations.SubmitFeedbackInput{
		Consultation: h.id, Entity: &r.by.entity, Capacity: r.capacity, Publication: r.publication, Language: r.language, ContactConsent: r.publication == consultations.Attributed,
		Answers: r.answers,
	})
	if err != nil || len(handed.UserErrors) > 0 {
		return fmt.Errorf("the reply of %s: %w %v", r.by.entity, err, handed)
	}
	if r.tags == nil {
		return nil
	}
	*h.clock = r.at.Add(time.Hour)
	sorted, err := h.p.Feedback.Classify(ctx, consultations.ClassifyFeedbackInput{
		ID: handed.Feedback.ID, ExpectedVersion: int(*handed.Feedback.Version()), Tags: r.tags, CampaignGroup: r.campaign,
	})
	if err != nil || len(sorted.UserErrors) > 0 {
		return fmt.Errorf("sorting the reply of %s: %w %v", r.by.entity, err, sorted)
	}
	for _, tag := range r.tags {
		h.tagged[tag] = append(h.tagged[tag], handed.Feedback.ID)
	}
	return nil
}

// conclude publishes the synthesis, as far as there are replies for it, and records the decision.
func (h hearing) conclude(ctx context.Context) error {
	*h.clock = dayOf(published)
	in := consultations.SaveSynthesisInput{Consultation: h.id}
	for _, p := range h.c.Synthesis {
		if len(h.tagged[p.Cites]) > 0 {
			in.Paragraphs = append(in.Paragraphs, consultations.SynthesisParagraphInput{Topic: p.Topic, Kind: p.Kind, Text: translations(p.Text), Citations: h.tagged[p.Cites]})
		}
	}
	if len(in.Paragraphs) == 0 {
		return nil
	}
	saved, err := h.p.Synthesis.Save(ctx, in)
	if err != nil || len(saved.UserErrors) > 0 {
		return fmt.Errorf("writing the synthesis: %w %v", err, saved)
	}
	*h.clock = h.clock.Add(time.Hour)
	made, err := h.p.Synthesis.Publish(ctx, consultations.PublishSynthesisInput{Consultation: h.id, ExpectedVersion: int(saved.Synthesis.Version)})
	if err != nil || len(made.UserErrors) > 0 {
		return fmt.Errorf("publishing the synthesis: %w %v", err, made)
	}
	*h.clock = dayOf(decided)
	d := h.c.Decision
	taken := consultations.RecordDecisionInput{
		Consultation: h.id, ExpectedVersion: int(made.Synthesis.Version), Topic: d.Topic, Body: d.Body, Text: translations(d.Text), DecidedOn: decided, Source: d.Source,
	}
	for _, p := range made.Synthesis.Published {
		if p.Topic == d.Topic {
			taken.Paragraphs = append(taken.Paragraphs, p.ID)
		}
	}
	noted, err := h.p.Synthesis.RecordDecision(ctx, taken)
	if err != nil || len(noted.UserErrors) > 0 {
		return fmt.Errorf("recording the decision: %w %v", err, noted)
	}
	return nil
}

// published and decided are the days of the synthesis and of the decision.
const published, decided kit.Date = "2025-03-20", "2025-03-25"
