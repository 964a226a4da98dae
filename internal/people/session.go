package people

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const sessionPrefix = "ses"

// AccessLife is how long an access token of a session is valid.
const AccessLife = 15 * time.Minute

// maxSessions is how many sessions a person has at most. One more ends the one that was not used for the longest time.
const maxSessions = 20

// SessionTerms say when sessions end. A zero field is the default: 14 and 90 days.
type SessionTerms struct {
	// Idle is how long a session lasts without use, Whole how long it lasts in all.
	Idle, Whole time.Duration
}

func (t SessionTerms) withDefaults() SessionTerms {
	return SessionTerms{cmp.Or(t.Idle, 14*24*time.Hour), cmp.Or(t.Whole, 90*24*time.Hour)}
}

// Session is a sign-in of a person on a device. It lasts while its refresh token is exchanged for the next one in
// time. A session that has ended is removed. All times are of the machine.
type Session struct {
	ID       kit.ID `bson:"_id"`
	Version  int64  `bson:"version"`
	PersonID kit.ID `bson:"person"`
	// Device is the program and the system that signed in, as they call themselves; empty if they do not.
	Device    string       `bson:"device"`
	CreatedAt kit.DateTime `bson:"createdAt"`
	// AuthenticatedAt is when the person last showed who it is.
	AuthenticatedAt kit.DateTime `bson:"authenticatedAt"`
	LastSeenAt      kit.DateTime `bson:"lastSeenAt"`
	ExpiresAt       kit.DateTime `bson:"expiresAt"`
	// SecretHash is the hash of what all refresh tokens of the session have in common, RefreshHash that of the one
	// that is valid. A token with the first and without the second was used before.
	SecretHash  string `bson:"secretHash"`
	RefreshHash string `bson:"refreshHash"`
	// CookieHash is the hash of the secret of the cookie in which a browser keeps the session; nil if none does. No refresh
	// token of such a session is valid: RefreshHash is empty, and SecretHash too if it never had one.
	CookieHash *string `bson:"cookieHash,omitempty"`
	// IdentityID names the person's identity at another issuer by which the session began, as Identity.ID does; nil if it
	// began otherwise, or before this was recorded.
	IdentityID *kit.ID `bson:"identity,omitempty"`

	// current says that the caller's token belongs to the session.
	current bool
}

// SessionNoun declares how sessions are stored. The listings find the sessions of a person, and those whose time is
// over.
var SessionNoun = store.Declare(store.Noun[Session]{
	Name:     "sessions",
	Identity: func(s *Session) (string, *int64) { return string(s.ID), &s.Version },
	Keys: []store.Key[Session]{
		store.One("person", func(s *Session, _ string) string { return string(s.PersonID) }),
		store.One("lastSeenAt", func(s *Session, _ string) string { return string(s.LastSeenAt) }),
		store.One("expiresAt", func(s *Session, _ string) string { return string(s.ExpiresAt) }),
	},
	Listings: []store.Listing{{Sort: "expiresAt"}, {Equal: []string{"person"}, Sort: "lastSeenAt"}},
})

// Current says whether the caller's token belongs to the session.
func (s *Session) Current() bool { return s.current }

// SessionService signs persons in and out.
type SessionService struct {
	core     *kit.Core
	sessions store.Collection[Session]
	persons  *PersonService
	codes    *kit.Codes
	terms    SessionTerms
	// issue makes access tokens; nil if none can be made.
	issue func(kit.Proof, time.Duration) (string, error)
	// operatorCode makes the first operator; empty if none does.
	operatorCode string
	// operatorMade says that the code was used in this process, and is void.
	operatorMade atomic.Bool
	// byPasskey returns the person who asks and has signed a challenge with a passkey; nil if what is signed is not good.
	// It is called in a transaction that is committed in either case.
	byPasskey func(ctx context.Context, note func(kit.Change), challenge kit.ID, credential string) (*Person, error)
}

// maxCredential is how many bytes the JSON of what a passkey signed may have.
const maxCredential = 16 << 10

// Of returns the viewer's own sessions, the one that was used last first; empty for whoever has none.
func (s *SessionService) Of(ctx context.Context, v *kit.Viewer) ([]Session, error) {
	found, err := s.of(ctx, v.ID)
	own, now := make([]Session, 0, len(found)), kit.DateTimeOf(s.core.Wall())
	for _, one := range slices.Backward(found) {
		if one.ExpiresAt > now {
			shown := *one
			shown.current = one.ID == kit.ProofOf(ctx).Session
			own = append(own, shown)
		}
	}
	return own, err
}

// of reads the sessions of a person, the one that was not used for the longest time first. A damaged one is left out
// everywhere: it goes on by nothing, and must keep nobody from signing in or out.
func (s *SessionService) of(ctx context.Context, person kit.ID) ([]*Session, error) {
	plan, err := s.sessions.Plan(OfThePerson(person, "lastSeenAt"))
	if err != nil {
		return nil, err
	}
	page, err := s.sessions.Page(store.Looking(ctx), plan, store.Range{Limit: store.MaxLimit})
	return page.Docs, err
}

// SignedIn is what a sign-in gives: an access token, and a refresh token for the next one.
type SignedIn struct {
	Session      Session
	AccessToken  string
	ExpiresAt    kit.DateTime
	RefreshToken string
}

