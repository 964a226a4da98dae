package graph_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/testkit/golden"
	"memberportal/internal/testkit/kept"
)

var example = regexp.MustCompile("(?s)<!-- golden: (\\S+) -->\n(```graphql\n.*?\n```\n(```json\n.*?\n```\n)*)?")

// TestExamplesAreGoldenDocuments holds the examples of docs/api.md against the golden documents they
// are taken from; -update rewrites them.
func TestExamplesAreGoldenDocuments(t *testing.T) {
	const path = "../docs/api.md"
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	goldens := map[string]golden.Document{}
	for _, g := range golden.Documents(t, "testdata") {
		goldens[g.Name()] = g
	}
	found := 0
	fresh := example.ReplaceAllStringFunc(string(raw), func(old string) string {
		found++
		name := example.FindStringSubmatch(old)[1]
		g, ok := goldens[name]
		if !ok {
			t.Errorf("%s: there is no golden document %s", path, name)
			return old
		}
		parts := []string{"<!-- golden: " + name + " -->", "```graphql", g.Part("query"), "```"}
		if g.Part("variables") != "" {
			parts = append(parts, "```json", g.Part("variables"), "```")
		}
		return strings.Join(append(parts, "```json", g.Part("want"), "```"), "\n") + "\n"
	})
	if found == 0 {
		t.Errorf("%s has no example", path)
	}
	kept.File(t, path, fresh)
}
