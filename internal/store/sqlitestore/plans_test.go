//go:build !race

package sqlitestore_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/store/storetest"
)

const many = 100_000

// manyDocs are documents of which many stand at every place of every order.
func manyDocs(from, n int) []*storetest.Doc {
	docs := make([]*storetest.Doc, n)
	for i := range docs {
		at := from + i
		docs[i] = &storetest.Doc{
			ID: fmt.Sprintf("doc_%06d", at*7919%many), Colour: []storetest.Colour{"BLUE", "GREEN", "RED"}[at%3], Size: []string{"L", "M", "S", "XL"}[at/3%4],
			Title: fmt.Sprint("title ", at%50), Tags: []string{fmt.Sprint("tag", at%4), fmt.Sprint("tag", at%7)}[:at%3],
			From: fmt.Sprintf("2025-%02d-01", at%9+1), At: time.Date(2024, 1, 1+at%28, 0, 0, 0, 0, time.UTC),
		}
		if at%10 == 0 {
			docs[i].Code = fmt.Sprint("code ", at)
		}
	}
	return docs
}

// TestLargeStore fills one store and holds it to several things.
func TestLargeStore(t *testing.T) {
	all := append(portal.Kinds(), storetest.Docs.Kind)
	s := begun(t, filepath.Join(t.TempDir(), "portal.db"), all...)
	docs := storetest.Docs.In(s)
	for from := 0; from < many; from += 1000 {
		must(t, docs.Insert(t.Context(), manyDocs(from, 1000)...))
	}
	for _, k := range all {
		for _, l := range k.Listings {
			t.Run(fmt.Sprintf("every page and count of %s by %q comes from its index, unsorted", k.Name, l.Name()), func(t *testing.T) { pagePlans(t, s, k, l) })
		}
	}
	t.Run("every other read comes from an index", func(t *testing.T) { readPlans(t, s, docs) })
	t.Run("paging meets every document once", func(t *testing.T) { walks(t, docs) })
}

func pagePlans(t *testing.T, s *sqlitestore.Store, k *store.Kind, l store.Listing) {
	token := "title 1\x1fdoc_000100"
	for _, b := range filters(k, l) {
		for _, within := range []store.Bounds{{}, {After: token}, {Before: token}, {After: "title 1", Before: token}} {
			for _, backward := range []bool{false, true} {
				r := store.Range{Bounds: within, Backward: backward, Limit: 21}
				lines, err := s.Explain(t.Context(), k, store.Plan{Sort: l.Sort, Branches: []store.Branch{b}, Disjoint: true}, r)
				must(t, err)
				if fault := slow(lines); fault != "" || len(lines) == 0 {
					t.Errorf("%v, %+v: %s in\n%s", b.Values, r, fault, strings.Join(lines, "\n"))
				}
			}
			lines, err := s.ExplainCount(t.Context(), k, b, within)
			must(t, err)
			if fault := slow(lines); fault != "" || !bounded(lines, within) {
				t.Errorf("counting %v within %q: %s in\n%s", b.Values, within, fault, strings.Join(lines, "\n"))
			}
		}
	}
}

// filters are branches of a listing: one value for each key, two, three, and as many as are allowed. What lies
// between is planned as these are.
func filters(k *store.Kind, l store.Listing) []store.Branch {
	var all []store.Branch
	for n := range store.MaxStreams {
		b := store.Branch{Listing: l}
		for _, name := range l.Columns() {
			key, _ := k.Key(name)
			values := key.Values
			for i := 0; key.Values == nil && i <= n; i++ {
				values = append(values, fmt.Sprint("tag", i))
			}
			b.Values = append(b.Values, values[:min(n+1, len(values))])
		}
		if b.Streams() <= store.MaxStreams && !slices.ContainsFunc(all, func(o store.Branch) bool { return o.Streams() == b.Streams() }) {
			all = append(all, b)
		}
	}
	if len(all) > 4 {
		all = append(all[:3], all[len(all)-1])
	}
	return all
}

// slow is the step of a plan that would cost more the more documents there are.
func slow(lines []string) string {
	for _, line := range lines {
		bare := strings.Contains(line, "SCAN") && !strings.Contains(line, "USING")
		if bare || strings.Contains(line, "TEMP B-TREE") {
			return line
		}
	}
	return ""
}

