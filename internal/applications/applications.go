package applications

import (
	"context"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// Options are what applications need from outside.
type Options struct {
	Core       *kit.Core
	Countries  *country.CountryService
	Membership *membership.Services
	People     *people.Services
	Files      *files.FileService
	// Issue makes an access token for an applicant. If nil, codes for applicants are UNAVAILABLE.
	Issue func(kit.Proof, time.Duration) (string, error)
	// Terms are the terms of administrations; a zero field is taken from the rules.
	Terms Terms
	// DirectCountries are the countries (ISO 3166 alpha-2) that let organisations apply directly.
	DirectCountries []string
}

// New makes the service. An unknown country and a term without a rule are errors.
func New(o Options) (*ApplicationService, error) {
	if _, err := o.Terms.withRules(o.Membership.Tariffs.Known(), o.Core.Clock.Today()); err != nil {
		return nil, err
	}
	direct, err := directCountries(o.DirectCountries, o.Countries)
	if err != nil {
		return nil, err
	}
	return &ApplicationService{
		core: o.Core, countries: o.Countries, applications: ApplicationNoun.In(o.Core.Store), codes: kit.NewCodes(o.Core, ChallengeNoun), members: o.Membership.Members, mandates: o.People.Mandates, persons: o.People.Persons, notifications: o.People.Notifications, tariffs: o.Membership.Tariffs, exemptions: o.Membership.FeeExemptions, invitations: o.People.PersonInvitations,
		invoices: o.Membership.Invoices, files: o.Files, terms: o.Terms, direct: direct, issue: o.Issue,
	}, nil
}

// Kinds returns the nouns of applications.
func Kinds() []*store.Kind { return []*store.Kind{ApplicationNoun.Kind, ChallengeNoun.Kind} }

// Nodes returns the readers of objects with a global id, by id prefix.
func (s *ApplicationService) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{ApplicationPrefix: s.nodes}
}

// Tidy removes codes that are old enough.
func (s *ApplicationService) Tidy(ctx context.Context) error { return s.codes.Tidy(ctx) }
