package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"
	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// alwaysThere are the fields that lead to a record and are never null, with the reason why a damaged
// record does not make them so.
var alwaysThere = map[string]string{
	"BenefitComparison.benefit": "rows are made of the benefits that were read",
	"DueDiligenceQueue.oldest":  "queues are made of the applications that were read",
	"DueDiligenceQueue.country": "countries are reference data and are not stored",
	"SearchResult.node":         "results are made of the records that were read",
}

// TestNoFieldNeedsAnotherRecord fails on a field that leads to a record and is never null: if that record
// is damaged, whatever holds the field would go with it. Edges of lists are made of what was read.
func TestNoFieldNeedsAnotherRecord(t *testing.T) {
	s, met, records := schema(t), map[string]bool{}, 0
	isRecord := func(name string) bool {
		d := s.Types[name]
		return name == "Node" || slices.ContainsFunc(s.GetPossibleTypes(d), func(d *gql.Definition) bool { return slices.Contains(d.Interfaces, "Node") })
	}
	for _, d := range ours(t) {
		if d.Kind != gql.Object && d.Kind != gql.Interface {
			continue
		}
		for _, f := range d.Fields {
			if !isRecord(f.Type.Name()) || f.Type.Elem != nil {
				continue
			}
			records++
			name := d.Name + "." + f.Name
			if !f.Type.NonNull || strings.HasSuffix(d.Name, "Edge") && f.Name == "node" {
				continue
			}
			if met[name] = true; alwaysThere[name] == "" {
				t.Errorf("%s is never null", name)
			}
		}
	}
	for name := range alwaysThere {
		if !met[name] {
			t.Errorf("%s needs no reason any more", name)
		}
	}
	t.Logf("%d fields lead to a record", records)
}

// damagedAtOnce is how many nouns are damaged in one store. Few at a time, so that what the damage of one
// refuses does not hide what the damage of another does.
const damagedAtOnce = 4

// TestDamagedDocumentsHarmNoQuery damages one half of the documents of each noun and then the other, and asks
// every golden query: none is UNAVAILABLE or INTERNAL, and no list is null that is one when nothing is
// damaged. It asks the embedded store; what differs between the two stores is held to the same by the tests
// of the domain.
func TestDamagedDocumentsHarmNoQuery(t *testing.T) {
	var queries []golden.Document
	for _, g := range golden.Documents(t, "testdata") {
		if !g.Demonstration() && !strings.HasPrefix(g.Part("query"), "mutation") {
			queries = append(queries, g)
		}
	}
	for nouns := range slices.Chunk(portal.Kinds(), damagedAtOnce) {
		var names []string
		for _, k := range nouns {
			names = append(names, k.Name)
		}
		for half := range 2 {
			t.Run(fmt.Sprint(strings.Join(names, ","), " ", half), func(t *testing.T) {
				st := testkit.Engines()[0].Fresh(t)
				damaged := map[string]bool{}
				for _, k := range nouns {
					spoilHalf(t, st, k, half, damaged)
				}
				s := golden.Serve(t, st).Warm(t)
				for _, g := range queries {
					answer := s.Call(t, s.Header(t, g.Part("as"), g.Part("locale")), g.Part("query"), g.Part("variables"))
					for _, fault := range harm(g, answer, damaged) {
						t.Errorf("%s: %s", g.Name(), fault)
					}
				}
				t.Logf("%d documents damaged, %d queries", len(damaged), len(queries))
			})
		}
	}
}

// asks says whether a person of the fixture asks golden documents. Whoever's own record is damaged is told that the
// portal cannot say what they may do, whatever they ask; a test of the room of persons holds that.
func asks(id string) bool {
	return strings.HasPrefix(id, "usr_") && !strings.HasPrefix(id, "usr_0")
}

// spoilHalf damages every second document of a noun, but for the persons who ask.
func spoilHalf(t *testing.T, s store.Store, k *store.Kind, half int, damaged map[string]bool) {
	t.Helper()
	found, err := s.Reindex(context.Background(), k, "", 10000, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, doc := range found.Sound {
		if id, _ := k.Identity(doc); i%2 == half && !asks(id) {
			damaged[id] = true
			testkit.Spoil(t, s, k, id, func(bson.D) bson.D { return bson.D{{Key: "_id", Value: id}, {Key: "version", Value: "seven"}} }, 0)
		}
	}
}

// harm is what an answer shows of the damage. What is asked of a record by its id is null, lists too, if that
// record is damaged, as it is for one that is not there.
func harm(g golden.Document, answer string, damaged map[string]bool) (faults []string) {
	type parts struct {
		Data   any
		Errors []struct {
			Message    string
			Path       []any
			Extensions struct{ Code string }
		}
	}
	var want, got parts
	for text, into := range map[string]*parts{g.Part("want"): &want, answer: &got} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return []string{fmt.Sprintf("no answer: %v: %s", err, text)}
		}
	}
	for _, e := range got.Errors {
		if e.Extensions.Code == "UNAVAILABLE" || e.Extensions.Code == "INTERNAL" {
			faults = append(faults, fmt.Sprintf("%s at %v: %s", e.Extensions.Code, e.Path, e.Message))
		}
	}
	about := func(id string) bool { return strings.Contains(g.Part("query")+g.Part("variables"), strconv.Quote(id)) }
	wanted, _ := want.Data.(map[string]any)
	answered, _ := got.Data.(map[string]any)
	for field, was := range wanted {
		if answered[field] != nil || !slices.ContainsFunc(slices.Collect(maps.Keys(damaged)), about) {
			faults = append(faults, lostLists(field, was, answered[field])...)
		}
	}
	return faults
}

// lostLists are the places where there was a list and is none. Rows are not compared, because those of
// damaged records are left out.
func lostLists(at string, want, got any) (lost []string) {
	switch w := want.(type) {
	case []any:
		if _, ok := got.([]any); !ok {
			return []string{fmt.Sprintf("%s was a list and is %v", at, got)}
		}
	case map[string]any:
		g, ok := got.(map[string]any)
		for key, v := range w {
			if ok {
				lost = append(lost, lostLists(at+"."+key, v, g[key])...)
			}
		}
	}
	return lost
}
