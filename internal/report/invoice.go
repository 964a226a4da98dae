package report

import (
	"context"
	_ "embed"
	"html/template"
	"io"
	"strconv"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

//go:embed invoice.html.tmpl
var invoiceText string

// invoiceTemplate escapes every text that it is given.
var invoiceTemplate = template.Must(template.New("invoice").Funcs(template.FuncMap{"tag": tag}).Parse(invoiceText))

// Paper is what a printable invoice or credit note is made from. The caller reads Invoice and Member with the rights of
// whoever asks; a nil Member leaves out its name.
type Paper struct {
	Invoice *membership.Invoice
	Member  *membership.Member
	// Language is the member's, or that of whoever asks.
	Language kit.Locale
	// Organisation is the name of whoever issues the document.
	Organisation string
}

// Invoice writes a printable invoice as HTML. It shows the name that the member had when it was issued,
// because a document that was sent does not change.
func Invoice(w io.Writer, p Paper) error { return invoiceTemplate.Execute(w, p.sheet(false)) }

// CreditNote writes the printable credit note of a cancelled invoice as HTML. It writes nothing, and returns false, if
// the invoice has none.
func CreditNote(w io.Writer, p Paper) (bool, error) {
	if p.Invoice.CreditNote() == nil {
		return false, nil
	}
	return true, invoiceTemplate.Execute(w, p.sheet(true))
}

// sheet is what the template of invoices and credit notes shows.
type sheet struct {
	Language         kit.Locale
	Direction, Title string
	// Demonstration is empty for a real record.
	Demonstration string
	Facts, Sums   []sheetFact
	// PaymentTitle and Payment are empty where nothing is to be paid.
	PaymentTitle string
	Payment      []string
}

// sheetFact is a line of a sheet. Machine says that it is a number or code, which is written from left to right in every
// language.
type sheetFact struct {
	Name, Value string
	Machine     bool
}

func (p Paper) sheet(credit bool) sheet {
	i, words := p.Invoice, &facts{Language: p.Language}
	s := sheet{Language: p.Language, Direction: words.direction(), Title: words.label("invoice.title")}
	fact := func(to *[]sheetFact, key, value string, machine bool) {
		if value != "" {
			*to = append(*to, sheetFact{words.label("invoice." + key), value, machine})
		}
	}
	if i.Dataset == kit.Demonstration || p.Member != nil && p.Member.Dataset == kit.Demonstration {
		s.Demonstration = words.label("invoice.demonstration")
	}
	money := func(m kit.Money) string { return m.Format(p.Language) }
	if note := i.CreditNote(); credit {
		s.Title = words.label("invoice.creditTitle")
		fact(&s.Facts, "number", note.Number, true)
		fact(&s.Facts, "issuedOn", note.IssuedOn.Format(p.Language), false)
		fact(&s.Facts, "credits", kit.Deref(i.Number), true)
		fact(&s.Facts, "reason", note.Reason, false)
	} else {
		fact(&s.Facts, "number", kit.Deref(i.Number), true)
		fact(&s.Facts, "issuedOn", i.IssuedOn.Format(p.Language), false)
		fact(&s.Facts, "dueOn", kit.Date(kit.Deref(i.DueOn)).Format(p.Language), false)
	}
	fact(&s.Facts, "from", p.Organisation, false)
	if m := p.Member; m != nil {
		fact(&s.Facts, "to", m.NameOn(i.IssuedOn), false)
		if c := m.Country(); c != nil {
			fact(&s.Facts, "country", c.Name.Text(context.Background(), &p.Language), false)
		}
	}
	fact(&s.Facts, "for", words.label("invoice."+string(i.Kind)), false)
	if p.Member != nil {
		fact(&s.Facts, "category", words.label("invoice."+string(p.Member.On(i.ChargedOn()).Category)), false)
	}
	fact(&s.Facts, "class", strings.Join(i.FeeClasses, ", "), true)
	fact(&s.Facts, "year", strconv.Itoa(i.Year), true)
	if i.Months != nil {
		fact(&s.Facts, "months", strconv.Itoa(*i.Months), true)
	}
	fact(&s.Sums, "amount", money(i.Amount), false)
	if credit {
		return s
	}
	fact(&s.Sums, "paid", money(i.Paid()), false)
	fact(&s.Sums, "outstanding", money(i.Outstanding()), false)
	if over := i.Overpaid(); over.Amount > 0 {
		fact(&s.Sums, "overpaid", money(over), false)
	}
	fact(&s.Sums, "state", words.label("invoice."+string(i.State())), false)
	fact(&s.Sums, "creditNote", kit.Deref(creditNumber(i)), true)
	if i.State() == membership.InvoiceOpen {
		s.PaymentTitle = words.label("invoice.payment")
		s.Payment = []string{words.label("invoice.askSecretariat")} // nobody may invent bank details
		if how := i.PayTo(); how != nil {
			s.Payment = strings.Split(*how, "\n")
		}
	}
	return s
}

func creditNumber(i *membership.Invoice) *string {
	if note := i.CreditNote(); note != nil {
		return &note.Number
	}
	return nil
}
