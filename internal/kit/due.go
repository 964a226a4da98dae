package kit

import "memberportal/internal/store"

// DueKind says what has fallen due.
type DueKind string

// The kinds of what falls due.
const (
	DueFirstReminder  DueKind = "FIRST_REMINDER"
	DueSecondReminder DueKind = "SECOND_REMINDER"
	DueDeemedApproval DueKind = "DEEMED_APPROVAL"
	DueExpiry         DueKind = "EXEMPTION_EXPIRED"
	DueFewAnonymised  DueKind = "FEW_ANONYMISED"
	// These two wait for a person's decision; the clock lists them and records nothing.
	DueSuspension DueKind = "SUSPENSION_DUE"
	DueExclusion  DueKind = "EXCLUSION_DUE"
)

// DueKinds are all of them.
var DueKinds = []DueKind{DueFirstReminder, DueSecondReminder, DueDeemedApproval, DueExpiry, DueFewAnonymised, DueSuspension, DueExclusion}

// Due is what has fallen due by the domain clock. Text says it in English, for whoever runs the command.
type Due struct {
	Kind   DueKind `json:"kind"`
	Target ID      `json:"target"`
	On     Date    `json:"on"`
	Text   string  `json:"text"`
	// Recorded says that this run recorded it; a dry run records nothing.
	Recorded bool `json:"recorded"`
	// Failed says why it could not be recorded and needs a person; empty for most.
	Failed string `json:"failed,omitempty"`
}

// TickBatch is how many records are read together.
const TickBatch = 100

// DueBy is the stretch of a key that holds days up to one. "0" lies above the empty value of records that
// nothing waits for.
func DueBy(day Date) store.Bounds { return store.Bounds{After: "0", Before: string(day.AddDays(1))} }