// bounded says whether a plan is one step that reads an index from one bound to the other.
func bounded(lines []string, within store.Bounds) bool {
	end := ">?)"
	if within.Before != "" {
		end = "<?)"
	}
	return len(lines) == 1 && strings.HasPrefix(lines[0], "SEARCH ") && strings.HasSuffix(lines[0], end)
}

func readPlans(t *testing.T, s *sqlitestore.Store, docs store.Collection[storetest.Doc]) {
	ctx := t.Context()
	before := sqlitestore.KeepStatements(1 << 20)
	defer sqlitestore.KeepStatements(before)
	for _, either := range [][]store.Where{
		{{}}, {{"colour": {"RED"}}}, {{"size": {"S", "M"}}}, {{"tags": {"tag1"}}}, {{"tags": {"tag1", "tag2"}}},
		{{"colour": {"RED"}}, {"colour": {"BLUE"}, "size": {"S"}}}, {{"colour": {"RED"}}, {"size": {"S"}}},
	} {
		plan, err := docs.Plan(store.Query{Any: either, Sort: "title"})
		must(t, err)
		for _, within := range []store.Bounds{{}, {After: "title 1"}, {After: "title 1", Before: "title 3"}} {
			_, err = docs.Count(ctx, plan, within)
			must(t, err)
		}
		_, err = docs.Page(ctx, plan, store.Range{Limit: 20})
		must(t, err)
	}
	for _, prefix := range []string{"", "tag1"} {
		for _, key := range []string{"colour", "state", "tags"} {
			_, err := docs.CountBy(ctx, key, prefix)
			must(t, err)
		}
	}
	ids, err := docs.Probe(ctx, "tags", "tag", 1001)
	if must(t, err); len(ids) != 1001 {
		t.Errorf("probed to %d ids", len(ids))
	}
	_, err = docs.Lookup(ctx, "code", "code 10")
	must(t, err)
	_, err = docs.Many(ctx, ids[:100])
	must(t, err)
	_, err = s.Reindex(ctx, storetest.Docs.Kind, "doc_05", 100, false)
	must(t, err)
	plans, err := s.ReadPlans(ctx)
	must(t, err)
	for query, lines := range plans {
		if strings.Contains(query, "sqlite_schema") || strings.Contains(query, "pragma_") {
			continue // once at start, and as long as the schema
		}
		// Counting documents that branches or values share must note the ids that it met.
		distinct := strings.Contains(query, " UNION SELECT ") || strings.Contains(query, "COUNT(DISTINCT")
		lines = slices.DeleteFunc(lines, func(line string) bool {
			return distinct && strings.Contains(line, "TEMP B-TREE") || strings.HasPrefix(line, "SCAN (subquery")
		})
		if fault := slow(lines); fault != "" {
			t.Errorf("%s\n%s in\n%s", query, fault, strings.Join(lines, "\n"))
		}
	}
	for _, part := range []string{"COUNT(*)", "COUNT(DISTINCT", "GROUP BY", "u_code", "value < ?", "id IN"} {
		if !slices.ContainsFunc(queries(plans), func(q string) bool { return strings.Contains(q, part) }) {
			t.Errorf("no statement with %q was looked at", part)
		}
	}
}

func queries(plans map[string][]string) (all []string) {
	for q := range plans {
		all = append(all, q)
	}
	return all
}

func walks(t *testing.T, docs store.Collection[storetest.Doc]) {
	for _, backward := range []bool{false, true} {
		plan, err := docs.Plan(store.Query{Any: []store.Where{{"colour": {"RED"}, "size": {"L", "XL"}}}, Sort: "title"})
		must(t, err)
		want, err := docs.Count(t.Context(), plan, store.Bounds{})
		must(t, err)
		n, last, r := int64(0), "", store.Range{Limit: 1000, Backward: backward}
		for {
			page, err := docs.Page(t.Context(), plan, r)
			must(t, err)
			for _, token := range page.Tokens {
				if last != "" && (token > last) == backward || token == last {
					t.Fatalf("%q after %q", token, last)
				}
				last = token
				n++
			}
			if !page.More {
				break
			}
			if r.After = last; backward {
				r.After, r.Before = "", last
			}
		}
		if n != want || n < many/7 {
			t.Errorf("met %d documents of %d", n, want)
		}
	}
}
