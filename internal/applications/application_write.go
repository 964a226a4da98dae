package applications

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// SaveApplicationInput changes a draft. A field that is left out stays; null empties it. A list replaces the old
// one.
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
	SmeClaim        kit.Opt[SmeClaimInput]
	Exemption       kit.Opt[ApplicationExemptionInput]
	Contact         kit.Opt[ApplicationContactInput]
	Form            kit.Opt[ApplicationPaperInput]
	Papers          kit.Opt[[]ApplicationPaperInput]
	Language        kit.Opt[kit.Locale]
}

// SaveApplicationPayload has the saved draft; if UserErrors has entries, Application is nil.
type SaveApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// SubmitApplicationInput submits a draft, with last changes to it.
type SubmitApplicationInput SaveApplicationInput

// SubmitApplicationPayload has the submitted application; if UserErrors has entries, Application is nil.
type SubmitApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// AmendApplicationInput changes an application that was submitted and is not decided yet. Answer is the
// applicant's answer to a request for information.
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
	SmeClaim        kit.Opt[SmeClaimInput]
	Exemption       kit.Opt[ApplicationExemptionInput]
	Contact         kit.Opt[ApplicationContactInput]
	Form            kit.Opt[ApplicationPaperInput]
	Papers          kit.Opt[[]ApplicationPaperInput]
	Language        kit.Opt[kit.Locale]
}

// AmendApplicationPayload has the changed application; if UserErrors has entries, Application is nil.
type AmendApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// WithdrawApplicationInput withdraws an application. Reason may be nil.
type WithdrawApplicationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Reason          *string
}

// WithdrawApplicationPayload has the withdrawn application; if UserErrors has entries, Application is nil.
type WithdrawApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// alter changes an application in one transaction, with whatever else do writes. may says whether the caller may
// do this. If not, the error is FORBIDDEN for an application that the caller may see, and NOT_FOUND for any
// other. A draft leaves no audit entry.
func (s *ApplicationService) alter(ctx context.Context, a kit.Amendment, may func(*Application) bool, do func(context.Context, func(kit.Change), *Application, *kit.Faults) ([]string, error)) (*Application, []kit.UserError, error) {
	var altered *Application
	err := s.core.Write(ctx, a.Operation, func(ctx context.Context, note func(kit.Change)) error {
		app, err := s.stored(ctx, a.ID)
		switch {
		case err == nil && app == nil:
			return kit.Refuse(kit.NotFound, "notFound", nil)
		case err == nil && app.CountryID != nil && kit.ActorOf(ctx).Has(kit.MembershipSecretariat):
			app.headless, err = s.mandates.Headless(ctx, *app.CountryID)
		}
		if err != nil {
			return err
		}
		if !may(app) {
			return kit.Refuse(kit.Forbidden, "forbidden", nil)
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
		if app.NextDueOn, err = s.falls(ctx, app); err != nil {
			return err
		}
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

// happen adds an event of today.
func (s *ApplicationService) happen(ctx context.Context, a *Application, kind ApplicationEventKind, reason *string) {
	e := ApplicationEvent{
		ID: s.core.NewID("aev"), Kind: kind, At: kit.DateTimeOf(s.core.Clock.Now()), On: s.core.Clock.Today(), Actor: new(kit.ActorOf(ctx).Subject), Reason: kit.Trimmed(reason),
	}
	if kind == ApplicationWasSubmitted || kind == ApplicationWasAmended {
		e.Terms = a.Asks()
	}
	a.Events = append(a.Events, e)
}

// during adds NOT_ALLOWED_IN_STATE unless the application has one of the statuses.
func (a *Application) during(f *kit.Faults, statuses ...ApplicationStatus) {
	if !slices.Contains(statuses, a.Status) {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{
			"status": string(a.Status), "allowed": strings.Join(kit.Strings(statuses), ", "),
		})
	}
}

// Save changes a draft, which may still lack what a submission needs. Only its APPLICANT may do so. An
// application that was submitted is NOT_ALLOWED_IN_STATE.
func (s *ApplicationService) Save(ctx context.Context, in SaveApplicationInput) (*SaveApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleApplicant); err != nil {
		return nil, err
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "saveApplication", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.own(ctx), func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, ApplicationDraft)
		return s.write(ctx, in, a, f)
	})
	return &SaveApplicationPayload{a, faults}, err
}

// own says whether the caller is the applicant.
func (s *ApplicationService) own(ctx context.Context) func(*Application) bool {
	return func(a *Application) bool { return kit.ActorOf(ctx).AppliesBy(a.ID) }
}

