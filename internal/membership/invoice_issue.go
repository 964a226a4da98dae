package membership

import (
	"context"
	"fmt"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// yearsBack and yearsAhead limit the year of an invoice, counted from this year.
const yearsBack, yearsAhead = 20, 1

// IssueInvoiceInput issues an invoice. If Amount is left out, the tariffs set it. IssuedOn is today if it is left
// out. If DueOn is left out, the rules set it: a day of the year for an annual invoice, a number of days after the issue
// for a joining one.
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
// invoiced for that year is NOT_ALLOWED_IN_STATE, and so is an exempt one unless the amount is named. A second invoice
// for a year is a DUPLICATE, annual or joining, unless the first is cancelled.
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

// insert stores new invoices, each with the next number of its series. All of them are issued in the same year.
func (s *InvoiceService) insert(ctx context.Context, note func(kit.Change), invoices ...*Invoice) error {
	next, err := s.numbers(ctx, invoiceSeries, invoices[0].IssuedOn.Year())
	if err != nil {
		return err
	}
	for _, i := range invoices {
		i.Number = next()
	}
	if err := s.invoices.Insert(ctx, invoices...); err != nil {
		return err
	}
	for _, i := range invoices {
		note(kit.Changed(InvoiceNoun, i, kit.Created, "number", "member", "year", "kind", "amount", "issuedOn", "dueOn"))
	}
	return s.tellIssued(ctx, invoices)
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
	table, err := s.tariffs.Table(ctx)
	if err != nil {
		return err
	}
	if err := table.due(f, i, in.DueOn); err != nil {
		return err
	}
	if m != nil {
		checkInvoicedMember(f, m, in, s.core.Clock.Today())
		s.price(f, table, i, m, in.Amount)
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

// due sets the day on which an invoice is due: the given one, or that of the rules. If that day is before the day of
// issue, the input must name another.
func (s *FeeTable) due(f *kit.Faults, i *Invoice, given *kit.Date) error {
	i.DueOn = given
	switch {
	case given != nil && *given < i.IssuedOn:
		f.Add(kit.CodeOutOfRange, "input.dueOn", "outOfRange.before", map[string]string{"date": string(i.IssuedOn)})
	case given != nil && *given > i.IssuedOn.AddDays(2*kit.MaxAhead):
		f.Add(kit.CodeOutOfRange, "input.dueOn", "outOfRange.after", map[string]string{"date": string(i.IssuedOn.AddDays(2 * kit.MaxAhead))})
	case given == nil:
		day, err := s.dueDay(i)
		if err != nil {
			return err
		}
		if i.DueOn = &day; day < i.IssuedOn {
			f.Add(kit.CodeRequired, "input.dueOn", "required.dueOn", map[string]string{"date": string(day)})
		}
	}
	return nil
}

// dueDay returns the last day by the rules on which an invoice is paid in time.
func (s *FeeTable) dueDay(i *Invoice) (kit.Date, error) {
	if i.Kind == InvoiceJoining {
		rule, err := s.Rule(ruleJoiningDue, i.IssuedOn)
		return i.IssuedOn.AddDays(rule.Value), err
	}
	rule, err := s.Rule(ruleInvoiceDue, firstDay(i.Year))
	return rule.day(i.Year), err
}

// price sets the amount: the given one, or what the tariffs say.
func (s *InvoiceService) price(f *kit.Faults, table *FeeTable, i *Invoice, m *Member, given *kit.Decimal) {
	switch {
	case given != nil:
		i.Amount.Amount = *given
		f.Positive("input.amount", *given)
	default:
		switch s.byTariff(table, i, m) {
		case "":
		case InvoiceExempt:
			f.Add(kit.CodeNotAllowedInState, "input.member", "notAllowedInState.exempt", map[string]string{"date": string(m.On(s.chargedFrom(i, m)).ExemptUntil)})
		default:
			f.Add(kit.CodeRequired, "input.amount", "required.amount", nil)
		}
	}
}

// chargedFrom returns the first day for which an invoice charges a member: that of the year, or for a joining invoice
// the day on which the member joins, or the day of issue if that is not known yet.
func (s *InvoiceService) chargedFrom(i *Invoice, m *Member) kit.Date {
	first := firstDay(i.Year)
	if i.Kind == InvoiceAnnual {
		return first
	}
	if joined := m.On(firstDay(i.Year + 1).AddDays(-1)).JoinedOn; joined.Year() == i.Year {
		return joined
	}
	return max(i.IssuedOn, first)
}

// byTariff sets the amount from the member's fee in the year of the invoice: the full fee for an annual invoice;
// for a joining invoice the part from the month in which the member joins. It returns why there is no amount, empty if
// there is one. An organisation that is exempt on the first day that would be charged pays nothing.
func (s *InvoiceService) byTariff(table *FeeTable, i *Invoice, m *Member) InvoiceLeftOut {
	day := s.chargedFrom(i, m)
	is := m.On(day)
	if is.ExemptUntil != "" {
		return InvoiceExempt
	}
	f, err := table.Fee(s.members.FeeTerms(is, day))
	begins, ruleErr := table.Rule(ruleYearBegins, day)
	switch {
	case err != nil || ruleErr != nil:
		return InvoiceNoTariff
	case f.Amount == nil:
		return InvoiceAmountUnknown
	case *f.Amount == 0:
		return InvoiceNothingToPay
	}
	i.Amount.Amount, i.Months = *f.Amount, new(12)
	if i.Kind == InvoiceJoining {
		*i.Months = monthsLeft(day, begins)
		i.Amount.Amount = prorated(*f.Amount, *i.Months)
	}
	i.FeeClasses = kit.Map(f.Tariffs, func(t *Tariff) string { return t.Code })
	return ""
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

// alone looks for another invoice of the year in the transaction, before the write.
func (s *InvoiceService) alone(ctx context.Context, f *kit.Faults, i *Invoice) error {
	taken, err := s.claimed(ctx, []string{i.claim()})
	if t := taken[i.claim()]; t != nil {
		f.Add(kit.CodeDuplicate, "input.year", "duplicate.invoice", map[string]string{"year": strconv.Itoa(i.Year)}).RelatedID = &t.ID
	}
	return err
}

// claimed returns the invoices that have some claims, by claim; at most store.MaxStreams claims can be asked for.
func (s *InvoiceService) claimed(ctx context.Context, claims []string) (map[string]*Invoice, error) {
	taken := map[string]*Invoice{}
	err := kit.EachPage(ctx, s.invoices, store.Query{Any: []store.Where{{"claim": claims}}}, store.MaxLimit-1, func(page []*Invoice) error {
		for _, i := range page {
			taken[i.claim()] = i
		}
		return nil
	})
	return taken, err
}

// IssueTo issues the invoice of a member by the tariffs and rules, in a transaction of another service. If the member
// has an invoice for the year, it returns that one. It returns nil if the tariffs give no amount or nothing is to be
// paid. Somebody must then issue the invoice by hand, or InvoiceService.IssueAll does once the amount is known.
func (s *InvoiceService) IssueTo(ctx context.Context, note func(kit.Change), m *Member, kind InvoiceKind, year int, on kit.Date) (*Invoice, error) {
	i := s.invoice(ctx, m.ID, kind, year, on)
	taken, err := s.claimed(ctx, []string{i.claim()})
	if t := taken[i.claim()]; t != nil || err != nil {
		return t, err
	}
	table, err := s.tariffs.Table(ctx)
	if err != nil {
		return nil, err
	}
	if s.byTariff(table, i, m) != "" {
		return nil, nil
	}
	day, err := table.dueDay(i)
	if err != nil {
		return nil, err
	}
	i.DueOn = &day
	return i, s.insert(ctx, note, i)
}

// ChargedOn returns a day of the period for which the invoice charges: the first one of the year, or the day of issue of a
// joining invoice. The category of the member on that day is what is paid for.
func (i *Invoice) ChargedOn() kit.Date {
	if i.Kind == InvoiceJoining {
		return i.IssuedOn
	}
	return firstDay(i.Year)
}
