package membership

// InvoiceLeftOut says why a member is not invoiced.
type InvoiceLeftOut string

// The values of InvoiceLeftOut.
const (
	InvoiceExempt        InvoiceLeftOut = "EXEMPT"
	InvoiceAmountUnknown InvoiceLeftOut = "AMOUNT_UNKNOWN"
	InvoiceNoTariff      InvoiceLeftOut = "NO_TARIFF"
	InvoiceNothingToPay  InvoiceLeftOut = "NOTHING_TO_PAY"
)

// InvoicesLeftOut lists every InvoiceLeftOut.
var InvoicesLeftOut = []InvoiceLeftOut{InvoiceExempt, InvoiceAmountUnknown, InvoiceNoTariff, InvoiceNothingToPay}
