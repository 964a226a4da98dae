package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/config"
)

func TestHowInvoicesArePaidIsReadFromAFile(t *testing.T) {
	for name, c := range map[string]struct{ text, want, fault string }{
		"lines":        {"Bank of the Testbed\r\nAccount 0000\n", "Bank of the Testbed\nAccount 0000", ""},
		"nothing":      {" \n", "", "empty"},
		"no text":      {"\x00\x01", "", "plain text"},
		"not UTF-8":    {"Gen\xe8ve", "", "plain text"},
		"a mark":       {"a\uFEFFb", "", "plain text"},
		"many lines":   {strings.Repeat("a\n", 20) + "a", "", "lines"},
		"a long text":  {strings.Repeat("a", 1501), "", "bytes"},
		"just so many": {strings.Repeat("a\n", 19) + "a", strings.Repeat("a\n", 19) + "a", ""},
	} {
		file := filepath.Join(t.TempDir(), "pay.txt")
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := config.Invoices{PaymentInstructions: file}.PayTo()
		switch {
		case c.fault == "" && (err != nil || got != c.want):
			t.Errorf("%s: %q, %v", name, got, err)
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault) || !strings.Contains(err.Error(), "--payment-instructions")):
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := (config.Invoices{}).PayTo(); got != "" || err != nil {
		t.Errorf("without a file: %q, %v", got, err)
	}
	if _, err := (config.Invoices{PaymentInstructions: filepath.Join(t.TempDir(), "none")}).PayTo(); err == nil {
		t.Error("a file that is not there is taken")
	}
}
