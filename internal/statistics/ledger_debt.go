package statistics

import (
	"cmp"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// debtState says that an invoice of a member was overdue.
type debtState struct{ member int32 }

// putInvoice adds or replaces an invoice: the days on which it was overdue, as known on each day.
func (l *Ledger) putInvoice(i *membership.Invoice) {
	recorded := []kit.DayNumber{l.core.Clock.DateOf(i.KnownSince()).Number()}
	for _, p := range i.Payments {
		recorded = append(recorded, l.core.Clock.DateOf(p.RecordedAt).Number())
	}
	if i.Cancelled != nil {
		recorded = append(recorded, i.Cancelled.On.Number())
	}
	state := debtState{l.IDs.number(i.MemberID)}
	l.debts.put(l.billed.number(i.ID), recorded, func(known kit.DayNumber) []stretch[debtState] {
		if i.DueOn == nil {
			return nil
		}
		if from, until := i.DueOn.AddDays(1).Number(), l.settled(i, known); from < until {
			return []stretch[debtState]{{from, until, state}}
		}
		return nil
	})
}

// settled returns the first day on which nothing of an invoice was owed, as known on a day; kit.Forever if
// something still was.
func (l *Ledger) settled(i *membership.Invoice, known kit.DayNumber) kit.DayNumber {
	owed, day := i.Amount.Amount, kit.Forever
	received := slices.DeleteFunc(slices.Clone(i.Payments), func(p membership.Payment) bool { return l.core.Clock.DateOf(p.RecordedAt).Number() > known })
	slices.SortStableFunc(received, func(a, b membership.Payment) int { return cmp.Compare(a.ReceivedOn, b.ReceivedOn) })
	for _, p := range received {
		if owed -= p.Amount.Amount; owed <= 0 && day == kit.Forever {
			day = p.ReceivedOn.Number()
		}
	}
	if i.Cancelled != nil && i.Cancelled.On.Number() <= known {
		day = min(day, i.Cancelled.On.Number())
	}
	return day
}
