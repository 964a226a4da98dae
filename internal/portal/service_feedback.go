package portal

import (
	"context"
	"strings"

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
func (v ServiceArea) Valid() error { return within(v, ServiceAreas, "service area") }

// ServiceAnswer is what the secretariat answered. Who of it did is in the audit log.
type ServiceAnswer struct {
	Text string `bson:"text"`
	// Language is nil if the secretariat did not say.
	Language *Locale  `bson:"language,omitempty"`
	At       DateTime `bson:"at"`
}

// ServiceFeedback is what a person who acts for a member or State thinks of a tool, a process or a
// service.
type ServiceFeedback struct {
	ID       ID          `bson:"_id"`
	Version  int64       `bson:"version"`
	Area     ServiceArea `bson:"area"`
	Subject  string      `bson:"subject"`
	Text     string      `bson:"text"`
	Language Locale      `bson:"language"`
	// EntityID is for whom the person acted.
	EntityID    ID       `bson:"entity"`
	PersonID    ID       `bson:"person"`
	SubmittedAt DateTime `bson:"submittedAt"`
	// Answer is nil while there is none.
	Answer  *ServiceAnswer `bson:"answer,omitempty"`
	Dataset Dataset        `bson:"dataset"`

	with *together[*ServiceFeedback]
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
	ServiceFeedbackConnection = Connection[*ServiceFeedback]
	ServiceFeedbackEdge       = Edge[*ServiceFeedback]
)

// ServiceFeedbackFilter narrows service feedback; a field left out does not narrow.
type ServiceFeedbackFilter struct {
	Areas    []ServiceArea
	Answered *bool
	Entity   *ID
}

// SubmitServiceFeedbackInput gives feedback. Entity left out is the caller's own.
type SubmitServiceFeedbackInput struct {
	IdempotencyKey *string
	Entity         *ID
	Area           ServiceArea
	Subject        string
	Text           string
	Language       Locale
}

// SubmitServiceFeedbackPayload is the feedback, or what is wrong.
type SubmitServiceFeedbackPayload struct {
	ServiceFeedback *ServiceFeedback
	UserErrors      []UserError
}

// AnswerServiceFeedbackInput answers feedback.
type AnswerServiceFeedbackInput struct {
	ID              ID
	ExpectedVersion int
	Text            string
	Language        *Locale
}

// AnswerServiceFeedbackPayload is the feedback as it is now, or what is wrong.
type AnswerServiceFeedbackPayload struct {
	ServiceFeedback *ServiceFeedback
	UserErrors      []UserError
}

// ServiceFeedbackService takes feedback on tools, processes and services, and answers to it. Whoever
// gave it sees it, and SECRETARIAT all of it; nobody else does, so that a delegate may say what its
// focal point does not read.
type ServiceFeedbackService struct {
	core     *core
	feedback store.Collection[ServiceFeedback]
	members  *MemberService
	persons  *PersonService
}

func (f *ServiceFeedback) seenBy(a Actor) bool {
	return a.Has(RoleSecretariat) || a.Subject == f.PersonID && a.HasAny(RoleDelegate, RoleFocalPoint, RoleAdministration)
}

// ByIDs reads feedback that the caller may see, in the ids' order, nil for the other.
func (s *ServiceFeedbackService) ByIDs(ctx context.Context, ids []ID) ([]*ServiceFeedback, error) {
	found, err := s.feedback.Many(ctx, texts(ids))
	for i, f := range found {
		if f != nil && !f.seenBy(ActorOf(ctx)) {
			found[i] = nil
		}
	}
	joinServiceFeedback(found)
	return found, err
}

func joinServiceFeedback(found []*ServiceFeedback) {
	with := &together[*ServiceFeedback]{}
	for _, f := range found {
		if f != nil {
			f.with, with.items = with, append(with.items, f)
		}
	}
}

func (s *ServiceFeedbackService) nodes(ctx context.Context, ids []ID) ([]Node, error) {
	return asNodes(s.ByIDs(ctx, ids))
}

// List pages through feedback, the latest first: what the caller itself gave, for SECRETARIAT all.
// Others than SECRETARIAT who name an entity get FORBIDDEN, whether it is theirs or not.
func (s *ServiceFeedbackService) List(ctx context.Context, filter *ServiceFeedbackFilter, args PageArgs) (*ServiceFeedbackConnection, error) {
	actor := ActorOf(ctx)
	if err := actor.require(RoleDelegate, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	var f ServiceFeedbackFilter
	set(&f, filter)
	where := store.Where{}
	switch {
	case !actor.Has(RoleSecretariat) && f.Entity != nil:
		return nil, refuse(Forbidden, "forbidden", nil)
	case !actor.Has(RoleSecretariat):
		where["person"] = []string{string(actor.Subject)}
	case f.Entity != nil:
		where["entity"] = []string{string(*f.Entity)}
	}
	if f.Areas != nil {
		where["area"] = texts(f.Areas)
	}
	if f.Answered != nil {
		where["answered"] = []string{answered(*f.Answered)}
	}
	found, err := pageOf(ctx, s.core.sealer, s.feedback, store.Query{Any: []store.Where{where}, Sort: "submittedAt"}, store.Bounds{}, true, args)
	if err != nil {
		return nil, err
	}
	joinServiceFeedback(found.Nodes())
	return found, nil
}

// EntityOf is for whom the person acted. Those of all of a page cost one call.
func (s *ServiceFeedbackService) EntityOf(ctx context.Context, f *ServiceFeedback) (Entity, error) {
	return neighbour(ctx, f.with, "entity", f, func(ctx context.Context, all []*ServiceFeedback) ([]Entity, error) {
		return s.members.entities(ctx, each(all, func(f *ServiceFeedback) ID { return f.EntityID }))
	})
}

// PersonOf is who gave it, nil if the caller may not see the person. Those of all of a page cost one
// call.
func (s *ServiceFeedbackService) PersonOf(ctx context.Context, f *ServiceFeedback) (*Person, error) {
	return neighbour(ctx, f.with, "person", f, func(ctx context.Context, all []*ServiceFeedback) ([]*Person, error) {
		return s.persons.ByIDs(ctx, each(all, func(f *ServiceFeedback) ID { return f.PersonID }))
	})
}

// Submit gives feedback: DELEGATE and FOCAL_POINT for their member, ADMINISTRATION for its State.
// Another entity is FORBIDDEN, one that is not there UNKNOWN_REFERENCE.
func (s *ServiceFeedbackService) Submit(ctx context.Context, in SubmitServiceFeedbackInput) (*SubmitServiceFeedbackPayload, error) {
	actor := ActorOf(ctx)
	if err := actor.require(RoleDelegate, RoleFocalPoint, RoleAdministration); err != nil {
		return nil, err
	}
	entity := actor.entity()
	set(&entity, in.Entity)
	if !actor.actsFor(entity) {
		return nil, refuse(Forbidden, "forbidden", nil)
	}
	id, err := s.core.create(ctx, "submitServiceFeedback", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		given := &ServiceFeedback{
			ID: s.core.newID(serviceFeedbackPrefix), Area: in.Area, Subject: strings.TrimSpace(in.Subject), Text: strings.TrimSpace(in.Text), Language: in.Language,
			EntityID: entity, PersonID: actor.Subject, SubmittedAt: DateTimeOf(s.core.clock.Now()), Dataset: datasetOf(ctx),
		}
		known, err := s.members.entity(ctx, entity)
		if err != nil {
			return "", err
		}
		f := newFaults(ctx)
		f.idempotencyKey(in.IdempotencyKey)
		if known == nil {
			f.add(CodeUnknownReference, "input.entity", "unknownReference", nil)
		}
		f.line("input.subject", &given.Subject, 200, true)
		f.text("input.text", &given.Text, maxServiceText, true)
		if err := f.err(); err != nil {
			return "", err
		}
		if err := s.feedback.Insert(ctx, given); err != nil {
			return "", err
		}
		note(changed(ServiceFeedbackNoun, given, Created, "area", "entity", "language", "subject", "text"))
		return given.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &SubmitServiceFeedbackPayload{UserErrors: faults}, err
	}
	f, err := one(ctx, s.ByIDs, id)
	return &SubmitServiceFeedbackPayload{ServiceFeedback: f}, err
}

// Answer answers feedback. SECRETARIAT only. There is one answer: what has one already is
// NOT_ALLOWED_IN_STATE.
func (s *ServiceFeedbackService) Answer(ctx context.Context, in AnswerServiceFeedbackInput) (*AnswerServiceFeedbackPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	may := func(context.Context, *ServiceFeedback) error { return nil }
	answered, err := amend(ctx, s.core, ServiceFeedbackNoun, amendment{"answerServiceFeedback", in.ID, in.ExpectedVersion, nil}, may, func(given *ServiceFeedback, f *faults) []string {
		if given.Answer != nil {
			f.add(CodeNotAllowedInState, "input.id", "notAllowedInState.answered", nil)
		}
		given.Answer = &ServiceAnswer{Text: strings.TrimSpace(in.Text), Language: in.Language, At: DateTimeOf(s.core.clock.Now())}
		f.text("input.text", &given.Answer.Text, maxServiceText, true)
		return []string{"answer"}
	})
	faults, err := refused(err)
	return &AnswerServiceFeedbackPayload{answered, faults}, err
}

// erase empties the texts, and gives the fields that were not empty yet.
func (f *ServiceFeedback) erase() (fields []string) {
	blotted(&fields, "subject", &f.Subject)
	blotted(&fields, "text", &f.Text)
	if f.Answer != nil {
		blotted(&fields, "answer", &f.Answer.Text)
	}
	return fields
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (x *ServiceFeedback) ShownVersion(ctx context.Context) *int64 {
	return keptBySecretariat(ctx, &x.Version)
}
