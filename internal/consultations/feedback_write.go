package consultations

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// SubmitFeedbackInput submits a reply: the answers of the draft, with these answers over them.
type SubmitFeedbackInput struct {
	IdempotencyKey *string
	Consultation   kit.ID
	Entity         *kit.ID
	Capacity       FeedbackCapacity
	Publication    Publication
	Language       kit.Locale
	ContactConsent bool
	Answers        []FeedbackAnswerInput
}

// SubmitFeedbackPayload has the reply with its receipt; it is nil if there are UserErrors.
type SubmitFeedbackPayload struct {
	Feedback   *Feedback
	UserErrors []kit.UserError
}

// AmendFeedbackInput changes a submitted reply.
type AmendFeedbackInput struct {
	ID              kit.ID
	ExpectedVersion int
	Publication     *Publication
	Language        *kit.Locale
	ContactConsent  *bool
	Answers         []FeedbackAnswerInput
}

// AmendFeedbackPayload has the reply with its new receipt; it is nil if there are UserErrors.
type AmendFeedbackPayload struct {
	Feedback   *Feedback
	UserErrors []kit.UserError
}

// WithdrawFeedbackInput takes back a reply.
type WithdrawFeedbackInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// WithdrawFeedbackPayload has the reply after the change; it is nil if there are UserErrors.
type WithdrawFeedbackPayload struct {
	Feedback   *Feedback
	UserErrors []kit.UserError
}

// replying is a reply that is being written or submitted, with the records that its rules need.
type replying struct {
	entity         kit.ID
	consultationID kit.ID
	capacity       FeedbackCapacity

	consultation  *Consultation
	participation *Participation
	member        *membership.Member
	// before is the reply as it was submitted earlier, nil if there is none.
	before *Feedback
}

// reply begins a reply for an entity; if entity is nil, for the caller's own. A caller who does not act for the
// entity, or for none, gets FORBIDDEN, and one who acts for several and names none REQUIRED.
func (s *FeedbackService) reply(ctx context.Context, entity *kit.ID, consultation kit.ID, capacity FeedbackCapacity) (*replying, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration); err != nil {
		return nil, err
	}
	own, err := actor.Writes(ctx, entity)
	if err != nil {
		return nil, err
	}
	to := &replying{entity: own, consultationID: consultation, capacity: capacity}
	if !actor.ActsFor(to.entity) {
		return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	return to, nil
}

// receive reads the consultation and checks that it takes the reply now: NOT_FOUND if the caller does not see the
// consultation, CLOSED if it is closed, NOT_ELIGIBLE if the entity is not consulted or its membership is not
// active.
func (s *FeedbackService) receive(ctx context.Context, f *kit.Faults, to *replying) (err error) {
	if to.consultation, err = s.consultations.Get(ctx, to.consultationID); err != nil {
		return err
	}
	if to.consultation == nil {
		return kit.Refuse(kit.NotFound, "notFound", nil)
	}
	switch to.consultation.StoredStatus {
	case ConsultationClosed:
		f.Add(kit.CodeClosed, "input.consultation", "closed.consultation", nil)
	case ConsultationDraft:
		checkConsultationState(f, "input.consultation", ConsultationDraft, ConsultationOpen, ConsultationDeadlinePassed)
	}
	if to.participation, err = kit.One(ctx, s.participations.ByIDs, ParticipationID(to.consultationID, to.entity)); err != nil {
		return err
	}
	if to.member, err = s.participations.member(ctx, to.entity); err != nil {
		return err
	}
	switch {
	case to.participation == nil:
		if to.consultation.StoredStatus != ConsultationDraft {
			f.Add(kit.CodeNotEligible, "input.entity", "notEligible.consultation", nil)
		}
	case to.member != nil && to.member.On(s.core.Clock.Today()).Status != membership.Active:
		f.Add(kit.CodeNotEligible, "input.entity", "notEligible.membership", nil)
	}
	return s.earlier(ctx, to)
}

