package membership

import (
	"context"
	"fmt"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const invoicePrefix = "ivc"

// InvoiceKind says what an invoice is for.
type InvoiceKind string

// The values of InvoiceKind.
const (
	InvoiceAnnual  InvoiceKind = "ANNUAL"
	InvoiceJoining InvoiceKind = "JOINING"
)

// InvoiceKinds lists every InvoiceKind.
var InvoiceKinds = []InvoiceKind{InvoiceAnnual, InvoiceJoining}

// Valid returns an error for a value that is not in InvoiceKinds.
func (v InvoiceKind) Valid() error { return kit.CheckOneOf(v, InvoiceKinds, "invoice kind") }

// InvoiceState says whether anything of an invoice is still to be paid.
type InvoiceState string

// The values of InvoiceState.
const (
	InvoiceOpen      InvoiceState = "OPEN"
	InvoiceSettled   InvoiceState = "SETTLED"
	InvoiceCancelled InvoiceState = "CANCELLED"
)

// InvoiceStates lists every InvoiceState.
var InvoiceStates = []InvoiceState{InvoiceOpen, InvoiceSettled, InvoiceCancelled}

// Payment is money that was received for an invoice. The portal only records it.
type Payment struct {
	ID         kit.ID    `bson:"id"`
	Amount     kit.Money `bson:"amount"`
	ReceivedOn kit.Date  `bson:"receivedOn"`
	// Reference identifies the payment in the accounts.
	Reference  string       `bson:"reference"`
	RecordedAt kit.DateTime `bson:"recordedAt"`
	RecordedBy kit.ID       `bson:"recordedBy"`
}

// Cancellation says why an invoice is no longer owed.
type Cancellation struct {
	On     kit.Date `bson:"on"`
	Reason string   `bson:"reason"`
	// Number is the number of the credit note; nil for a cancellation of an earlier release, which has no credit note.
	Number *string `bson:"number,omitempty"`
}

// Invoice is what a member owes for a year, with the payments that were received.
type Invoice struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Number is the number in the series of the year of issue, such as 2026-000123; nil for an invoice of an earlier
	// release.
	Number   *string     `bson:"number,omitempty"`
	MemberID kit.ID      `bson:"member"`
	Year     int         `bson:"year"`
	Kind     InvoiceKind `bson:"kind"`
	// FeeClasses are the codes of the tariffs whose sum is the amount; empty if the amount was set by hand.
	FeeClasses []string `bson:"feeClasses" most:"10"`
	// Months is how many months of the year the tariffs charge; nil if the amount was set by hand, and for an invoice of an
	// earlier release.
	Months   *int      `bson:"months,omitempty"`
	Amount   kit.Money `bson:"amount"`
	IssuedOn kit.Date  `bson:"issuedOn"`
	// RecordedAt is the time at which the invoice was recorded; empty for an invoice of an earlier release.
	RecordedAt kit.DateTime `bson:"recordedAt" valid:"empty"`
	// DueOn is the last day on which payment is in time; nil if no day was set.
	DueOn    *kit.Date `bson:"dueOn,omitempty"`
	Payments []Payment `bson:"payments" most:"100"`
	// Reminded is of what the member was reminded last; nil if of nothing.
	Reminded *InvoiceReminder `bson:"reminded,omitempty"`
	// Cancelled is nil unless the invoice was cancelled.
	Cancelled *Cancellation `bson:"cancelled,omitempty"`
	Dataset   kit.Dataset   `bson:"dataset"`

	today kit.Date
	payTo string
	with  *kit.Together[*Invoice]
}

// undue is the sort value of an invoice without a due day. It sorts after all days.
const undue = "9999-12-31"

