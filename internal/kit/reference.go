package kit

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ReferenceRow is a line of a file of reference data.
type ReferenceRow struct {
	reader  *csv.Reader
	columns []string
	cells   []string
	faults  []error
}

// ReadReference calls take for each line of a file and returns all faults of the file as one error.
func ReadReference(r io.Reader, columns []string, take func(*ReferenceRow)) error {
	row := &ReferenceRow{reader: csv.NewReader(r), columns: columns}
	header, err := row.reader.Read()
	_, broken := errors.AsType[*csv.ParseError](err)
	if broken || (err == nil || errors.Is(err, io.EOF)) && !slices.Equal(header, columns) {
		err = fmt.Errorf("line 1, column 1: the first line must be %s", strings.Join(columns, ","))
	}
	for err == nil {
		row.cells, err = row.reader.Read()
		// One faulty line does not hide the faults of the next.
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			row.faults, err = append(row.faults, fmt.Errorf("line %d, column %d: %w", bad.Line, bad.Column, bad.Err)), nil
		} else if err == nil {
			take(row)
		}
	}
	if !errors.Is(err, io.EOF) {
		row.faults = append(row.faults, err)
	}
	return errors.Join(row.faults...)
}

// Cell returns the text in a column.
func (r *ReferenceRow) Cell(column string) string { return r.cells[slices.Index(r.columns, column)] }

// Fault adds a fault of the cell in a column, with its line and position.
func (r *ReferenceRow) Fault(column, format string, args ...any) {
	line, at := r.reader.FieldPos(slices.Index(r.columns, column))
	r.faults = append(r.faults, fmt.Errorf("line %d, column %d: %s: %s", line, at, column, fmt.Sprintf(format, args...)))
}

// Overlap says whether two periods share a day. A period with an empty end does not end.
func Overlap(aFrom, aTo, bFrom, bTo Date) bool {
	return (aTo == "" || bFrom <= aTo) && (bTo == "" || aFrom <= bTo)
}