// earlier reads the reply that was submitted before, if any.
func (s *FeedbackService) earlier(ctx context.Context, to *replying) error {
	person := ""
	if to.capacity == DelegateView {
		person = string(kit.ActorOf(ctx).Subject)
	}
	to.before = nil // the transaction may run again
	id, err := s.feedback.Lookup(ctx, "holder", feedbackHolder(to.consultationID, to.entity, person))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	to.before, err = s.feedback.Get(ctx, id)
	return err
}

// speaks checks that the caller may submit. An official reply needs a focal point of the member or State, and a view
// any mandate; without it the error is FORBIDDEN.
func (to *replying) speaks(ctx context.Context) error {
	actor := kit.ActorOf(ctx)
	if to.capacity == OfficialReply && !actor.SpeaksFor(to.entity) || !actor.ActsFor(to.entity) {
		return kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	return nil
}

// Submit submits a reply and gives a receipt: the one official reply of an entity, by its focal point or its
// administration, or the view of a delegate. All faults are reported together. A second official reply is a
// DUPLICATE that names the first receipt. After the deadline the reply is late.
func (s *FeedbackService) Submit(ctx context.Context, in SubmitFeedbackInput) (*SubmitFeedbackPayload, error) {
	to, err := s.reply(ctx, in.Entity, in.Consultation, in.Capacity)
	if err == nil {
		err = to.speaks(ctx)
	}
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SubmitFeedbackPayload{UserErrors: faults}, err
	}
	id, err := s.core.Create(ctx, "submitFeedback", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		f.IdempotencyKey(in.IdempotencyKey)
		if err := s.receive(ctx, f, to); err != nil {
			return "", err
		}
		if to.before != nil && to.before.Status == FeedbackSubmitted {
			fault := f.Add(kit.CodeDuplicate, "input.consultation", "duplicate.feedback", map[string]string{"reference": to.before.last().StoredReceipt.Reference})
			fault.RelatedID = &to.before.ID
		}
		h := FeedbackSubmission{By: kit.ActorOf(ctx).Subject, Publication: in.Publication, Language: in.Language, ContactConsent: in.ContactConsent}
		x, err := s.handIn(ctx, f, to, h, in.Answers)
		if err != nil {
			return "", err
		}
		if err := s.keep(ctx, x, to, note, "feedback"); err != nil {
			return "", err
		}
		return x.ID, s.tellReceipt(ctx, to.consultation, x, false)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SubmitFeedbackPayload{UserErrors: faults}, err
	}
	x, err := kit.One(ctx, s.ByIDs, id)
	return &SubmitFeedbackPayload{Feedback: x}, err
}

