package consultations

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// DraftAnswer is an answer in a draft. It has its own version, so two people who write at the same time conflict
// only if they answer the same question.
type DraftAnswer struct {
	Answer   FeedbackAnswer `bson:"answer"`
	Version  int            `bson:"version"`
	EditorID kit.ID         `bson:"editedBy"`
	EditedAt kit.DateTime   `bson:"editedAt"`

	with *kit.Together[*DraftAnswer]
}

// FeedbackDraft is a reply that is being written. Only those who act for the entity may know of it; only the
// delegate may know of the draft of a view. Drafts are not in the audit log.
type FeedbackDraft struct {
	ID             kit.ID           `bson:"_id"`
	Version        int64            `bson:"version"`
	ConsultationID kit.ID           `bson:"consultation"`
	EntityID       kit.ID           `bson:"entity"`
	Capacity       FeedbackCapacity `bson:"capacity"`
	// PersonID is the delegate who writes the view; nil for an official reply.
	PersonID  *kit.ID        `bson:"person,omitempty"`
	Answers   []*DraftAnswer `bson:"answers" most:"60"`
	ChangedAt kit.DateTime   `bson:"changedAt"`
	Dataset   kit.Dataset    `bson:"dataset"`

	with *kit.Together[*FeedbackDraft]
}

// DraftNoun is how drafts are stored. Drafts are read by id, which DraftID computes. The listing finds out whether
// anybody has begun to answer a question.
var DraftNoun = store.Declare(store.Noun[FeedbackDraft]{
	Name:     "feedbackDrafts",
	Identity: func(d *FeedbackDraft) (string, *int64) { return string(d.ID), &d.Version },
	Keys: []store.Key[FeedbackDraft]{
		store.Many("answered", func(d *FeedbackDraft, _ string) []string {
			return kit.Map(d.Answers, func(a *DraftAnswer) string { return answeredKey(d.ConsultationID, a.Answer.Question) })
		}),
	},
	Listings: []store.Listing{{}, {Has: "answered"}},
})

// IsNode marks a type that node and nodes can answer.
func (d *FeedbackDraft) IsNode() {}

// DraftID is the id of the only draft of an entity's official reply, or of a person's view.
func DraftID(consultation, entity, person kit.ID) kit.ID {
	return derivedID(kit.DraftPrefix, string(consultation), string(entity), string(person))
}

// draftOf is the id of the draft that the actor writes in a capacity; for a view, also the delegate.
func draftOf(a kit.Actor, consultation, entity kit.ID, capacity FeedbackCapacity) (kit.ID, *kit.ID) {
	if capacity == DelegateView {
		return DraftID(consultation, entity, a.Subject), &a.Subject
	}
	return DraftID(consultation, entity, ""), nil
}

func (d *FeedbackDraft) seenBy(a kit.Actor) bool {
	return a.ActsFor(d.EntityID) && (d.PersonID == nil || *d.PersonID == a.Subject)
}

// DraftsByIDs reads drafts in the order of the ids, nil for drafts that the caller may not see.
func (s *FeedbackService) DraftsByIDs(ctx context.Context, ids []kit.ID) ([]*FeedbackDraft, error) {
	found, err := s.drafts.Many(ctx, kit.Strings(ids))
	actor, with, answers := kit.ActorOf(ctx), &kit.Together[*FeedbackDraft]{}, &kit.Together[*DraftAnswer]{}
	for i, d := range found {
		if d == nil || !d.seenBy(actor) {
			found[i] = nil
			continue
		}
		d.with, with.Items = with, append(with.Items, d)
		for _, a := range d.Answers {
			a.with, answers.Items = answers, append(answers.Items, a)
		}
	}
	return found, err
}

func (s *FeedbackService) draftNodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.DraftsByIDs(ctx, ids))
}

