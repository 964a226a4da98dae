package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// codeless are the commands of a grammar that have no code of their own, or that take something which
// nobody gives them.
func codeless(t *testing.T, grammar any) (names []string) {
	t.Helper()
	parser, err := kong.New(grammar, kong.Name("memberportal"), kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	given := []string{"context.Context", "cli.results", "cli.remarks"}
	for _, leaf := range parser.Model.Leaves(false) {
		run := leaf.Target.MethodByName("Run")
		ok := run.IsValid() && run.Type().NumOut() == 1
		for i := 0; ok && i < run.Type().NumIn(); i++ {
			ok = strings.Contains(strings.Join(given, " "), run.Type().In(i).String())
		}
		if !ok {
			names = append(names, leaf.FullPath())
		}
	}
	return names
}

func TestEveryCommandHasCode(t *testing.T) {
	if names := codeless(t, &commands{}); len(names) > 0 {
		t.Errorf("no method Run: %v", names)
	}
	var forgetful struct {
		commands
		Forgotten struct{} `cmd:""`
	}
	if names := codeless(t, &forgetful); !slices.Equal(names, []string{"memberportal forgotten"}) {
		t.Errorf("the guard finds %v", names)
	}
}

// TestACommandWithoutCodeIsAnError: it never runs another command.
func TestACommandWithoutCodeIsAnError(t *testing.T) {
	t.Chdir(t.TempDir())
	var forgetful struct {
		commands
		Forgotten struct{} `cmd:""`
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), &forgetful, []string{"forgotten"}, &stdout, &stderr); code != exitFailed || stdout.Len() > 0 || !strings.Contains(stderr.String(), "forgotten") {
		t.Errorf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
}
