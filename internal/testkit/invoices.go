package testkit

import (
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// Invoices are, of mem_ACTIVE, ivc_SETTLED for 2024, ivc_OPEN for 2025, which is due today, and
// ivc_CANCELLED; of mem_SUSPENDED, which paid a part of the older one, ivc_ARREARS for 2023 and ivc_LATE
// for 2024; ivc_OVERDUE of mem_LEAVING for 2024; and ivc_JOINING of mem_UNPAID, with no day on which it is due.
func Invoices() []*membership.Invoice {
	settled := invoice("SETTLED", "mem_ACTIVE", 2024)
	settled.FeeClasses = []string{"SM_D_1_16"}
	settled.Payments = []membership.Payment{payment("FIRST", 100_000, "2024-02-01"), payment("SECOND", 297_500, "2024-03-20")}
	open := invoice("OPEN", "mem_ACTIVE", 2025)
	open.FeeClasses = []string{"SM_D_1_16"}
	cancelled := invoice("CANCELLED", "mem_ACTIVE", 2025)
	cancelled.Amount.Amount, cancelled.IssuedOn = 795_000, "2024-09-10"
	cancelled.Cancelled = &membership.Cancellation{On: "2024-09-12", Reason: "The class of a developed country"}
	arrears := invoice("ARREARS", "mem_SUSPENDED", 2023)
	arrears.Payments = []membership.Payment{payment("PART", 97_500, "2023-06-01")}
	joining := invoice("JOINING", "mem_UNPAID", 2025)
	joining.Kind, joining.Amount.Amount, joining.IssuedOn, joining.DueOn = membership.InvoiceJoining, 298_125, "2025-03-25", nil
	all := []*membership.Invoice{settled, open, cancelled, arrears, invoice("LATE", "mem_SUSPENDED", 2024), invoice("OVERDUE", "mem_LEAVING", 2024), joining}
	for _, i := range all {
		i.RecordedAt = kit.DateTime(i.IssuedOn + "T09:00:00.000Z")
	}
	return all
}

// invoice is an annual one of a sixteenth of a unit.
func invoice(id string, member kit.ID, year int) *membership.Invoice {
	day := func(year int, monthDay string) kit.Date { return kit.Date(strconv.Itoa(year) + monthDay) }
	return &membership.Invoice{
		ID: kit.ID("ivc_" + id), MemberID: member, Year: year, Kind: membership.InvoiceAnnual, FeeClasses: []string{}, Amount: kit.Money{Amount: 397_500, Currency: kit.CHF},
		IssuedOn: day(year-1, "-09-15"), DueOn: new(day(year, "-03-31")), Payments: []membership.Payment{}, Dataset: kit.Demonstration,
	}
}

func payment(id string, amount kit.Decimal, on kit.Date) membership.Payment {
	return membership.Payment{
		ID: kit.ID("pay_" + id), Amount: kit.Money{Amount: amount, Currency: kit.CHF}, ReceivedOn: on, Reference: "Testbed payment " + id,
		RecordedAt: kit.DateTime(on + "T09:00:00.000Z"), RecordedBy: "usr_test",
	}
}
