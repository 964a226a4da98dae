package docs_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheListOfANounIsWhole takes one noun as the measure: each file that is written by hand and names it has to
// be in the table of CONTRIBUTING.md. Tests may name a noun as they like; those that have to are in the table too.
func TestTheListOfANounIsWhole(t *testing.T) {
	const heading = "What one noun touches"
	_, below, found := strings.Cut(read(t, "CONTRIBUTING.md"), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("CONTRIBUTING.md has no section %q", heading)
	}
	below, _, _ = strings.Cut(below, "\n## ")
	names := strings.NewReplacer("NOUN", "change_request", "ROOM", "membership")
	var listed []string
	for _, line := range strings.Split(below, "\n") {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		if !strings.HasPrefix(line, "|") {
			continue
		}
		for _, name := range span.FindAllString(first, -1) {
			listed = append(listed, names.Replace(strings.Trim(name, "`")))
		}
	}

	measure := regexp.MustCompile(`(?i)membershipChangeRequest`)
	naming := 0
	for _, pattern := range []string{"*.go", "*.yml", "clients/*.mjs", "docs/*.md", "graph/*.go", "graph/schema/*.graphqls", "internal/*/*.go", "internal/*/*/*.go", "internal/*/*.json"} {
		for _, file := range glob(t, pattern) {
			if strings.HasSuffix(file, "_test.go") || !measure.MatchString(read(t, file)) {
				continue
			}
			naming++
			if !slices.Contains(listed, file) {
				t.Errorf("%s names the noun, and CONTRIBUTING.md does not say so under %q", file, heading)
			}
		}
	}
	if naming < 10 {
		t.Errorf("only %d files name the noun", naming)
	}
}
