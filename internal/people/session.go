package people

import (
	"cmp"
	"context"
	"slices"
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

// deviceNamed is the device of a session in a message, for one that is not known too.
func deviceNamed(device string) any {
	if device == "" {
		return kit.Label("device.unknown")
	}
	return device
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
	device := kit.DeviceOf(ctx)
	known := slices.ContainsFunc(all, func(one *Session) bool { return one.Device == device })
	if len(all) > 0 && !known {
		if err := s.persons.tell(ctx, p, kit.Letter{Key: "mail.signedIn", Params: map[string]any{"device": deviceNamed(device)}, Path: "/sign-in", Action: "mail.action.signIn"}); err != nil {
			return nil, err
		}
	}
	now := kit.DateTimeOf(s.core.Wall())
	return &Session{ID: s.core.RandomID(sessionPrefix), PersonID: p.ID, Device: device, CreatedAt: now, AuthenticatedAt: now}, nil
}

// insert stores a new session.
func (s *SessionService) insert(ctx context.Context, note func(kit.Change), one *Session) error {
	if err := s.sessions.Insert(ctx, one); err != nil {
		return err
	}
	note(kit.Changed(SessionNoun, one, kit.Created))
	return nil
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
