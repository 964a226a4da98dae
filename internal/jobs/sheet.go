package jobs

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"memberportal/internal/kit"
)

// maxSheet is how many bytes of text a sheet may have, because it is put together in memory.
const maxSheet = 64 << 20

//go:embed titles.json
var titlesJSON []byte

// titles are what people call the columns that have one name in all tables: by the name of the column and language.
// The entry «sheet» is the name of the sheet.
var titles = func() map[string]map[kit.Locale]string {
	var m map[string]map[kit.Locale]string
	if err := json.Unmarshal(titlesJSON, &m); err != nil {
		panic(fmt.Sprintf("titles.json: %v", err))
	}
	return m
}()

// titleOf returns the title of a column in a language.
func titleOf(c kit.Column, l kit.Locale) string {
	if c.Title != "" {
		return c.Title
	}
	return titles[c.Name][l]
}

// sheet writes a table as a workbook with one sheet: a first line of titles that stays in sight and filters, days and
// numbers as such, and everything else as text, so that no cell is a formula. From right to left in Arabic.
type sheet struct {
	w       io.Writer
	locale  kit.Locale
	book    *excelize.File
	name    string
	out     *excelize.StreamWriter
	columns []kit.Column
	styles  map[kit.CellKind]int
	rows    int
	size    int
}

// newSheet begins a workbook, which Close writes to w.
func newSheet(w io.Writer, l kit.Locale) (*sheet, error) {
	// Excelize would move a large sheet into a file beside the store, where no erasure finds it if the process dies. It
	// keeps the sheet in memory if it can make no file.
	s := &sheet{w: w, locale: l, name: titles["sheet"][l], book: excelize.NewFile(excelize.Options{TmpDir: os.DevNull}), styles: map[kit.CellKind]int{}, rows: 1}
	if err := s.book.SetSheetName(s.book.GetSheetName(0), s.name); err != nil {
		return s, err
	}
	for kind, format := range map[kit.CellKind]string{kit.TextCell: "@", kit.DateCell: "yyyy-mm-dd", kit.TimeCell: "yyyy-mm-dd hh:mm"} {
		id, err := s.book.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			return s, err
		}
		s.styles[kind] = id
	}
	return s, nil
}

// Head writes the titles.
func (s *sheet) Head(columns []kit.Column, _ int64) error {
	s.columns = columns
	if err := s.book.SetSheetView(s.name, 0, &excelize.ViewOptions{RightToLeft: new(s.locale == kit.Arabic)}); err != nil {
		return err
	}
	var err error
	if s.out, err = s.book.NewStreamWriter(s.name); err != nil {
		return err
	}
	if err := s.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	bold, err := s.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	if err != nil {
		return err
	}
	cells := make([]any, len(columns))
	for i, c := range columns {
		cells[i] = excelize.Cell{StyleID: bold, Value: titleOf(c, s.locale)}
	}
	for i := len(columns); i > 0; i-- { // the last width is written first, and Excel wants them in order
		width := utf8.RuneCountInString(titleOf(columns[i-1], s.locale)) + 4
		if err := s.out.SetColWidth(i, i, float64(min(max(12, width), 40))); err != nil {
			return err
		}
	}
	return s.out.SetRow("A1", cells)
}

// Row writes a row. It fails with kit.ErrTooLarge once the sheet has more text than maxSheet, or more rows than fit.
func (s *sheet) Row(cell map[string]string) error {
	cells := make([]any, len(s.columns))
	for i, c := range s.columns {
		text := cell[c.Name]
		if s.size += len(text); text != "" {
			cells[i] = excelize.Cell{StyleID: s.styles[c.Kind], Value: valueOf(c.Kind, text)}
		}
	}
	if s.rows++; s.size > maxSheet || s.rows > excelize.TotalRows {
		return kit.ErrTooLarge
	}
	return s.out.SetRow("A"+strconv.Itoa(s.rows), cells)
}

// valueOf returns a cell as a day, an instant or a number. What is none stays a text.
func valueOf(kind kit.CellKind, text string) any {
	switch kind {
	case kit.NumberCell:
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	case kit.DateCell:
		if t, err := time.Parse(time.DateOnly, text); err == nil {
			return t
		}
	case kit.TimeCell:
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t.UTC()
		}
	}
	return text
}

// Close puts the workbook together and writes it.
func (s *sheet) Close() error {
	defer func() { _ = s.book.Close() }()
	last, err := excelize.CoordinatesToCellName(len(s.columns), s.rows)
	if err != nil {
		return err
	}
	if err := s.book.AutoFilter(s.name, "A1:"+last, nil); err != nil {
		return err
	}
	if err := s.out.Flush(); err != nil {
		return err
	}
	_, err = s.book.WriteTo(s.w)
	return err
}