// Submit submits a draft. The applicant gets a message, and so does the administration if the organisation has a
// country. Only its APPLICANT may do so. All missing fields are REQUIRED in one answer. An application that was
// submitted already is NOT_ALLOWED_IN_STATE.
func (s *ApplicationService) Submit(ctx context.Context, in SubmitApplicationInput) (*SubmitApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleApplicant); err != nil {
		return nil, err
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "submitApplication", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.own(ctx), func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, ApplicationDraft)
		if _, err := s.write(ctx, SaveApplicationInput(in), a, f); err != nil {
			return nil, err
		}
		if err := s.complete(ctx, f, a); err != nil || f.Err() != nil {
			return nil, err
		}
		a.Status, a.SubmittedOn = ApplicationSubmitted, new(s.core.Clock.Today())
		s.happen(ctx, a, ApplicationWasSubmitted, nil)
		return []string{"status"}, s.announce(ctx, a)
	})
	return &SubmitApplicationPayload{a, faults}, err
}

// Amend changes an application until it is decided. Its APPLICANT and SECRETARIAT may do so. If information was
// requested, this answers the request and submits the application again, and its terms start again. The country
// cannot change, because another administration would decide.
func (s *ApplicationService) Amend(ctx context.Context, in AmendApplicationInput) (*AmendApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleApplicant, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	changes := SaveApplicationInput{
		Name: in.Name, Category: in.Category, Sectors: in.Sectors, StudyGroup: in.StudyGroup, FeeClass: in.FeeClass, Sme: in.Sme,
		SmeClaim: in.SmeClaim, Exemption: in.Exemption,
		Contact: in.Contact, Form: in.Form, Papers: in.Papers, Language: in.Language,
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "amendApplication", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, s.ownOrSecretariat(ctx), func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, openApplications...)
		before := a.said()
		fields, err := s.write(ctx, changes, a, f)
		if err != nil {
			return nil, err
		}
		f.Text("input.answer", in.Answer, maxDiligenceText, true)
		if err := s.complete(ctx, f, a); err != nil {
			return nil, err
		}
		if in.Answer != nil || len(fields) > 0 {
			f.Grows("input.id", len(a.Events), maxApplicationSteps)
		}
		switch {
		case a.Status == InformationRequested:
			a.Status = ApplicationSubmitted
			s.happen(ctx, a, ApplicationWasSubmitted, in.Answer)
			fields = append(fields, "status")
			if f.Err() == nil {
				err = s.tellAdministration(ctx, a, "mail.applicationAnswered")
			}
		case in.Answer != nil:
			f.Add(kit.CodeInvalid, "input.answer", "invalid.nothingAsked", nil)
			return fields, nil
		case len(fields) > 0:
			if f.Err() == nil && !a.amendedOn(s.core.Clock.Today()) {
				err = s.tellAdministration(ctx, a, "mail.applicationAmended")
			}
			s.happen(ctx, a, ApplicationWasAmended, nil)
		default:
			return nil, nil
		}
		a.Events[len(a.Events)-1].Changes = a.since(before)
		if err == nil && f.Err() == nil && !s.own(ctx)(a) {
			err = s.tell(ctx, a, "mail.applicationAmendedForYou")
		}
		return fields, err
	})
	return &AmendApplicationPayload{a, faults}, err
}

// ownOrSecretariat says whether the caller is the applicant or SECRETARIAT.
func (s *ApplicationService) ownOrSecretariat(ctx context.Context) func(*Application) bool {
	return func(a *Application) bool { return s.own(ctx)(a) || kit.ActorOf(ctx).Has(kit.MembershipSecretariat) }
}

// Withdraw withdraws a draft or an application that is not decided. Its APPLICANT and SECRETARIAT may do so. A
// withdrawal is final.
func (s *ApplicationService) Withdraw(ctx context.Context, in WithdrawApplicationInput) (*WithdrawApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleApplicant, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "withdrawApplication", ID: in.ID, Expected: in.ExpectedVersion, Reason: in.Reason}, s.ownOrSecretariat(ctx), func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, append([]ApplicationStatus{ApplicationDraft}, openApplications...)...)
		f.Evidence(in.Reason, nil)
		a.Status = ApplicationWithdrawn
		s.happen(ctx, a, ApplicationWasWithdrawn, in.Reason)
		if a.SubmittedOn == nil || f.Err() != nil { // nobody else knows a draft
			return []string{"status"}, nil
		}
		err := s.tellAdministration(ctx, a, "mail.applicationWithdrawn")
		if err == nil && !s.own(ctx)(a) {
			err = s.tell(ctx, a, "mail.applicationWithdrawnForYou")
		}
		return []string{"status"}, err
	})
	return &WithdrawApplicationPayload{a, faults}, err
}

// maxApplicationSteps bounds the events that answers, changes and requests for information add. The other 50 of
// the list are for decisions, reminders and a withdrawal.
const maxApplicationSteps = 150
