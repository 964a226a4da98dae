package graph_test

import (
	"bufio"
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestTheBinaryHoldsNothingForTests lists what the program is linked of and what is embedded in it. What
// tests, generators and checks are made of stays out of it, and so do the golden documents.
func TestTheBinaryHoldsNothingForTests(t *testing.T) {
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{.ImportPath}} {{.EmbedFiles}}", "memberportal")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		path, embedded, _ := strings.Cut(lines.Text(), " ")
		seen[path] = true
		if path == "testing" || strings.HasPrefix(path, "testing/") || slices.Contains(forTests, path) ||
			slices.ContainsFunc([]string{"golang.org/x/tools/", "honnef.co/", "github.com/chromedp/", "pgregory.net/"}, func(of string) bool { return strings.HasPrefix(path, of) }) {
			t.Errorf("the program is linked of %s", path)
		}
		if strings.HasPrefix(path, "memberportal") && (strings.Contains(embedded, "testdata") || strings.Contains(embedded, ".txtar")) {
			t.Errorf("%s embeds %s", path, embedded)
		}
	}
	if !seen["memberportal/graph"] || !seen["net/http"] {
		t.Errorf("%d packages are listed, and not the program's own", len(seen))
	}
}
