package consultations

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
)

// ConsultationAudienceInput says in a request who is consulted.
type ConsultationAudienceInput struct {
	Kinds   []membership.RespondentKind
	Regions []country.Region
}

// CreateConsultationInput makes a consultation as a draft.
type CreateConsultationInput struct {
	IdempotencyKey *string
	Code           string
	Statement      kit.ID
	Group          string
	Title          []kit.TranslationInput
	Introduction   []kit.TranslationInput
	Audience       ConsultationAudienceInput
	Questions      []ConsultationQuestionInput
	ClosesOn       kit.Date
	SmallestCell   int
}

// CreateConsultationPayload has the new consultation; it is nil if there are UserErrors.
type CreateConsultationPayload struct {
	Consultation *Consultation
	UserErrors   []kit.UserError
}

// UpdateConsultationInput changes a consultation; its code, statement and group never change.
type UpdateConsultationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Title           kit.Opt[[]kit.TranslationInput]
	Introduction    kit.Opt[[]kit.TranslationInput]
	Audience        kit.Opt[ConsultationAudienceInput]
	Questions       kit.Opt[[]ConsultationQuestionInput]
	ClosesOn        kit.Opt[kit.Date]
}

// UpdateConsultationPayload has the consultation after the change; it is nil if there are UserErrors.
type UpdateConsultationPayload struct {
	Consultation *Consultation
	UserErrors   []kit.UserError
}

// OpenConsultationInput opens a draft.
type OpenConsultationInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// OpenConsultationPayload has the consultation after the change, and how many of those who are consulted the mail about
// it reaches; both are nil if there are UserErrors.
type OpenConsultationPayload struct {
	Consultation *Consultation
	Reach        *people.MailReach
	UserErrors   []kit.UserError
}

// CloseConsultationInput closes a consultation.
type CloseConsultationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Reason          *string
}

// CloseConsultationPayload has the consultation after the change; it is nil if there are UserErrors.
type CloseConsultationPayload struct {
	Consultation *Consultation
	UserErrors   []kit.UserError
}

