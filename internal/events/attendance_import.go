package events

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const (
	// maxAttendanceText is how many bytes of CSV a request may bring. As JSON it has to fit into the body of a request.
	maxAttendanceText = 700_000
	// maxAttendanceRows is how many rows it may have, so that the answer comes in time.
	maxAttendanceRows = 5000
	// maxFaultsShown is how many faults an answer names.
	maxFaultsShown = 100
)

// ImportAttendanceInput brings a list of who came to an event, as CSV.
type ImportAttendanceInput struct {
	Event kit.ID
	Csv   string
	// DryRun checks the list and writes nothing.
	DryRun bool
}

// ImportAttendancePayload says what was recorded. Result is nil if there are UserErrors. With faults in rows nothing
// was recorded.
type ImportAttendancePayload struct {
	Result     *AttendanceImport
	UserErrors []kit.UserError
}

// AttendanceImport says what an import did, or what it would do in a dry run.
type AttendanceImport struct {
	// Rows were read, Made recorded, and There had nothing new.
	Rows, Made, There int
	// FaultCount counts all faults; Faults are the first ones.
	FaultCount int
	Faults     []kit.ImportFault
}

// ImportAttendanceText records who came to an event from a list in a request; see ImportAttendance, whose rules it
// has. SECRETARIAT only.
func (s *RegistrationService) ImportAttendanceText(ctx context.Context, in ImportAttendanceInput) (*ImportAttendancePayload, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	f := kit.NewFaults(ctx)
	switch {
	case len(in.Csv) > maxAttendanceText:
		f.Add(kit.CodeTooLong, "input.csv", "tooLong", map[string]string{"max": strconv.Itoa(maxAttendanceText)})
	case !utf8.ValidString(in.Csv):
		f.Add(kit.CodeInvalid, "input.csv", "invalid.unicode", nil)
	}
	e, err := s.events.storedOne(ctx, in.Event)
	if errors.Is(err, store.ErrNotFound) {
		f.Add(kit.CodeUnknownReference, "input.event", "unknownReference", nil)
		err = nil
	}
	if err != nil || f.Err() != nil {
		return &ImportAttendancePayload{UserErrors: f.List}, err
	}
	done, err := s.importAttendance(ctx, e, strings.NewReader(in.Csv), maxAttendanceRows, in.DryRun, func(int) func(int) { return func(int) {} })
	if err != nil {
		return nil, err
	}
	result := &AttendanceImport{Rows: done.Rows, Made: done.Made, There: done.There, FaultCount: len(done.Faults), Faults: done.Faults}
	result.Faults = result.Faults[:min(len(result.Faults), maxFaultsShown)]
	return &ImportAttendancePayload{Result: result}, nil
}
