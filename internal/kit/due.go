package kit

import "memberportal/internal/store"

// DueKind says what is due.
type DueKind string

// The kinds of what can be due.
const (
	DueFirstReminder  DueKind = "FIRST_REMINDER"
	DueSecondReminder DueKind = "SECOND_REMINDER"
	DueDeemedApproval DueKind = "DEEMED_APPROVAL"
	DueExpiry         DueKind = "EXEMPTION_EXPIRED"
	DueFewAnonymised  DueKind = "FEW_ANONYMISED"
	DueInvoice        DueKind = "INVOICE_DUE"
	DueOverdueInvoice DueKind = "INVOICE_OVERDUE"
	DueReplyReminder  DueKind = "CONSULTATION_REMINDER"
	// The clock lists these two for a person to decide, and records nothing.
	DueSuspension DueKind = "SUSPENSION_DUE"
	DueExclusion  DueKind = "EXCLUSION_DUE"
)

// DueKinds lists every kind, in the order of their constants.
var DueKinds = []DueKind{DueFirstReminder, DueSecondReminder, DueDeemedApproval, DueExpiry, DueFewAnonymised, DueInvoice, DueOverdueInvoice, DueReplyReminder, DueSuspension, DueExclusion}

// Due is something that is due by the domain clock. Text describes it in English for the operator.
type Due struct {
	Kind   DueKind `json:"kind"`
	Target ID      `json:"target"`
	On     Date    `json:"on"`
	Text   string  `json:"text"`
	// Recorded says that this run recorded it; it is false in a dry run.
	Recorded bool `json:"recorded"`
	// Failed says why it could not be recorded, so that a person must act; empty if nothing failed.
	Failed string `json:"failed,omitempty"`
}

// TickBatch is how many records the clock reads at once.
const TickBatch = 100

// DueBy returns the range of a date key up to and including a day. "0" excludes the empty key of records for
// which nothing is due.
func DueBy(day Date) store.Bounds { return store.Bounds{After: "0", Before: string(day.AddDays(1))} }
