package consultations

import (
	"context"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

const serviceFeedbackPrefix = "sfb"

// maxServiceText is how many characters feedback or its answer may have.
const maxServiceText = 5000

// ServiceArea says what service feedback is about.
type ServiceArea string

// The areas of service feedback.
const (
	AreaTool    ServiceArea = "TOOL"
	AreaProcess ServiceArea = "PROCESS"
	AreaService ServiceArea = "SERVICE"
	AreaOther   ServiceArea = "OTHER"
)

// ServiceAreas are all values of ServiceArea.
var ServiceAreas = []ServiceArea{AreaTool, AreaProcess, AreaService, AreaOther}

// Valid returns an error for a value that is not in ServiceAreas.
func (v ServiceArea) Valid() error { return kit.CheckOneOf(v, ServiceAreas, "service area") }

// ServiceAnswer is the secretariat's answer. The audit log says who wrote it.
type ServiceAnswer struct {
	Text string `bson:"text"`
	// Language is nil if the secretariat did not say.
	Language *kit.Locale  `bson:"language,omitempty"`
	At       kit.DateTime `bson:"at"`
}

// ServiceFeedback is the opinion of a person, who acts for a member or State, on a tool, a process or a service.
type ServiceFeedback struct {
	ID       kit.ID      `bson:"_id"`
	Version  int64       `bson:"version"`
	Area     ServiceArea `bson:"area"`
	Subject  string      `bson:"subject"`
	Text     string      `bson:"text"`
	Language kit.Locale  `bson:"language"`
	// EntityID is the member or State for which the person acted.
	EntityID    kit.ID       `bson:"entity"`
	PersonID    kit.ID       `bson:"person"`
	SubmittedAt kit.DateTime `bson:"submittedAt"`
	// Answer is nil until the secretariat answers.
	Answer  *ServiceAnswer `bson:"answer,omitempty"`
	Dataset kit.Dataset    `bson:"dataset"`

	with *kit.Together[*ServiceFeedback]
}

// The values of the key answered.
const answeredYes, answeredNo = "yes", "no"

// ServiceFeedbackNoun is how service feedback is stored and listed: all, by person and by entity, in the order of
// submission.
var ServiceFeedbackNoun = store.Declare(store.Noun[ServiceFeedback]{
	Name:     "serviceFeedback",
	Identity: func(f *ServiceFeedback) (string, *int64) { return string(f.ID), &f.Version },
	Keys: []store.Key[ServiceFeedback]{
		store.One("person", func(f *ServiceFeedback, _ string) string { return string(f.PersonID) }),
		store.One("entity", func(f *ServiceFeedback, _ string) string { return string(f.EntityID) }),
		store.OneOf("area", ServiceAreas, func(f *ServiceFeedback, _ string) ServiceArea { return f.Area }),
		store.OneOf("answered", []string{answeredYes, answeredNo}, func(f *ServiceFeedback, _ string) string { return answered(f.Answer != nil) }),
		store.One("submittedAt", func(f *ServiceFeedback, _ string) string { return string(f.SubmittedAt) }),
	},
	Listings: []store.Listing{
		{Equal: []string{"area", "answered"}, Sort: "submittedAt"},
		{Equal: []string{"person", "area", "answered"}, Sort: "submittedAt"},
		{Equal: []string{"entity", "area", "answered"}, Sort: "submittedAt"},
	},
})

func answered(yes bool) string {
	if yes {
		return answeredYes
	}
	return answeredNo
}

// IsNode marks a type that node and nodes can answer.
func (f *ServiceFeedback) IsNode() {}

// ServiceFeedbackConnection and ServiceFeedbackEdge page through service feedback.
type (
	ServiceFeedbackConnection = kit.Connection[*ServiceFeedback]
	ServiceFeedbackEdge       = kit.Edge[*ServiceFeedback]
)

// ServiceFeedbackFilter narrows service feedback. A nil field does not narrow.
type ServiceFeedbackFilter struct {
	Areas    []ServiceArea
	Answered *bool
	Entity   *kit.ID
}

// SubmitServiceFeedbackInput gives feedback. If Entity is nil, it is the caller's own.
type SubmitServiceFeedbackInput struct {
	IdempotencyKey *string
	Entity         *kit.ID
	Area           ServiceArea
	Subject        string
	Text           string
	Language       kit.Locale
}

// SubmitServiceFeedbackPayload has the new feedback; it is nil if there are UserErrors.
type SubmitServiceFeedbackPayload struct {
	ServiceFeedback *ServiceFeedback
	UserErrors      []kit.UserError
}

// AnswerServiceFeedbackInput answers feedback. There is only one answer.
type AnswerServiceFeedbackInput struct {
	ID              kit.ID
	ExpectedVersion int
	Text            string
	Language        *kit.Locale
}

// AnswerServiceFeedbackPayload has the feedback after the change; it is nil if there are UserErrors.
type AnswerServiceFeedbackPayload struct {
	ServiceFeedback *ServiceFeedback
	UserErrors      []kit.UserError
}

// ServiceFeedbackService takes feedback on tools, processes and services, and the answers to it. The person who
// gave it and SECRETARIAT see it. Nobody else does, so a delegate can write what its focal point does not read.
type ServiceFeedbackService struct {
	core          *kit.Core
	feedback      store.Collection[ServiceFeedback]
	members       *membership.MemberService
	persons       *people.PersonService
	mandates      *people.MandateService
	notifications *people.NotificationService
}

func (f *ServiceFeedback) seenBy(a kit.Actor) bool {
	return a.Has(kit.ConsultationsSecretariat) || a.Subject == f.PersonID && a.HasAny(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration)
}

// ByIDs reads feedback in the order of the ids, nil for feedback that the caller may not see.
func (s *ServiceFeedbackService) ByIDs(ctx context.Context, ids []kit.ID) ([]*ServiceFeedback, error) {
	found, err := s.feedback.Many(ctx, kit.Strings(ids))
	for i, f := range found {
		if f != nil && !f.seenBy(kit.ActorOf(ctx)) {
			found[i] = nil
		}
	}
	joinServiceFeedback(found)
	return found, err
}

func joinServiceFeedback(found []*ServiceFeedback) {
	with := &kit.Together[*ServiceFeedback]{}
	for _, f := range found {
		if f != nil {
			f.with, with.Items = with, append(with.Items, f)
		}
	}
}

func (s *ServiceFeedbackService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// List pages through feedback, latest first: SECRETARIAT reads all, others only their own. Others who name an
// entity get FORBIDDEN, even for their own entity.
func (s *ServiceFeedbackService) List(ctx context.Context, filter *ServiceFeedbackFilter, args kit.PageArgs) (*ServiceFeedbackConnection, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	var f ServiceFeedbackFilter
	kit.Set(&f, filter)
	where := store.Where{}
	switch {
	case !actor.Has(kit.ConsultationsSecretariat) && f.Entity != nil:
		return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
	case !actor.Has(kit.ConsultationsSecretariat):
		where["person"] = []string{string(actor.Subject)}
	case f.Entity != nil:
		where["entity"] = []string{string(*f.Entity)}
	}
	if f.Areas != nil {
		where["area"] = kit.Strings(f.Areas)
	}
	if f.Answered != nil {
		where["answered"] = []string{answered(*f.Answered)}
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.feedback, store.Query{Any: []store.Where{where}, Sort: "submittedAt"}, store.Bounds{}, true, args)
	if err != nil {
		return nil, err
	}
	joinServiceFeedback(found.Nodes())
	return found, nil
}

// EntityOf is the member or State for which the person acted. One call serves all feedback of a page.
func (s *ServiceFeedbackService) EntityOf(ctx context.Context, f *ServiceFeedback) (membership.Entity, error) {
	return kit.Neighbour(ctx, f.with, "entity", f, func(ctx context.Context, all []*ServiceFeedback) ([]membership.Entity, error) {
		return s.members.Entities(ctx, kit.Map(all, func(f *ServiceFeedback) kit.ID { return f.EntityID }))
	})
}

// PersonOf is the person who gave the feedback, nil if the caller may not see the person. One call serves all
// feedback of a page.
func (s *ServiceFeedbackService) PersonOf(ctx context.Context, f *ServiceFeedback) (*people.Person, error) {
	return kit.Neighbour(ctx, f.with, "person", f, func(ctx context.Context, all []*ServiceFeedback) ([]*people.Person, error) {
		return s.persons.ByIDs(ctx, kit.Map(all, func(f *ServiceFeedback) kit.ID { return f.PersonID }))
	})
}

// Submit gives feedback: DELEGATE and FOCAL_POINT for their member, ADMINISTRATION for its State. Another entity is
// FORBIDDEN, a missing one UNKNOWN_REFERENCE.
func (s *ServiceFeedbackService) Submit(ctx context.Context, in SubmitServiceFeedbackInput) (*SubmitServiceFeedbackPayload, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration); err != nil {
		return nil, err
	}
	entity, err := actor.Writes(ctx, in.Entity)
	if err == nil && !actor.ActsFor(entity) {
		err = kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SubmitServiceFeedbackPayload{UserErrors: faults}, err
	}
	id, err := s.core.Create(ctx, "submitServiceFeedback", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		given := &ServiceFeedback{
			ID: s.core.NewID(serviceFeedbackPrefix), Area: in.Area, Subject: strings.TrimSpace(in.Subject), Text: strings.TrimSpace(in.Text), Language: in.Language,
			EntityID: entity, PersonID: actor.Subject, SubmittedAt: kit.DateTimeOf(s.core.Clock.Now()), Dataset: kit.DatasetOf(ctx),
		}
		known, err := s.members.Entity(ctx, entity)
		if err != nil {
			return "", err
		}
		f := kit.NewFaults(ctx)
		f.IdempotencyKey(in.IdempotencyKey)
		if known == nil {
			f.Add(kit.CodeUnknownReference, "input.entity", "unknownReference", nil)
		}
		f.Line("input.subject", &given.Subject, 200, true)
		f.Text("input.text", &given.Text, maxServiceText, true)
		if err := f.Err(); err != nil {
			return "", err
		}
		if err := s.feedback.Insert(ctx, given); err != nil {
			return "", err
		}
		note(kit.Changed(ServiceFeedbackNoun, given, kit.Created, "area", "entity", "language", "subject", "text"))
		return given.ID, s.tellGiven(ctx, given)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SubmitServiceFeedbackPayload{UserErrors: faults}, err
	}
	f, err := kit.One(ctx, s.ByIDs, id)
	return &SubmitServiceFeedbackPayload{ServiceFeedback: f}, err
}

// Answer answers feedback. SECRETARIAT only. A second answer is NOT_ALLOWED_IN_STATE.
func (s *ServiceFeedbackService) Answer(ctx context.Context, in AnswerServiceFeedbackInput) (*AnswerServiceFeedbackPayload, error) {
	if err := kit.Require(ctx, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	may := func(context.Context, *ServiceFeedback) error { return nil }
	var answered *ServiceFeedback
	err := s.core.Transact(kit.WithOperation(ctx, "answerServiceFeedback"), func(ctx context.Context) (err error) {
		answered, err = kit.Amend(ctx, s.core, ServiceFeedbackNoun, kit.Amendment{Operation: "answerServiceFeedback", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, may, func(given *ServiceFeedback, f *kit.Faults) []string {
			if given.Answer != nil {
				f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.answered", nil)
			}
			given.Answer = &ServiceAnswer{Text: strings.TrimSpace(in.Text), Language: in.Language, At: kit.DateTimeOf(s.core.Clock.Now())}
			f.Text("input.text", &given.Answer.Text, maxServiceText, true)
			return []string{"answer"}
		})
		if err != nil {
			return err
		}
		return s.tellAnswered(ctx, answered)
	})
	if err != nil {
		answered = nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &AnswerServiceFeedbackPayload{answered, faults}, err
}

// erase removes the texts and returns the fields that were not empty.
func (f *ServiceFeedback) erase() (fields []string) {
	kit.Blotted(&fields, "subject", &f.Subject)
	kit.Blotted(&fields, "text", &f.Text)
	if f.Answer != nil {
		kit.Blotted(&fields, "answer", &f.Answer.Text)
	}
	return fields
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (f *ServiceFeedback) ShownVersion(ctx context.Context) *int64 {
	return kit.KeptBySecretariat(ctx, &f.Version)
}

// SweepServiceFeedback erases the texts of service feedback that was submitted before a day.
func SweepServiceFeedback(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[ServiceFeedback]{
		Of: ServiceFeedbackNoun, Query: store.Query{Sort: "submittedAt"}, Within: store.Bounds{Before: string(before)}, Due: kit.Alone((*ServiceFeedback).erase),
	}.Run(ctx, c, dry)
}
