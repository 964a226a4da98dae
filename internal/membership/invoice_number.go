package membership

import (
	"context"
	"fmt"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// series is a series of numbers of documents: of invoices or of credit notes. Each has numbers of its own for each year,
// without a gap, because an auditor asks for every number that is missing.
type series struct {
	// prefix stands before the year in a number, so that no invoice has the number of a credit note.
	prefix string
	// year and number are the keys by which the documents of a series are listed, take the number of a document.
	year, number string
	take         func(*Invoice) *string
}

var (
	invoiceSeries = series{"", "series", "number", func(i *Invoice) *string { return i.Number }}
	creditSeries  = series{"C", "creditSeries", "creditNumber", (*Invoice).creditNumber}
)

// digits is how many digits a number has after the year. A series holds fewer than a million documents of a year.
const digits = 6

// seriesOf returns the part of a number that says of which series and year it is, empty for no number.
func seriesOf(number *string) string {
	if number == nil || len(*number) <= digits+1 {
		return ""
	}
	return (*number)[:len(*number)-digits-1]
}

// creditNumber is the number of the credit note, nil if there is none.
func (i *Invoice) creditNumber() *string {
	if i.Cancelled == nil {
		return nil
	}
	return i.Cancelled.Number
}

// numbers returns a function that gives the next numbers of a series, in a transaction. The last number is read from the
// documents, so that a transaction that is rolled back leaves no gap. Transactions that take numbers of one series run one
// after the other, whatever the year; what else they look up before the write is therefore still true when they write.
func (s *InvoiceService) numbers(ctx context.Context, of series, year int) (func() *string, error) {
	name := fmt.Sprintf("%s%04d", of.prefix, year)
	if err := s.core.Touch(ctx, "numbers", of.year); err != nil {
		return nil, err
	}
	plan, err := s.invoices.Plan(store.Query{Any: []store.Where{{of.year: {name}}}, Sort: of.number})
	if err != nil {
		return nil, err
	}
	last, err := s.invoices.Page(ctx, plan, store.Range{Backward: true, Limit: 1})
	if err != nil {
		return nil, err
	}
	n := 0
	if len(last.Docs) > 0 {
		if n, err = strconv.Atoi((*of.take(last.Docs[0]))[len(name)+1:]); err != nil {
			return nil, fmt.Errorf("the number %s: %w", *of.take(last.Docs[0]), err)
		}
	}
	return func() *string {
		n++
		return new(fmt.Sprintf("%s-%0*d", name, digits, n))
	}, nil
}

// CreditNote is the document by which an invoice is taken back. It is for the whole amount.
type CreditNote struct {
	Number   string
	IssuedOn kit.Date
	Amount   kit.Money
	Reason   string
	// InvoiceNumber is nil for an invoice of an earlier release, which has no number.
	InvoiceNumber *string
	// PrintPath is the path of the document to print.
	PrintPath string
}

// CreditNote returns the credit note of a cancelled invoice; nil if there is none.
func (i *Invoice) CreditNote() *CreditNote {
	if i.creditNumber() == nil {
		return nil
	}
	return &CreditNote{Number: *i.Cancelled.Number, IssuedOn: i.Cancelled.On, Amount: i.Amount, Reason: i.Cancelled.Reason, InvoiceNumber: i.Number, PrintPath: CreditNotePaper(i.ID)}
}
