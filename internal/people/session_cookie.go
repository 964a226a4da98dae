package people

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// renewEvery is how long after a renewal the next one writes nothing, so that tabs of a browser that renew at once do
// not write one after the other.
const renewEvery = time.Minute

// notShown is when a person showed who it is if the issuer does not say when that was: so long ago that it is no
// presence. The present instant would be wrong, because an issuer lets persons in who came days ago.
var notShown = kit.DateTimeOf(time.Unix(0, 0))

// KeptSession is a session as a browser keeps it in a cookie.
type KeptSession struct {
	ID kit.ID
	// Secret gets access tokens of the session. It lasts as long as the session: tabs of a browser renew at the same
	// time and get the answers in any order, so that a secret that is good once would end their session.
	Secret string
	// AccessToken is valid for AccessLife.
	AccessToken string
	// ExpiresAt is when the session ends if it is not used before.
	ExpiresAt kit.DateTime
}

// opens says whether a secret is that of the session's cookie.
func (one *Session) opens(secret string) bool {
	return one.CookieHash != nil && equal(*one.CookieHash, cookieHash(one.ID, secret))
}

func cookieHash(session kit.ID, secret string) string {
	return kit.Hash("cookie", string(session), secret)
}

// Move puts the session of the caller's access token into a cookie. The token alone is not enough, because it lasts for
// AccessLife and the cookie as long as the session: the caller also has the session's refresh token, or for a session that
// is in a cookie already, the secret of that, which stays, so that other tabs keep what they have. A refresh token is used
// up, and one that was used before ends the session as in Refresh; the secret is not looked at beside one. UNAUTHENTICATED
// for whatever is not good, UNAVAILABLE if no tokens can be made.
func (s *SessionService) Move(ctx context.Context, refresh, secret string) (*KeptSession, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	var kept *KeptSession
	err := s.core.Write(ctx, "moveSession", func(ctx context.Context, note func(kit.Change)) error {
		kept = nil
		one, err := s.movable(ctx, note, refresh, secret)
		if err != nil || one == nil {
			return err
		}
		s.use(one)
		if refresh == "" {
			kept, err = s.kept(one, secret)
		} else {
			kept, err = s.keep(one)
		}
		if err != nil {
			return err
		}
		if err := s.sessions.Replace(ctx, one); err != nil {
			return err
		}
		note(kit.Changed(SessionNoun, one, kit.Updated, "cookieHash"))
		return nil
	})
	if err == nil && kept == nil { // no error of the transaction, so that the end of a session stays written
		err = kit.Refuse(kit.Unauthenticated, "badToken", nil)
	}
	if err != nil {
		return nil, err
	}
	return kept, nil
}

// movable reads the caller's session by a refresh token of it, or without one by the secret of its cookie, in a
// transaction. It is nil if what the caller has is not good.
func (s *SessionService) movable(ctx context.Context, note func(kit.Change), refresh, secret string) (*Session, error) {
	id := kit.ProofOf(ctx).Session
	one, err := s.sessions.Get(ctx, string(id))
	if err != nil {
		return nil, unlessGone(err)
	}
	parts := strings.Split(refresh, ".")
	switch {
	case one.PersonID != kit.ActorOf(ctx).Subject:
		return nil, nil
	case refresh == "":
		return s.opened(ctx, id, secret)
	case len(parts) != 3 || parts[0] != string(id):
		return nil, nil
	}
	return s.redeem(ctx, note, parts[0], parts[1], parts[2])
}

// keep makes a session one of a cookie, by a secret that nobody knew before, and takes its refresh token away. What its
// refresh tokens have in common stays, so that one of them that is used later shows that two have it.
func (s *SessionService) keep(one *Session) (*KeptSession, error) {
	secret, err := s.core.Secret()
	if err != nil {
		return nil, err
	}
	one.CookieHash, one.RefreshHash = new(cookieHash(one.ID, secret)), ""
	return s.kept(one, secret)
}

