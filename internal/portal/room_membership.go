package portal

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// membershipServices are what answers for members, fees, benefits, persons and their mandates.
type membershipServices struct {
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

// membershipOptions are what membership is given from outside.
type membershipOptions struct {
	Core      *kit.Core
	Countries *CountryService
	// Tariffs and Rules are what fees and terms follow; those that come with the program if nil.
	Tariffs []*Tariff
	Rules   []Rule
	// Days answers for members on other days than today.
	Days dayIndex
	// Admitted is called with each member that is admitted, in the same transaction.
	Admitted func(context.Context, *Member, func(kit.Change)) error
}

func newMembershipServices(o membershipOptions) (*membershipServices, error) {
	c := o.Core
	tariffs, err := newTariffService(c, o.Countries, o.Tariffs, o.Rules)
	if err != nil {
		return nil, err
	}
	book := &invoiceBook{InvoiceNoun.In(c.Store)}
	members := &MemberService{core: c, countries: o.Countries, members: MemberNoun.In(c.Store), tariffs: tariffs, invoices: book, days: o.Days, admitted: o.Admitted}
	benefits := &BenefitService{core: c, benefits: benefitNoun.In(c.Store)}
	persons := &PersonService{core: c, persons: PersonNoun.In(c.Store)}
	return &membershipServices{
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

// membershipKinds are the nouns of membership.
func membershipKinds() []*store.Kind {
	return []*store.Kind{
		MemberNoun.Kind, FeeExemptionNoun.Kind, MembershipChangeRequestNoun.Kind, benefitNoun.Kind, PersonNoun.Kind, MandateNoun.Kind, InvoiceNoun.Kind,
	}
}

// Nodes are the readers of what has a global id, by its prefix.
func (s *membershipServices) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{
		memberPrefix:        s.Members.nodes,
		exemptionPrefix:     s.FeeExemptions.nodes,
		changeRequestPrefix: s.Changes.nodes,
		benefitPrefix:       s.Benefits.nodes,
		personPrefix:        s.Persons.nodes,
		mandatePrefix:       s.Mandates.nodes,
		invoicePrefix:       s.Invoices.nodes,
	}
}
