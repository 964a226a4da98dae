package graph_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/testkit/kept"
)

// printed is what README.md shows of the portal: a request of curl and its answer.
var printed = regexp.MustCompile(`(?s)accept-language: ([a-z]+)' \\\n *-d '(\{.*?\})'\n(\{"data".*?\})\n\n`)

// TestTheReadmeShowsWhatIsAnswered asks the demonstration what README.md asks it. Lines of the answer are broken
// there, which makes no difference to JSON.
func TestTheReadmeShowsWhatIsAnswered(t *testing.T) {
	raw, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := printed.FindStringSubmatch(string(raw))
	if m == nil {
		t.Fatal("README.md shows no request with its answer")
	}
	var body struct{ Query string }
	if err := json.Unmarshal([]byte(m[2]), &body); err != nil {
		t.Fatal(err)
	}
	s := golden.Serve(t, testkit.Engines()[0].Demonstration(t))
	var got, want any
	if err := json.Unmarshal([]byte(s.Ask(t, s.Header(t, "nobody", m[1]), body.Query, "")), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(m[3]), &want); err != nil {
		t.Fatalf("README.md shows an answer that is no JSON: %v", err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("README.md shows %v, the answer is %v", want, got)
	}
}

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