// kept shows a session as a browser keeps it, with a new access token.
func (s *SessionService) kept(one *Session, secret string) (*KeptSession, error) {
	token, err := s.access(one)
	return &KeptSession{ID: one.ID, Secret: secret, AccessToken: token, ExpiresAt: one.ExpiresAt}, err
}

// Renew makes the next access token of a session in a cookie and moves the end of the session. It is nil if the
// session has ended, its person may not sign in, or the secret is not that of its cookie. Requests that renew at the
// same time all get a token. A store that is only read gives one too, and the end stays. Everybody may call it.
// UNAVAILABLE if no tokens can be made.
func (s *SessionService) Renew(ctx context.Context, id kit.ID, secret string) (*KeptSession, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	one, err := s.opened(ctx, id, secret)
	if err != nil || one == nil {
		return nil, err
	}
	found, err := s.persons.Stored(ctx, []kit.ID{one.PersonID})
	if err != nil || found[0] == nil || !found[0].maySignIn() {
		return nil, err
	}
	if one.LastSeenAt < kit.DateTimeOf(s.core.Wall().Add(-renewEvery)) {
		err = s.core.Transact(ctx, func(ctx context.Context) error {
			now, err := s.opened(ctx, id, secret)
			if one = now; err != nil || one == nil {
				return err
			}
			used := *one
			s.use(&used)
			if err := s.sessions.Replace(ctx, &used); err != nil {
				return err
			}
			one = &used
			return nil
		})
		if errors.Is(err, store.ErrReadOnly) {
			one, err = s.opened(ctx, id, secret)
		}
	}
	if err != nil || one == nil {
		return nil, err
	}
	return s.kept(one, secret)
}

// opened reads a session by the secret of its cookie; nil if it has ended, is damaged or the secret is another. A damaged
// session is one that has ended, because its browser would be answered with an error until somebody repaired it.
func (s *SessionService) opened(ctx context.Context, id kit.ID, secret string) (*Session, error) {
	one, err := s.sessions.Get(ctx, string(id))
	if err != nil || one.ExpiresAt <= kit.DateTimeOf(s.core.Wall()) || !one.opens(secret) {
		return nil, unlessGone(err)
	}
	return one, nil
}

// unlessGone is nil for a record that is not there or damaged: it signs nobody in, and the answer says nothing of it.
func unlessGone(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
		return nil
	}
	return err
}

// SignInProved begins a session in a cookie of the person who has an identity that the caller has proved, by an ID
// token. It is nil if nobody has the identity, or its person may not sign in. It ends when the identity is unlinked.
// The identity is linked by its address as at the first request with an access token. AuthenticatedAt is what the
// issuer says; if it says nothing, the session proves no presence. Everybody may call it. UNAVAILABLE if no tokens can
// be made.
func (s *SessionService) SignInProved(ctx context.Context, proof kit.Proof) (*KeptSession, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	found, err := s.persons.identified(ctx, proof)
	if err != nil || found == nil {
		return nil, err
	}
	var kept *KeptSession
	key := identityKey(proof.Issuer, proof.IssuerSubject)
	err = s.core.Write(kit.WithActor(ctx, kit.Actor{Subject: found.ID}), "signIn", func(ctx context.Context, note func(kit.Change)) error {
		kept = nil
		if err := s.core.Touch(ctx, "identity", key); err != nil { // so that no session begins while Unlink ends them
			return err
		}
		p, err := s.persons.Named(ctx, found.ID)
		if err != nil || !p.accepts(proof) {
			return err
		}
		i := slices.IndexFunc(p.StoredIdentities, func(i Identity) bool { return i.Key == key })
		if i < 0 {
			return nil
		}
		one, err := s.fresh(ctx, note, p)
		if err != nil {
			return err
		}
		one.IdentityID, one.AuthenticatedAt = new(p.StoredIdentities[i].ID()), notShown
		if !proof.AuthenticatedAt.IsZero() {
			one.AuthenticatedAt = kit.DateTimeOf(proof.AuthenticatedAt)
		}
		s.use(one)
		if kept, err = s.keep(one); err != nil {
			return err
		}
		return s.insert(ctx, note, one)
	})
	if err != nil {
		return nil, err
	}
	return kept, nil
}
