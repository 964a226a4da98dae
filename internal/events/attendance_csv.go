package events

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"memberportal/internal/kit"
)

// registrationColumns are the columns of an exported list of registrations, in their order. attendanceColumns are
// the columns that ImportAttendance needs. docs/operations.md documents them.
var (
	registrationColumns = []string{"registration", "name", "organisation", "kind", "country", "mode", "status", "attended"}
	attendanceColumns   = []string{"registration", "attended", "mode"}
)

// csvBatch is how many documents are read in one call.
const csvBatch = 500

// The values of the column attended. An empty cell means that nothing is to be recorded.
const (
	attendedYes = "Y"
	attendedNo  = "N"
)

// attendanceRow is one row of the file.
type attendanceRow struct {
	n        int
	id       kit.ID
	attended string
	mode     *AttendanceMode
}

// ImportAttendance reads who came to an event from a CSV file. The file has the columns registration, attended and
// mode, or is a list that Export wrote. SECRETARIAT only. The whole file is checked first; if a row has a fault, or
// dryRun is set, nothing is written. A row whose content is recorded already is skipped, so an interrupted import
// can be run again. progress gets the number of rows to write; the function that it returns gets the number of rows
// written so far.
func (s *RegistrationService) ImportAttendance(ctx context.Context, event string, r io.Reader, dryRun bool, progress func(total int) func(done int)) (*kit.ImportResult, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	e, err := s.events.storedByCode(ctx, event)
	if err != nil {
		return nil, err
	}
	return s.importAttendance(ctx, e, r, 0, dryRun, progress)
}

// importAttendance is ImportAttendance for an event that was read; most is as in kit.Table.
func (s *RegistrationService) importAttendance(ctx context.Context, e *Event, r io.Reader, most int, dryRun bool, progress func(total int) func(done int)) (*kit.ImportResult, error) {
	result := &kit.ImportResult{Faults: []kit.ImportFault{}}
	rows, err := s.readAttendance(ctx, r, e, most, result)
	if err != nil || len(result.Faults) > 0 || dryRun {
		return result, err
	}
	told := progress(len(rows))
	for chunk := range slices.Chunk(rows, kit.ImportChunk) {
		err := s.core.Write(ctx, "importAttendance", func(ctx context.Context, note func(kit.Change)) error { return s.attendAll(ctx, e.ID, chunk, note) })
		if err != nil {
			return result, err
		}
		result.Made += len(chunk)
		told(result.Made)
	}
	return result, nil
}

// attendAll records rows that were checked before.
func (s *RegistrationService) attendAll(ctx context.Context, event kit.ID, rows []attendanceRow, note func(kit.Change)) error {
	e, err := s.events.storedOne(ctx, event)
	if err != nil {
		return err
	}
	found, err := s.registrations.Many(ctx, kit.Map(rows, func(row attendanceRow) string { return string(row.id) }))
	if err != nil {
		return err
	}
	for i, r := range found {
		f := kit.NewFaults(ctx)
		s.attend(f, "", e, r, rows[i].attended == attendedYes, rows[i].mode)
		if len(f.List) > 0 { // the record changed after the file was checked
			return fmt.Errorf("row %d: %s", rows[i].n, f.List[0].Message)
		}
		if err := s.registrations.Replace(ctx, r); err != nil {
			return err
		}
		note(kit.Changed(RegistrationNoun, r, kit.Updated, "attendance"))
	}
	return nil
}

