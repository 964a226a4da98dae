package membership

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// yearsBack and yearsAhead bound the years of invoices, counted from today's.
const yearsBack, yearsAhead = 20, 1

// IssueInvoiceInput issues an invoice. Amount left out is what the tariffs say; IssuedOn today; DueOn,
// for an annual invoice, the day of its year that the rules set.
type IssueInvoiceInput struct {
	IdempotencyKey *string
	Member         kit.ID
	Year           int
	Kind           InvoiceKind
	Amount         *kit.Decimal
	IssuedOn       *kit.Date
	DueOn          *kit.Date
}

// IssueInvoicePayload is the new invoice, or what is wrong.
type IssueInvoicePayload struct {
	Invoice    *Invoice
	UserErrors []kit.UserError
}

// Issue issues an invoice. SECRETARIAT only. A member that is not there is UNKNOWN_REFERENCE, one that
// does not belong in that year NOT_ALLOWED_IN_STATE. An annual invoice of the same year that is not
// cancelled is a DUPLICATE.
func (s *InvoiceService) Issue(ctx context.Context, in IssueInvoiceInput) (*IssueInvoicePayload, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil {
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

// complete gives an invoice what an input says and finds all that is wrong with it.
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
		return nil // nothing else can be said of such a year
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

// checkInvoiceYear checks the year of an invoice.
func checkInvoiceYear(f *kit.Faults, year, today int) bool {
	from, to := today-yearsBack, today+yearsAhead
	if year < from || year > to {
		f.Add(kit.CodeOutOfRange, "input.year", "outOfRange.number", map[string]string{"min": strconv.Itoa(from), "max": strconv.Itoa(to)})
	}
	return year >= from && year <= to
}

// due sets the day on which an invoice is due. The rules know one for annual invoices only; where it
// has passed by the day of issue, somebody must set another.
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

// dueDay is the day of a year on which its annual invoices are due.
func (s *InvoiceService) dueDay(year int) (kit.Date, error) {
	rule, err := s.tariffs.Rule(ruleInvoiceDue, firstDay(year))
	return rule.day(year), err
}

// price sets the amount: the one given, or the one that the tariffs say.
func (s *InvoiceService) price(f *kit.Faults, i *Invoice, m *Member, given *kit.Decimal) {
	switch {
	case given == nil && !s.byTariff(i, m):
		f.Add(kit.CodeRequired, "input.amount", "required.amount", nil)
	case given != nil:
		i.Amount.Amount = *given
		f.Positive("input.amount", *given)
	}
}

// byTariff sets the amount that a member's fee in the invoice's year is: whole for an annual invoice,
// for a joining one from the month in which the member joins. It says no where the tariffs give no
// amount, or nothing to be paid.
func (s *InvoiceService) byTariff(i *Invoice, m *Member) bool {
	day := firstDay(i.Year)
	if i.Kind == InvoiceJoining {
		if day = m.On(firstDay(i.Year + 1).AddDays(-1)).JoinedOn; day.Year() != i.Year {
			day = max(i.IssuedOn, firstDay(i.Year))
		}
	}
	f, err := s.tariffs.Fee(s.tariffs.Terms(m.On(day), day))
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

// checkInvoicedMember asks whether a member can be invoiced for a year: it is about to become one; or it belongs
// to the organisation on the first or the last day of the year, and for a joining invoice joins in it.
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

// alone asks for another annual invoice of the year before the write, so that every server answers
// alike.
func (s *InvoiceService) alone(ctx context.Context, f *kit.Faults, i *Invoice) error {
	taken, err := s.annual(ctx, i)
	if taken != "" {
		f.Add(kit.CodeDuplicate, "input.year", "duplicate.invoice", map[string]string{"year": strconv.Itoa(i.Year)}).RelatedID = &taken
	}
	return err
}

// annual is the id of the annual invoice that stands for the year of one that is annual too; empty for
// none.
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

// IssueTo issues the invoice of a member as the tariffs and rules have it, inside a transaction of another
// service. The annual invoice of a year that stands already is given as it is. It is nil where the
// tariffs give no amount, or nothing to be paid, for somebody to issue one by hand. A joining invoice
// has no day on which it is due, because no rule sets one.
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
