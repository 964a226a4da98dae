package people

import (
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// Services are the services for persons and mandates.
type Services struct {
	Persons  *PersonService
	Mandates *MandateService
}

// New makes the services of persons and mandates.
func New(c *kit.Core, members *membership.Services) *Services {
	persons := &PersonService{core: c, persons: PersonNoun.In(c.Store)}
	return &Services{
		Persons:  persons,
		Mandates: &MandateService{core: c, mandates: MandateNoun.In(c.Store), persons: persons, members: members.Members},
	}
}

// Kinds returns the nouns of this package.
func Kinds() []*store.Kind { return []*store.Kind{PersonNoun.Kind, MandateNoun.Kind} }

// Nodes returns the readers of records with a global id, by the prefix of the id.
func (s *Services) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{personPrefix: s.Persons.nodes, mandatePrefix: s.Mandates.nodes}
}
