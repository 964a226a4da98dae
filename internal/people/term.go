package people

import "memberportal/internal/kit"

// MandateRole is what a mandate lets a person do for a member or country.
type MandateRole string

// The values of MandateRole.
const (
	MandateFocalPoint MandateRole = "FOCAL_POINT"
	MandateDelegate   MandateRole = "DELEGATE"
)

// MandateRoles lists every MandateRole.
var MandateRoles = []MandateRole{MandateFocalPoint, MandateDelegate}

// Valid returns an error for a value that is not in MandateRoles.
func (v MandateRole) Valid() error { return kit.CheckOneOf(v, MandateRoles, "mandate role") }

// MandateState says whether a mandate holds on a day.
type MandateState string

// The values of MandateState.
const (
	MandateCurrent MandateState = "CURRENT"
	MandateComing  MandateState = "COMING"
	MandateEnded   MandateState = "ENDED"
	// MandateProposed is a mandate that the invited person has not accepted. It gives no authority.
	MandateProposed MandateState = "PROPOSED"
)

// MandateStates lists every MandateState.
var MandateStates = []MandateState{MandateCurrent, MandateComing, MandateEnded, MandateProposed}

// stateOf returns the state on a day of what holds from a day on until another. What ends on its first day never holds; it
// is ENDED on every day.
func stateOf(from kit.Date, until *kit.Date, day kit.Date) MandateState {
	switch {
	case until != nil && (*until <= day || *until <= from):
		return MandateEnded
	case from > day:
		return MandateComing
	}
	return MandateCurrent
}

// HeldMandate is a mandate as its person's document repeats it, so that one read by id says what the person may do.
// It is written in the transaction that changes the mandate.
type HeldMandate struct {
	ID     kit.ID      `bson:"id"`
	Entity kit.ID      `bson:"entity"`
	Role   MandateRole `bson:"role"`
	From   kit.Date    `bson:"from"`
	Until  *kit.Date   `bson:"until,omitempty"`
}

// maxHeld is how many mandates that have not ended a person may have. A listing of the records of all its entities
// merges one index range for each.
const maxHeld = 60

// on returns the state of the mandate on a day.
func (h HeldMandate) on(day kit.Date) MandateState {
	return stateOf(h.From, h.Until, day)
}
