package graph_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/testkit/kept"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a third of the time went into collecting what is small and short-lived
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

// everyDocument is for a run before a release, in case that the peer answers two calls of one shape differently,
// and for asking the peer one document that is not in its list.
var everyDocument = flag.Bool("all", false, "ask the MongoDB peer every golden document, not only those of testdata/peer.txt")

const peerPath = "testdata/peer.txt"

// TestGolden holds golden documents against both stores: the answers and the number of store calls are the
// same. The embedded store is asked all of them. The MongoDB peer, which takes ten times as long, is asked those of
// a list that the shapes of all calls to the embedded store make: together they have every shape.
func TestGolden(t *testing.T) {
	documents, shapes := golden.Documents(t, "testdata"), map[string][]string{}
	embedded, peer := testkit.Engines()[0], testkit.Engines()[1]
	heard := &messages{}
	t.Run(embedded.Name, func(t *testing.T) { runGolden(t, embedded, documents, shapes, heard.by) })
	if len(shapes) == len(documents) {
		holdPeerList(t, documents, shapes)
		holdMessages(t, heard)
	} else {
		t.Logf("%d of %d documents were asked, which say nothing of the list for the peer", len(shapes), len(documents))
	}
	if kept.Updating() {
		return // documents are what the embedded store answers
	}
	if !*everyDocument {
		listed := peerList(t)
		documents = slices.DeleteFunc(documents, func(g golden.Document) bool { return !slices.Contains(listed, g.Name()) })
	}
	t.Run(peer.Name, func(t *testing.T) {
		runGolden(t, peer, documents, map[string][]string{}, func(string) func(context.Context, kit.Posting) { return nil })
	})
}

// runGolden asks documents of an engine, and notes the shapes of the calls that each costs. What hear returns for a
// document gets the messages that it queues.
func runGolden(t *testing.T, engine testkit.Engine, documents []golden.Document, shapes map[string][]string, hear func(document string) func(context.Context, kit.Posting)) {
	warm := func(s store.Store) (*golden.Server, *testkit.Recording) {
		recording := &testkit.Recording{Store: s}
		return golden.Serve(t, recording).Warm(t), recording
	}
	shared, ofShared := warm(engine.Shared(t))
	demonstration := sync.OnceValues(func() (*golden.Server, *testkit.Recording) { return warm(engine.Demonstration(t)) })
	unwritten := engine.Unwritten(t)
	for _, g := range documents {
		t.Run(g.Name(), func(t *testing.T) {
			s, recording := shared, ofShared
			switch {
			case g.Demonstration():
				s, recording = demonstration()
			case g.Writes():
				recording = &testkit.Recording{Store: unwritten.Store()}
				s = golden.Serve(t, recording)
				s.Hear = hear(g.Name())
			}
			recording.Shapes()
			g.Run(t, s)
			shapes[g.Name()] = recording.Shapes()
		})
	}
}

// holdPeerList holds the list for the peer against the shapes of all calls.
func holdPeerList(t *testing.T, documents []golden.Document, shapes map[string][]string) {
	t.Helper()
	costs := map[string]int{}
	for _, g := range documents {
		switch {
		case g.Demonstration(): // the peer takes long to load it
			costs[g.Name()] = 2
		case strings.HasPrefix(g.Part("query"), "mutation") && g.Part("calls") != "0": // and some time to put the fixture back
			costs[g.Name()] = 1
		}
	}
	needed := testkit.Cover(shapes, func(a, b string) int { return costs[a] - costs[b] })
	if !kept.Updating() {
		for _, shape := range testkit.Uncovered(shapes, peerList(t)) {
			t.Errorf("the MongoDB peer is not asked for: %s", shape)
		}
	}
	kept.File(t, peerPath, strings.Join(needed, "\n")+"\n")
}

// peerList are the documents that the peer is asked.
func peerList(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile(peerPath)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(raw))
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
