package applications

import (
	"context"
	"errors"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// SaveApplicationInput changes a draft. A field left out stays, null empties it; lists are replaced whole.
type SaveApplicationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Name            kit.Opt[string]
	Category        kit.Opt[membership.MembershipCategory]
	Country         kit.Opt[kit.ID]
	International   kit.Opt[bool]
	Sectors         kit.Opt[[]membership.Sector]
	StudyGroup      kit.Opt[membership.StudyGroup]
	FeeClass        kit.Opt[string]
	Sme             kit.Opt[bool]
	Contact         kit.Opt[ApplicationContactInput]
	Form            kit.Opt[ApplicationPaperInput]
	Papers          kit.Opt[[]ApplicationPaperInput]
	Language        kit.Opt[kit.Locale]
}

// SaveApplicationPayload is the draft as it is now, or what is wrong.
type SaveApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// SubmitApplicationInput submits a draft, with last changes to it.
type SubmitApplicationInput SaveApplicationInput

// SubmitApplicationPayload is the application as it is now, or what is wrong.
type SubmitApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// AmendApplicationInput changes an application that was submitted and is not decided yet. Answer is what
// the applicant says to a request for information.
type AmendApplicationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Answer          *string
	Name            kit.Opt[string]
	Category        kit.Opt[membership.MembershipCategory]
	Sectors         kit.Opt[[]membership.Sector]
	StudyGroup      kit.Opt[membership.StudyGroup]
	FeeClass        kit.Opt[string]
	Sme             kit.Opt[bool]
	Contact         kit.Opt[ApplicationContactInput]
	Form            kit.Opt[ApplicationPaperInput]
	Papers          kit.Opt[[]ApplicationPaperInput]
	Language        kit.Opt[kit.Locale]
}

// AmendApplicationPayload is the application as it is now, or what is wrong.
type AmendApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// WithdrawApplicationInput takes an application back.
type WithdrawApplicationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Reason          *string
}

// WithdrawApplicationPayload is the application as it is now, or what is wrong.
type WithdrawApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// alter changes an application in one transaction with whatever else do writes, for those whom may lets:
// others get FORBIDDEN for one that they see and NOT_FOUND for one that they do not. A draft leaves no
// audit entry.
func (s *ApplicationService) alter(ctx context.Context, a kit.Amendment, may func(*Application) bool, do func(context.Context, func(kit.Change), *Application, *kit.Faults) ([]string, error)) (*Application, []kit.UserError, error) {
	var altered *Application
	err := s.core.Write(ctx, a.Operation, func(ctx context.Context, note func(kit.Change)) error {
		app, err := s.applications.Get(ctx, string(a.ID))
		switch {
		case errors.Is(err, store.ErrNotFound), err == nil && !s.show(ctx, app):
			return kit.Refuse(kit.NotFound, "notFound", nil)
		case err == nil && !may(app):
			return kit.Refuse(kit.Forbidden, "forbidden", nil)
		case err != nil:
			return err
		}
		f := kit.NewFaults(ctx)
		f.Version(a.Expected, app.Version)
		fields, err := do(ctx, note, app, f)
		if err == nil {
			err = f.Err()
		}
		if err != nil {
			return err
		}
		if altered = app; len(fields) == 0 {
			return nil
		}
		if app.SubmittedOn == nil {
			app.SavedAt = new(kit.DateTimeOf(s.core.Clock.Now()))
		}
		app.NextDueOn = s.falls(app)
		if err := s.applications.Replace(ctx, app); err != nil {
			return err
		}
		if app.SubmittedOn != nil {
			note(kit.Change{Noun: ApplicationNoun.Kind.Name, Target: app.ID, Version: app.Version, Kind: kit.Updated, Fields: fields, Reason: a.Reason})
		}
		return nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return nil, faults, err
	}
	return s.join(ctx, []*Application{altered})[0], nil, nil
}

// happen records an event of today.
func (s *ApplicationService) happen(ctx context.Context, a *Application, kind ApplicationEventKind, reason *string) {
	e := ApplicationEvent{
		ID: s.core.NewID("aev"), Kind: kind, At: kit.DateTimeOf(s.core.Clock.Now()), On: s.core.Clock.Today(), Actor: new(kit.ActorOf(ctx).Subject), Reason: kit.Trimmed(reason),
	}
	if kind == ApplicationWasSubmitted || kind == ApplicationWasAmended {
		e.Terms = a.Asks()
	}
	a.Events = append(a.Events, e)
}

// during notes a fault unless the application has one of the statuses.
func (a *Application) during(f *kit.Faults, statuses ...ApplicationStatus) {
	if !slices.Contains(statuses, a.Status) {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{
			"status": string(a.Status), "allowed": strings.Join(kit.Strings(statuses), ", "),
		})
	}
}