// handIn adds a submission to a reply, from the draft with the answers over it, and gives it a receipt. It does
// nothing if there are faults.
func (s *FeedbackService) handIn(ctx context.Context, f *kit.Faults, to *replying, h FeedbackSubmission, answers []FeedbackAnswerInput) (*Feedback, error) {
	d, err := s.begin(ctx, to)
	if err != nil {
		return nil, err
	}
	at := kit.DateTimeOf(s.core.Clock.Now())
	d.overlay(f, answers, to.consultation.Questions, h.By, at, true)
	h.Answers = inOrder(d.given(), to.consultation.Questions)
	to.consultation.complete(f, h.Answers)
	if to.before.repeats(h) {
		return to.before, f.Err()
	}
	if to.before != nil {
		f.Grows("input", len(to.before.StoredSubmissions), maxHandIns)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	x := to.before
	if x == nil {
		x = &Feedback{
			ID: s.core.RandomID(kit.FeedbackPrefix), ConsultationID: to.consultation.ID, Group: to.consultation.Group, EntityID: to.entity, Capacity: to.capacity,
			PersonID: d.PersonID, Dataset: kit.DatasetOf(ctx),
		}
	}
	if x.StoredRespondent, err = s.participations.respondent(ctx, to.participation, to.member); err != nil {
		return nil, err
	}
	x.Status = FeedbackSubmitted
	h.StoredReceipt.Timeliness = InTime
	if at >= to.consultation.Deadline {
		h.StoredReceipt.Timeliness = Late
	}
	if err := handIn(s.core, x, to.consultation, h, at); err != nil {
		return nil, err
	}
	if d.Version > 0 {
		err = s.drafts.Delete(ctx, string(d.ID), d.Version)
	}
	return x, err
}

// repeats says whether a submission equals the latest one of a reply that was not withdrawn.
func (x *Feedback) repeats(h FeedbackSubmission) bool {
	if x == nil || x.Status != FeedbackSubmitted {
		return false
	}
	last := x.last()
	return h.Publication == last.Publication && h.Language == last.Language && h.ContactConsent == last.ContactConsent && reflect.DeepEqual(h.Answers, last.Answers)
}

// complete adds a fault for each required question without an answer, and for each answer to a question that was
// removed.
func (c *Consultation) complete(f *kit.Faults, answers []FeedbackAnswer) {
	for _, q := range c.Questions {
		if q.Required && !slices.ContainsFunc(answers, func(a FeedbackAnswer) bool { return a.Question == q.Code }) {
			f.Add(kit.CodeRequired, "input.answers", "required.answer", map[string]string{"question": q.Code})
		}
	}
}

// keep stores a reply, its counted answers and the entity's participation.
func (s *FeedbackService) keep(ctx context.Context, x *Feedback, to *replying, note func(kit.Change), fields ...string) error {
	var err error
	if x.StoredVersion == 0 {
		err = s.feedback.Insert(ctx, x)
	} else {
		err = s.feedback.Replace(ctx, x)
	}
	if err == nil {
		err = s.recount(ctx, x, to.consultation)
	}
	p := to.participation
	if err == nil && x.Capacity == OfficialReply {
		p.FeedbackID, p.Reply, p.RepliedAt = &x.ID, NoReply, nil
		if x.Status == FeedbackSubmitted {
			p.Reply, p.RepliedAt = ReplyState(x.timeliness()), &x.last().StoredReceipt.At
		}
		err = s.participations.keep(ctx, p)
	}
	if err == nil {
		// The change record does not name the reply: with the reply's id the audit log would say who wrote an
		// anonymised reply.
		note(kit.Changed(ParticipationNoun, p, kit.Updated, fields...))
	}
	return err
}

// change changes a submitted reply, for those who may submit it, and tells whom it concerns. It is NOT_FOUND if the caller may not see the
// reply, FORBIDDEN if the caller sees it but does not speak for the entity.
func (s *FeedbackService) change(ctx context.Context, operation string, id kit.ID, expected int, alter func(ctx context.Context, f *kit.Faults, to *replying) (*Feedback, []string, error), tell func(ctx context.Context, c *Consultation, x *Feedback) error) (*Feedback, error) {
	if err := kit.Require(ctx, kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration); err != nil {
		return nil, err
	}
	err := s.core.Write(ctx, operation, func(ctx context.Context, note func(kit.Change)) error {
		x, err := kit.One(ctx, s.ByIDs, id)
		switch {
		case err != nil:
			return err
		case x == nil:
			return kit.Refuse(kit.NotFound, "notFound", nil)
		case x.view != seesOwn || x.PersonID != nil && *x.PersonID != kit.ActorOf(ctx).Subject:
			return kit.Refuse(kit.Forbidden, "forbidden", nil)
		}
		f := kit.NewFaults(ctx)
		to := &replying{entity: x.EntityID, consultationID: x.ConsultationID, capacity: x.Capacity}
		if err := to.speaks(ctx); err != nil {
			return err
		}
		if err := s.receive(ctx, f, to); err != nil {
			return err
		}
		f.Version(expected, x.StoredVersion)
		if x.Status == FeedbackWithdrawn {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{"status": string(x.Status), "allowed": string(FeedbackSubmitted)})
		}
		x, fields, err := alter(ctx, f, to)
		if err != nil || len(fields) == 0 {
			return err
		}
		if err := s.keep(ctx, x, to, note, fields...); err != nil {
			return err
		}
		return tell(ctx, to.consultation, x)
	})
	if err != nil {
		// The input of this operation has only the id of the reply, so faults of the consultation or entity are
		// reported there.
		if f, ok := errors.AsType[*kit.Faults](err); ok {
			for i, e := range f.List {
				if path := strings.Join(e.Field, "."); path == "input.consultation" || path == "input.entity" {
					f.List[i].Field = []string{"input", "id"}
				}
			}
		}
		return nil, err
	}
	return kit.One(ctx, s.ByIDs, id)
}

