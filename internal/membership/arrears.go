package membership

import (
	"context"
	"strconv"

	"memberportal/internal/kit"
)

// ArrearsStage says how far the arrears of a member have come (Resolution 152).
type ArrearsStage string

// The values of ArrearsStage.
const (
	Overdue          ArrearsStage = "OVERDUE"
	SuspensionDue    ArrearsStage = "SUSPENSION_DUE"
	ArrearsSuspended ArrearsStage = "SUSPENDED"
	ExclusionDue     ArrearsStage = "EXCLUSION_DUE"
	InRepayment      ArrearsStage = "IN_REPAYMENT"
	OwedAfterwards   ArrearsStage = "OWED_AFTER_DEPARTURE"
)

// ArrearsStages lists every ArrearsStage.
var ArrearsStages = []ArrearsStage{Overdue, SuspensionDue, ArrearsSuspended, ExclusionDue, InRepayment, OwedAfterwards}

// ArrearsStep is what may be decided next.
type ArrearsStep string

// The values of ArrearsStep.
const (
	StepSuspension ArrearsStep = "SUSPENSION"
	StepExclusion  ArrearsStep = "EXCLUSION"
)

// ArrearsSteps lists every ArrearsStep.
var ArrearsSteps = []ArrearsStep{StepSuspension, StepExclusion}

// Arrears are what a member owes after the due date, and what follows from that. They are computed for a day from
// open invoices and the lifecycle, and are never stored. A step is only listed as due; a person decides on it.
type Arrears struct {
	Stage ArrearsStage
	// Since is the due date of the oldest fee that is not paid.
	Since kit.Date
	// Amount is the sum of all fees that are overdue.
	Amount kit.Money
	// NextStep is what may be decided next, nil for nothing. On is the first day on which it may be decided, nil
	// while that day is not known.
	NextStep *ArrearsStep
	On       *kit.Date

	params map[string]string
	open   bool // a fee is not fully paid, overdue or not
}

// Rule explains the stage and the step in the caller's language and names the provision.
func (a *Arrears) Rule(ctx context.Context) string {
	l := kit.LocaleOf(ctx)
	if a.Stage == Overdue && a.NextStep == nil {
		return kit.Message(l, "arrears.pending", a.params)
	}
	switch a.Stage {
	case Overdue:
		return kit.Message(l, "arrears.overdue", a.params)
	case SuspensionDue:
		return kit.Message(l, "arrears.suspensionDue", a.params)
	case ExclusionDue:
		return kit.Message(l, "arrears.exclusionDue", a.params)
	case InRepayment:
		return kit.Message(l, "arrears.repayment", a.params)
	case OwedAfterwards:
		return kit.Message(l, "arrears.departed", a.params)
	}
	if a.On == nil {
		return kit.Message(l, "arrears.noReceipt", a.params)
	}
	return kit.Message(l, "arrears.suspended", a.params)
}

// debt is a fee that is not fully paid.
type debt struct {
	dueOn kit.Date
	owed  kit.Money
}

// accounts are the invoices of members, for the rules that depend on them. They check no rights.
type accounts interface {
	// invoiced says whether a member has an invoice that is not cancelled.
	invoiced(ctx context.Context, member kit.ID) (bool, error)
	// debts returns the debts of each member, the oldest first.
	debts(ctx context.Context, members []kit.ID) (map[kit.ID][]debt, error)
	// overdue passes to take, in batches, the members of debts that were due before a day; one may come twice.
	overdue(ctx context.Context, before kit.Date, take func(owing []kit.ID) error) error
}

// arrearsTerms has the periods of Resolution 152, in days.
type arrearsTerms struct{ suspension, exclusion int }

// arrearsOf computes what a member owes on a day. A fee is overdue from the day after its due date. Stage is empty
// if nothing is overdue.
func arrearsOf(s Membership, debts []debt, day kit.Date, terms arrearsTerms) *Arrears {
	a := &Arrears{open: len(debts) > 0, Amount: kit.Money{Currency: kit.CHF}, params: map[string]string{}}
	for _, d := range debts {
		if d.dueOn >= day {
			continue
		}
		a.Amount.Amount += d.owed.Amount
		if a.Since == "" || d.dueOn < a.Since {
			a.Since = d.dueOn
		}
	}
	if a.Since == "" {
		for _, d := range debts {
			a.Amount.Amount += d.owed.Amount
		}
		return a
	}
	a.params["since"] = string(a.Since)
	switch {
	case s.Status == PendingActivation:
		a.Stage = Overdue // the membership has not begun, so that there is nothing to suspend
	case !s.Belongs():
		a.Stage = OwedAfterwards
	case s.PlanUntil != "":
		a.Stage, a.params["date"] = InRepayment, string(s.PlanUntil)
	case s.Status == Suspended:
		a.towardsExclusion(s, day, terms.exclusion)
	default:
		a.step(StepSuspension, a.Since.AddDays(terms.suspension), terms.suspension)
		if a.Stage = Overdue; *a.On <= day {
			a.Stage = SuspensionDue
		}
	}
	return a
}

func (a *Arrears) towardsExclusion(s Membership, day kit.Date, days int) {
	a.Stage, a.NextStep, a.params["days"] = ArrearsSuspended, new(StepExclusion), strconv.Itoa(days)
	if s.NotifiedOn == "" {
		return
	}
	a.params["received"] = string(s.NotifiedOn)
	if a.step(StepExclusion, s.NotifiedOn.AddDays(days), days); *a.On <= day {
		a.Stage = ExclusionDue
	}
}

func (a *Arrears) step(step ArrearsStep, on kit.Date, days int) {
	a.NextStep, a.On = &step, &on
	a.params["date"], a.params["days"] = string(on), strconv.Itoa(days)
}
