package consultations

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SynthesisParagraphInput is a paragraph in a request.
type SynthesisParagraphInput struct {
	ID        *kit.ID
	Topic     string
	Kind      ParagraphKind
	Text      []kit.TranslationInput
	Citations []kit.ID
}

// SaveSynthesisInput replaces the draft of a synthesis as a whole.
type SaveSynthesisInput struct {
	Consultation    kit.ID
	ExpectedVersion int
	Paragraphs      []SynthesisParagraphInput
}

// SaveSynthesisPayload has the synthesis after the change; it is nil if there are UserErrors.
type SaveSynthesisPayload struct {
	Synthesis  *Synthesis
	UserErrors []kit.UserError
}

// PublishSynthesisInput publishes the draft of a synthesis.
type PublishSynthesisInput struct {
	Consultation    kit.ID
	ExpectedVersion int
}

// PublishSynthesisPayload has the synthesis after the change; it is nil if there are UserErrors.
type PublishSynthesisPayload struct {
	Synthesis  *Synthesis
	UserErrors []kit.UserError
}

// RecordDecisionInput records what was decided on a topic.
type RecordDecisionInput struct {
	Consultation    kit.ID
	ExpectedVersion int
	Topic           string
	Body            ActionBody
	Text            []kit.TranslationInput
	DecidedOn       kit.Date
	Source          string
	Paragraphs      []kit.ID
}

// RecordDecisionPayload has the synthesis after the change; it is nil if there are UserErrors.
type RecordDecisionPayload struct {
	Synthesis  *Synthesis
	UserErrors []kit.UserError
}

const (
	maxDecisions = 200
)

// writing is a synthesis that is being changed, with the records against which the change is checked.
type writing struct {
	synthesis    *Synthesis
	consultation *Consultation
	statement    *LiaisonStatement
}

// tellNobody is for a change of what only those see who write it.
func tellNobody(context.Context, *Consultation, *Synthesis) error { return nil }

