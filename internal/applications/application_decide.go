package applications

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// ApplicationDecision is a decision of the deciding side about an application.
type ApplicationDecision string

// The decisions. All but an approval need a reason.
const (
	ApproveApplication ApplicationDecision = "APPROVE"
	ObjectApplication  ApplicationDecision = "OBJECT"
	RequestInformation ApplicationDecision = "REQUEST_INFORMATION"
)

// ApplicationDecisions lists every decision, as the schema's enum does.
var ApplicationDecisions = []ApplicationDecision{ApproveApplication, ObjectApplication, RequestInformation}

// DecideApplicationInput decides about an application. Reason may be nil for an approval only.
type DecideApplicationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Decision        ApplicationDecision
	Reason          *string
}

// DecideApplicationPayload has the application after the decision. If UserErrors has entries, Application is nil, or
// the current record for CONFLICT.
type DecideApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// DueDiligenceCheckInput is one thing that the deciding side has checked (Done) or will check.
type DueDiligenceCheckInput struct {
	Item string
	Done bool
	Note *string
}

// RecordDueDiligenceInput records what the deciding side found out. It replaces the earlier record.
type RecordDueDiligenceInput struct {
	ID                kit.ID
	ExpectedVersion   int
	Checklist         []DueDiligenceCheckInput
	ConflictStatement *string
	Papers            []ApplicationPaperInput
}

// RecordDueDiligencePayload has the application with the new record; if UserErrors has entries, Application is
// nil.
type RecordDueDiligencePayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// Decide approves an application, objects to it, or asks the applicant for information. The applicant gets a
// message. The administration of its country decides; SECRETARIAT decides about an organisation without a
// country, and for a country that has delegates until it has a focal point. Others get FORBIDDEN if they may see the application. An objection and a request need a reason. An
// application that is decided already is NOT_ALLOWED_IN_STATE. An approval makes the organisation a member that
// is PENDING_ACTIVATION, and proposes its contact as focal point. It is DUPLICATE if there is a member of that name, and NOT_ALLOWED_IN_STATE if the
// application lacks what an admission needs.
func (s *ApplicationService) Decide(ctx context.Context, in DecideApplicationInput) (*DecideApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "decideApplication", ID: in.ID, Expected: in.ExpectedVersion, Reason: in.Reason}, s.decides(ctx), func(ctx context.Context, note func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		f.Evidence(in.Reason, nil)
		if in.Decision != ApproveApplication && in.Reason == nil {
			f.Add(kit.CodeRequired, "input.reason", "required", nil)
		}
		if in.Decision == RequestInformation {
			a.during(f, ApplicationSubmitted, ApplicationUnderReview)
		} else {
			a.during(f, openApplications...)
		}
		if f.Err() != nil {
			return nil, nil
		}
		switch in.Decision {
		case ApproveApplication:
			return s.approve(ctx, note, a, ApplicationWasApproved, in.Reason)
		case ObjectApplication:
			a.Status = ApplicationObjected
			s.happen(ctx, a, ApplicationWasObjectedTo, in.Reason)
			return []string{"status"}, s.tell(ctx, a, "mail.applicationObjected")
		}
		a.Status = InformationRequested
		f.Grows("input.id", len(a.Events), maxApplicationSteps)
		s.happen(ctx, a, InformationWasRequested, in.Reason)
		return []string{"status"}, s.tell(ctx, a, "mail.informationRequested")
	})
	if conflict := func(e kit.UserError) bool { return e.Code == kit.CodeConflict }; err == nil && slices.ContainsFunc(faults, conflict) {
		a, err = s.Get(ctx, in.ID) // whoever decides must read what it has not read
	}
	return &DecideApplicationPayload{a, faults}, err
}

// submitter returns who submitted an application last; empty if unknown.
func (a *Application) submitter() (who kit.ID) {
	for _, e := range a.Events {
		if e.Kind == ApplicationWasSubmitted {
			kit.Set(&who, e.Actor)
		}
	}
	return who
}

// decides says whether the caller is the deciding side of an application.
func (s *ApplicationService) decides(ctx context.Context) func(*Application) bool {
	return func(a *Application) bool { return a.decidedBy(kit.ActorOf(ctx)) }
}

