package membership

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Services are what answers for members, fees, benefits, persons and their mandates.
type Services struct {
	Members       *MemberService
	FeeExemptions *FeeExemptionService
	Changes       *MembershipChangeRequestService
	Benefits      *BenefitService
	Comparisons   *ComparisonService
	Persons       *PersonService
	Mandates      *MandateService
	Tariffs       *TariffService
	Invoices      *InvoiceService
}

// Options are what membership is given from outside.
type Options struct {
	Core      *kit.Core
	Countries *country.CountryService
	// Tariffs and Rules are what fees and terms follow; those that come with the program if nil.
	Tariffs []*Tariff
	Rules   []Rule
	// Days answers for members on other days than today.
	Days dayIndex
	// Admitted is called with each member that is admitted, in the same transaction.
	Admitted func(context.Context, *Member, func(kit.Change)) error
}

// New makes the services of this room.
func New(o Options) (*Services, error) {
	c := o.Core
	tariffs, err := newTariffService(c, o.Countries, o.Tariffs, o.Rules)
	if err != nil {
		return nil, err
	}
	book := &invoiceBook{InvoiceNoun.In(c.Store)}
	members := &MemberService{core: c, countries: o.Countries, members: MemberNoun.In(c.Store), tariffs: tariffs, invoices: book, days: o.Days, admitted: o.Admitted}
	benefits := &BenefitService{core: c, benefits: BenefitNoun.In(c.Store)}
	persons := &PersonService{core: c, persons: PersonNoun.In(c.Store)}
	return &Services{
		Members:       members,
		FeeExemptions: &FeeExemptionService{core: c, exemptions: FeeExemptionNoun.In(c.Store), members: members},
		Changes:       &MembershipChangeRequestService{core: c, requests: MembershipChangeRequestNoun.In(c.Store), members: members},
		Benefits:      benefits,
		Comparisons:   &ComparisonService{tariffs: tariffs, members: members, benefits: benefits},
		Persons:       persons,
		Mandates:      &MandateService{core: c, mandates: MandateNoun.In(c.Store), persons: persons, members: members},
		Tariffs:       tariffs,
		Invoices:      &InvoiceService{core: c, invoices: InvoiceNoun.In(c.Store), book: book, members: members, tariffs: tariffs},
	}, nil
}

// Kinds are the nouns of membership.
func Kinds() []*store.Kind {
	return []*store.Kind{
		MemberNoun.Kind, FeeExemptionNoun.Kind, MembershipChangeRequestNoun.Kind, BenefitNoun.Kind, PersonNoun.Kind, MandateNoun.Kind, InvoiceNoun.Kind,
	}
}

// Nodes are the readers of what has a global id, by its prefix.
func (s *Services) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{
		MemberPrefix:        s.Members.nodes,
		exemptionPrefix:     s.FeeExemptions.nodes,
		changeRequestPrefix: s.Changes.nodes,
		benefitPrefix:       s.Benefits.nodes,
		personPrefix:        s.Persons.nodes,
		mandatePrefix:       s.Mandates.nodes,
		invoicePrefix:       s.Invoices.nodes,
	}
}