// alter changes the synthesis of a consultation, or makes it with the first change, and tells whom it concerns. SECRETARIAT and REVIEWER of the
// group. Reviewers of other groups get FORBIDDEN, or NOT_FOUND if they may not see the consultation.
func (s *SynthesisService) alter(ctx context.Context, operation string, consultation kit.ID, expected int, work func(ctx context.Context, f *kit.Faults, w writing) ([]string, error), tell func(ctx context.Context, c *Consultation, y *Synthesis) error) (*Synthesis, error) {
	if err := kit.Require(ctx, kit.RoleReviewer, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	err := s.core.Write(ctx, operation, func(ctx context.Context, note func(kit.Change)) error {
		c, err := s.consultations.Get(ctx, consultation)
		switch {
		case err != nil:
			return err
		case c == nil:
			return kit.Refuse(kit.NotFound, "notFound", nil)
		case !kit.ActorOf(ctx).ReadsAll(c.Group):
			return kit.Refuse(kit.Forbidden, "forbidden", nil)
		}
		l, err := s.consultations.StatementOf(ctx, c)
		if err != nil {
			return err
		}
		y, err := s.syntheses.Get(ctx, string(SynthesisID(c.ID)))
		if errors.Is(err, store.ErrNotFound) {
			y, err = &Synthesis{
				ID: SynthesisID(c.ID), ConsultationID: c.ID, Group: c.Group, StoredDraft: []*SynthesisParagraph{}, Published: []*SynthesisParagraph{},
				StoredCampaigns: []*SynthesisCampaign{}, StoredCampaignCounts: []CampaignCount{}, Decisions: []TopicDecision{}, Dataset: kit.DatasetOf(ctx),
			}, nil
		}
		if err != nil {
			return err
		}
		f := kit.NewFaults(ctx)
		f.Version(expected, y.Version)
		fields, err := work(ctx, f, writing{y, c, l})
		if err == nil {
			err = f.Err()
		}
		if err != nil {
			return err
		}
		kind := kit.Updated
		if y.Version == 0 {
			kind, err = kit.Created, s.syntheses.Insert(ctx, y)
		} else {
			err = s.syntheses.Replace(ctx, y)
		}
		if err != nil {
			return err
		}
		note(kit.Changed(SynthesisNoun, y, kind, fields...))
		return tell(ctx, c, y)
	})
	if err != nil {
		return nil, err
	}
	return kit.One(ctx, s.ByIDs, SynthesisID(consultation))
}

// Save replaces the draft of a synthesis as a whole. A topic that the statement does not have is an
// UNKNOWN_REFERENCE, and so is a reply to another consultation.
func (s *SynthesisService) Save(ctx context.Context, in SaveSynthesisInput) (*SaveSynthesisPayload, error) {
	y, err := s.alter(ctx, "saveSynthesis", in.Consultation, in.ExpectedVersion, func(ctx context.Context, f *kit.Faults, w writing) ([]string, error) {
		standing, err := s.standing(ctx, w.consultation.ID, in.citations())
		if err != nil {
			return nil, err
		}
		before := w.synthesis.StoredDraft
		w.synthesis.StoredDraft = []*SynthesisParagraph{}
		for i, p := range in.Paragraphs {
			path := fmt.Sprintf("input.paragraphs.%d.", i)
			made := &SynthesisParagraph{ID: s.core.NewID("par"), Topic: p.Topic, Kind: p.Kind, Text: (*kit.LocalizedText)(nil).With(p.Text), StoredCitations: kit.OrEmpty(p.Citations)}
			if p.ID != nil {
				made.ID = *p.ID
				if !slices.ContainsFunc(before, func(o *SynthesisParagraph) bool { return o.ID == *p.ID }) {
					f.Add(kit.CodeUnknownReference, path+"id", "unknownReference", nil)
				} else if slices.ContainsFunc(in.Paragraphs[:i], func(o SynthesisParagraphInput) bool { return o.ID != nil && *o.ID == *p.ID }) {
					f.Add(kit.CodeDuplicate, path+"id", "duplicate.entry", nil)
				}
			}
			f.Written(path+"text", kit.Some(p.Text), made.Text, 4000, true)
			checkOnTopic(f, path+"topic", p.Topic, w.statement)
			for j, id := range p.Citations {
				at := fmt.Sprintf("%scitations.%d", path, j)
				if standing[id] == nil {
					f.Add(kit.CodeUnknownReference, at, "unknownReference.feedback", nil)
				}
			}
			w.synthesis.StoredDraft = append(w.synthesis.StoredDraft, made)
		}
		return []string{"draft"}, nil
	}, tellNobody)
	faults, err := kit.UserErrorsOf(err)
	return &SaveSynthesisPayload{y, faults}, err
}

func (in SaveSynthesisInput) citations() (all []kit.ID) {
	for _, p := range in.Paragraphs {
		all = append(all, p.Citations...)
	}
	return all
}

// checkOnTopic adds a fault if the statement does not have the topic.
func checkOnTopic(f *kit.Faults, path, topic string, l *LiaisonStatement) {
	if !l.topic(topic) {
		f.Add(kit.CodeUnknownReference, path, "unknownReference.topic", nil)
	}
}

// standing returns, by id, those of these replies that answer the consultation and were not withdrawn.
func (s *SynthesisService) standing(ctx context.Context, consultation kit.ID, ids []kit.ID) (map[kit.ID]*Feedback, error) {
	found, err := s.feedback.stored(ctx, ids)
	standing := map[kit.ID]*Feedback{}
	for i, x := range found {
		if x != nil && x.ConsultationID == consultation && x.Status == FeedbackSubmitted {
			standing[ids[i]] = x
		}
	}
	return standing, err
}

// Publish publishes the draft of the synthesis of a closed consultation in place of the earlier edition, with the
// campaigns as replies are sorted now. It is REQUIRED that each paragraph cites a reply that is not withdrawn, and
// that the respondent of a confidential reply agreed if the paragraph rests on fewer than five.
func (s *SynthesisService) Publish(ctx context.Context, in PublishSynthesisInput) (*PublishSynthesisPayload, error) {
	y, err := s.alter(ctx, "publishSynthesis", in.Consultation, in.ExpectedVersion, func(ctx context.Context, f *kit.Faults, w writing) ([]string, error) {
		if w.consultation.StoredStatus != ConsultationClosed {
			checkConsultationState(f, "input.consultation", w.consultation.Status(), ConsultationClosed)
		}
		if len(w.synthesis.StoredDraft) == 0 {
			f.Add(kit.CodeRequired, "input.consultation", "required.paragraphs", nil)
		}
		var ids []kit.ID
		for _, p := range w.synthesis.StoredDraft {
			ids = append(ids, p.StoredCitations...)
		}
		standing, err := s.standing(ctx, w.consultation.ID, ids)
		if err != nil {
			return nil, err
		}
		for i, p := range w.synthesis.StoredDraft {
			// Replies that were withdrawn after they were cited are no longer evidence.
			p.StoredCitations = slices.DeleteFunc(p.StoredCitations, func(id kit.ID) bool { return standing[id] == nil })
			if len(p.StoredCitations) == 0 {
				f.Add(kit.CodeRequired, fmt.Sprintf("draft.%d.citations", i), "required.evidence", nil)
			}
			for _, j := range w.consultation.betrays(kit.Map(p.StoredCitations, func(id kit.ID) *Feedback { return standing[id] })) {
				fault := f.Add(kit.CodeRequired, fmt.Sprintf("draft.%d.citations.%d", i, j), "required.agreement", map[string]string{"fewest": strconv.Itoa(fewest)})
				fault.RelatedID = &p.StoredCitations[j]
			}
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		w.synthesis.Published = w.synthesis.StoredDraft
		if err := s.count(ctx, w.synthesis, w.consultation, (*Feedback).campaign); err != nil {
			return nil, err
		}
		w.synthesis.Edition++
		w.synthesis.PublishedAt = new(kit.DateTimeOf(s.core.Clock.Now()))
		return []string{"published"}, nil
	}, s.tellPublished)
	faults, err := kit.UserErrorsOf(err)
	return &PublishSynthesisPayload{y, faults}, err
}

// RecordDecision records a decision on a topic in the log of a published synthesis. Entries of the log are never
// removed.
func (s *SynthesisService) RecordDecision(ctx context.Context, in RecordDecisionInput) (*RecordDecisionPayload, error) {
	y, err := s.alter(ctx, "recordDecision", in.Consultation, in.ExpectedVersion, func(ctx context.Context, f *kit.Faults, w writing) ([]string, error) {
		if w.synthesis.Edition == 0 {
			f.Add(kit.CodeNotAllowedInState, "input.consultation", "notAllowedInState.unpublished", nil)
		}
		if len(w.synthesis.Decisions) >= maxDecisions {
			f.Add(kit.CodeFull, "input", "full", nil)
		}
		d := TopicDecision{
			ID: s.core.NewID("dec"), Topic: in.Topic, Body: in.Body, Text: (*kit.LocalizedText)(nil).With(in.Text), DecidedOn: in.DecidedOn, Source: in.Source,
			Paragraphs: kit.OrEmpty(in.Paragraphs), RecordedAt: kit.DateTimeOf(s.core.Clock.Now()), RecordedBy: kit.ActorOf(ctx).Subject,
		}
		checkOnTopic(f, "input.topic", in.Topic, w.statement)
		f.Written("input.text", kit.Some(in.Text), d.Text, 4000, true)
		f.Line("input.source", &d.Source, 500, true)
		if today := s.core.Clock.Today(); in.DecidedOn > today {
			f.Add(kit.CodeOutOfRange, "input.decidedOn", "outOfRange.after", map[string]string{"date": string(today)})
		}
		for i, id := range in.Paragraphs {
			if !slices.ContainsFunc(w.synthesis.Published, func(p *SynthesisParagraph) bool { return p.ID == id }) {
				f.Add(kit.CodeUnknownReference, fmt.Sprintf("input.paragraphs.%d", i), "unknownReference", nil)
			}
		}
		w.synthesis.Decisions = append(w.synthesis.Decisions, d)
		return []string{"decisions"}, nil
	}, func(ctx context.Context, c *Consultation, y *Synthesis) error {
		return s.tellDecided(ctx, c, y.Decisions[len(y.Decisions)-1])
	})
	faults, err := kit.UserErrorsOf(err)
	return &RecordDecisionPayload{y, faults}, err
}