// DraftConsultation is the consultation that a draft answers. One call serves all drafts of a page.
func (s *FeedbackService) DraftConsultation(ctx context.Context, d *FeedbackDraft) (*Consultation, error) {
	return kit.Neighbour(ctx, d.with, "consultation", d, func(ctx context.Context, all []*FeedbackDraft) ([]*Consultation, error) {
		return s.consultations.ByIDs(ctx, kit.Map(all, func(d *FeedbackDraft) kit.ID { return d.ConsultationID }))
	})
}

// DraftEntity is the member or State for which a draft is written. One call serves all drafts of a page.
func (s *FeedbackService) DraftEntity(ctx context.Context, d *FeedbackDraft) (membership.Entity, error) {
	return kit.Neighbour(ctx, d.with, "entity", d, func(ctx context.Context, all []*FeedbackDraft) ([]membership.Entity, error) {
		return s.members.Entities(ctx, kit.Map(all, func(d *FeedbackDraft) kit.ID { return d.EntityID }))
	})
}

// EditorOf is the person who wrote an answer last. One call serves all answers of all drafts that were read
// together.
func (s *FeedbackService) EditorOf(ctx context.Context, a *DraftAnswer) (*people.Person, error) {
	return kit.Neighbour(ctx, a.with, "editor", a, func(ctx context.Context, all []*DraftAnswer) ([]*people.Person, error) {
		return s.persons.ByIDs(ctx, kit.Map(all, func(a *DraftAnswer) kit.ID { return a.EditorID }))
	})
}

