package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type becoming struct {
	BecomeOperator struct {
		SignedIn   *struct{ AccessToken string }
		UserErrors []struct{ Code, Message string }
	}
}

const becomeOperator = `mutation { becomeOperator(input: { code: %q, name: "Ann Operator", email: "ann@example.org" }) { signedIn { accessToken } userErrors { code message } } }`

// TestTheFirstOperator starts a new store in production, takes the code of its file, and is operator from then on: there,
// and after a restart, which removes the file.
func TestTheFirstOperator(t *testing.T) {
	flags, _ := production(t)
	file := filepath.Join(filepath.Dir(strings.TrimPrefix(flags[1], "--store=sqlite:")), "operator-code")
	s := serve(t, plus(flags, anyPort)...)
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v", info.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	must(t, err)
	code := strings.TrimSpace(string(text))
	if code == "" || strings.Contains(s.stdout.String(), code) || strings.Contains(s.stderr.String(), code) {
		t.Fatal("the code is empty, or printed where no person looks on")
	}
	if got := ask[becoming](t, s, "", fmt.Sprintf(becomeOperator, code+"A")).BecomeOperator; got.SignedIn != nil || len(got.UserErrors) != 1 || got.UserErrors[0].Code != "INVALID" {
		t.Errorf("another code: %+v", got)
	}
	first := ask[becoming](t, s, "", fmt.Sprintf(becomeOperator, code)).BecomeOperator
	if first.SignedIn == nil {
		t.Fatalf("the code: %+v", first)
	}
	granted := ask[struct {
		GrantRole struct {
			Person     *struct{ Name string }
			UserErrors []any
		}
	}](t, s, first.SignedIn.AccessToken, `mutation { grantRole(input: { name: "Ben", email: "ben@example.org", role: SECRETARIAT }) { person { name } userErrors { code } } }`)
	if granted.GrantRole.Person == nil {
		t.Errorf("the first operator cannot grant: %+v", granted.GrantRole)
	}
	if again := ask[becoming](t, s, "", fmt.Sprintf(becomeOperator, code)).BecomeOperator; again.SignedIn != nil {
		t.Error("the code is good twice")
	}
	s.stop(t)
	s = serve(t, plus(flags, anyPort)...)
	defer s.stop(t)
	if _, err := os.Stat(file); err == nil {
		t.Error("the file stays though there is an operator")
	}
}

// TestAnOperatorCodeThatCannotBeWrittenIsLogged: the portal starts all the same.
func TestAnOperatorCodeThatCannotBeWrittenIsLogged(t *testing.T) {
	flags, _ := production(t)
	s := serve(t, plus(flags, anyPort, "--operator-code-file="+filepath.Join(t.TempDir(), "none", "code"))...)
	s.stop(t)
	contains(t, s.stderr.String(), "--operator-code-file", "user grant")
}
