package auth_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/auth"
)

func TestOnlyWhoHasTheKeysOpensWhatIsSealed(t *testing.T) {
	old, both, other := tokens(t, 'A').Keys, tokens(t, 'B', 'A').Keys, tokens(t, 'B').Keys
	sealed, err := old.Seal("purpose", "a text; with signs, ö")
	if err != nil || strings.ContainsAny(sealed, "+/=;, ") {
		t.Fatalf("%q, %v", sealed, err)
	}
	if text, ok := old.Open("purpose", sealed); !ok || text != "a text; with signs, ö" {
		t.Errorf("%q, %v", text, ok)
	}
	if _, ok := both.Open("purpose", sealed); !ok {
		t.Error("nobody opens it once there is a new key")
	}
	again, err := old.Seal("purpose", "a text; with signs, ö")
	if err != nil || again == sealed {
		t.Error("the same text is sealed in the same way twice")
	}
	spoilt := []byte(sealed)
	spoilt[len(spoilt)/2] ^= 1
	for name, open := range map[string]func() (string, bool){
		"another key":     func() (string, bool) { return other.Open("purpose", sealed) },
		"no key":          func() (string, bool) { return auth.KeySet{}.Open("purpose", sealed) },
		"another purpose": func() (string, bool) { return old.Open("other", sealed) },
		"a spoilt text":   func() (string, bool) { return old.Open("purpose", string(spoilt)) },
		"half of it":      func() (string, bool) { return old.Open("purpose", sealed[:20]) },
		"nothing":         func() (string, bool) { return old.Open("purpose", "") },
		"signs":           func() (string, bool) { return old.Open("purpose", "$") },
	} {
		if text, ok := open(); ok {
			t.Errorf("%s opens it: %q", name, text)
		}
	}
	if _, err := (auth.KeySet{}).Seal("purpose", "x"); err == nil {
		t.Error("it is sealed without a key")
	}
}

func TestTheSecretOfAClientIsItsOwnersAlone(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		mode       os.FileMode
		good       bool
	}{
		"as the issuer shows it":   {"short", "short", 0o600, true},
		"with a line end":          {"pass word\r\n", "pass word", 0o600, true},
		"that others may read":     {"short", "", 0o640, false},
		"that is empty":            {"\n", "", 0o600, false},
		"that is no secret's file": {strings.Repeat("x", 5000), "", 0o600, false},
	} {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if got, err := auth.LoadClientSecret(path); (err == nil) != c.good || c.good && got != c.want || err != nil && strings.Contains(err.Error(), c.text) && c.text != "\n" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := auth.LoadClientSecret(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("there is none")
	}
}