// readAttendance reads and checks the file and returns the rows to write.
func (s *RegistrationService) readAttendance(ctx context.Context, r io.Reader, e *Event, most int, result *kit.ImportResult) ([]attendanceRow, error) {
	t := kit.Table{Locale: kit.LocaleOf(ctx), Columns: attendanceColumns, Suits: hasAttendance, Most: most, Result: result}
	seen := map[kit.ID]int{}
	var read, write []attendanceRow
	err := t.Read(r, func(n int, cell map[string]string) error {
		f := kit.NewFaults(ctx)
		row := attendanceRow{n: n, id: kit.ID(cell["registration"]), attended: cell["attended"]}
		if row.attended != "" {
			kit.ReadEnum(f, "attended", row.attended, []string{attendedYes, attendedNo})
		}
		if cell["mode"] != "" {
			row.mode = new(kit.ReadEnum(f, "mode", cell["mode"], AttendanceModes))
		}
		if first := seen[row.id]; first > 0 {
			f.Add(kit.CodeDuplicate, "registration", "duplicate.registrationRow", map[string]string{"row": strconv.Itoa(first)})
		}
		seen[row.id] = n
		if t.Note(n, f); len(f.List) == 0 {
			read = append(read, row)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for batch := range slices.Chunk(read, csvBatch) {
		fresh, err := s.checkAttendance(ctx, batch, e, &t)
		if err != nil {
			return nil, err
		}
		write = append(write, fresh...)
	}
	slices.SortStableFunc(result.Faults, func(a, b kit.ImportFault) int { return a.Row - b.Row })
	return write, nil
}

// hasAttendance says whether a header has all columns of attendance, and no column that Export does not write.
func hasAttendance(header []string) bool {
	for i, column := range header {
		if slices.Contains(header[:i], column) || !slices.Contains(registrationColumns, column) {
			return false
		}
	}
	return !slices.ContainsFunc(attendanceColumns, func(column string) bool { return !slices.Contains(header, column) })
}

// checkAttendance compares rows with the registrations and returns the rows that change something.
func (s *RegistrationService) checkAttendance(ctx context.Context, rows []attendanceRow, e *Event, t *kit.Table) (fresh []attendanceRow, err error) {
	found, err := s.registrations.Many(ctx, kit.Map(rows, func(row attendanceRow) string {
		if row.id.Prefix() != registrationPrefix || !utf8.ValidString(string(row.id)) {
			return ""
		}
		return string(row.id)
	}))
	if err != nil {
		return nil, err
	}
	for i, r := range found {
		f, row := kit.NewFaults(ctx), rows[i]
		switch {
		case r == nil:
			f.Add(kit.CodeUnknownReference, "registration", "unknownReference", nil)
		case r.EventID != e.ID:
			f.Add(kit.CodeInvalid, "registration", "invalid.otherEvent", nil)
		case row.says(r):
			t.Result.There++
			continue
		default:
			s.attend(f, "", e, r, row.attended == attendedYes, row.mode)
		}
		for i := range f.List {
			if f.List[i].Field[0] == "id" {
				f.List[i].Field[0] = "registration"
			}
		}
		if t.Note(row.n, f); len(f.List) == 0 {
			fresh = append(fresh, row)
		}
	}
	return fresh, nil
}

// says reports whether a row has nothing new: its cell attended is empty, or its content is recorded already.
func (row attendanceRow) says(r *Registration) bool {
	mode := r.Mode
	kit.Set(&mode, row.mode)
	a := r.Attendance
	return row.attended == "" || a != nil && a.Attended == (row.attended == attendedYes) && a.Mode == mode
}

// Export writes who is registered for an event as CSV, in the order of the queue. Users mark in this list who came,
// and ImportAttendance reads it. The list names persons, so it is for OPERATOR only and an audit entry is written
// first.
func (s *RegistrationService) Export(ctx context.Context, event string, to kit.Rows) error {
	if err := kit.Require(ctx, kit.RoleOperator); err != nil {
		return err
	}
	e, err := s.events.storedByCode(ctx, event)
	if err != nil {
		return err
	}
	if err := s.core.RecordCommand(ctx, "exportRegistrations", e.ID, "CSV"); err != nil {
		return err
	}
	return s.write(ctx, e, kit.TextColumns(registrationColumns...), to, nil)
}

// ExportAttendance writes the same list for SECRETARIAT. Who asks for it has to record that.
func (s *RegistrationService) ExportAttendance(ctx context.Context, event kit.ID, to kit.Rows) error {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return err
	}
	e, err := s.events.storedOne(ctx, event)
	if err != nil {
		return err
	}
	return s.write(ctx, e, kit.TextColumns(registrationColumns...), to, nil)
}