// begin makes a session of a person who has just shown who it is, in a transaction. Whatever session the caller may
// have had is not continued.
func (s *SessionService) begin(ctx context.Context, note func(kit.Change), p *Person) (*SignedIn, error) {
	family, err := s.core.Secret()
	if err != nil {
		return nil, err
	}
	one, err := s.fresh(ctx, note, p)
	if err != nil {
		return nil, err
	}
	one.SecretHash = kit.Hash(family)
	refresh, err := s.rotate(one, family)
	if err != nil {
		return nil, err
	}
	if err := s.insert(ctx, note, one); err != nil {
		return nil, err
	}
	return s.signedIn(one, refresh)
}

// fresh returns a new session of a person who has just shown who it is, which nobody can use yet, and makes room for it,
// in a transaction.
func (s *SessionService) fresh(ctx context.Context, note func(kit.Change), p *Person) (*Session, error) {
	all, err := s.of(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if n := len(all) - maxSessions + 1; n > 0 {
		if err := s.end(ctx, note, p, all[:n]...); err != nil {
			return nil, err
		}
	}
	now := kit.DateTimeOf(s.core.Wall())
	return &Session{ID: s.core.RandomID(sessionPrefix), PersonID: p.ID, Device: kit.DeviceOf(ctx), CreatedAt: now, AuthenticatedAt: now}, nil
}

// insert stores a new session.
func (s *SessionService) insert(ctx context.Context, note func(kit.Change), one *Session) error {
	if err := s.sessions.Insert(ctx, one); err != nil {
		return err
	}
	note(kit.Changed(SessionNoun, one, kit.Created))
	return nil
}

// rotate gives a session its next refresh token and moves its end. The family is what its tokens have in common.
func (s *SessionService) rotate(one *Session, family string) (string, error) {
	secret, err := s.core.Secret()
	one.RefreshHash = kit.Hash(string(one.ID), secret)
	s.use(one)
	return strings.Join([]string{string(one.ID), family, secret}, "."), err
}

// use notes that a session is used now, and moves its end.
func (s *SessionService) use(one *Session) {
	now := s.core.Wall()
	one.LastSeenAt = kit.DateTimeOf(now)
	one.ExpiresAt = min(kit.DateTimeOf(now.Add(s.terms.Idle)), kit.DateTimeOf(one.CreatedAt.Time().Add(s.terms.Whole)))
}

// access makes the access token of a session.
func (s *SessionService) access(one *Session) (string, error) {
	return s.issue(kit.Proof{Subject: one.PersonID, Session: one.ID, AuthenticatedAt: one.AuthenticatedAt.Time()}, AccessLife)
}

// signedIn shows a session with its tokens.
func (s *SessionService) signedIn(one *Session, refresh string) (*SignedIn, error) {
	token, err := s.access(one)
	shown := *one
	shown.current = true
	return &SignedIn{Session: shown, AccessToken: token, ExpiresAt: kit.DateTimeOf(s.core.Wall().Add(AccessLife)), RefreshToken: refresh}, err
}

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
		if err := s.end(ctx, note, p, one); err != nil || !p.Reachable() {
			return nil, err
		}
		return nil, s.core.Post(ctx, *p.Email, p.Language(), "mail.sessionReused", map[string]string{"device": one.Device})
	}
	return one, nil
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

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

// caller reads the person who asks; nil for a visitor, and for whoever has no record.
func (s *SessionService) caller(ctx context.Context) (*Person, error) {
	id := kit.ActorOf(ctx).Subject
	if id == "" {
		return nil, nil
	}
	found, err := s.persons.Stored(ctx, []kit.ID{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
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

// SessionErasures remove the sessions of a person, and the codes that were sent to it.
func SessionErasures(p *Person) []kit.Erasure {
	away := func(*Session) []string { return []string{"person"} }
	return []kit.Erasure{
		kit.Sweep[Session]{Of: SessionNoun, Query: OfThePerson(p.ID, "lastSeenAt"), Away: true, Due: kit.Alone(away)}.Run,
		kit.Sweep[kit.Challenge]{Of: SignInChallengeNoun, Traceless: true, Query: store.Query{Sort: "at"}, Away: true, Due: kit.Alone(func(c *kit.Challenge) []string {
			if c.PersonID == nil || *c.PersonID != p.ID {
				return nil
			}
			return []string{"person"}
		})}.Run,
	}
}

// Forget removes all sessions, so that everybody signs in again. It is for a store that a backup brought back: a session
// that ended after the backup would go on. It does not check the caller's rights.
func (s *SessionService) Forget(ctx context.Context) error {
	_, err := kit.Sweep[Session]{Of: SessionNoun, Traceless: true, Query: store.Query{Sort: "expiresAt"}, Away: true, Due: kit.Alone(func(*Session) []string {
		return []string{"expiresAt"}
	})}.Run(ctx, s.core, false)
	return err
}

// Tidy removes sessions and codes whose time is over.
func (s *SessionService) Tidy(ctx context.Context) error {
	over := store.Bounds{Before: string(kit.DateTimeOf(s.core.Wall()))}
	_, err := kit.Sweep[Session]{Of: SessionNoun, Traceless: true, Query: store.Query{Sort: "expiresAt"}, Within: over, Away: true, Due: kit.Alone(func(*Session) []string {
		return []string{"expiresAt"}
	})}.Run(ctx, s.core, false)
	return errors.Join(err, s.codes.Tidy(ctx))
}