// InvoiceNoun says how invoices are stored. Listings give all, and those of a member, by the day on which they are
// due.
var InvoiceNoun = store.Declare(store.Noun[Invoice]{
	Name:     "invoices",
	Identity: func(i *Invoice) (string, *int64) { return string(i.ID), &i.Version },
	Keys: []store.Key[Invoice]{
		store.One("member", func(i *Invoice, _ string) string { return string(i.MemberID) }),
		store.OneOf("state", InvoiceStates, func(i *Invoice, _ string) InvoiceState { return i.State() }),
		store.One("dueOn", func(i *Invoice, _ string) string {
			if i.DueOn == nil {
				return undue
			}
			return string(*i.DueOn)
		}),
		store.Unique("annual", func(i *Invoice) string {
			if i.Kind != InvoiceAnnual {
				return ""
			}
			return i.claim()
		}),
		store.One("claim", func(i *Invoice, _ string) string { return i.claim() }),
		store.One("year", func(i *Invoice, _ string) string { return fmt.Sprintf("%04d", i.Year) }),
		store.One("remindOn", func(i *Invoice, _ string) string { return string(i.remindOn()) }),
		store.Many("payment", func(i *Invoice, _ string) (keys []string) {
			for _, p := range i.Payments {
				keys = append(keys, paymentKey(p.Reference))
			}
			return keys
		}),
		store.One("series", func(i *Invoice, _ string) string { return seriesOf(i.Number) }),
		store.One("number", func(i *Invoice, _ string) string { return kit.Deref(i.Number) }),
		store.Unique("numbered", func(i *Invoice) string { return kit.Deref(i.Number) }),
		store.One("creditSeries", func(i *Invoice, _ string) string { return seriesOf(i.creditNumber()) }),
		store.One("creditNumber", func(i *Invoice, _ string) string { return kit.Deref(i.creditNumber()) }),
		store.Unique("credited", func(i *Invoice) string { return kit.Deref(i.creditNumber()) }),
	},
	Listings: []store.Listing{
		{Equal: []string{"state"}, Sort: "dueOn"},
		{Equal: []string{"member", "state"}, Sort: "dueOn"},
		{Equal: []string{"claim"}},
		{Equal: []string{"year", "state"}},
		{Sort: "remindOn"},
		{Has: "payment"},
		{Equal: []string{"series"}, Sort: "number"},
		{Equal: []string{"creditSeries"}, Sort: "creditNumber"},
	},
})

// claim is what a member has once: an invoice for a year that is not cancelled. It is no unique key, because earlier
// releases accepted a joining invoice beside an annual one, and such a store must open. Two transactions that claim the
// same thing run one after the other, because both take a number of the series; see InvoiceService.numbers.
func (i *Invoice) claim() string {
	if i.Cancelled != nil {
		return ""
	}
	return claimOf(i.MemberID, i.Year)
}

func claimOf(member kit.ID, year int) string { return fmt.Sprintf("%s %04d", member, year) }

// paymentKey is the key by which a payment is found in the accounts. An erased reference has none.
func paymentKey(reference string) string {
	if reference == "" || kit.IsBlotted(reference) {
		return ""
	}
	return kit.Hash(kit.Fold(reference))
}

// IsNode marks Invoice as a type that the queries node and nodes can return.
func (i *Invoice) IsNode() {}

// KnownSince returns the time of recording; for an invoice of an earlier release it is noon of the day of issue.
func (i *Invoice) KnownSince() kit.DateTime {
	if i.RecordedAt == "" {
		return kit.DateTime(i.IssuedOn + "T12:00:00.000Z")
	}
	return i.RecordedAt
}

// Paid returns the sum of the payments.
func (i *Invoice) Paid() kit.Money {
	paid := kit.Money{Amount: 0, Currency: i.Amount.Currency}
	for _, p := range i.Payments {
		paid.Amount += p.Amount.Amount
	}
	return paid
}

// Outstanding returns what is still owed. It is zero for a cancelled invoice, and for one of which too much was paid.
func (i *Invoice) Outstanding() kit.Money {
	return kit.Money{Amount: max(0, i.owed()-i.Paid().Amount), Currency: i.Amount.Currency}
}

// Overpaid returns what was paid and is not owed: above the amount, or of an invoice that was cancelled. The secretariat
// pays it back or sets it off against another invoice.
func (i *Invoice) Overpaid() kit.Money {
	return kit.Money{Amount: max(0, i.Paid().Amount-i.owed()), Currency: i.Amount.Currency}
}

// owed returns the amount, or nothing once a credit note has taken it back.
func (i *Invoice) owed() kit.Decimal {
	if i.Cancelled != nil {
		return 0
	}
	return i.Amount.Amount
}

// State says whether anything is still to be paid.
func (i *Invoice) State() InvoiceState {
	switch {
	case i.Cancelled != nil:
		return InvoiceCancelled
	case i.Outstanding().Amount > 0:
		return InvoiceOpen
	}
	return InvoiceSettled
}

// Overdue says whether the invoice is still open after its due day, on the day for which the service loaded it.
func (i *Invoice) Overdue() bool { return i.late(i.today) }

func (i *Invoice) late(on kit.Date) bool {
	return i.State() == InvoiceOpen && i.DueOn != nil && *i.DueOn < on
}

// PayTo says in the words of the organisation how the invoice is paid; nil if nothing is to be paid, and if the
// secretariat tells it.
func (i *Invoice) PayTo() *string {
	if i.State() != InvoiceOpen {
		return nil
	}
	return kit.Optional(i.payTo)
}

// InvoiceConnection is one page of invoices. InvoiceEdge is one of them with its cursor.
type (
	InvoiceConnection = kit.Connection[*Invoice]
	InvoiceEdge       = kit.Edge[*Invoice]
)

