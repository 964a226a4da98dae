package people

import (
	"context"
	"errors"
	"time"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// codesOfAPerson is how many codes for signing in one address gets in an hour, whoever asks. With 5 tries at each of 8
// digits, somebody who guesses all year gets in with a chance of 1 in 200. A person who is kept from a code by
// strangers goes on with the sessions that it has.
const codesOfAPerson = 10

// SignInChallengeNoun declares how codes for signing in are stored.
var SignInChallengeNoun = kit.Challenges("signInChallenges")

// RequestSignInCodeInput asks for a code by mail.
type RequestSignInCodeInput struct{ Email string }

// RequestSignInCodePayload has the challenge that is needed to sign in by the code; it is nil if UserErrors has
// entries.
type RequestSignInCodePayload struct {
	Challenge  *kit.ID
	ExpiresAt  *kit.DateTime
	UserErrors []kit.UserError
}

// RequestCode sends a code to the address of exactly one person who may sign in. Everybody may ask. The answer is the
// same for every address, and so is the number of store calls and of writes. RATE_LIMITED: a network that asks for
// more than 20 codes in an hour, or for more than 3 for one inbox. UNAVAILABLE if no tokens can be made.
func (s *SessionService) RequestCode(ctx context.Context, in RequestSignInCodeInput) (*RequestSignInCodePayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	f := kit.NewFaults(ctx)
	if f.Address("input.email", &in.Email); f.Err() != nil {
		return &RequestSignInCodePayload{UserErrors: f.List}, nil
	}
	c, err := s.codes.Challenge(ctx, in.Email, kit.LocaleOf(ctx))
	if err != nil {
		return nil, err
	}
	err = s.core.Transact(kit.WithOperation(ctx, "requestSignInCode"), func(ctx context.Context) error {
		c := *c
		busy, err := s.codes.Admit(ctx, &c)
		if err != nil {
			return err
		}
		p, err := s.addressee(ctx, in.Email)
		if err != nil {
			return err
		}
		switch {
		case p != nil:
			c.Email, c.PersonID = *p.Email, &p.ID
			if p.Locale != nil {
				c.Locale = *p.Locale
			}
			err = s.core.Post(ctx, c.Email, c.Locale, kit.Letter{Key: "mail.signInCode", Params: map[string]any{"code": c.Arm()}})
		case busy > 0: // nothing more is stored for strangers
			return s.core.Touch(ctx, "signInCode", kit.Hash(input.AddressKey(in.Email))[:2])
		default:
			err = s.core.PostNothing(ctx)
		}
		if err != nil {
			return err
		}
		return s.codes.Keep(ctx, &c)
	})
	if err != nil {
		return nil, err
	}
	return &RequestSignInCodePayload{Challenge: new(c.Name()), ExpiresAt: &c.ExpiresAt}, nil
}

// addressee returns the person to whom a code for an address is sent; nil if none is sent.
func (s *SessionService) addressee(ctx context.Context, email string) (*Person, error) {
	all, err := s.persons.withAddress(ctx, email)
	if err != nil {
		return nil, err
	}
	sent, err := s.core.RecentlyPosted(ctx, email, "mail.signInCode", s.core.Wall().Add(-time.Hour))
	if err != nil || len(all) != 1 || !all[0].maySignIn() || sent >= codesOfAPerson {
		return nil, err
	}
	return all[0], nil
}

// SignInInput names a challenge and the code that was sent for it.
type SignInInput struct {
	Challenge kit.ID
	Code      string
}

// SignInPayload has the new session with its tokens; SignedIn is nil if UserErrors is not empty.
type SignInPayload struct {
	SignedIn   *SignedIn
	UserErrors []kit.UserError
}

// SignIn begins a session with a code. Everybody may call it. A code can be used once, within 15 minutes and 5 tries,
// and while the person has the address to which it was sent. Any other code is INVALID, and the answer does not say
// why. UNAVAILABLE if no tokens can be made.
func (s *SessionService) SignIn(ctx context.Context, in SignInInput) (*SignInPayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	var done *SignedIn
	var who kit.Actor
	err := s.core.Transact(kit.WithOperation(ctx, "signIn"), func(ctx context.Context) error {
		done = nil
		p, err := s.prove(ctx, in.Challenge, in.Code)
		if err != nil || p == nil {
			return err
		}
		who = kit.Actor{Subject: p.ID}
		return s.core.Write(kit.WithActor(ctx, who), "signIn", func(ctx context.Context, note func(kit.Change)) (err error) {
			if p.EmailConfirmedAt == nil || p.EmailRefusedAt != nil { // the code was sent there
				p.EmailConfirmedAt, p.EmailRefusedAt = new(kit.DateTimeOf(s.core.Wall())), nil
				if err := s.persons.save(ctx, note, p, "emailConfirmedAt"); err != nil {
					return err
				}
			}
			done, err = s.begin(ctx, note, p)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	if done == nil { // no error of the transaction, so that the try stays counted
		return &SignInPayload{UserErrors: wrongCode(ctx)}, nil
	}
	return &SignInPayload{SignedIn: done}, nil
}

func wrongCode(ctx context.Context) []kit.UserError {
	f := kit.NewFaults(ctx)
	f.Add(kit.CodeInvalid, "input.code", "invalid.applicationCode", nil)
	return f.List
}

// prove returns the person who has shown by a code that it has its address; nil if the code is not good.
func (s *SessionService) prove(ctx context.Context, challenge kit.ID, code string) (*Person, error) {
	c, err := s.codes.Try(ctx, challenge, code)
	if err != nil || c == nil || c.PersonID == nil {
		return nil, err
	}
	found, err := s.persons.Stored(ctx, []kit.ID{*c.PersonID})
	if err != nil {
		return nil, err
	}
	p := found[0]
	if p == nil || !p.maySignIn() || p.Email == nil || input.AddressKey(*p.Email) != input.AddressKey(c.Email) {
		return nil, nil
	}
	return p, nil
}

// ConfirmPresenceInput names a challenge and the code that was sent for it, or what a passkey signed for it.
type ConfirmPresenceInput struct {
	Challenge  kit.ID
	Code       *string
	Credential *string
}

// ConfirmPresencePayload has a new access token of the caller's session; its fields are nil if UserErrors is not empty.
type ConfirmPresencePayload struct {
	AccessToken *string
	ExpiresAt   *kit.DateTime
	UserErrors  []kit.UserError
}

// ConfirmPresence shows by a code for the caller's own address, or by a passkey of the caller, that the caller is there,
// so that kit.Present allows what cannot be undone. Everybody may call it. NOT_ALLOWED_IN_STATE for a token of no session,
// and without a token: who has none signs in. Any code or passkey that is not good, and one of somebody else, is INVALID.
// Neither of them is REQUIRED, and both are INVALID. UNAVAILABLE if no tokens can be made.
func (s *SessionService) ConfirmPresence(ctx context.Context, in ConfirmPresenceInput) (*ConfirmPresencePayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	id := kit.ProofOf(ctx).Session
	f := kit.NewFaults(ctx)
	switch {
	case id == "":
		f.Add(kit.CodeNotAllowedInState, "input", "notAllowedInState.noSession", nil)
	case in.Code == nil && in.Credential == nil:
		f.Add(kit.CodeRequired, "input.code", "required", nil)
	case in.Code != nil && in.Credential != nil:
		f.Add(kit.CodeInvalid, "input.credential", "invalid.codeAndPasskey", nil)
	case in.Credential != nil:
		f.Within("input.credential", *in.Credential, maxCredential)
	}
	if f.Err() != nil {
		return &ConfirmPresencePayload{UserErrors: f.List}, nil
	}
	var done *SignedIn
	err := s.core.Write(ctx, "confirmPresence", func(ctx context.Context, note func(kit.Change)) error {
		done = nil
		p, err := s.shown(ctx, note, in)
		if err != nil || p == nil || p.ID != kit.ActorOf(ctx).Subject {
			return err
		}
		one, err := s.sessions.Get(ctx, string(id))
		if errors.Is(err, store.ErrNotFound) || err == nil && one.PersonID != p.ID {
			return nil
		}
		if err != nil {
			return err
		}
		one.AuthenticatedAt = kit.DateTimeOf(s.core.Wall())
		if err := s.sessions.Replace(ctx, one); err != nil {
			return err
		}
		note(kit.Changed(SessionNoun, one, kit.Updated, "authenticatedAt"))
		done, err = s.signedIn(one, "")
		return err
	})
	if err != nil {
		return nil, err
	}
	if done == nil { // no error of the transaction, so that the try stays counted
		if in.Credential != nil {
			f.Add(kit.CodeInvalid, "input.credential", "invalid.passkey", nil)
			return &ConfirmPresencePayload{UserErrors: f.List}, nil
		}
		return &ConfirmPresencePayload{UserErrors: wrongCode(ctx)}, nil
	}
	return &ConfirmPresencePayload{AccessToken: &done.AccessToken, ExpiresAt: &done.ExpiresAt}, nil
}

// shown returns the person who has shown by a code or by a passkey who it is; nil if that is not good.
func (s *SessionService) shown(ctx context.Context, note func(kit.Change), in ConfirmPresenceInput) (*Person, error) {
	if in.Credential != nil {
		return s.byPasskey(ctx, note, in.Challenge, *in.Credential)
	}
	return s.prove(ctx, in.Challenge, *in.Code)
}
