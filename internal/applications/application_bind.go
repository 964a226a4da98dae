package applications

import (
	"context"

	"memberportal/internal/input"
	"memberportal/internal/kit"
)

// BindApplicationInput names the address of whoever applied.
type BindApplicationInput struct {
	ID              kit.ID
	ExpectedVersion int
	Email           string
}

// BindApplicationPayload has the application with the address; if UserErrors has entries, Application is nil.
type BindApplicationPayload struct {
	Application *Application
	UserErrors  []kit.UserError
}

// Bind names the address of the applicant of an imported application, and tells the applicant how to go on. The address
// counts once the applicant confirms a code that RequestCode sends there; until then another one may be named.
// SECRETARIAT only. An application that has a verified address, or is decided or withdrawn, is NOT_ALLOWED_IN_STATE.
func (s *ApplicationService) Bind(ctx context.Context, in BindApplicationInput) (*BindApplicationPayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	anybody := func(*Application) bool { return true }
	a, faults, err := s.alter(ctx, kit.Amendment{Operation: "bindApplication", ID: in.ID, Expected: in.ExpectedVersion}, anybody, func(ctx context.Context, _ func(kit.Change), a *Application, f *kit.Faults) ([]string, error) {
		f.Address("input.email", &in.Email)
		a.during(f, openApplications...)
		if a.Contact != nil {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.bound", nil)
		}
		if f.Err() != nil {
			return nil, nil
		}
		var fields []string
		err := s.bind(ctx, &fields, a, in.Email, nil)
		return fields, err
	})
	return &BindApplicationPayload{a, faults}, err
}

// bind names the address of an applicant, and who has it, and tells that address how to go on if it is a new one.
func (s *ApplicationService) bind(ctx context.Context, fields *[]string, a *Application, email string, as *NamedContact) error {
	before := len(*fields)
	if kit.Become(fields, "bound", &a.Bound, &email); len(*fields) == before {
		if as != nil {
			kit.Become(fields, "boundAs", &a.BoundAs, as)
		}
		return nil
	}
	a.BoundAs = as // what was said of another address is not of this one
	return s.core.Post(ctx, email, a.Language, kit.Letter{Key: "mail.applicationBound", Params: map[string]any{"name": kit.Deref(a.Name), "application": string(a.ID)}, About: a.ID})
}

// boundTo says whether an address is the one that was named for an applicant who has confirmed none.
func (a *Application) boundTo(email string) bool {
	return a.Contact == nil && a.Bound != nil && input.AddressKey(*a.Bound) == input.AddressKey(email)
}

// UnconfirmedContact returns the contact that was named for the applicant, who has not confirmed the address; nil if
// there is none, and for readers other than the deciding side and SECRETARIAT.
func (a *Application) UnconfirmedContact() *ApplicationContact {
	if a.Bound == nil || !a.view.deciding {
		return nil
	}
	return a.contactNamed()
}

// contactNamed returns the contact that an application has once its address is confirmed.
func (a *Application) contactNamed() *ApplicationContact {
	c := &ApplicationContact{Email: *a.Bound}
	if n := a.BoundAs; n != nil {
		c.Name, c.Function, c.Phone = n.Name, n.Function, n.Phone
	}
	return c
}

// claimed gives an application the address that was named for it, once a code that was sent there is confirmed.
func (s *ApplicationService) claimed(ctx context.Context, note func(kit.Change), id kit.ID, email string) error {
	a, err := s.applications.Get(ctx, string(id))
	if err != nil || !a.boundTo(email) {
		return err
	}
	a.Contact, a.Bound, a.BoundAs = a.contactNamed(), nil, nil
	if err := s.applications.Replace(ctx, a); err != nil {
		return err
	}
	note(kit.Changed(ApplicationNoun, a, kit.Updated, "bound", "contact"))
	return nil
}
