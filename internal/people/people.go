package people

import (
	"context"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// Services are the services for persons, mandates and invitations to them.
type Services struct {
	Persons           *PersonService
	Mandates          *MandateService
	PersonInvitations *PersonInvitationService
}

// Options are what the package needs from outside.
type Options struct {
	Core       *kit.Core
	Membership *membership.Services
	// Issue makes an access token. If nil, only persons who are signed in can accept invitations.
	Issue func(kit.Proof, time.Duration) (string, error)
	// PublicURL is the address of the portal in links of messages, without a slash at the end.
	PublicURL string
}

// New makes the services of persons, mandates and invitations.
func New(o Options) *Services {
	c := o.Core
	persons := &PersonService{core: c, persons: PersonNoun.In(c.Store)}
	var invitations *PersonInvitationService // mandates make invitations, and these change mandates
	mandates := &MandateService{
		core: c, mandates: MandateNoun.In(c.Store), persons: persons, members: o.Membership.Members,
		invite: func(ctx context.Context, note func(kit.Change), f *kit.Faults, m *Mandate, who invitee, send bool) (kit.ID, error) {
			return invitations.invite(ctx, note, f, m, who, send)
		},
	}
	invitations = &PersonInvitationService{
		core: c, invitations: PersonInvitationNoun.In(c.Store), persons: persons, mandates: mandates, members: o.Membership.Members, issue: o.Issue, base: o.PublicURL,
	}
	return &Services{Persons: persons, Mandates: mandates, PersonInvitations: invitations}
}

// Kinds returns the nouns of this package.
func Kinds() []*store.Kind {
	return []*store.Kind{PersonNoun.Kind, MandateNoun.Kind, PersonInvitationNoun.Kind}
}

// Nodes returns the readers of records with a global id, by the prefix of the id.
func (s *Services) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{personPrefix: s.Persons.nodes, mandatePrefix: s.Mandates.nodes, invitationPrefix: s.PersonInvitations.nodes}
}
