package applications

import (
	"context"
	"errors"
	"time"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// applicantLife is how long an applicant's token is valid.
const applicantLife = time.Hour

// RequestApplicationCodeInput asks for a code by mail. Application is nil for a new application.
type RequestApplicationCodeInput struct {
	Email       string
	Locale      kit.Locale
	Application *kit.ID
}

// RequestApplicationCodePayload has the challenge that is needed to confirm the code; it is nil if UserErrors has
// entries.
type RequestApplicationCodePayload struct {
	Challenge  *kit.ID
	ExpiresAt  *kit.DateTime
	UserErrors []kit.UserError
}

// ConfirmApplicationCodeInput confirms an address with the code that was sent to it.
type ConfirmApplicationCodeInput struct {
	Challenge kit.ID
	Code      string
}

// ConfirmApplicationCodePayload has the application and a token for it; both are nil if UserErrors has entries.
type ConfirmApplicationCodePayload struct {
	Application *Application
	Token       *string
	ExpiresAt   *kit.DateTime
	UserErrors  []kit.UserError
}

// RequestCode sends a code to an address. Everybody may ask. The answer is the same whether the application
// exists, does not exist, or belongs to another address. RATE_LIMITED: a network that asks for more than 20 codes
// in an hour, or for more than 3 for one inbox; and a code for a new application when everybody together asked
// for 300. Every challenge has a message of its own. UNAVAILABLE if no tokens can be made.
func (s *ApplicationService) RequestCode(ctx context.Context, in RequestApplicationCodeInput) (*RequestApplicationCodePayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	f := kit.NewFaults(ctx)
	f.Address("input.email", &in.Email)
	if in.Application != nil && in.Application.Valid() != nil { // what can be no id tells nobody which applications there are
		f.Add(kit.CodeUnknownReference, "input.application", "unknownReference", nil)
	}
	if f.Err() != nil {
		return &RequestApplicationCodePayload{UserErrors: f.List}, nil
	}
	c, err := s.codes.Challenge(ctx, in.Email, in.Locale)
	if err != nil {
		return nil, err
	}
	c.ApplicationID = in.Application
	err = s.core.Transact(kit.WithOperation(ctx, "requestApplicationCode"), func(ctx context.Context) error {
		c := *c
		busy, err := s.codes.Admit(ctx, &c)
		if err != nil {
			return err
		}
		if busy > 0 && c.ApplicationID == nil {
			return kit.TooMany(busy)
		}
		own, err := s.contact(ctx, in)
		if err != nil {
			return err
		}
		switch {
		case own != "":
			c.Email = own
			err = s.core.Post(ctx, own, in.Locale, kit.Letter{Key: "mail.applicationCode", Params: map[string]any{"code": c.Arm()}})
		case busy == 0: // beyond the limit, only the address of an application gets a message; the answer does not show it
			err = s.core.Post(ctx, in.Email, in.Locale, kit.Letter{Key: "mail.applicationUnknown"})
		}
		if err != nil {
			return err
		}
		return s.codes.Keep(ctx, &c)
	})
	if err != nil {
		return nil, err
	}
	return &RequestApplicationCodePayload{Challenge: new(c.Name()), ExpiresAt: &c.ExpiresAt}, nil
}

// contact returns the address to which a code is sent. For a new application it is the address of the request.
// For an existing one it is the recorded address, or the one to which Bind bound it, if it is the same as in the
// request. Otherwise it is empty.
func (s *ApplicationService) contact(ctx context.Context, in RequestApplicationCodeInput) (string, error) {
	if in.Application == nil {
		return in.Email, nil
	}
	a, err := s.applications.Get(ctx, string(*in.Application))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case a.Contact != nil && input.AddressKey(a.Contact.Email) == input.AddressKey(in.Email):
		return a.Contact.Email, nil
	case a.boundTo(in.Email):
		return *a.Bound, nil
	}
	return "", nil
}

// ConfirmCode confirms an address by a code and returns a token, which is valid for one hour and for one
// application only: the one for which the code was requested, or a new draft. Everybody may call it. A code can
// be used once, within 15 minutes and 5 tries. Any other code is INVALID, and the answer does not say why.
// UNAVAILABLE if no tokens can be made.
func (s *ApplicationService) ConfirmCode(ctx context.Context, in ConfirmApplicationCodeInput) (*ConfirmApplicationCodePayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	var id kit.ID
	err := s.core.Write(ctx, "confirmApplicationCode", func(ctx context.Context, note func(kit.Change)) (err error) {
		id = ""
		c, err := s.codes.Try(ctx, in.Challenge, in.Code)
		if err != nil || c == nil {
			return err
		}
		if c.ApplicationID != nil {
			id = *c.ApplicationID
			return s.claimed(ctx, note, id, c.Email)
		}
		id, err = s.begin(ctx, c.Email, c.Locale)
		return err
	})
	if err != nil {
		return nil, err
	}
	if id == "" { // no error of the transaction, so that the try stays counted
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeInvalid, "input.code", "invalid.applicationCode", nil)
		return &ConfirmApplicationCodePayload{UserErrors: f.List}, nil
	}
	actor := applicantOf(id)
	token, err := s.issue(kit.Proof{Subject: actor.Subject, Roles: actor.Roles, Application: actor.Application}, applicantLife)
	if err != nil {
		return nil, err
	}
	a, err := kit.One(kit.WithActor(ctx, actor), s.ByIDs, id)
	return &ConfirmApplicationCodePayload{Application: a, Token: &token, ExpiresAt: new(kit.DateTimeOf(s.core.Wall().Add(applicantLife)))}, err
}

// applicantOf returns the actor whom the token of an application names.
func applicantOf(id kit.ID) kit.Actor {
	return kit.Actor{Subject: kit.ID("usr_" + string(id)), Roles: []kit.Role{kit.RoleApplicant}, Application: id}
}

// begin makes a draft for a verified address. Drafts leave no audit entries.
func (s *ApplicationService) begin(ctx context.Context, email string, l kit.Locale) (kit.ID, error) {
	a := &Application{
		ID: s.core.NewID(ApplicationPrefix), Sectors: []membership.Sector{}, Papers: []ApplicationPaper{}, Contact: &ApplicationContact{Email: email}, Language: l,
		Status: ApplicationDraft, Dataset: kit.DatasetOf(ctx),
	}
	s.happen(kit.WithActor(ctx, applicantOf(a.ID)), a, ApplicationWasDrafted, nil)
	return a.ID, s.applications.Insert(ctx, a)
}

// Begin makes a draft for an address that the secretariat has verified, and returns its id. Only the applicant
// can see it. SECRETARIAT only.
func (s *ApplicationService) Begin(ctx context.Context, email string, l kit.Locale) (id kit.ID, err error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return "", err
	}
	f := kit.NewFaults(ctx)
	if f.Address("input.email", &email); f.Err() != nil {
		return "", f
	}
	err = s.core.Transact(ctx, func(ctx context.Context) (err error) {
		id, err = s.begin(ctx, email, l)
		return err
	})
	return id, err
}
