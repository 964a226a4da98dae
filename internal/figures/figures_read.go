package figures

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// maxFigures limits the number of figures in a file.
const maxFigures = 10_000

var figureColumns = []string{"id", "figure", "scope", "period", "value", "unit", "paragraph"}

// Figure is a published figure, from one line of a file.
type Figure struct {
	ID string
	// Text has the words that say what the figure counts.
	Text      string
	Scope     string
	Period    string
	Unit      FigureUnit
	Paragraph string

	phrase
	figurePeriod
	value int64 // money in hundredths
	scope figureScope
}

// figurePeriod is the period from one day to another, both included. With asOf it is the one day on which something
// is counted.
type figurePeriod struct {
	from, to kit.Date
	asOf     bool
}

// FigureFaults lists all faults of a file of figures, each with line and column.
type FigureFaults struct{ Faults []string }

func (f *FigureFaults) Error() string { return strings.Join(f.Faults, "\n") }

// ReadFigures reads published figures as CSV in UTF-8 with the columns id, figure, scope, period, value, unit and
// paragraph. The error is *FigureFaults if the file is not such a table.
func ReadFigures(r io.Reader) ([]Figure, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	figures, ids := []Figure{}, map[string]bool{}
	err = kit.ReadReference(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))), figureColumns, func(row *kit.ReferenceRow) {
		f := readFigure(row)
		if ids[f.ID] && f.ID != "" {
			row.Fault("id", "%q stands twice", f.ID)
		}
		if ids[f.ID] = true; len(figures) == maxFigures {
			row.Fault("id", "a file has at most %d figures", maxFigures)
		}
		if len(figures) <= maxFigures {
			figures = append(figures, f)
		}
	})
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		return nil, &FigureFaults{kit.Map(all.Unwrap(), error.Error)}
	}
	return figures, err
}

// readFigure reads a line. A cell with a fault gives the zero value, and so do the fields that depend on it.
func readFigure(r *kit.ReferenceRow) Figure {
	f := Figure{
		ID: readPrinted(r, "id", true), Text: readPrinted(r, "figure", true), Scope: readPrinted(r, "scope", true), Period: readPrinted(r, "period", true),
		Unit: FigureUnit(readPrinted(r, "unit", true)), Paragraph: readPrinted(r, "paragraph", false),
	}
	f.scope = readScope(r, f.Scope)
	f.figurePeriod = readPeriod(r, f.Period)
	if f.Unit != "" && !slices.Contains(FigureUnits, f.Unit) {
		r.Fault("unit", "%q is none of %s", f.Unit, strings.Join(kit.Strings(FigureUnits), ", "))
		f.Unit = ""
	}
	if f.phrase = phraseOf(f.Text, f.scope); f.kind != nil {
		if f.Unit != "" && f.Unit != f.kind.unit {
			r.Fault("unit", "%q is counted in %s", f.Text, f.kind.unit)
		}
		if f.from != "" && f.asOf != f.kind.asOf {
			r.Fault("period", "%q is counted %s", f.Text, map[bool]string{true: "as of a day", false: "over a period"}[f.kind.asOf])
		}
	}
	if value := readPrinted(r, "value", true); value != "" && f.Unit != "" {
		f.value = readValue(r, value, f.Unit)
	}
	return f
}

// readPrinted returns the text of a cell if it can be shown to people; else it is empty.
func readPrinted(r *kit.ReferenceRow, column string, required bool) string {
	cell := r.Cell(column)
	switch {
	case !utf8.ValidString(cell):
		r.Fault(column, "is not UTF-8")
	case strings.ContainsFunc(cell, unicode.IsControl):
		r.Fault(column, "%q has characters that cannot be shown", kit.Clip(cell))
	case strings.TrimSpace(cell) == "" && required:
		r.Fault(column, "must not be empty")
	default:
		return cell
	}
	return ""
}

// readScope reads membership categories joined by +, ALL for all of them, or EVENTS.
func readScope(r *kit.ReferenceRow, cell string) (s figureScope) {
	switch cell {
	case "", "EVENTS":
		return figureScope{}
	case "ALL":
		return figureScope{true, true, true}
	}
	for name := range strings.SplitSeq(cell, "+") {
		i := slices.Index(membership.MembershipCategories, membership.MembershipCategory(name))
		if i < 0 || s[i] {
			r.Fault("scope", "%q is neither ALL nor EVENTS, nor some of %s joined by +", kit.Clip(cell), strings.Join(kit.Strings(membership.MembershipCategories), ", "))
			return figureScope{}
		}
		s[i] = true
	}
	return s
}

var (
	yearForm  = regexp.MustCompile(`^[0-9]{4}$`)
	monthForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}$`)
)

// readPeriod reads a year, a month, a period from one day to another, or the one day on which something is counted.
func readPeriod(r *kit.ReferenceRow, cell string) (p figurePeriod) {
	from, to := cell, cell
	switch first, last, found := strings.Cut(cell, ".."); {
	case cell == "":
		return p
	case found:
		from, to = first, last
	case strings.HasPrefix(cell, "as of "):
		p.asOf = true
		from, to = cell[len("as of "):], cell[len("as of "):]
	case yearForm.MatchString(cell):
		from, to = cell+"-01-01", cell+"-12-31"
	case monthForm.MatchString(cell):
		from, to = cell+"-01", string(kit.Date(cell+"-01").AddMonths(1).AddDays(-1))
	default:
		from = ""
	}
	var badFrom, badTo error
	p.from, badFrom = kit.ParseDate(from)
	p.to, badTo = kit.ParseDate(to)
	switch {
	case badFrom != nil || badTo != nil:
		r.Fault("period", "%q is no period such as 2024, 2024-06, 2024-01-01..2024-06-30 or «as of 2024-06-30»", kit.Clip(cell))
		return figurePeriod{}
	case p.to < p.from:
		r.Fault("period", "ends before it begins")
		return figurePeriod{}
	}
	return p
}

var wholeForm = regexp.MustCompile(`^[0-9]{1,9}$`)

func readValue(r *kit.ReferenceRow, cell string, unit FigureUnit) int64 {
	if unit == FigureCHF {
		d, err := kit.ParseDecimal(cell)
		if err != nil {
			r.Fault("value", "%v", err)
		}
		return int64(d)
	}
	if !wholeForm.MatchString(cell) {
		r.Fault("value", "%q is no number of %s", kit.Clip(cell), unit)
	}
	n, _ := strconv.ParseInt(cell, 10, 64)
	return n
}
