package sqlitestore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
)

// thing is what declarations that change are about.
type thing struct {
	ID      string   `bson:"_id"`
	Version int64    `bson:"version"`
	Kind    string   `bson:"kind"`
	Place   string   `bson:"place"`
	Name    string   `bson:"name"`
	Code    string   `bson:"code"`
	Tags    []string `bson:"tags"`
}

var (
	thingKind  = store.OneOf("kind", []string{"A", "B"}, func(d *thing, _ string) string { return d.Kind })
	thingPlace = store.One("place", func(d *thing, _ string) string { return d.Place })
	thingName  = store.One("name", func(d *thing, _ string) string { return d.Name })
	thingTags  = store.Many("tags", func(d *thing, _ string) []string { return d.Tags })
	thingCode  = store.Unique("code", func(d *thing) string { return d.Code })
	thingRank  = store.One("rank", func(d *thing, _ string) string { return d.ID[len(d.ID)-1:] })
	backwards  = store.One("name", func(d *thing, _ string) string { return reversed(d.Name) })
)

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// declare makes a version of the noun's declaration.
func declare(revision int, keys []store.Key[thing], listings ...store.Listing) store.Declared[thing] {
	return store.Declare(store.Noun[thing]{
		Name: "things", Identity: func(d *thing) (string, *int64) { return d.ID, &d.Version },
		Keys: keys, Listings: listings, Revision: revision,
	})
}

func keys(all ...store.Key[thing]) []store.Key[thing] { return all }

func listing(has, equal, sort string) store.Listing {
	return store.Listing{Has: has, Equal: strings.Fields(equal), Sort: sort}
}

// someThings are n documents with ties in every key but the code.
func someThings(n int) []*thing {
	all := make([]*thing, n)
	for i := range all {
		all[i] = &thing{
			ID: fmt.Sprintf("thi_%03d", i), Kind: []string{"A", "B"}[i%2], Place: fmt.Sprint("place ", i%3), Name: fmt.Sprint("name ", i%7),
			Code: fmt.Sprint("code ", i), Tags: []string{"x", "y", "z"}[:i%4],
		}
	}
	return all
}

// answers holds every listing of a declaration against the documents: each combination of values
// that some document has must give exactly the documents that have it, in order.
func answers(t *testing.T, s *sqlitestore.Store, noun store.Declared[thing], docs []*thing) {
	t.Helper()
	for _, l := range noun.Kind.Listings {
		want := map[string][]string{} // tokens by the values of the columns
		wheres := map[string]store.Where{}
		for _, d := range docs {
			v := noun.Kind.Derive(d, "")
			token := d.ID
			if l.Sort != "" {
				token = v.Sort[l.Sort]
			}
			for _, where := range combinations(l, v) {
				name := fmt.Sprint(where)
				wheres[name] = where
				want[name] = append(want[name], token)
			}
		}
		for name, where := range wheres {
			plan, err := noun.In(s).Plan(store.Query{Any: []store.Where{where}, Sort: l.Sort})
			must(t, err)
			page, err := noun.In(s).Page(t.Context(), plan, store.Range{Limit: store.MaxLimit})
			must(t, err)
			slices.Sort(want[name])
			if !slices.Equal(page.Tokens, want[name]) {
				t.Errorf("listing %s, %s: got %d documents, want %d", l.Name(), name, len(page.Tokens), len(want[name]))
			}
			if n, err := noun.In(s).Count(t.Context(), plan, store.Bounds{}); err != nil || int(n) != len(want[name]) {
				t.Errorf("listing %s, %s: counted %d, %v, want %d", l.Name(), name, n, err, len(want[name]))
			}
		}
	}
}

func combinations(l store.Listing, v store.Values) []store.Where {
	where := store.Where{}
	for _, e := range l.Equal {
		where[e] = v.Key[e]
	}
	if l.Has == "" {
		return []store.Where{where}
	}
	var all []store.Where
	for _, value := range v.Key[l.Has] {
		one := store.Where{l.Has: {value}}
		for _, e := range l.Equal {
			one[e] = where[e]
		}
		all = append(all, one)
	}
	return all
}

// unchanged says that the documents are stored as they were.
func unchanged(t *testing.T, s *sqlitestore.Store, noun store.Declared[thing], docs []*thing) {
	t.Helper()
	for _, d := range docs {
		got, err := noun.In(s).Get(t.Context(), d.ID)
		must(t, err)
		if fmt.Sprint(got) != fmt.Sprint(d) {
			t.Errorf("got %v, want %v", got, d)
		}
	}
}
