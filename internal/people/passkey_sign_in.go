package people

import (
	"context"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"memberportal/internal/kit"
)

// signInPurpose is the purpose of a challenge that a passkey signs. It is for no person in particular, so that nobody
// learns from it who has a passkey.
const signInPurpose = "use passkey"

// BeginPasskeySignInPayload has what an authenticator needs to sign in.
type BeginPasskeySignInPayload struct {
	Challenge  kit.ID
	ExpiresAt  kit.DateTime
	Options    string
	UserErrors []kit.UserError
}

// BeginSignIn makes a challenge for signing in, or for ConfirmPresence, and the options for the authenticator. Everybody
// may call it. Nothing is stored. UNAVAILABLE where passkeys are good nowhere, and if no tokens can be made.
func (s *PasskeyService) BeginSignIn(_ context.Context) (*BeginPasskeySignInPayload, error) {
	if s.site == nil || s.sessions.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	challenge, expires, err := s.core.SealedChallenge(signInPurpose, challengeLife)
	if err != nil {
		return nil, err
	}
	options, err := s.request(challenge)
	if err != nil {
		return nil, err
	}
	return &BeginPasskeySignInPayload{Challenge: named(challenge), ExpiresAt: expires, Options: options, UserErrors: []kit.UserError{}}, nil
}

// SignInWithPasskeyInput has what an authenticator signed for a challenge.
type SignInWithPasskeyInput struct {
	Challenge  kit.ID
	Credential string
}

// SignInWithPasskeyPayload has the new session with its tokens; SignedIn is nil if UserErrors is not empty.
type SignInWithPasskeyPayload struct {
	SignedIn   *SignedIn
	UserErrors []kit.UserError
}

// SignIn begins a session with a passkey. Everybody may call it. Whatever is not good is INVALID, and the answer does not
// say why: a challenge that was used or is older than challengeLife, a credential that does not answer it, that nobody
// has, or of a person who may not sign in. If a passkey counts backwards, two have it, and its person is told by mail.
// UNAVAILABLE where passkeys are good nowhere, and if no tokens can be made.
func (s *PasskeyService) SignIn(ctx context.Context, in SignInWithPasskeyInput) (*SignInWithPasskeyPayload, error) {
	if s.site == nil || s.sessions.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	f := kit.NewFaults(ctx)
	if !f.Within("input.credential", in.Credential, maxCredential) {
		return &SignInWithPasskeyPayload{UserErrors: f.List}, nil
	}
	var done *SignedIn
	if said := s.read(in.Challenge, in.Credential); said != nil {
		err := s.core.Transact(kit.WithOperation(ctx, "signInWithPasskey"), func(ctx context.Context) error {
			done = nil
			p, used, err := s.shows(ctx, said)
			if err != nil || p == nil {
				return err
			}
			return s.core.Write(kit.WithActor(ctx, kit.Actor{Subject: p.ID}), "signInWithPasskey", func(ctx context.Context, note func(kit.Change)) (err error) {
				if err := s.use(ctx, note, used); err != nil {
					return err
				}
				done, err = s.sessions.begin(ctx, note, p)
				return err
			})
		})
		if err != nil {
			return nil, err
		}
	}
	if done == nil { // no error of the transaction, so that the challenge stays used
		f.Add(kit.CodeInvalid, "input.credential", "invalid.passkey", nil)
		return &SignInWithPasskeyPayload{UserErrors: f.List}, nil
	}
	return &SignInWithPasskeyPayload{SignedIn: done}, nil
}

// said is what an authenticator signed, of which only the form and the challenge have been looked at.
type said struct {
	challenge []byte
	parsed    *protocol.ParsedCredentialAssertionData
}

// read returns what an authenticator signed; nil if it cannot be read, or if the portal asked for nothing of the kind
// within challengeLife. It costs no store call, so that nobody can keep the store busy with nonsense.
func (s *PasskeyService) read(challenge kit.ID, credential string) *said {
	raw, ok := opened(challenge)
	if !ok || !s.core.OpenChallenge(signInPurpose, raw) {
		return nil
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(credential))
	if err != nil {
		return nil
	}
	return &said{raw, parsed}
}

// shows returns the person who has signed a challenge, and the passkey as it is after that; nil if what it signed is not
// good. It uses up the challenge, in a transaction that must be committed in either case.
func (s *PasskeyService) shows(ctx context.Context, in *said) (*Person, *Passkey, error) {
	one, err := s.passkeys.Get(ctx, string(passkeyID(in.parsed.RawID)))
	if err != nil {
		return nil, nil, unlessGone(err)
	}
	found, err := s.persons.Stored(ctx, []kit.ID{one.PersonID})
	if err != nil {
		return nil, nil, unlessGone(err)
	}
	p := found[0]
	if p == nil || !p.maySignIn() {
		return nil, nil, nil
	}
	_, now, err := s.site.ValidatePasskeyLogin(func([]byte, []byte) (webauthn.User, error) {
		return holder{p, []*Passkey{one}}, nil
	}, s.signing(in.challenge), in.parsed)
	if err != nil { // the library's errors say only why a credential is not good
		return nil, nil, nil
	}
	if first, err := s.core.Spend(ctx, string(named(in.challenge))); err != nil || !first {
		return nil, nil, err
	}
	if now.Authenticator.CloneWarning {
		return nil, nil, s.warn(ctx, p, one)
	}
	one.SignCount = int64(now.Authenticator.SignCount)
	return p, one, nil
}

// warn tells a person that a passkey counted backwards, once an hour at most, because whoever has the copy may try it
// again and again.
func (s *PasskeyService) warn(ctx context.Context, p *Person, one *Passkey) error {
	if !p.Reachable() {
		return nil
	}
	n, err := s.core.RecentlyPosted(ctx, *p.Email, "mail.passkeyCopied", s.core.Wall().Add(-time.Hour))
	if err != nil || n > 0 {
		return err
	}
	return s.tell(ctx, p, "mail.passkeyCopied", one)
}

// use stores a passkey that has just been used.
func (s *PasskeyService) use(ctx context.Context, note func(kit.Change), one *Passkey) error {
	one.LastUsedAt = new(kit.DateTimeOf(s.core.Wall()))
	if err := s.passkeys.Replace(ctx, one); err != nil {
		return err
	}
	note(kit.Changed(PasskeyNoun, one, kit.Updated, "lastUsedAt"))
	return nil
}

// present returns the person who shows by a passkey that it is there, nil if the credential is not good; see
// SessionService.byPasskey. It notes the use only if the person is the one who asks.
func (s *PasskeyService) present(ctx context.Context, note func(kit.Change), challenge kit.ID, credential string) (*Person, error) {
	if s.site == nil {
		return nil, nil
	}
	in := s.read(challenge, credential)
	if in == nil {
		return nil, nil
	}
	p, used, err := s.shows(ctx, in)
	if err != nil || p == nil || p.ID != kit.ActorOf(ctx).Subject {
		return nil, err
	}
	return p, s.use(ctx, note, used)
}