// answered says whether a question has an answer, in a draft or in a submitted reply.
func (s *FeedbackService) answered(ctx context.Context, consultation kit.ID, question string) (bool, error) {
	key := answeredKey(consultation, question)
	for _, probe := range []func(context.Context, string, string, int) ([]string, error){s.feedback.Probe, s.drafts.Probe} {
		ids, err := probe(ctx, "answered", key, 1)
		if err != nil {
			return false, err
		}
		if len(ids) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// SaveFeedbackDraftInput saves answers in a draft.
type SaveFeedbackDraftInput struct {
	Consultation kit.ID
	Entity       *kit.ID
	Capacity     FeedbackCapacity
	Answers      []FeedbackAnswerInput
}

// SaveFeedbackDraftPayload has the draft after the change; it is nil if there are UserErrors.
type SaveFeedbackDraftPayload struct {
	Draft      *FeedbackDraft
	UserErrors []kit.UserError
}

// SaveDraft saves answers in a draft: anybody who acts for the entity; others get FORBIDDEN. Only the named
// questions change. An answer that has another version by now is a CONFLICT. A draft that is begun after a
// submission starts with the submitted answers.
func (s *FeedbackService) SaveDraft(ctx context.Context, in SaveFeedbackDraftInput) (*SaveFeedbackDraftPayload, error) {
	to, err := s.reply(ctx, in.Entity, in.Consultation, in.Capacity)
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SaveFeedbackDraftPayload{UserErrors: faults}, err
	}
	err = s.core.Transact(ctx, func(ctx context.Context) error {
		f := kit.NewFaults(ctx)
		if err := s.receive(ctx, f, to); err != nil {
			return err
		}
		d, err := s.begin(ctx, to)
		if err != nil {
			return err
		}
		d.overlay(f, in.Answers, to.consultation.Questions, kit.ActorOf(ctx).Subject, kit.DateTimeOf(s.core.Clock.Now()), false)
		if err := f.Err(); err != nil {
			return err
		}
		if d.Version == 0 {
			return s.drafts.Insert(ctx, d)
		}
		return s.drafts.Replace(ctx, d)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SaveFeedbackDraftPayload{UserErrors: faults}, err
	}
	id, _ := draftOf(kit.ActorOf(ctx), in.Consultation, to.entity, in.Capacity)
	d, err := kit.One(ctx, s.DraftsByIDs, id)
	return &SaveFeedbackDraftPayload{Draft: d}, err
}

// begin returns the existing draft, or a new one with the answers that were submitted and not withdrawn.
func (s *FeedbackService) begin(ctx context.Context, to *replying) (*FeedbackDraft, error) {
	id, person := draftOf(kit.ActorOf(ctx), to.consultation.ID, to.entity, to.capacity)
	found, err := s.drafts.Many(ctx, []string{string(id)})
	if err != nil {
		return nil, err
	}
	if found[0] != nil {
		return found[0], nil
	}
	d := &FeedbackDraft{
		ID: id, ConsultationID: to.consultation.ID, EntityID: to.entity, Capacity: to.capacity, PersonID: person, Answers: []*DraftAnswer{},
		ChangedAt: kit.DateTimeOf(s.core.Clock.Now()), Dataset: kit.DatasetOf(ctx),
	}
	if to.before != nil && to.before.Status == FeedbackSubmitted {
		for _, a := range to.before.last().Answers {
			d.Answers = append(d.Answers, &DraftAnswer{Answer: a, Version: 1, EditorID: to.before.last().By, EditedAt: to.before.last().StoredReceipt.At})
		}
	}
	return d, nil
}

// overlay puts new answers over the answers of the draft, and adds all faults. A final submission need not name
// versions.
func (d *FeedbackDraft) overlay(f *kit.Faults, answers []FeedbackAnswerInput, questions []ConsultationQuestion, by kit.ID, at kit.DateTime, final bool) {
	for i, in := range answers {
		path := fmt.Sprintf("input.answers.%d", i)
		q := slices.IndexFunc(questions, func(q ConsultationQuestion) bool { return q.Code == in.Question })
		if q < 0 {
			f.Add(kit.CodeUnknownReference, path+".question", "unknownReference.asked", map[string]string{"question": in.Question})
			continue
		}
		if slices.ContainsFunc(answers[:i], func(o FeedbackAnswerInput) bool { return o.Question == in.Question }) {
			f.Add(kit.CodeDuplicate, path+".question", "duplicate.entry", nil)
			continue
		}
		answer := in.answer()
		if answer.given() {
			answer.check(f, path, questions[q])
		}
		there := slices.IndexFunc(d.Answers, func(a *DraftAnswer) bool { return a.Answer.Question == in.Question })
		version := 0
		if there >= 0 {
			version = d.Answers[there].Version
		}
		if saw := in.saw(); saw != version && !(final && in.ExpectedVersion == nil) {
			e := f.Add(kit.CodeConflict, path+".expectedVersion", "conflict.answer", map[string]string{"question": in.Question, "version": strconv.Itoa(version)})
			e.CurrentVersion = new(int64(version))
		}
		edited := &DraftAnswer{Answer: answer, Version: version + 1, EditorID: by, EditedAt: at}
		if there >= 0 {
			d.Answers[there] = edited
		} else {
			d.Answers = append(d.Answers, edited)
		}
	}
	d.ChangedAt = at
}

// saw is the version of the answer that the caller saw, 0 for none.
func (in FeedbackAnswerInput) saw() int {
	if in.ExpectedVersion == nil {
		return 0
	}
	return *in.ExpectedVersion
}

// given returns the answers of the draft that have a value.
func (d *FeedbackDraft) given() []FeedbackAnswer {
	given := []FeedbackAnswer{}
	for _, a := range d.Answers {
		if a.Answer.given() {
			given = append(given, a.Answer)
		}
	}
	return given
}

// OwnDraftOf is the draft of the official reply of the caller's entity (see kit.Actor.Own), nil if there is none. One
// call serves all consultations of a page.
func (s *FeedbackService) OwnDraftOf(ctx context.Context, c *Consultation, named *kit.ID) (*FeedbackDraft, error) {
	entity := kit.ActorOf(ctx).Own(named)
	if entity == "" {
		return nil, nil
	}
	return kit.Neighbour(ctx, c.with, "draft "+string(entity), c, func(ctx context.Context, all []*Consultation) ([]*FeedbackDraft, error) {
		return s.DraftsByIDs(ctx, kit.Map(all, func(c *Consultation) kit.ID { return DraftID(c.ID, entity, "") }))
	})
}