// Create makes a consultation as a draft. SECRETARIAT only. A code that was ever used is a DUPLICATE. A statement
// that is missing, or is not addressed to the group, is an UNKNOWN_REFERENCE.
func (s *ConsultationService) Create(ctx context.Context, in CreateConsultationInput) (*CreateConsultationPayload, error) {
	if err := kit.Require(ctx, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "createConsultation", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		statement, err := kit.One(ctx, s.statements.ByIDs, in.Statement)
		if err != nil {
			return "", err
		}
		at := kit.DateTimeOf(s.core.Clock.Now())
		c := &Consultation{
			ID: s.core.NewID(consultationPrefix), Code: in.Code, StatementID: in.Statement, Group: in.Group, StoredStatus: ConsultationDraft, SmallestCell: in.SmallestCell,
			Zone: s.core.Clock.Zone.String(), Dataset: kit.DatasetOf(ctx), Anonymous: []AnonymousPool{}, Errata: []ConsultationErratum{}, Changes: []ConsultationChange{{Status: ConsultationDraft, At: at, Actor: kit.ActorOf(ctx).Subject}},
		}
		f.IdempotencyKey(in.IdempotencyKey)
		f.Code("input.code", in.Code)
		switch {
		case statement == nil:
			f.Add(kit.CodeUnknownReference, "input.statement", "unknownReference", nil)
		case !statement.addresses(in.Group):
			f.Add(kit.CodeUnknownReference, "input.group", "unknownReference.addressee", nil)
		default:
			c.Zone, c.InterimReportDue, c.FinalReportDue = statement.Zone, statement.InterimReportDue, statement.FinalReportDue
		}
		f.Between("input.smallestCell", in.SmallestCell, 2, 20)
		change := in.changes()
		change.apply(c, f)
		s.check(c, change, f, statement)
		if err := kit.CheckFree(ctx, f, s.consultations, "code", "input.code", in.Code); err != nil {
			return "", err
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		if err := s.consultations.Insert(ctx, c); err != nil {
			return "", err
		}
		note(kit.Changed(ConsultationNoun, c, kit.Created, "code", "questions", "title"))
		return c.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &CreateConsultationPayload{UserErrors: faults}, err
	}
	c, err := s.Get(ctx, id)
	return &CreateConsultationPayload{Consultation: c}, err
}

// changes returns the fields of a new consultation as changes of an empty one.
func (in CreateConsultationInput) changes() UpdateConsultationInput {
	return UpdateConsultationInput{
		Title: kit.Some(in.Title), Introduction: kit.Some(in.Introduction), Audience: kit.Some(in.Audience), Questions: kit.Some(in.Questions), ClosesOn: kit.Some(in.ClosesOn),
	}
}

func (in UpdateConsultationInput) apply(c *Consultation, f *kit.Faults) []string {
	var fields []string
	kit.ApplyTranslations(&fields, "title", in.Title, &c.Title)
	kit.ApplyTranslations(&fields, "introduction", in.Introduction, &c.Introduction)
	if v, ok := kit.Needed(f, "audience", in.Audience); ok {
		kit.Become(&fields, "audience", &c.Audience, ConsultationAudience{kit.OrEmpty(v.Kinds), kit.OrEmpty(v.Regions)})
	}
	kit.ApplyList(&fields, "questions", in.Questions, &c.Questions, ConsultationQuestionInput.question)
	kit.ApplyNeeded(&fields, f, "closesOn", in.ClosesOn, &c.ClosesOn)
	if zone, err := time.LoadLocation(c.Zone); err == nil && c.ClosesOn != "" {
		c.Deadline = kit.DateTimeOf(events.EventTime{}.EndOf(c.ClosesOn, zone))
	}
	return fields
}

// check adds all faults of a consultation after its change, and of what was written.
func (s *ConsultationService) check(c *Consultation, in UpdateConsultationInput, f *kit.Faults, statement *LiaisonStatement) {
	f.Titled("input.title", in.Title, c.Title, 300, true)
	f.Written("input.introduction", in.Introduction, c.Introduction, 8000, false)
	if in.Audience.Set {
		f.Some("input.audience.kinds", len(c.Audience.Kinds))
		if len(c.Audience.Regions) > 0 {
			f.Some("input.audience.regions", len(c.Audience.Regions))
		}
	}
	if written, _ := kit.Given(in.Questions); in.Questions.Set {
		checkQuestions(f, written, statement)
	}
	if in.ClosesOn.Value != nil {
		f.Day("input.closesOn", *in.ClosesOn.Value, "", s.core.Clock.Today())
		if !s.core.Clock.Now().Before(c.Deadline.Time()) {
			f.Add(kit.CodeOutOfRange, "input.closesOn", "outOfRange.past", nil)
		}
	}
}

// amend changes a consultation. SECRETARIAT only.
func (s *ConsultationService) amend(ctx context.Context, a kit.Amendment, alter func(*Consultation, *kit.Faults) []string) (*Consultation, error) {
	if err := kit.Require(ctx, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	c, err := kit.Amend(ctx, s.core, ConsultationNoun, a, func(context.Context, *Consultation) error { return nil }, alter)
	if err == nil {
		s.show(ctx, []*Consultation{c})
	}
	return c, err
}

// Update changes a consultation that is not closed. SECRETARIAT only. Once it is open, its audience cannot change,
// its last day can only move later and only before it has passed, and a question with answers keeps its meaning.
// Other changes are NOT_ALLOWED_IN_STATE.
func (s *ConsultationService) Update(ctx context.Context, in UpdateConsultationInput) (*UpdateConsultationPayload, error) {
	var c *Consultation
	err := s.core.Transact(kit.WithOperation(ctx, "updateConsultation"), func(ctx context.Context) error {
		before, err := s.consultations.Many(ctx, []string{string(in.ID)})
		if err != nil {
			return err
		}
		var was Consultation
		var statement *LiaisonStatement
		var answered []string
		if before[0] != nil {
			if statement, err = kit.One(ctx, s.statements.ByIDs, before[0].StatementID); err != nil {
				return err
			}
			if answered, err = s.unsettled(ctx, before[0], in.Questions); err != nil {
				return err
			}
		}
		c, err = s.amend(ctx, kit.Amendment{Operation: "updateConsultation", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, func(c *Consultation, f *kit.Faults) []string {
			in := in
			was = *c
			fields := in.apply(c, f)
			if c.StoredStatus != ConsultationDraft && c.ClosesOn == was.ClosesOn {
				in.ClosesOn = kit.Opt[kit.Date]{} // an unchanged last day may have passed
			}
			s.check(c, in, f, statement)
			c.checkOpen(f, &was, s.core.Clock.Now(), answered)
			return fields
		})
		if err != nil {
			return err
		}
		return s.tellChanged(ctx, &was, c)
	})
	faults, err := kit.UserErrorsOf(err)
	return &UpdateConsultationPayload{c, faults}, err
}

// unsettled lists the questions with answers that the change would remove or give another meaning. It reads answers
// only for questions that change.
func (s *ConsultationService) unsettled(ctx context.Context, before *Consultation, questions kit.Opt[[]ConsultationQuestionInput]) ([]string, error) {
	written, ok := kit.Given(questions)
	if !ok || before.StoredStatus == ConsultationDraft {
		return nil, nil
	}
	var codes []string
	for _, q := range before.Questions {
		if slices.ContainsFunc(written, func(in ConsultationQuestionInput) bool { return q.means(in.question()) }) {
			continue
		}
		some, err := s.replies.answered(ctx, before.ID, q.Code)
		if err != nil {
			return nil, err
		}
		if some {
			codes = append(codes, q.Code)
		}
	}
	return codes, nil
}

// checkOpen adds a fault for each change that is not allowed once a consultation is open.
func (c *Consultation) checkOpen(f *kit.Faults, was *Consultation, now time.Time, answered []string) {
	if was.StoredStatus == ConsultationDraft {
		return
	}
	if was.StoredStatus == ConsultationClosed {
		checkConsultationState(f, "input.id", was.StoredStatus, ConsultationDraft, ConsultationOpen, ConsultationDeadlinePassed)
	}
	if !slices.Equal(c.Audience.Kinds, was.Audience.Kinds) || !slices.Equal(c.Audience.Regions, was.Audience.Regions) {
		checkConsultationState(f, "input.audience", was.at(now), ConsultationDraft)
	}
	switch {
	case c.ClosesOn == was.ClosesOn:
	case was.at(now) != ConsultationOpen:
		checkConsultationState(f, "input.closesOn", was.at(now), ConsultationDraft, ConsultationOpen)
	case c.ClosesOn < was.ClosesOn:
		f.Add(kit.CodeOutOfRange, "input.closesOn", "outOfRange.before", map[string]string{"date": string(was.ClosesOn)})
	}
	for i, q := range c.Questions {
		path := "input.questions." + strconv.Itoa(i) + ".required"
		switch before := was.question(q.Code); {
		case !q.Required:
		case before == nil:
			f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState.newRequired", nil)
		case !before.Required: // some may have replied without it
			checkConsultationState(f, path, was.at(now), ConsultationDraft)
		}
	}
	if len(answered) > 0 {
		f.Add(kit.CodeNotAllowedInState, "input.questions", "notAllowedInState.answeredQuestions", map[string]string{"questions": strings.Join(answered, ", ")})
	}
}

// checkConsultationState adds the fault NOT_ALLOWED_IN_STATE, which names the statuses that would be allowed.
func checkConsultationState(f *kit.Faults, path string, is ConsultationStatus, allowed ...ConsultationStatus) {
	f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState", map[string]string{"status": string(is), "allowed": strings.Join(kit.Strings(allowed), ", ")})
}

// Open opens a draft and freezes its audience: in the same transaction each member and State that is consulted gets
// a participation, and its focal points are asked to reply. SECRETARIAT only.
func (s *ConsultationService) Open(ctx context.Context, in OpenConsultationInput) (*OpenConsultationPayload, error) {
	var c *Consultation
	var reach *people.MailReach
	err := s.core.Transact(kit.WithOperation(ctx, "openConsultation"), func(ctx context.Context) (err error) {
		c, err = s.amend(ctx, kit.Amendment{Operation: "openConsultation", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, func(c *Consultation, f *kit.Faults) []string {
			at := s.core.Clock.Now()
			if c.StoredStatus != ConsultationDraft {
				checkConsultationState(f, "input.id", c.at(at), ConsultationDraft)
			} else if !at.Before(c.Deadline.Time()) {
				f.Add(kit.CodeOutOfRange, "input.id", "outOfRange.past", nil)
			}
			c.become(ctx, ConsultationOpen, kit.DateTimeOf(at), nil)
			c.OpenedAt = new(kit.DateTimeOf(at))
			return []string{"status"}
		})
		if err != nil {
			return err
		}
		addressed, err := s.audience.freeze(ctx, c)
		if err != nil {
			return err
		}
		reach, err = s.tellOpened(ctx, c, addressed)
		return err
	})
	if err != nil {
		c, reach = nil, nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &OpenConsultationPayload{c, reach, faults}, err
}

func (c *Consultation) become(ctx context.Context, status ConsultationStatus, at kit.DateTime, reason *string) {
	c.StoredStatus = status
	c.Changes = append(c.Changes, ConsultationChange{status, at, kit.ActorOf(ctx).Subject, reason})
}

// Close ends a consultation: no more replies are taken, and replies are published as their respondents chose.
// Anonymised replies are published only if there are enough. SECRETARIAT only. Before the deadline it is
// NOT_ALLOWED_IN_STATE, because respondents were promised the time.
func (s *ConsultationService) Close(ctx context.Context, in CloseConsultationInput) (*CloseConsultationPayload, error) {
	var c *Consultation
	err := s.core.Transact(kit.WithOperation(ctx, "closeConsultation"), func(ctx context.Context) error {
		before, err := s.consultations.Many(ctx, []string{string(in.ID)})
		if err != nil {
			return err
		}
		var pools []AnonymousPool
		if before[0] != nil && kit.ActorOf(ctx).Has(kit.ConsultationsSecretariat) {
			if pools, err = s.replies.pools(ctx, before[0]); err != nil {
				return err
			}
		}
		c, err = s.amend(ctx, kit.Amendment{Operation: "closeConsultation", ID: in.ID, Expected: in.ExpectedVersion, Reason: in.Reason}, func(c *Consultation, f *kit.Faults) []string {
			f.Evidence(in.Reason, nil)
			at := s.core.Clock.Now()
			if is := c.at(at); is != ConsultationDeadlinePassed {
				checkConsultationState(f, "input.id", is, ConsultationDeadlinePassed)
			}
			c.become(ctx, ConsultationClosed, kit.DateTimeOf(at), in.Reason)
			c.ClosedAt, c.Anonymous = new(kit.DateTimeOf(at)), pools
			return []string{"status"}
		})
		if err != nil {
			return err
		}
		return s.tellClosed(ctx, c)
	})
	if err != nil {
		c = nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &CloseConsultationPayload{c, faults}, err
}
