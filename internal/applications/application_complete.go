package applications

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// NamedContact is who answers for an application, as somebody else wrote who named the address.
type NamedContact struct {
	Name     *string `bson:"name,omitempty"`
	Function *string `bson:"function,omitempty"`
	Phone    *string `bson:"phone,omitempty"`
}

// NamedContactInput names who answers for an application, with an address that nobody has confirmed yet.
type NamedContactInput struct {
	Email    string
	Name     *string
	Function *string
	Phone    *string
}

// CompleteApplicationInput supplies what an imported application lacks. A field that is nil is not supplied.
type CompleteApplicationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Contact         *NamedContactInput
	Form            *ApplicationPaperInput
	StudyGroup      *membership.StudyGroup
}

// CompleteApplicationPayload has the completed application; if UserErrors has entries, Application is nil.
type CompleteApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// Complete supplies what the source of an imported application did not name: a contact, who is told by mail and counts
// once the address is confirmed, the signed form, and the study group of an Associate. The administration of its country
// and SECRETARIAT may do so. What is there already is NOT_ALLOWED_IN_STATE, because only the applicant, and SECRETARIAT
// for it, may change it with Amend; a contact that has not confirmed its address may be named anew. An application that
// was not imported, or is decided or withdrawn, is NOT_ALLOWED_IN_STATE too.
func (s *ApplicationService) Complete(ctx context.Context, in CompleteApplicationInput) (*CompleteApplicationPayload, error) {
	if err := kit.Require(ctx, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	may := func(a *Application) bool { return a.view.deciding }
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "completeApplication", ID: in.ID, Expected: in.ExpectedVersion}, may, func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		a.during(f, openApplications...)
		in.check(f, a)
		if f.Grows("input.id", len(a.Events), maxApplicationSteps); f.Err() != nil {
			return nil, nil
		}
		before, fields := a.said(), []string(nil)
		if in.Form != nil {
			kit.Become(&fields, "form", &a.Form, (*ApplicationPaper)(in.Form))
		}
		if in.StudyGroup != nil {
			kit.Become(&fields, "studyGroup", &a.StudyGroup, in.StudyGroup)
		}
		if len(fields) > 0 {
			s.happen(ctx, a, ApplicationWasAmended, nil)
			a.Events[len(a.Events)-1].Changes = a.since(before)
		}
		if in.Contact == nil {
			return fields, nil
		}
		as := &NamedContact{kit.Trimmed(in.Contact.Name), kit.Trimmed(in.Contact.Function), kit.Trimmed(in.Contact.Phone)}
		err := s.bind(ctx, &fields, a, in.Contact.Email, as)
		return fields, err
	})
	return &CompleteApplicationPayload{a, faults}, err
}

func (in *CompleteApplicationInput) check(f *kit.Faults, a *Application) {
	if a.Source == nil {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.notImported", nil)
	}
	if c := in.Contact; c != nil {
		f.Address("input.contact.email", &c.Email)
		f.Line("input.contact.name", c.Name, 200, true)
		f.Line("input.contact.function", c.Function, 200, true)
		f.Line("input.contact.phone", c.Phone, 50, true)
		if a.Contact != nil {
			f.Add(kit.CodeNotAllowedInState, "input.contact", "notAllowedInState.bound", nil)
		}
	}
	if in.Form != nil {
		checkPaper(f, "input.form", in.Form)
		if a.Form != nil {
			f.Add(kit.CodeNotAllowedInState, "input.form", "notAllowedInState.supplied", nil)
		}
	}
	switch {
	case in.StudyGroup == nil:
	case a.StudyGroup != nil:
		f.Add(kit.CodeNotAllowedInState, "input.studyGroup", "notAllowedInState.supplied", nil)
	case kit.Deref(a.Category) != string(membership.Associate):
		f.Add(kit.CodeInvalid, "input.studyGroup", "invalid.studyGroup", nil)
	}
}

// ApplicationGap is something that an application lacks, and who can supply it. Needed says that it cannot be approved
// before.
type ApplicationGap struct {
	What       ApplicationFlag
	SuppliedBy []kit.Role
	Needed     bool
}

// Missing returns what an application that is not decided lacks and somebody can supply: the applicant with Amend once
// there is one, and confirms an address that was named for it; of an imported one also the administration of its country
// and SECRETARIAT with Complete. The day of submission that a source does not name is none of it.
func (a *Application) Missing() []ApplicationGap {
	gaps := []ApplicationGap{}
	if a.awaits() == "" {
		return gaps
	}
	for _, flag := range a.Flags() {
		if flag == FlagDayNotInSource {
			continue
		}
		by := []kit.Role{}
		if a.Contact != nil || a.Bound != nil {
			by = append(by, kit.RoleApplicant)
		}
		if a.Source != nil && a.CountryID != nil {
			by = append(by, kit.RoleAdministration)
		}
		gaps = append(gaps, ApplicationGap{flag, append(by, kit.RoleSecretariat), flag == FlagNoStudyGroup})
	}
	return gaps
}
