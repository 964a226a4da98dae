package membership

import (
	"context"
	"fmt"
	"slices"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// InvoiceLeftOut says why a member is not invoiced.
type InvoiceLeftOut string

// The values of InvoiceLeftOut.
const (
	InvoiceExempt        InvoiceLeftOut = "EXEMPT"
	InvoiceAsksExemption InvoiceLeftOut = "EXEMPTION_REQUESTED"
	InvoiceAmountUnknown InvoiceLeftOut = "AMOUNT_UNKNOWN"
	InvoiceNoTariff      InvoiceLeftOut = "NO_TARIFF"
	InvoiceNothingToPay  InvoiceLeftOut = "NOTHING_TO_PAY"
)

// InvoicesLeftOut lists every InvoiceLeftOut.
var InvoicesLeftOut = []InvoiceLeftOut{InvoiceExempt, InvoiceAsksExemption, InvoiceAmountUnknown, InvoiceNoTariff, InvoiceNothingToPay}

// runBatch is how many members one transaction of a run invoices: no more than claims can be asked for at once, and few
// enough for a transaction to be short.
const runBatch = 50

// runTime is for how long a run issues invoices. It is shorter than a client waits for an answer; the next run goes on.
const runTime = 20 * time.Second

// runNamed is how many members the answer of a run names for each reason.
const runNamed = 100

// IssueInvoicesInput issues the invoices of a year. DueOn is the due day of annual invoices; the rules set it if it is
// left out. DryRun only says what would be issued. There is no idempotency key, because a run issues nothing twice.
type IssueInvoicesInput struct {
	Year   int
	DryRun bool
	DueOn  *kit.Date
}

// IssueInvoicesPayload has the result: Run is nil if UserErrors is not empty.
type IssueInvoicesPayload struct {
	Run        *InvoiceRun
	UserErrors []kit.UserError
}

// InvoiceRunSum is how many invoices there are, and their sum.
type InvoiceRunSum struct {
	Count  int
	Amount kit.Money
}

func (s *InvoiceRunSum) add(i *Invoice) {
	s.Count++
	s.Amount.Amount += i.Amount.Amount
}

// InvoiceRunLeftOut says how many members are not invoiced for a reason, and names the first ones.
type InvoiceRunLeftOut struct {
	Reason  InvoiceLeftOut
	Count   int
	Members []*Member

	ids []kit.ID
}

// InvoiceRun says what a run issued, or would issue.
type InvoiceRun struct {
	Year int
	// Annual and Joining are what was to be issued when the run began.
	Annual  InvoiceRunSum
	Joining InvoiceRunSum
	// Issued is how many of them the run issued, Left how many the next run will issue.
	Issued int
	Left   int
	// AlreadyInvoiced is how many members had an invoice for the year before.
	AlreadyInvoiced int
	LeftOut         []*InvoiceRunLeftOut

	// already are the members of AlreadyInvoiced, members those that were to be invoiced.
	already, members []kit.ID
}

// Addressed are the members that have an invoice for the year or were to get one when the run began.
func (r *InvoiceRun) Addressed() []kit.ID { return slices.Concat(r.already, r.members) }

// IssueAll issues the annual invoices of a year to all organisations that are members on its first day. In a run for
// this year it also issues the joining invoices of pending members that applied and have none, which wait until their
// amount is known. SECRETARIAT only.
//
// The invoices of a batch of members are one transaction, which looks again who has an invoice. So a run that was cut
// off, or ran out of time, is continued by the next one, and two runs at the same time issue nothing twice.
func (s *InvoiceService) IssueAll(ctx context.Context, in IssueInvoicesInput) (*IssueInvoicesPayload, error) {
	if err := kit.Require(ctx, kit.FinanceSecretariat); err != nil {
		return nil, err
	}
	until := s.core.Wall().Add(runTime)
	f := kit.NewFaults(ctx)
	due := in.DueOn
	if checkInvoiceYear(f, in.Year, s.core.Clock.Today().Year()) {
		sample := &Invoice{Kind: InvoiceAnnual, Year: in.Year, IssuedOn: s.core.Clock.Today()}
		table, err := s.tariffs.Table(ctx)
		if err != nil {
			return nil, err
		}
		if err := table.due(f, sample, in.DueOn); err != nil {
			return nil, err
		}
		due = sample.DueOn
	}
	if faults, err := kit.UserErrorsOf(f.Err()); len(faults) > 0 || err != nil {
		return &IssueInvoicesPayload{UserErrors: faults}, err
	}
	run, err := s.plan(ctx, in.Year, due)
	if err != nil {
		return nil, err
	}
	if !in.DryRun {
		for batch := range slices.Chunk(run.members, runBatch) {
			if s.core.Wall().After(until) {
				break
			}
			n, err := s.issueBatch(ctx, batch, in.Year, due)
			if err != nil {
				return nil, err
			}
			run.Issued += n
			run.Left -= len(batch)
		}
	}
	return &IssueInvoicesPayload{Run: run}, s.name(ctx, run)
}

// plan finds out what a run is to issue.
func (s *InvoiceService) plan(ctx context.Context, year int, due *kit.Date) (*InvoiceRun, error) {
	none := kit.Money{Amount: 0, Currency: kit.CHF}
	run := &InvoiceRun{Year: year, Annual: InvoiceRunSum{0, none}, Joining: InvoiceRunSum{0, none}, LeftOut: []*InvoiceRunLeftOut{}}
	out := map[InvoiceLeftOut]*InvoiceRunLeftOut{}
	err := s.members.Records().Each(ctx, runBatch, func(page []*Member) error {
		invoices, already, left, err := s.owed(ctx, page, year, due)
		run.already = append(run.already, already...)
		for _, i := range invoices {
			run.members = append(run.members, i.MemberID)
			if i.Kind == InvoiceAnnual {
				run.Annual.add(i)
			} else {
				run.Joining.add(i)
			}
		}
		for _, l := range left {
			if out[l.reason] == nil {
				out[l.reason] = &InvoiceRunLeftOut{Reason: l.reason}
			}
			if o := out[l.reason]; o.Count < runNamed {
				o.ids = append(o.ids, l.member)
			}
			out[l.reason].Count++
		}
		return err
	})
	for _, reason := range InvoicesLeftOut {
		if out[reason] != nil {
			run.LeftOut = append(run.LeftOut, out[reason])
		}
	}
	run.AlreadyInvoiced, run.Left = len(run.already), len(run.members)
	return run, err
}

// leftOut is a member that is not invoiced, and why.
type leftOut struct {
	member kit.ID
	reason InvoiceLeftOut
}

// owed returns the invoices for a year that some members have not got yet, who has one, and who gets none. At most
// store.MaxStreams members can be asked for.
func (s *InvoiceService) owed(ctx context.Context, members []*Member, year int, due *kit.Date) (invoices []*Invoice, already []kit.ID, left []leftOut, err error) {
	today := s.core.Clock.Today()
	claims := kit.Map(members, func(m *Member) string { return claimOf(m.ID, year) })
	taken, err := s.claimed(ctx, claims)
	if err != nil {
		return nil, nil, nil, err
	}
	asked, err := s.exemptions.Asked(ctx, kit.Map(members, func(m *Member) kit.ID { return m.ID }))
	if err != nil {
		return nil, nil, nil, err
	}
	table, err := s.tariffs.Table(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, m := range members {
		i := s.invoice(ctx, m.ID, InvoiceAnnual, year, today)
		i.DueOn, i.Dataset = due, m.Dataset
		switch {
		case m.On(firstDay(year)).Belongs():
		case year == today.Year() && m.On(today).Status == PendingActivation && m.applied():
			i.Kind = InvoiceJoining
			day, err := table.dueDay(i)
			if err != nil {
				return nil, nil, nil, err
			}
			i.DueOn = &day
		default:
			continue
		}
		if taken[i.claim()] != nil {
			already = append(already, m.ID)
		} else if asked[m.ID] {
			left = append(left, leftOut{m.ID, InvoiceAsksExemption})
		} else if reason := s.byTariff(table, i, m); reason != "" {
			left = append(left, leftOut{m.ID, reason})
		} else {
			invoices = append(invoices, i)
		}
	}
	return invoices, already, left, nil
}

// issueBatch issues the invoices that some members have not got yet, and returns how many.
func (s *InvoiceService) issueBatch(ctx context.Context, ids []kit.ID, year int, due *kit.Date) (n int, err error) {
	err = s.core.Write(ctx, "issueInvoices", func(ctx context.Context, note func(kit.Change)) error {
		members, err := s.members.Stored(ctx, ids)
		if err != nil {
			return err
		}
		invoices, _, _, err := s.owed(ctx, slices.DeleteFunc(members, func(m *Member) bool { return m == nil }), year, due)
		if n = len(invoices); n == 0 || err != nil {
			return err
		}
		return s.insert(ctx, note, invoices...)
	})
	return n, err
}

// name loads the members that the answer names.
func (s *InvoiceService) name(ctx context.Context, run *InvoiceRun) (err error) {
	for _, o := range run.LeftOut {
		if o.Members, err = s.members.ByIDs(ctx, o.ids); err != nil {
			return err
		}
	}
	return nil
}

// InvoiceYears returns the first and the last year of which an invoice can be issued on a day.
func InvoiceYears(today kit.Date) (from, to int) {
	return today.Year() - yearsBack, today.Year() + yearsAhead
}

// IssuedOf counts the invoices of some years that are not cancelled, without checking the caller's rights. No more than
// store.MaxStreams/2 years can be asked for.
func (s *InvoiceService) IssuedOf(ctx context.Context, years []int) (int, error) {
	if len(years) == 0 {
		return 0, nil
	}
	names := kit.Map(years, func(year int) string { return fmt.Sprintf("%04d", year) })
	plan, err := s.invoices.Plan(store.Query{Any: []store.Where{{"year": names, "state": {string(InvoiceOpen), string(InvoiceSettled)}}}})
	if err != nil {
		return 0, err
	}
	n, err := s.invoices.Count(ctx, plan, store.Bounds{})
	return int(n), err
}
