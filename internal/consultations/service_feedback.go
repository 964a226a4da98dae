package consultations

import (
	"context"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

const serviceFeedbackPrefix = "sfb"

// maxServiceText is how many characters feedback and the answer to it may have.
const maxServiceText = 5000

// ServiceArea is what feedback is about.
type ServiceArea string

// The areas.
const (
	AreaTool    ServiceArea = "TOOL"
	AreaProcess ServiceArea = "PROCESS"
	AreaService ServiceArea = "SERVICE"
	AreaOther   ServiceArea = "OTHER"
)

// ServiceAreas are all of them.
var ServiceAreas = []ServiceArea{AreaTool, AreaProcess, AreaService, AreaOther}

// Valid refuses what is none of ServiceAreas.
func (v ServiceArea) Valid() error { return kit.CheckOneOf(v, ServiceAreas, "service area") }

// ServiceAnswer is what the secretariat answered. Who of it did is in the audit log.
type ServiceAnswer struct {
	Text string `bson:"text"`
	// Language is nil if the secretariat did not say.
	Language *kit.Locale  `bson:"language,omitempty"`
	At       kit.DateTime `bson:"at"`
}

// ServiceFeedback is what a person who acts for a member or State thinks of a tool, a process or a
// service.
type ServiceFeedback struct {
	ID       kit.ID      `bson:"_id"`
	Version  int64       `bson:"version"`
	Area     ServiceArea `bson:"area"`
	Subject  string      `bson:"subject"`
	Text     string      `bson:"text"`
	Language kit.Locale  `bson:"language"`
	// EntityID is for whom the person acted.
	EntityID    kit.ID       `bson:"entity"`
	PersonID    kit.ID       `bson:"person"`
	SubmittedAt kit.DateTime `bson:"submittedAt"`
	// Answer is nil while there is none.
	Answer  *ServiceAnswer `bson:"answer,omitempty"`
	Dataset kit.Dataset    `bson:"dataset"`

	with *kit.Together[*ServiceFeedback]
}

// The values of the key answered.
const answeredYes, answeredNo = "yes", "no"

// ServiceFeedbackNoun is how service feedback is stored: all, that of a person, and that of an entity,
// by the time at which it was given.
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

// ServiceFeedbackFilter narrows service feedback; a field left out does not narrow.
type ServiceFeedbackFilter struct {
	Areas    []ServiceArea
	Answered *bool
	Entity   *kit.ID
}

// SubmitServiceFeedbackInput gives feedback. Entity left out is the caller's own.
type SubmitServiceFeedbackInput struct {
	IdempotencyKey *string
	Entity         *kit.ID
	Area           ServiceArea
	Subject        string
	Text           string
	Language       kit.Locale
}

// SubmitServiceFeedbackPayload is the feedback, or what is wrong.
type SubmitServiceFeedbackPayload struct {
	ServiceFeedback *ServiceFeedback
	UserErrors      []kit.UserError
}

// AnswerServiceFeedbackInput answers feedback.
type AnswerServiceFeedbackInput struct {
	ID              kit.ID
	ExpectedVersion int
	Text            string
	Language        *kit.Locale
}

// AnswerServiceFeedbackPayload is the feedback as it is now, or what is wrong.
type AnswerServiceFeedbackPayload struct {
	ServiceFeedback *ServiceFeedback
	UserErrors      []kit.UserError
}

// ServiceFeedbackService takes feedback on tools, processes and services, and answers to it. Whoever
// gave it sees it, and SECRETARIAT all of it; nobody else does, so that a delegate may say what its
// focal point does not read.
type ServiceFeedbackService struct {
	core     *kit.Core
	feedback store.Collection[ServiceFeedback]
	members  *membership.MemberService
	persons  *membership.PersonService
}

func (f *ServiceFeedback) seenBy(a kit.Actor) bool {
	return a.Has(kit.RoleSecretariat) || a.Subject == f.PersonID && a.HasAny(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration)
}

// ByIDs reads feedback that the caller may see, in the ids' order, nil for the other.
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

// List pages through feedback, the latest first: what the caller itself gave, for SECRETARIAT all.
// Others than SECRETARIAT who name an entity get FORBIDDEN, whether it is theirs or not.
func (s *ServiceFeedbackService) List(ctx context.Context, filter *ServiceFeedbackFilter, args kit.PageArgs) (*ServiceFeedbackConnection, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	var f ServiceFeedbackFilter
	kit.Set(&f, filter)
	where := store.Where{}
	switch {
	case !actor.Has(kit.RoleSecretariat) && f.Entity != nil:
		return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
	case !actor.Has(kit.RoleSecretariat):
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

// EntityOf is for whom the person acted. Those of all of a page cost one call.
func (s *ServiceFeedbackService) EntityOf(ctx context.Context, f *ServiceFeedback) (membership.Entity, error) {
	return kit.Neighbour(ctx, f.with, "entity", f, func(ctx context.Context, all []*ServiceFeedback) ([]membership.Entity, error) {
		return s.members.Entities(ctx, kit.Map(all, func(f *ServiceFeedback) kit.ID { return f.EntityID }))
	})
}

// PersonOf is who gave it, nil if the caller may not see the person. Those of all of a page cost one
// call.
func (s *ServiceFeedbackService) PersonOf(ctx context.Context, f *ServiceFeedback) (*membership.Person, error) {
	return kit.Neighbour(ctx, f.with, "person", f, func(ctx context.Context, all []*ServiceFeedback) ([]*membership.Person, error) {
		return s.persons.ByIDs(ctx, kit.Map(all, func(f *ServiceFeedback) kit.ID { return f.PersonID }))
	})
}

// Submit gives feedback: DELEGATE and FOCAL_POINT for their member, ADMINISTRATION for its State.
// Another entity is FORBIDDEN, one that is not there UNKNOWN_REFERENCE.
func (s *ServiceFeedbackService) Submit(ctx context.Context, in SubmitServiceFeedbackInput) (*SubmitServiceFeedbackPayload, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration); err != nil {
		return nil, err
	}
	entity := actor.Entity()
	kit.Set(&entity, in.Entity)
	if !actor.ActsFor(entity) {
		return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
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
		return given.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SubmitServiceFeedbackPayload{UserErrors: faults}, err
	}
	f, err := kit.One(ctx, s.ByIDs, id)
	return &SubmitServiceFeedbackPayload{ServiceFeedback: f}, err
}

// Answer answers feedback. SECRETARIAT only. There is one answer: what has one already is
// NOT_ALLOWED_IN_STATE.
func (s *ServiceFeedbackService) Answer(ctx context.Context, in AnswerServiceFeedbackInput) (*AnswerServiceFeedbackPayload, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	may := func(context.Context, *ServiceFeedback) error { return nil }
	answered, err := kit.Amend(ctx, s.core, ServiceFeedbackNoun, kit.Amendment{Operation: "answerServiceFeedback", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, may, func(given *ServiceFeedback, f *kit.Faults) []string {
		if given.Answer != nil {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.answered", nil)
		}
		given.Answer = &ServiceAnswer{Text: strings.TrimSpace(in.Text), Language: in.Language, At: kit.DateTimeOf(s.core.Clock.Now())}
		f.Text("input.text", &given.Answer.Text, maxServiceText, true)
		return []string{"answer"}
	})
	faults, err := kit.UserErrorsOf(err)
	return &AnswerServiceFeedbackPayload{answered, faults}, err
}

// erase empties the texts, and gives the fields that were not empty yet.
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
