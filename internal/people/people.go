package people

import (
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// Options are what persons, mandates and sessions need from outside.
type Options struct {
	Core    *kit.Core
	Members *membership.Services
	// Issue makes access tokens. If nil, signing in is UNAVAILABLE.
	Issue func(kit.Proof, time.Duration) (string, error)
	// Prove says what a token proves, and whether it is valid. The error says that this cannot be told now. If nil, no
	// identity can be linked.
	Prove func(token string) (proof kit.Proof, good bool, err error)
	// LinkVerified links an identity at its first sign-in to the only person who has the address that its issuer
	// verified.
	LinkVerified bool
	// Sessions say when sessions end.
	Sessions SessionTerms
}

// Services are the services for persons, mandates and sessions.
type Services struct {
	Persons  *PersonService
	Mandates *MandateService
	Sessions *SessionService
}

// New makes the services of persons, mandates and sessions.
func New(o Options) *Services {
	c, persons := o.Core, &PersonService{core: o.Core, persons: PersonNoun.In(o.Core.Store), prove: o.Prove, linkVerified: o.LinkVerified}
	return &Services{
		Persons:  persons,
		Mandates: &MandateService{core: c, mandates: MandateNoun.In(c.Store), persons: persons, members: o.Members.Members},
		Sessions: &SessionService{
			core: c, sessions: SessionNoun.In(c.Store), persons: persons, codes: kit.NewCodes(c, SignInChallengeNoun), terms: o.Sessions.withDefaults(), issue: o.Issue,
		},
	}
}

// Kinds returns the nouns of this package.
func Kinds() []*store.Kind {
	return []*store.Kind{PersonNoun.Kind, MandateNoun.Kind, SessionNoun.Kind, SignInChallengeNoun.Kind}
}

// Nodes returns the readers of records with a global id, by the prefix of the id.
func (s *Services) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{personPrefix: s.Persons.nodes, mandatePrefix: s.Mandates.nodes}
}
