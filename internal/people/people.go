package people

import (
	"context"
	"fmt"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// Services are the services for persons, mandates, invitations to them, sessions and passkeys.
type Services struct {
	Persons           *PersonService
	Mandates          *MandateService
	PersonInvitations *PersonInvitationService
	Sessions          *SessionService
	Passkeys          *PasskeyService
	Notifications     *NotificationService
}

// Options are what persons, mandates and sessions need from outside.
type Options struct {
	Core       *kit.Core
	Membership *membership.Services
	// Issue makes access tokens. If nil, signing in is UNAVAILABLE, and only persons who are signed in can accept
	// invitations.
	Issue func(kit.Proof, time.Duration) (string, error)
	// Prove says what a token proves, and whether it is valid. The error says that this cannot be told now. If nil, no
	// identity can be linked.
	Prove func(token string) (proof kit.Proof, good bool, err error)
	// LinkVerified links an identity at its first sign-in to the only person who has the address that its issuer
	// verified.
	LinkVerified bool
	// Sessions say when sessions end.
	Sessions SessionTerms
	// OperatorCode makes the first operator; see SessionService.BecomeOperator. If empty, nobody becomes one by a code.
	OperatorCode string
	// PublicURL is the address of the portal in links of messages, without a slash at the end. Passkeys are good for its
	// host; if that can have none, or if PublicURL is empty, passkeys are UNAVAILABLE.
	PublicURL string
	// Origins are other pages that ask the portal. Those whose host is that of PublicURL, or below it, may use passkeys.
	Origins []string
	// Everything reads records of all nouns that the caller may see, nil for others, in the order of ids.
	Everything func(ctx context.Context, ids []kit.ID) ([]kit.Node, error)
}

// New makes the services of persons, mandates, invitations, sessions and passkeys.
func New(o Options) (*Services, error) {
	c := o.Core
	site, err := passkeySite(o.PublicURL, o.Origins)
	if err != nil {
		return nil, fmt.Errorf("where passkeys are good: %w", err)
	}
	var sessions *SessionService // persons end them, and they are of persons
	var notifications *NotificationService
	tell := func(ctx context.Context, p *Person, letter kit.Letter) error {
		_, err := notifications.Tell(ctx, letter, p)
		return err
	}
	persons := &PersonService{
		core: c, persons: PersonNoun.In(c.Store), prove: o.Prove, linkVerified: o.LinkVerified, tell: tell,
		endBegun: func(ctx context.Context, note func(kit.Change), p *Person, identity kit.ID) error {
			return sessions.endBegun(ctx, note, p, identity)
		},
	}
	notifications = &NotificationService{core: c, notifications: NotificationNoun.In(c.Store), persons: persons, everything: o.Everything}
	var passkeys *PasskeyService // sessions ask them, and they begin sessions
	sessions = &SessionService{
		core: c, sessions: SessionNoun.In(c.Store), persons: persons, codes: kit.NewCodes(c, SignInChallengeNoun), terms: o.Sessions.withDefaults(), issue: o.Issue, operatorCode: o.OperatorCode,
		byPasskey: func(ctx context.Context, note func(kit.Change), challenge kit.ID, credential string) (*Person, error) {
			return passkeys.present(ctx, note, challenge, credential)
		},
	}
	passkeys = &PasskeyService{core: c, passkeys: PasskeyNoun.In(c.Store), persons: persons, sessions: sessions, site: site}
	var invitations *PersonInvitationService // mandates make invitations, and these change mandates
	mandates := &MandateService{
		core: c, mandates: MandateNoun.In(c.Store), persons: persons, members: o.Membership.Members, notifications: notifications,
		invite: func(ctx context.Context, note func(kit.Change), f *kit.Faults, m *Mandate, who invitee, send bool) (kit.ID, error) {
			return invitations.invite(ctx, note, f, m, who, send)
		},
	}
	invitations = &PersonInvitationService{
		core: c, invitations: PersonInvitationNoun.In(c.Store), persons: persons, mandates: mandates, members: o.Membership.Members, sessions: sessions,
	}
	return &Services{Persons: persons, Mandates: mandates, PersonInvitations: invitations, Sessions: sessions, Passkeys: passkeys, Notifications: notifications}, nil
}

// Kinds returns the nouns of this package.
func Kinds() []*store.Kind {
	return []*store.Kind{PersonNoun.Kind, MandateNoun.Kind, PersonInvitationNoun.Kind, SessionNoun.Kind, SignInChallengeNoun.Kind, PasskeyNoun.Kind, NotificationNoun.Kind}
}

// Nodes returns the readers of records with a global id, by the prefix of the id.
func (s *Services) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{personPrefix: s.Persons.nodes, mandatePrefix: s.Mandates.nodes, invitationPrefix: s.PersonInvitations.nodes, notificationPrefix: s.Notifications.nodes}
}
