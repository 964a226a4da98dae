package portal

import (
	"cmp"
	"slices"
)

// debtState says that an invoice of a member was overdue.
type debtState struct{ member int32 }

// putInvoice takes in an invoice: on which days it was overdue, as was known.
func (l *ledger) putInvoice(i *Invoice) {
	recorded := []dayNumber{l.core.clock.DateOf(i.recordedAt()).number()}
	for _, p := range i.Payments {
		recorded = append(recorded, l.core.clock.DateOf(p.RecordedAt).number())
	}
	if i.Cancelled != nil {
		recorded = append(recorded, i.Cancelled.On.number())
	}
	state := debtState{l.ids.number(i.MemberID)}
	l.debts.put(l.billed.number(i.ID), recorded, func(known dayNumber) []stretch[debtState] {
		if i.DueOn == nil {
			return nil
		}
		if from, until := i.DueOn.AddDays(1).number(), l.settled(i, known); from < until {
			return []stretch[debtState]{{from, until, state}}
		}
		return nil
	})
}

// settled is the day from which nothing of an invoice was owed, as was known on a day; forever if something
// still was.
func (l *ledger) settled(i *Invoice, known dayNumber) dayNumber {
	owed, day := i.Amount.Amount, forever
	received := slices.DeleteFunc(slices.Clone(i.Payments), func(p Payment) bool { return l.core.clock.DateOf(p.RecordedAt).number() > known })
	slices.SortStableFunc(received, func(a, b Payment) int { return cmp.Compare(a.ReceivedOn, b.ReceivedOn) })
	for _, p := range received {
		if owed -= p.Amount.Amount; owed <= 0 && day == forever {
			day = p.ReceivedOn.number()
		}
	}
	if i.Cancelled != nil && i.Cancelled.On.number() <= known {
		day = min(day, i.Cancelled.On.number())
	}
	return day
}