// Amend changes a submitted reply until the consultation is closed, for those who may submit it. Earlier versions
// are kept; after 50 versions it is FULL. An amendment without a change makes no version. After the deadline a
// reply that came in time keeps its answers (a change of them is CLOSED), but its publication may change; a late
// reply may change as a whole.
func (s *FeedbackService) Amend(ctx context.Context, in AmendFeedbackInput) (*AmendFeedbackPayload, error) {
	x, err := s.change(ctx, "amendFeedback", in.ID, in.ExpectedVersion, func(ctx context.Context, f *kit.Faults, to *replying) (x *Feedback, fields []string, err error) {
		last := to.before.last()
		h := FeedbackSubmission{By: kit.ActorOf(ctx).Subject, Publication: last.Publication, Language: last.Language, ContactConsent: last.ContactConsent}
		kit.Set(&h.Publication, in.Publication)
		kit.Set(&h.Language, in.Language)
		kit.Set(&h.ContactConsent, in.ContactConsent)
		if to.consultation.at(s.core.Clock.Now()) == ConsultationDeadlinePassed && last.StoredReceipt.Timeliness == InTime {
			err = s.chooseAgain(f, to, in, h)
		} else {
			_, err = s.handIn(ctx, f, to, h, in.Answers)
		}
		if err != nil || len(to.before.StoredSubmissions) == last.Number {
			return to.before, nil, err
		}
		return to.before, []string{"feedback"}, nil
	}, func(ctx context.Context, c *Consultation, x *Feedback) error { return s.tellReceipt(ctx, c, x, true) })
	faults, err := kit.UserErrorsOf(err)
	return &AmendFeedbackPayload{x, faults}, err
}

// chooseAgain changes the publication of a reply that came in time. It keeps the answers and ignores the draft.
func (s *FeedbackService) chooseAgain(f *kit.Faults, to *replying, in AmendFeedbackInput, h FeedbackSubmission) error {
	if len(in.Answers) > 0 || in.Language != nil {
		f.Add(kit.CodeClosed, "input.id", "closed.deadline", map[string]string{"date": string(to.consultation.ClosesOn)})
	}
	if h.Publication != Confidential {
		f.Grows("input.id", len(to.before.StoredSubmissions), maxHandIns)
	}
	if err := f.Err(); err != nil {
		return err
	}
	last := to.before.last()
	h.Answers, h.StoredReceipt.Timeliness = last.Answers, last.StoredReceipt.Timeliness
	if to.before.repeats(h) {
		return nil
	}
	return handIn(s.core, to.before, to.consultation, h, kit.DateTimeOf(s.core.Clock.Now()))
}

// Withdraw takes back a reply until the consultation is closed, for those who may submit it. Only the entity and
// SECRETARIAT still see the record; it is no longer counted or published.
func (s *FeedbackService) Withdraw(ctx context.Context, in WithdrawFeedbackInput) (*WithdrawFeedbackPayload, error) {
	x, err := s.change(ctx, "withdrawFeedback", in.ID, in.ExpectedVersion, func(_ context.Context, f *kit.Faults, to *replying) (*Feedback, []string, error) {
		to.before.Status = FeedbackWithdrawn
		return to.before, []string{"feedback"}, f.Err()
	}, func(ctx context.Context, c *Consultation, x *Feedback) error {
		return s.tellReply(ctx, c, x, kit.Letter{Key: "mail.reply.withdrawn"}, false)
	})
	faults, err := kit.UserErrorsOf(err)
	return &WithdrawFeedbackPayload{x, faults}, err
}

// maxHandIns bounds the submissions of a reply. It leaves room for 10 that make the reply confidential; a
// withdrawal adds none.
const maxHandIns = 50
