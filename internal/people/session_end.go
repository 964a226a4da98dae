package people

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// end removes sessions of a person, so that no token of theirs is accepted any more, in a transaction.
func (s *SessionService) end(ctx context.Context, note func(kit.Change), p *Person, all ...*Session) error {
	if err := s.remove(ctx, note, all); err != nil {
		return err
	}
	for _, one := range all {
		p.refuse(one.ID, s.core.Wall())
	}
	return s.persons.save(ctx, note, p, "endedSessions")
}

// remove deletes the documents of sessions.
func (s *SessionService) remove(ctx context.Context, note func(kit.Change), all []*Session) error {
	for _, one := range all {
		if err := s.sessions.Delete(ctx, string(one.ID), one.Version); err != nil {
			return err
		}
		note(kit.Changed(SessionNoun, one, kit.Deleted))
	}
	return nil
}

// endBegun ends the sessions of a person that began by an identity, in a transaction.
func (s *SessionService) endBegun(ctx context.Context, note func(kit.Change), p *Person, identity kit.ID) error {
	all, err := s.of(ctx, p.ID)
	if err != nil {
		return err
	}
	begun := slices.DeleteFunc(all, func(one *Session) bool { return one.IdentityID == nil || *one.IdentityID != identity })
	if len(begun) == 0 {
		return nil
	}
	return s.end(ctx, note, p, begun...)
}

// endAll removes all sessions of a person and voids every token that was issued to it so far, in a transaction. Tokens of
// the sessions are refused whenever they were issued, because one may be made while this runs. It returns how many
// sessions there were.
func (s *SessionService) endAll(ctx context.Context, note func(kit.Change), p *Person) (int, error) {
	all, err := s.of(ctx, p.ID)
	if err != nil {
		return 0, err
	}
	if err := s.remove(ctx, note, all); err != nil {
		return 0, err
	}
	p.VoidBefore, p.EndedSessions = new(kit.DateTimeOf(s.core.Wall())), nil
	for _, one := range all {
		p.refuse(one.ID, s.core.Wall())
	}
	return len(all), s.persons.save(ctx, note, p, "voidBefore", "endedSessions")
}

// SignOutInput says which session ends: the one that is named, or all if Everywhere is set, or else that of the token.
type SignOutInput struct {
	Session    *kit.ID
	Everywhere *bool
}

// SignOutPayload says how many sessions ended; none if UserErrors is not empty.
type SignOutPayload struct {
	Ended      int
	UserErrors []kit.UserError
}

// SignOut ends sessions of the caller. Everywhere also voids every other token that was issued to the person so far.
// Everybody may call it. NOT_FOUND for a session that is not the caller's. NOT_ALLOWED_IN_STATE if the token belongs to
// no session and none is named, and without a token.
func (s *SessionService) SignOut(ctx context.Context, in SignOutInput) (*SignOutPayload, error) {
	ended := 0
	err := s.core.Write(ctx, "signOut", func(ctx context.Context, note func(kit.Change)) (err error) {
		ended = 0
		id := kit.ProofOf(ctx).Session
		if in.Session != nil {
			id = *in.Session
		}
		everywhere := in.Everywhere != nil && *in.Everywhere
		p, err := s.caller(ctx)
		if err != nil {
			return err
		}
		if p == nil || id == "" && !everywhere {
			f := kit.NewFaults(ctx)
			f.Add(kit.CodeNotAllowedInState, "input.session", "notAllowedInState.noSession", nil)
			return f
		}
		if everywhere {
			ended, err = s.endAll(ctx, note, p)
			return err
		}
		one, err := s.sessions.Get(ctx, string(id))
		if errors.Is(err, store.ErrCorrupt) && id == kit.ProofOf(ctx).Session { // whose it is stands in the token
			ended = 1
			p.refuse(id, s.core.Wall())
			return s.persons.save(ctx, note, p, "endedSessions")
		}
		if errors.Is(err, store.ErrNotFound) || err == nil && one.PersonID != p.ID {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		if err == nil {
			ended, err = 1, s.end(ctx, note, p, one)
		}
		return err
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SignOutPayload{UserErrors: faults}, err
	}
	return &SignOutPayload{Ended: ended}, nil
}

// RevokeSessionsInput names the person whose sessions end.
type RevokeSessionsInput struct{ Person kit.ID }

// RevokeSessionsPayload says how many sessions ended; none if UserErrors is not empty.
type RevokeSessionsPayload struct {
	Ended      int
	UserErrors []kit.UserError
}

// Revoke ends all sessions of a person and voids every token that was issued to it so far. SECRETARIAT for membership
// and OPERATOR only. NOT_FOUND if there is no such person.
func (s *SessionService) Revoke(ctx context.Context, in RevokeSessionsInput) (*RevokeSessionsPayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat, kit.RoleOperator); err != nil {
		return nil, err
	}
	ended := 0
	err := s.core.Write(ctx, "revokeSessions", func(ctx context.Context, note func(kit.Change)) error {
		p, err := s.persons.Named(ctx, in.Person)
		if err == nil {
			ended, err = s.endAll(ctx, note, p)
		}
		return err
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &RevokeSessionsPayload{UserErrors: faults}, err
	}
	return &RevokeSessionsPayload{Ended: ended}, nil
}
