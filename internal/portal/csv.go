package portal

import (
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

// maxImport bounds the rows of one file.
const maxImport = 200_000

// importChunk is how many rows one transaction writes.
const importChunk = 50

// ImportFault is what is wrong with one cell. Row 1 is the line of column names.
type ImportFault struct {
	Row     int           `json:"row"`
	Column  string        `json:"column"`
	Code    UserErrorCode `json:"code"`
	Message string        `json:"message"`
}

// ImportResult says what an import did, or would do.
type ImportResult struct {
	Rows   int           `json:"rows"`
	Made   int           `json:"made"`
	There  int           `json:"there"`
	Faults []ImportFault `json:"faults"`
}

// table is a CSV file that is imported. What is wrong with it goes into the result.
type table struct {
	locale Locale
	// columns are those that the file must have; suits says whether a first line has them.
	columns []string
	suits   func(header []string) bool
	result  *ImportResult
}

func (t *table) fault(row int, column string, code UserErrorCode, text string) {
	t.result.Faults = append(t.result.Faults, ImportFault{row, column, code, text})
}

// note takes over what is wrong with a row: the path of each fault is its column.
func (t *table) note(row int, f *faults) {
	for _, e := range f.list {
		t.fault(row, e.Field[0], e.Code, e.Message)
	}
}

// read hands the rows to take, with their numbers and the cells by column. What is no table ends it,
// with a fault.
func (t *table) read(r io.Reader, take func(row int, cell map[string]string) error) error {
	reader := csv.NewReader(r)
	reader.FieldsPerRecord = -1
	say := func(key string) string { return Message(t.locale, key, nil) }
	header, err := reader.Read()
	if err == nil {
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
	}
	if _, bad := errors.AsType[*csv.ParseError](err); err != nil && !bad && !errors.Is(err, io.EOF) {
		return err
	}
	if err != nil || !t.suits(header) {
		t.fault(1, "", CodeInvalid, say("invalid.header")+" "+strings.Join(t.columns, ","))
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
		case n > maxImport+1:
			t.fault(n, "", CodeOutOfRange, Message(t.locale, "outOfRange.list", map[string]string{"max": strconv.Itoa(maxImport)}))
			return nil
		}
		t.result.Rows++
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

// escape keeps a spreadsheet from taking a cell for a formula, by an apostrophe ahead of it; unescape
// takes away exactly what escape adds.
func escape(cell string) string {
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

// writeRow writes the cells of some columns as a line of CSV in which there is no formula.
func writeRow(out *csv.Writer, columns []string, cell map[string]string) error {
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = escape(cell[c])
	}
	return out.Write(cells)
}

func readEnum[T ~string](f *faults, column, cell string, all []T) T {
	if !slices.Contains(all, T(cell)) {
		f.add(CodeInvalid, column, "invalid.value", map[string]string{"values": strings.Join(texts(all), ", ")})
	}
	return T(cell)
}

func readDate(f *faults, column, cell string, required bool) Date {
	if cell == "" && !required {
		return ""
	}
	d, err := ParseDate(cell)
	if err != nil {
		f.add(CodeInvalid, column, "invalid.date", nil)
	}
	return d
}
