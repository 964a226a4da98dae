package membership

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Services are the services for members and fees.
type Services struct {
	Members       *MemberService
	FeeExemptions *FeeExemptionService
	Changes       *MembershipChangeRequestService
	Tariffs       *TariffService
	Invoices      *InvoiceService
}

// Options are what the package needs from outside.
type Options struct {
	Core      *kit.Core
	Countries *country.CountryService
	Files     *files.FileService
	// Tariffs and Rules set the fees and terms; if they are nil, those that come with the program do. Entered is
	// what the secretariat enters over them.
	Tariffs []*Tariff
	Rules   []Rule
	Entered Entered
	// Days gives the members for questions about days other than today.
	Days dayIndex
	// Admitted is called in the same transaction for each member that is admitted.
	Admitted func(context.Context, *Member, func(kit.Change)) error
	// Activated is called in the same transaction for each member whose rights begin; nil if nobody is to know.
	Activated func(context.Context, *Member, func(kit.Change)) error
	// Tell tells somebody of what happens to members; nil if nobody is told.
	Tell Teller
	// PayTo says in words how an invoice is paid; empty if the secretariat tells it.
	PayTo string
}

// New makes the services of members and fees. The error is a fault in the tables of tariffs or
// rules.
func New(o Options) (*Services, error) {
	c := o.Core
	known, err := feeTable(o.Tariffs, o.Rules)
	if err != nil {
		return nil, err
	}
	tariffs := &TariffService{core: c, countries: o.Countries, known: known, entered: o.Entered}
	book := &invoiceBook{InvoiceNoun.In(c.Store)}
	members := &MemberService{core: c, countries: o.Countries, members: MemberNoun.In(c.Store), tariffs: tariffs, invoices: book, files: o.Files, days: o.Days, admitted: o.Admitted, activated: o.Activated, teller: o.Tell}
	asked := &exemptionBook{FeeExemptionNoun.In(c.Store)}
	invoices := &InvoiceService{core: c, invoiceBook: book, members: members, tariffs: tariffs, exemptions: asked, payTo: o.PayTo}
	return &Services{
		Members:       members,
		FeeExemptions: &FeeExemptionService{core: c, exemptionBook: asked, members: members, invoices: invoices, files: o.Files},
		Changes:       &MembershipChangeRequestService{core: c, requests: MembershipChangeRequestNoun.In(c.Store), members: members},
		Tariffs:       tariffs,
		Invoices:      invoices,
	}, nil
}

// Kinds returns the nouns of this package.
func Kinds() []*store.Kind {
	return []*store.Kind{
		MemberNoun.Kind, FeeExemptionNoun.Kind, MembershipChangeRequestNoun.Kind, InvoiceNoun.Kind,
	}
}

// Nodes returns the readers of records with a global id, by the prefix of the id.
func (s *Services) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{
		MemberPrefix:        s.Members.nodes,
		exemptionPrefix:     s.FeeExemptions.nodes,
		changeRequestPrefix: s.Changes.nodes,
		invoicePrefix:       s.Invoices.nodes,
	}
}

// FileOwners says what records of this package show and name of files, by the prefix of their ids.
func (s *Services) FileOwners() map[string]files.Owner {
	return map[string]files.Owner{MemberPrefix: s.Members.fileOwner(), exemptionPrefix: s.FeeExemptions.fileOwner()}
}

// Exports returns the tables of members and invoices.
func (s *Services) Exports() []kit.Export {
	return []kit.Export{
		{Kind: kit.ExportMembers, Area: kit.AreaMembership, Write: func(ctx context.Context, _ kit.ExportScope, to kit.Rows) error {
			return s.Members.Export(ctx, to)
		}},
		{Kind: kit.ExportInvoices, Area: kit.AreaFinance, ByYear: true, Write: func(ctx context.Context, scope kit.ExportScope, to kit.Rows) error {
			return s.Invoices.Export(ctx, scope.Year, to)
		}},
	}
}
