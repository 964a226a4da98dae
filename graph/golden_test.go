package graph_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/testkit/kept"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

// TestGolden holds every golden document against both stores: the answers and the number of store
// calls are the same.
func TestGolden(t *testing.T) {
	for i, engine := range testkit.Engines() {
		if i > 0 && kept.Updating() {
			continue // documents are what the embedded store answers
		}
		t.Run(engine.Name, func(t *testing.T) {
			shared, whole := golden.Serve(t, engine.Shared(t)).Warm(t), golden.Serve(t, engine.Demonstration(t)).Warm(t)
			for _, g := range golden.Documents(t, "testdata") {
				t.Run(g.Name(), func(t *testing.T) {
					s := shared
					switch {
					case g.Demonstration():
						s = whole
					case g.Writes():
						s = golden.Serve(t, engine.Fresh(t))
					}
					g.Run(t, s)
				})
			}
		})
	}
}

// TestNoGoldenDocumentWantsAFaultOfOurs keeps -update from writing a bug into a document.
func TestNoGoldenDocumentWantsAFaultOfOurs(t *testing.T) {
	for _, g := range golden.Documents(t, "testdata") {
		if strings.Contains(g.Part("want")+g.Part("then-want"), `"INTERNAL"`) {
			t.Errorf("%s wants INTERNAL", g.Path)
		}
	}
}

// anyID finds of an id in an answer what says which noun it is of.
var anyID = regexp.MustCompile(`"id": "[a-z]{3}_`)

// TestStoreCallsDoNotGrow asks every document that takes a page size for 2 and for 40 rows: the
// number of store calls is the same.
func TestStoreCallsDoNotGrow(t *testing.T) {
	engine := testkit.Engines()[0]
	shared, whole := golden.Serve(t, engine.Shared(t)).Warm(t), golden.Serve(t, engine.Demonstration(t)).Warm(t)
	for _, g := range golden.Documents(t, "testdata") {
		s := shared
		if g.Demonstration() {
			s = whole
		}
		var variables map[string]any
		if g.Part("variables") != "" {
			if err := json.Unmarshal([]byte(g.Part("variables")), &variables); err != nil {
				t.Fatalf("%s: %v", g.Path, err)
			}
		}
		if variables["first"] == nil {
			continue
		}
		t.Run(g.Name(), func(t *testing.T) {
			calls, nouns := map[int]int64{}, map[int]int64{}
			for _, first := range []int{2, 40} {
				variables["first"] = first
				raw, _ := json.Marshal(variables)
				s.Store.Take()
				answer := s.Ask(t, s.Header(t, g.Part("as"), ""), g.Part("query"), string(raw))
				if strings.Contains(answer, `"errors"`) {
					t.Fatal(answer)
				}
				calls[first] = s.Store.Take()
				prefixes := map[string]bool{}
				for _, id := range anyID.FindAllString(answer, -1) {
					prefixes[id] = true
				}
				nouns[first] = int64(len(prefixes))
			}
			// Rows that name records of any noun cost a call for each noun there is.
			if more := calls[40] - calls[2]; more != 0 && (more < 0 || more > nouns[40]-nouns[2]) {
				t.Errorf("2 rows cost %d store calls, 40 rows %d", calls[2], calls[40])
			}
		})
	}
}
