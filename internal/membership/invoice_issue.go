package membership

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// yearsBack and yearsAhead limit the year of an invoice, counted from this year.
const yearsBack, yearsAhead = 20, 1

// IssueInvoiceInput issues an invoice. If Amount is left out, the tariffs set it. IssuedOn is today if it is left
// out. DueOn may be left out for an annual invoice; it is then the day that the rules set for its year.
type IssueInvoiceInput struct {
	IdempotencyKey *string
	Member         kit.ID
	Year           int
	Kind           InvoiceKind
	Amount         *kit.Decimal
	IssuedOn       *kit.Date
	DueOn          *kit.Date
}

// IssueInvoicePayload has the result: Invoice is nil if UserErrors is not empty.
type IssueInvoicePayload struct {
	Invoice    *Invoice
	UserErrors []kit.UserError
}

// Issue issues an invoice. SECRETARIAT only. A member that does not exist is UNKNOWN_REFERENCE. One that cannot be
// invoiced for that year is NOT_ALLOWED_IN_STATE. A second annual invoice for a year is a DUPLICATE unless the
// first is cancelled.
func (s *InvoiceService) Issue(ctx context.Context, in IssueInvoiceInput) (*IssueInvoicePayload, error) {
	if err := kit.Require(ctx, kit.FinanceSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "issueInvoice", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		i, f := s.invoice(ctx, in.Member, in.Kind, in.Year, s.core.Clock.Today()), kit.NewFaults(ctx)
		if err := s.complete(ctx, f, i, in); err != nil {
			return "", err
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		return i.ID, s.insert(ctx, note, i)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &IssueInvoicePayload{UserErrors: faults}, err
	}
	i, err := kit.One(ctx, s.ByIDs, id)
	return &IssueInvoicePayload{Invoice: i}, err
}

func (s *InvoiceService) invoice(ctx context.Context, member kit.ID, kind InvoiceKind, year int, on kit.Date) *Invoice {
	return &Invoice{
		ID: s.core.NewID(invoicePrefix), MemberID: member, Year: year, Kind: kind, FeeClasses: []string{}, Amount: kit.Money{Amount: 0, Currency: kit.CHF}, IssuedOn: on,
		RecordedAt: kit.DateTimeOf(s.core.Clock.Now()), Payments: []Payment{}, Dataset: kit.DatasetOf(ctx),
	}
}

func (s *InvoiceService) insert(ctx context.Context, note func(kit.Change), i *Invoice) error {
	if err := s.invoices.Insert(ctx, i); err != nil {
		return err
	}
	note(kit.Changed(InvoiceNoun, i, kit.Created, "member", "year", "kind", "amount", "issuedOn", "dueOn"))
	return nil
}

// complete fills an invoice from the input and adds all faults to f.
func (s *InvoiceService) complete(ctx context.Context, f *kit.Faults, i *Invoice, in IssueInvoiceInput) error {
	f.IdempotencyKey(in.IdempotencyKey)
	kit.Set(&i.IssuedOn, in.IssuedOn)
	if today := s.core.Clock.Today(); i.IssuedOn > today {
		f.Add(kit.CodeOutOfRange, "input.issuedOn", "outOfRange.after", map[string]string{"date": string(today)})
	}
	m, err := s.members.Get(ctx, in.Member)
	if err != nil {
		return err
	}
	if m == nil {
		f.Add(kit.CodeUnknownReference, "input.member", "unknownReference", nil)
	}
	if !checkInvoiceYear(f, in.Year, s.core.Clock.Today().Year()) {
		return nil // the other checks need a valid year
	}
	if err := s.due(f, i, in.DueOn); err != nil {
		return err
	}
	if m != nil {
		checkInvoicedMember(f, m, in, s.core.Clock.Today())
		s.price(f, i, m, in.Amount)
	}
	return s.alone(ctx, f, i)
}

// checkInvoiceYear adds a fault if the year of an invoice is too early or too late, and says whether it is allowed.
func checkInvoiceYear(f *kit.Faults, year, today int) bool {
	from, to := today-yearsBack, today+yearsAhead
	if year < from || year > to {
		f.Add(kit.CodeOutOfRange, "input.year", "outOfRange.number", map[string]string{"min": strconv.Itoa(from), "max": strconv.Itoa(to)})
	}
	return year >= from && year <= to
}

// due sets the day on which an invoice is due. The rules set one for annual invoices only. If that day is before
// the day of issue, the input must name another.
func (s *InvoiceService) due(f *kit.Faults, i *Invoice, given *kit.Date) error {
	i.DueOn = given
	switch {
	case given != nil && *given < i.IssuedOn:
		f.Add(kit.CodeOutOfRange, "input.dueOn", "outOfRange.before", map[string]string{"date": string(i.IssuedOn)})
	case given != nil && *given > i.IssuedOn.AddDays(2*kit.MaxAhead):
		f.Add(kit.CodeOutOfRange, "input.dueOn", "outOfRange.after", map[string]string{"date": string(i.IssuedOn.AddDays(2 * kit.MaxAhead))})
	case given == nil && i.Kind == InvoiceAnnual:
		day, err := s.dueDay(i.Year)
		if err != nil {
			return err
		}
		if i.DueOn = &day; day < i.IssuedOn {
			f.Add(kit.CodeRequired, "input.dueOn", "required.dueOn", map[string]string{"date": string(day)})
		}
	}
	return nil
}

// dueDay returns the day of a year on which its annual invoices are due.
func (s *InvoiceService) dueDay(year int) (kit.Date, error) {
	rule, err := s.tariffs.Rule(ruleInvoiceDue, firstDay(year))
	return rule.day(year), err
}

// price sets the amount: the given one, or what the tariffs say.
func (s *InvoiceService) price(f *kit.Faults, i *Invoice, m *Member, given *kit.Decimal) {
	switch {
	case given == nil && !s.byTariff(i, m):
		f.Add(kit.CodeRequired, "input.amount", "required.amount", nil)
	case given != nil:
		i.Amount.Amount = *given
		f.Positive("input.amount", *given)
	}
}

// byTariff sets the amount from the member's fee in the year of the invoice: the full fee for an annual invoice;
// for a joining invoice the part from the month in which the member joins. It returns false if the tariffs give no
// amount, or if nothing is to be paid.
func (s *InvoiceService) byTariff(i *Invoice, m *Member) bool {
	day := firstDay(i.Year)
	if i.Kind == InvoiceJoining {
		if day = m.On(firstDay(i.Year + 1).AddDays(-1)).JoinedOn; day.Year() != i.Year {
			day = max(i.IssuedOn, firstDay(i.Year))
		}
	}
	f, err := s.tariffs.Fee(s.members.FeeTerms(m.On(day), day))
	begins, ruleErr := s.tariffs.Rule(ruleYearBegins, day)
	if err != nil || ruleErr != nil || f.Amount == nil || *f.Amount == 0 {
		return false
	}
	i.Amount.Amount = *f.Amount
	if i.Kind == InvoiceJoining {
		i.Amount.Amount = prorated(*f.Amount, monthsLeft(day, begins))
	}
	i.FeeClasses = kit.Map(f.tariffs, func(t *Tariff) string { return t.Code })
	return true
}

// checkInvoicedMember adds a fault if a member cannot be invoiced for a year. It can if it is about to join, or if
// it is a member on the first or last day of the year; for a joining invoice it must also have joined in that year.
func checkInvoicedMember(f *kit.Faults, m *Member, in IssueInvoiceInput, today kit.Date) {
	last := m.On(firstDay(in.Year + 1).AddDays(-1))
	year := map[string]string{"year": strconv.Itoa(in.Year)}
	switch {
	case m.On(today).Status == PendingActivation:
	case !last.Belongs() && !m.On(firstDay(in.Year)).Belongs():
		f.Add(kit.CodeNotAllowedInState, "input.year", "notAllowedInState.noMember", year)
	case in.Kind == InvoiceJoining && last.JoinedOn.Year() != in.Year:
		f.Add(kit.CodeNotAllowedInState, "input.kind", "notAllowedInState.joined", year)
	}
}

func firstDay(year int) kit.Date { return kit.Date(fmt.Sprintf("%04d-01-01", year)) }

// alone looks for another annual invoice of the year before the write, so that every engine gives the same answer.
func (s *InvoiceService) alone(ctx context.Context, f *kit.Faults, i *Invoice) error {
	taken, err := s.annual(ctx, i)
	if taken != "" {
		f.Add(kit.CodeDuplicate, "input.year", "duplicate.invoice", map[string]string{"year": strconv.Itoa(i.Year)}).RelatedID = &taken
	}
	return err
}

// annual returns the id of the annual invoice of the same member and year that is not cancelled; empty if there is
// none or if i is not annual.
func (s *InvoiceService) annual(ctx context.Context, i *Invoice) (kit.ID, error) {
	if i.Kind != InvoiceAnnual {
		return "", nil
	}
	taken, err := s.invoices.Lookup(ctx, "annual", annualKey(i.MemberID, i.Year))
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return kit.ID(taken), err
}

// IssueTo issues the invoice of a member by the tariffs and rules, in a transaction of another service. If the
// annual invoice of the year exists, it returns that one. It returns nil if the tariffs give no amount or nothing
// is to be paid; somebody must then issue the invoice by hand. A joining invoice has no due day, because no rule
// sets one.
func (s *InvoiceService) IssueTo(ctx context.Context, note func(kit.Change), m *Member, kind InvoiceKind, year int, on kit.Date) (*Invoice, error) {
	i := s.invoice(ctx, m.ID, kind, year, on)
	switch taken, err := s.annual(ctx, i); {
	case err != nil:
		return nil, err
	case taken != "":
		return s.invoices.Get(ctx, string(taken))
	case !s.byTariff(i, m):
		return nil, nil
	}
	if kind == InvoiceAnnual {
		day, err := s.dueDay(year)
		if err != nil {
			return nil, err
		}
		i.DueOn = &day
	}
	return i, s.insert(ctx, note, i)
}
