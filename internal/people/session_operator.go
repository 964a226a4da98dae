package people

import (
	"context"

	"memberportal/internal/kit"
)

// BecomeOperatorInput has the code of the first start, and who becomes operator.
type BecomeOperatorInput struct {
	Code   string
	Name   string
	Email  string
	Locale *kit.Locale
}

// BecomeOperatorPayload has the new session with its tokens; SignedIn is nil if UserErrors is not empty.
type BecomeOperatorPayload struct {
	SignedIn   *SignedIn
	UserErrors []kit.UserError
}

// BecomeOperator gives OPERATOR to whoever has the code that the program wrote at its first start, and begins a
// session. Everybody may call it. It works while nobody is operator, so that the code is good once and no operator can
// be added by it later. Any other code is INVALID, and the answer does not say why. The address is confirmed when its
// person signs in by a code. UNAVAILABLE if no tokens can be made.
func (s *SessionService) BecomeOperator(ctx context.Context, in BecomeOperatorInput) (*BecomeOperatorPayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	f := kit.NewFaults(ctx)
	f.Line("input.name", &in.Name, 200, true)
	f.Address("input.email", &in.Email)
	if s.operatorCode == "" || s.operatorMade.Load() || !equal(kit.Hash(in.Code), kit.Hash(s.operatorCode)) {
		f.Add(kit.CodeInvalid, "input.code", "invalid.operatorCode", nil)
	}
	if len(f.List) > 0 { // before anything is read, because everybody may call it
		return &BecomeOperatorPayload{UserErrors: f.List}, nil
	}
	var done *SignedIn
	ctx = kit.WithActor(ctx, kit.Actor{Subject: kit.TheMachine})
	err := s.core.Write(ctx, "becomeOperator", func(ctx context.Context, note func(kit.Change)) error {
		if err := s.core.Touch(ctx, "operator", "first"); err != nil { // so that two at once do not both become it
			return err
		}
		staff, err := s.persons.OnDuty(ctx)
		if err != nil {
			return err
		}
		if len(staff[kit.RoleOperator]) > 0 {
			f := kit.NewFaults(ctx)
			f.Add(kit.CodeInvalid, "input.code", "invalid.operatorCode", nil)
			return f
		}
		p, err := s.persons.grant(ctx, note, GrantRoleInput{Name: in.Name, Email: in.Email, Locale: in.Locale, Role: kit.RoleOperator})
		if err == nil {
			done, err = s.begin(ctx, note, p)
		}
		return err
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &BecomeOperatorPayload{UserErrors: faults}, err
	}
	s.operatorMade.Store(true)
	return &BecomeOperatorPayload{SignedIn: done}, nil
}

// Operated says whether anybody is operator today. It does not check the caller's rights.
func (s *SessionService) Operated(ctx context.Context) (bool, error) {
	staff, err := s.persons.OnDuty(ctx)
	return len(staff[kit.RoleOperator]) > 0, err
}
