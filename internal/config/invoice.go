package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Invoices says how invoices are paid.
type Invoices struct {
	PaymentInstructions string `name:"payment-instructions" help:"File of plain text (UTF-8, at most 20 lines and 1,500 bytes) that says how an invoice is paid, on invoices, in messages about them and to applicants; left out, they say that the secretariat tells it." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_PAYMENT_INSTRUCTIONS"`
}

// The bounds of that text: it stands in every message about an invoice.
const (
	maxPaymentLines = 20
	maxPaymentBytes = 1500
)

// PayTo reads what says how an invoice is paid; empty without a file.
func (i Invoices) PayTo() (string, error) {
	if i.PaymentInstructions == "" {
		return "", nil
	}
	read, err := os.ReadFile(i.PaymentInstructions)
	if err != nil {
		return "", fmt.Errorf("--payment-instructions: %w", err)
	}
	text := strings.TrimSpace(strings.ReplaceAll(string(read), "\r\n", "\n"))
	if err := paymentFault(text); err != nil {
		return "", fmt.Errorf("--payment-instructions: %s: %w", i.PaymentInstructions, err)
	}
	return text, nil
}

func paymentFault(text string) error {
	strange := func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || r == '\uFEFF') }
	switch {
	case text == "":
		return errors.New("it is empty")
	case len(text) > maxPaymentBytes || strings.Count(text, "\n") >= maxPaymentLines:
		return fmt.Errorf("it has more than %d lines or %d bytes", maxPaymentLines, maxPaymentBytes)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, strange):
		return errors.New("it is not plain text in UTF-8")
	}
	return nil
}
