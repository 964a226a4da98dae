package people

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// rotate gives a session its next refresh token and moves its end. The family is what its tokens have in common.
func (s *SessionService) rotate(one *Session, family string) (string, error) {
	secret, err := s.core.Secret()
	one.RefreshHash = kit.Hash(string(one.ID), secret)
	s.use(one)
	return strings.Join([]string{string(one.ID), family, secret}, "."), err
}

// RefreshSessionInput names a refresh token.
type RefreshSessionInput struct{ RefreshToken string }

// RefreshSessionPayload has new tokens of the session; SignedIn is nil if UserErrors is not empty.
type RefreshSessionPayload struct {
	SignedIn   *SignedIn
	UserErrors []kit.UserError
}

// Refresh exchanges a refresh token for an access token and the next refresh token. Everybody may call it. A token is
// good once. One that was used before ends its session and tells the person by mail, because two have it. Any token
// that is not good is INVALID, and the answer does not say why. UNAVAILABLE if no tokens can be made.
func (s *SessionService) Refresh(ctx context.Context, in RefreshSessionInput) (*RefreshSessionPayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	var done *SignedIn
	parts := strings.Split(in.RefreshToken, ".")
	if len(parts) == 3 {
		err := s.core.Write(ctx, "refreshSession", func(ctx context.Context, note func(kit.Change)) (err error) {
			done, err = s.refresh(ctx, note, parts[0], parts[1], parts[2])
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if done == nil { // no error of the transaction, so that the end of a session stays written
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeInvalid, "input.refreshToken", "invalid.refreshToken", nil)
		return &RefreshSessionPayload{UserErrors: f.List}, nil
	}
	return &RefreshSessionPayload{SignedIn: done}, nil
}

// refresh is nil for a token that is not good. A refresh leaves no audit entry, because a session has thousands.
func (s *SessionService) refresh(ctx context.Context, note func(kit.Change), id, family, secret string) (*SignedIn, error) {
	one, err := s.redeem(ctx, note, id, family, secret)
	if err != nil || one == nil {
		return nil, err
	}
	next, err := s.rotate(one, family)
	if err != nil {
		return nil, err
	}
	if err := s.sessions.Replace(ctx, one); err != nil {
		return nil, err
	}
	return s.signedIn(one, next)
}

// redeem returns the session of a refresh token that is good, which the caller makes void, in a transaction that must be
// committed in either case. It is nil for any other token, and ends the session of one that was used before.
func (s *SessionService) redeem(ctx context.Context, note func(kit.Change), id, family, secret string) (*Session, error) {
	one, err := s.sessions.Get(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case !equal(one.SecretHash, kit.Hash(family)):
		return nil, nil
	}
	p, err := s.persons.Named(ctx, one.PersonID)
	if err != nil {
		return nil, err
	}
	ctx = kit.WithActor(ctx, kit.Actor{Subject: p.ID})
	switch {
	case one.ExpiresAt <= kit.DateTimeOf(s.core.Wall()) || !p.maySignIn():
		return nil, s.end(ctx, note, p, one)
	case !equal(one.RefreshHash, kit.Hash(string(one.ID), secret)):
		if err := s.end(ctx, note, p, one); err != nil {
			return nil, err
		}
		return nil, s.persons.tell(ctx, p, kit.Letter{Key: "mail.sessionReused", Params: map[string]any{"device": deviceNamed(one.Device)}, Path: "/sign-in", Action: "mail.action.signIn"})
	}
	return one, nil
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
