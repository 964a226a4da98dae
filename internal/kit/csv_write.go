package kit

import (
	"context"
	"encoding/csv"
	"io"

	"memberportal/internal/store"
)

// CellKind says what the texts of a column mean, for tables that distinguish texts, numbers and days.
type CellKind int

// The kinds of cells. A cell of any kind may be empty.
const (
	// TextCell is any text, also one that looks like a number or a formula.
	TextCell CellKind = iota
	// NumberCell is a decimal number such as 1987.50.
	NumberCell
	// DateCell is a day such as 2025-03-31.
	DateCell
	// TimeCell is an instant such as 2025-03-31T12:00:00.000Z.
	TimeCell
)

// Column is a column of a table that is exported.
type Column struct {
	// Name is what CSV files call the column; programs rely on it.
	Name string
	Kind CellKind
	// Title is what people call the column; empty for a column that is called the same in all tables, whose title
	// the writer knows by its name.
	Title string
}

// TextColumns returns columns of texts with these names.
func TextColumns(names ...string) []Column {
	return Map(names, func(name string) Column { return Column{Name: name} })
}

// Rows is a table that is being written: Head once, then Row for each row. An error of either ends the export.
type Rows interface {
	// Head writes the first line. total is the expected number of rows.
	Head(columns []Column, total int64) error
	// Row writes a row, from its cells by the names of their columns.
	Row(cell map[string]string) error
}

// CSVRows writes a table as CSV in which no cell is a formula. Make it with NewCSV.
type CSVRows struct {
	out     *csv.Writer
	columns []string
}

// NewCSV returns a CSV writer. Close must be called at the end.
func NewCSV(w io.Writer) *CSVRows { return &CSVRows{out: csv.NewWriter(w)} }

// Head writes the line of column names.
func (c *CSVRows) Head(columns []Column, _ int64) error {
	c.columns = Map(columns, func(of Column) string { return of.Name })
	return c.out.Write(c.columns)
}

// Row writes a line.
func (c *CSVRows) Row(cell map[string]string) error {
	cells := make([]string, len(c.columns))
	for i, name := range c.columns {
		cells[i] = EscapeCell(cell[name])
	}
	return c.out.Write(cells)
}

// Close writes what is buffered.
func (c *CSVRows) Close() error {
	c.out.Flush()
	return c.out.Error()
}

// tableBatch is how many documents are read at once for a table.
const tableBatch = 500

// WriteTable writes the documents of a query as a table, page by page, so that no table is ever whole in memory. cells
// makes the rows of a page.
func WriteTable[T any](ctx context.Context, c store.Collection[T], q store.Query, columns []Column, to Rows, cells func(context.Context, []*T) ([]map[string]string, error)) error {
	plan, err := c.Plan(q)
	if err != nil {
		return err
	}
	total, err := c.Count(ctx, plan, store.Bounds{})
	if err != nil {
		return err
	}
	if err := to.Head(columns, total); err != nil {
		return err
	}
	return EachPage(ctx, c, q, tableBatch, func(page []*T) error {
		rows, err := cells(ctx, page)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := to.Row(row); err != nil {
				return err
			}
		}
		return nil
	})
}
