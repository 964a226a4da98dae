package kept_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/testkit/kept"
)

// failing is a test that only notes that it failed.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Errorf(format string, args ...any) { f.said += fmt.Sprintf(format, args...) }
func (f *failing) Helper()                           {}

// TestAFileThatDiffersIsShown wants the changed line with little around it, and how to accept it.
func TestAFileThatDiffersIsShown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	lines := strings.Split(strings.Repeat("line\n", 40), "\n")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("as it (is)", func(t *testing.T) {
		f := &failing{TB: t}
		kept.File(f, path, strings.Join(lines, "\n"))
		if f.said != "" {
			t.Errorf("nothing differs: %s", f.said)
		}
		lines[20] = "another"
		kept.File(f, path, strings.Join(lines, "\n"))
		for _, want := range []string{
			"\n-line\n+another\n", "@@ -18,7 +18,7 @@",
			`go test ./internal/testkit/kept -run '^TestAFileThatDiffersIsShown$/^as_it_\(is\)$' -update`,
		} {
			if !strings.Contains(f.said, want) {
				t.Errorf("%q is not in\n%s", want, f.said)
			}
		}
		if n := strings.Count(f.said, "\n"); n > 15 {
			t.Errorf("%d lines for one that differs:\n%s", n, f.said)
		}
	})
}