// approve makes the organisation a member, in the caller's transaction.
func (s *ApplicationService) approve(ctx context.Context, note func(kit.Change), a *Application, kind ApplicationEventKind, reason *string) ([]string, error) {
	today := s.core.Clock.Today()
	in := membership.AdmitMemberInput{Name: kit.Deref(a.Name), Country: a.CountryID, Sectors: a.Sectors, StudyGroup: a.StudyGroup, FeeClass: a.FeeClass, EffectiveOn: today, Reason: kit.Trimmed(reason)}
	kit.Set(&in.Category, a.Category)
	if a.CountryID == nil {
		in.Region = new(country.RegionREGINTORG)
	}
	if len(a.Sectors) == 0 {
		in.Sectors = nil
	}
	if a.Sme && a.FeeClass == nil && a.Category != nil { // whoever approves accepts what the applicant says of its size
		class, err := s.smeClass(ctx, a)
		if err != nil {
			return nil, err
		}
		in.FeeClass = class
	}
	if a.Dataset == kit.Demonstration {
		ctx = kit.AsDemonstration(ctx)
	}
	var contacts []membership.Contact
	if c := a.Contact; c != nil {
		contacts = []membership.Contact{{Function: kit.Deref(c.Function), Name: c.Name, Email: c.Email, Phone: c.Phone}}
	}
	m, err := s.members.Enter(ctx, note, in, []membership.LifecycleEvent{
		{Kind: membership.Applied, EffectiveOn: *a.SubmittedOn, Reason: a.Source, Actor: a.submitter()}, {Kind: membership.Approved, EffectiveOn: today, Reason: kit.Trimmed(reason)},
	}, contacts...)
	if err != nil {
		return nil, unfit(ctx, err)
	}
	a.Status, a.MemberID = ApplicationApproved, &m.ID
	s.happen(ctx, a, kind, reason)
	if err := errors.Join(s.charge(ctx, note, a, m), s.proposeContact(ctx, note, a, m)); err != nil {
		return nil, err
	}
	return []string{"status", "member"}, s.tell(ctx, a, "mail.applicationApproved")
}

// proposeContact proposes the contact as focal point of the new member. The person is invited once the membership
// begins. An application without a verified address proposes nobody.
func (s *ApplicationService) proposeContact(ctx context.Context, note func(kit.Change), a *Application, m *membership.Member) error {
	if a.Contact == nil {
		return nil
	}
	name := kit.Deref(a.Contact.Name)
	if name == "" {
		name = a.Contact.Email
	}
	return s.mandates.ProposeFocalPoint(ctx, note, m.ID, name, a.Contact.Email, a.Language)
}

// unfit turns the faults of an admission into faults of a decision, whose input does not have the admission's
// fields.
func unfit(ctx context.Context, err error) error {
	admission, ok := errors.AsType[*kit.Faults](err)
	if !ok {
		return err
	}
	f := kit.NewFaults(ctx)
	for _, e := range admission.List {
		if e.Code == kit.CodeDuplicate {
			f.Add(kit.CodeDuplicate, "input.id", "duplicate.member", nil).RelatedID = e.RelatedID
		} else {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.incomplete", map[string]string{"field": e.Field[len(e.Field)-1]})
		}
	}
	return f
}

// RecordDueDiligence records what the deciding side found out, which the applicant never sees. Only the deciding
// side may do so. The first record begins the review. An application that is decided already is
// NOT_ALLOWED_IN_STATE.
func (s *ApplicationService) RecordDueDiligence(ctx context.Context, in RecordDueDiligenceInput) (*RecordDueDiligencePayload, error) {
	if err := kit.Require(ctx, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "recordDueDiligence", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.decides(ctx), func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, openApplications...)
		in.check(f)
		offers, err := s.files.Offered(ctx, a.ID, kit.Map(in.Papers, sourceOf)...)
		if err != nil {
			return nil, err
		}
		d := &DueDiligence{
			Checklist: kit.Map(in.Checklist, func(c DueDiligenceCheckInput) DueDiligenceCheck {
				return DueDiligenceCheck(c)
			}),
			Papers:            papers(f, "input.papers", in.Papers, offers),
			ConflictStatement: in.ConflictStatement, RecordedAt: kit.DateTimeOf(s.core.Clock.Now()), RecordedBy: kit.ActorOf(ctx).Subject,
		}
		for i, p := range d.Papers {
			if a.Exemption.has(p.File) {
				f.Add(kit.CodeDuplicate, "input.papers."+strconv.Itoa(i)+".source.file", "duplicate.entry", nil)
			}
		}
		fields := []string{"dueDiligence"}
		if a.StoredDueDiligence = d; a.Status == ApplicationSubmitted {
			a.Status, fields = ApplicationUnderReview, append(fields, "status")
			s.happen(ctx, a, ReviewBegun, nil)
		}
		if f.Err() != nil {
			return nil, nil
		}
		return fields, offers.Keep(ctx)
	})
	return &RecordDueDiligencePayload{a, faults}, err
}

func (in RecordDueDiligenceInput) check(f *kit.Faults) {
	for i := range in.Checklist {
		c, path := &in.Checklist[i], "input.checklist."+strconv.Itoa(i)
		f.Line(path+".item", &c.Item, 300, true)
		f.Text(path+".note", c.Note, 2000, true)
	}
	f.Text("input.conflictStatement", in.ConflictStatement, maxDiligenceText, true)
}