// InvoiceService reads invoices and records payments. The focal points of a member, its administration and
// SECRETARIAT may read the member's invoices. SECRETARIAT writes.
type InvoiceService struct {
	*invoiceBook

	core    *kit.Core
	members *MemberService
	tariffs *TariffService
	// exemptions knows who asked for an exemption.
	exemptions exemptionRequests
	// payTo says in words how an invoice is paid; empty if the secretariat tells it.
	payTo string
}

// exemptionRequests says which of some members asked for an exemption that is not decided yet.
type exemptionRequests interface {
	Asked(ctx context.Context, members []kit.ID) (map[kit.ID]bool, error)
}

// show sets the day for which these invoices answer.
func (s *InvoiceService) show(invoices []*Invoice) {
	with := &kit.Together[*Invoice]{}
	for _, i := range invoices {
		if i != nil {
			i.today, i.payTo = s.core.Clock.Today(), s.payTo
			i.with, with.Items = with, append(with.Items, i)
		}
	}
}

// ByIDs reads records in the order of ids. An entry is nil if there is no such record or the caller may not see it.
func (s *InvoiceService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Invoice, error) {
	actor := kit.ActorOf(ctx)
	if !actor.HasAny(kit.RoleFocalPoint, kit.RoleAdministration, kit.RoleSecretariat) {
		return make([]*Invoice, len(ids)), nil
	}
	found, err := s.invoices.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	s.show(found)
	if actor.Has(kit.RoleSecretariat) {
		return found, nil
	}
	for at, i := range found {
		if i == nil || actor.Leads(i.MemberID) {
			continue
		}
		m, err := s.MemberOf(ctx, i)
		if err != nil {
			return nil, err
		}
		if m == nil || !actor.Governs(m.view.Country) {
			found[at] = nil
		}
	}
	return found, nil
}

func (s *InvoiceService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// MemberOf returns the member that owes an invoice. One call reads the members of all invoices of a page.
func (s *InvoiceService) MemberOf(ctx context.Context, i *Invoice) (*Member, error) {
	return kit.Neighbour(ctx, i.with, "member", i, func(ctx context.Context, all []*Invoice) ([]*Member, error) {
		return s.members.ByIDs(ctx, kit.Map(all, func(i *Invoice) kit.ID { return i.MemberID }))
	})
}

// List pages through the invoices of a member, the latest due day first. Without states it takes all states; an
// empty list of states matches nothing. The focal points of the member, its administration and SECRETARIAT may list
// them. Others get FORBIDDEN, whether the member exists or not.
func (s *InvoiceService) List(ctx context.Context, member kit.ID, states []InvoiceState, args kit.PageArgs) (*InvoiceConnection, error) {
	if err := s.mayRead(ctx, member); err != nil {
		return nil, err
	}
	where := store.Where{"member": {string(member)}}
	if states != nil {
		where["state"] = kit.Strings(states)
	}
	return s.page(ctx, where, store.Bounds{}, true, args)
}

// mayRead returns FORBIDDEN if the caller may not read the invoices of a member, whether the member exists or not.
func (s *InvoiceService) mayRead(ctx context.Context, member kit.ID) error {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.RoleSecretariat); err != nil {
		return err
	}
	actor := kit.ActorOf(ctx)
	if actor.Leads(member) || actor.Has(kit.RoleSecretariat) {
		return nil
	}
	m, err := s.members.Get(ctx, member)
	if err == nil && (m == nil || !actor.Governs(m.view.Country)) {
		err = kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	return err
}

// ListOpen pages through the open invoices of all members, the earliest due day first; with dueBefore, only those
// due before that day. SECRETARIAT only.
func (s *InvoiceService) ListOpen(ctx context.Context, dueBefore *kit.Date, args kit.PageArgs) (*InvoiceConnection, error) {
	if err := kit.Require(ctx, kit.FinanceSecretariat); err != nil {
		return nil, err
	}
	return s.page(ctx, store.Where{"state": {string(InvoiceOpen)}}, store.Bounds{Before: kit.Deref(dueBefore)}, false, args)
}

func (s *InvoiceService) page(ctx context.Context, where store.Where, within store.Bounds, descending bool, args kit.PageArgs) (*InvoiceConnection, error) {
	found, err := kit.PageOf(ctx, s.core.Sealer, s.invoices, store.Query{Any: []store.Where{where}, Sort: "dueOn"}, within, descending, args)
	if err != nil {
		return nil, err
	}
	s.show(found.Nodes())
	return found, nil
}

// ShownVersion returns the version to SECRETARIAT, and nil to others.
func (i *Invoice) ShownVersion(ctx context.Context) *int64 {
	return kit.KeptBySecretariat(ctx, &i.Version)
}

// Records gives all invoices to those who count them, without checking the caller's rights.
func (s *InvoiceService) Records() kit.Records[Invoice] {
	return kit.NewRecords(InvoiceNoun, s.invoices, store.Query{Any: []store.Where{{"state": kit.Strings(InvoiceStates)}}, Sort: "dueOn"})
}
