// Package kept holds what tests get against files of the repository that people read. It stands apart from
// testkit, so that tests inside the domain can import it.
package kept

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

var update = flag.Bool("update", false, "rewrite the files that tests hold their results against")

// Updating says whether the run rewrites kept files.
func Updating() bool { return *update }

// File fails with a diff if a file does not hold a text; with -update it writes the text instead.
func File(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v\nto write it: %s", err, Command(t))
	}
	if string(want) != got {
		t.Errorf("%s\nto accept it: %s", Diff(path, string(want), got), Command(t))
	}
}

// Diff is how two texts differ, as a unified diff; empty if they do not.
func Diff(name, want, got string) string {
	return string(diff.Diff(name, []byte(want), name+" as it is now", []byte(got)))
}

// Command runs a test alone, from the root of the module, and accepts what it gets.
func Command(t testing.TB) string {
	folder, err := os.Getwd() // go test runs tests in the folder of their package
	if err != nil {
		t.Fatal(err)
	}
	root := folder
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatalf("%s is in no module", folder)
		}
		root = filepath.Dir(root)
	}
	path, err := filepath.Rel(root, folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range strings.SplitSeq(t.Name(), "/") {
		names = append(names, "^"+regexp.QuoteMeta(name)+"$")
	}
	return fmt.Sprintf("go test ./%s -run '%s' -update", filepath.ToSlash(path), strings.Join(names, "/"))
}