// Save changes a draft. APPLICANT of it only: an application that was submitted is NOT_ALLOWED_IN_STATE.
// What a submission needs may still be missing.
func (s *ApplicationService) Save(ctx context.Context, in SaveApplicationInput) (*SaveApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleApplicant); err != nil {
		return nil, err
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "saveApplication", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.own(ctx), func(_ context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, ApplicationDraft)
		in.check(f, s)
		return in.apply(a), nil
	})
	return &SaveApplicationPayload{a, faults}, err
}

// own says whether the caller is the applicant.
func (s *ApplicationService) own(ctx context.Context) func(*Application) bool {
	return func(a *Application) bool { return kit.ActorOf(ctx).AppliesBy(a.ID) }
}

// Submit submits a draft to whoever decides about it, who is told by mail, as is the applicant. APPLICANT
// of it only. All that is missing is REQUIRED at once; what was submitted is NOT_ALLOWED_IN_STATE.
func (s *ApplicationService) Submit(ctx context.Context, in SubmitApplicationInput) (*SubmitApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleApplicant); err != nil {
		return nil, err
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "submitApplication", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.own(ctx), func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, ApplicationDraft)
		SaveApplicationInput(in).check(f, s)
		SaveApplicationInput(in).apply(a)
		s.complete(f, a)
		if f.Err() != nil {
			return nil, nil
		}
		a.Status, a.SubmittedOn = ApplicationSubmitted, new(s.core.Clock.Today())
		s.happen(ctx, a, ApplicationWasSubmitted, nil)
		return []string{"status"}, s.announce(ctx, a)
	})
	return &SubmitApplicationPayload{a, faults}, err
}

// Amend changes an application until it is decided: its APPLICANT, or SECRETARIAT for it. Where
// information was requested, that answers the request and submits it again, and the terms begin anew. The
// country stays, because another administration would decide.
func (s *ApplicationService) Amend(ctx context.Context, in AmendApplicationInput) (*AmendApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleApplicant, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	changes := SaveApplicationInput{
		Name: in.Name, Category: in.Category, Sectors: in.Sectors, StudyGroup: in.StudyGroup, FeeClass: in.FeeClass, Sme: in.Sme,
		Contact: in.Contact, Form: in.Form, Papers: in.Papers, Language: in.Language,
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "amendApplication", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.ownOrSecretariat(ctx), func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, openApplications...)
		changes.check(f, s)
		f.Text("input.answer", in.Answer, maxDiligenceText, true)
		fields := changes.apply(a)
		s.complete(f, a)
		if in.Answer != nil || len(fields) > 0 {
			f.Grows("input.id", len(a.Events), maxApplicationSteps)
		}
		switch {
		case a.Status == InformationRequested:
			a.Status = ApplicationSubmitted
			s.happen(ctx, a, ApplicationWasSubmitted, in.Answer)
			return append(fields, "status"), nil
		case in.Answer != nil:
			f.Add(kit.CodeInvalid, "input.answer", "invalid.nothingAsked", nil)
		case len(fields) > 0:
			s.happen(ctx, a, ApplicationWasAmended, nil)
		}
		return fields, nil
	})
	return &AmendApplicationPayload{a, faults}, err
}

// ownOrSecretariat says whether the caller is the applicant, or SECRETARIAT for it.
func (s *ApplicationService) ownOrSecretariat(ctx context.Context) func(*Application) bool {
	return func(a *Application) bool { return s.own(ctx)(a) || kit.ActorOf(ctx).Has(kit.RoleSecretariat) }
}

// Withdraw takes an application back that is not decided, a draft too: its APPLICANT, or SECRETARIAT for
// it. It is final.
func (s *ApplicationService) Withdraw(ctx context.Context, in WithdrawApplicationInput) (*WithdrawApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleApplicant, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "withdrawApplication", ID: in.ID, Expected: in.ExpectedVersion, Reason: in.Reason}, s.ownOrSecretariat(ctx), func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, append([]ApplicationStatus{ApplicationDraft}, openApplications...)...)
		f.Evidence(in.Reason, nil)
		a.Status = ApplicationWithdrawn
		s.happen(ctx, a, ApplicationWasWithdrawn, in.Reason)
		return []string{"status"}, nil
	})
	return &WithdrawApplicationPayload{a, faults}, err
}

// maxApplicationSteps leaves 50 steps for decisions, reminders and a withdrawal.
const maxApplicationSteps = 150
