package kit

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxImport is the most rows that one file may have.
const maxImport = 200_000

// ImportChunk is how many rows one transaction writes.
const ImportChunk = 50

// ImportFault says what is wrong with one cell. Row 1 is the line of column names; an empty Column means the
// whole row.
type ImportFault struct {
	Row     int           `json:"row"`
	Column  string        `json:"column"`
	Code    UserErrorCode `json:"code"`
	Message string        `json:"message"`
}

// ImportResult says what an import did, or what it would do in a dry run.
type ImportResult struct {
	Rows   int           `json:"rows"`
	Made   int           `json:"made"`
	There  int           `json:"there"`
	Faults []ImportFault `json:"faults"`
}

// Table is a CSV file to import. All faults go into Result.
type Table struct {
	Locale Locale
	// Columns are the columns that the file must have. Suits says whether the first line has them.
	Columns []string
	Suits   func(header []string) bool
	// Most is the most rows that the file may have; 0 stands for 200,000.
	Most   int
	Result *ImportResult
}

func (t *Table) fault(row int, column string, code UserErrorCode, text string) {
	t.Result.Faults = append(t.Result.Faults, ImportFault{row, column, code, text})
}

// Note adds the faults of a row to the result. The path of each fault is its column.
func (t *Table) Note(row int, f *Faults) {
	for _, e := range f.List {
		t.fault(row, e.Field[0], e.Code, e.Message)
	}
}

// Read calls take for each row, with its number and the cells by column. A file that is not a table ends the
// reading and is a fault of the result, not an error.
func (t *Table) Read(r io.Reader, take func(row int, cell map[string]string) error) error {
	reader := csv.NewReader(r)
	reader.FieldsPerRecord = -1
	most := cmp.Or(t.Most, maxImport)
	say := func(key string) string { return Message(t.Locale, key, nil) }
	header, err := reader.Read()
	if err == nil {
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
	}
	if _, bad := errors.AsType[*csv.ParseError](err); err != nil && !bad && !errors.Is(err, io.EOF) {
		return err
	}
	if err != nil || !t.Suits(header) {
		t.fault(1, "", CodeInvalid, say("invalid.header")+" "+strings.Join(t.Columns, ","))
		return nil
	}
	for n := 2; ; n++ {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		switch e, bad := errors.AsType[*csv.ParseError](err); {
		case bad:
			t.fault(n, "", CodeInvalid, fmt.Sprintf("%s (line %d)", say("invalid.csv"), e.Line))
			return nil
		case err != nil:
			return err
		case len(cells) != len(header):
			t.fault(n, "", CodeInvalid, say("invalid.columns"))
			continue
		case n > most+1:
			t.fault(n, "", CodeOutOfRange, Message(t.Locale, "outOfRange.list", map[string]string{"max": strconv.Itoa(most)}))
			return nil
		}
		t.Result.Rows++
		cell, unicode := map[string]string{}, true
		for i, column := range header {
			if !utf8.ValidString(cells[i]) {
				t.fault(n, column, CodeInvalid, say("invalid.unicode"))
				unicode = false
			}
			cell[column] = unescape(cells[i])
		}
		if !unicode {
			continue
		}
		if err := take(n, cell); err != nil {
			return err
		}
	}
}

var formula = regexp.MustCompile(`^'*[=+\-@\t\r]`)

// EscapeCell puts an apostrophe before a cell that a spreadsheet would take for a formula. unescape removes
// exactly what EscapeCell adds.
func EscapeCell(cell string) string {
	if formula.MatchString(cell) {
		return "'" + cell
	}
	return cell
}

func unescape(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && formula.MatchString(rest) {
		return rest
	}
	return cell
}

// ReadEnum reads a cell as one of the values; any other text is an INVALID fault of the column.
func ReadEnum[T ~string](f *Faults, column, cell string, all []T) T {
	if !slices.Contains(all, T(cell)) {
		f.Add(CodeInvalid, column, "invalid.value", map[string]string{"values": strings.Join(Strings(all), ", ")})
	}
	return T(cell)
}

// ReadDate reads a cell as a date. Any other text is an INVALID fault of the column, and so is an empty cell if
// required is set.
func ReadDate(f *Faults, column, cell string, required bool) Date {
	if cell == "" && !required {
		return ""
	}
	d, err := ParseDate(cell)
	if err != nil {
		f.Add(CodeInvalid, column, "invalid.date", nil)
	}
	return d
}
