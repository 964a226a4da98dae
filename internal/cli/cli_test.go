package cli_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func TestHelpAndVersion(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"token", "--help"}, {"check", "--help"}, {"schema", "--help"}, {"--version"}, {"-h"}} {
		t.Run(strings.Join(args, " ")+" prints to stdout and succeeds", func(t *testing.T) {
			code, stdout, stderr := command(t, args...)
			if code != 0 || stderr != "" || !strings.Contains(stdout, "memberportal") {
				t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

func TestHelpIsTheDocumentationOfEveryFlag(t *testing.T) {
	_, help, _ := command(t, "serve", "--help")
	contains(t, help,
		"--data", "MEMBERPORTAL_DATA", "--mode", "MEMBERPORTAL_MODE", "--store", "MEMBERPORTAL_STORE", "--mongodb-uri", "MEMBERPORTAL_MONGODB_URI", "--mongodb-uri-file", "MEMBERPORTAL_MONGODB_URI_FILE",
		"--now", "MEMBERPORTAL_NOW", "--zone", "MEMBERPORTAL_ZONE", "--signing-key", "MEMBERPORTAL_SIGNING_KEY", "--issuer", "--audience",
		"--listen", "127.0.0.1:8080", "MEMBERPORTAL_LISTEN", "--no-tokens", "MEMBERPORTAL_NO_TOKENS", "--demo-members")
}

func TestMisuse(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"an unknown flag":                 {[]string{"--nonsense"}, "--nonsense"},
		"an unknown flag of a command":    {[]string{"check", "--nonsense"}, "--nonsense"},
		"an unknown command":              {[]string{"nonsense"}, "nonsense"},
		"a word too many":                 {[]string{"schema", "more"}, "more"},
		"a flag without its value":        {[]string{"--listen"}, "--listen"},
		"an unknown mode":                 {[]string{"--mode", "test"}, "--mode"},
		"a token without a role":          {[]string{"token"}, "--role"},
		"a token of an unknown role":      {[]string{"token", "--role", "ROOT"}, "SECRETARIAT"},
		"a token that lives too long":     {[]string{"token", "--role", "OPERATOR", "--life", "25h"}, "--life"},
		"a token that does not live":      {[]string{"token", "--role", "OPERATOR", "--life", "0s"}, "--life"},
		"an address that others reach":    {[]string{"--listen", "0.0.0.0:0"}, "--listen"},
		"a day that is none":              {[]string{"--now", "tomorrow"}, "--now"},
		"a check of a store that is none": {[]string{"check", "--store", "nonsense"}, "--store"},
	} {
		t.Run(name+" exits with 2 and a hint", func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, stdout, stderr := command(t, c.args...)
			if code != 2 || stdout != "" {
				t.Errorf("exit code %d, stdout %q", code, stdout)
			}
			contains(t, stderr, c.want, "memberportal --help")
			nothingMade(t)
		})
	}
}

func TestProductionIsRefusedWithAllFaults(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := command(t, "--mode", "production", "--listen", "nowhere", "--now", "soon")
	if code != 2 || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	contains(t, stderr, "--mongodb-uri", "sqlite:PATH", "--signing-key", "--listen", "--now")
	nothingMade(t)
}

func TestEnvironmentConfigures(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("MEMBERPORTAL_MODE", "production")
	t.Setenv("MEMBERPORTAL_LISTEN", "nowhere")
	code, _, stderr := command(t)
	if code != 2 {
		t.Errorf("exit code %d", code)
	}
	contains(t, stderr, "--signing-key", `"nowhere"`)
}

func TestSchemaIsOneThatLoads(t *testing.T) {
	code, stdout, stderr := command(t, "schema")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: stdout})
	must(t, err)
	for _, field := range []string{"viewer", "node", "members", "countries", "auditLog"} {
		if schema.Query.Fields.ForName(field) == nil {
			t.Errorf("no query %s", field)
		}
	}
	if schema.Mutation.Fields.ForName("updateMemberProfile") == nil {
		t.Error("no mutation updateMemberProfile")
	}
	if _, again, _ := command(t, "schema"); again != stdout {
		t.Error("the schema is printed otherwise the second time")
	}
}
