package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/store"
)

// Run holds an adapter to the contract. Nothing is skipped: where a test server is known to differ,
// the difference is asserted.
func Run(t *testing.T, p Peer) {
	for name, test := range map[string]func(stage){
		"a document comes back as it was stored":               stored,
		"replace and delete are guarded by version":            guarded,
		"unique keys are unique, and absent ones are not":      p.unique,
		"every page in both directions is what a scan gives":   pages,
		"paging goes on while documents come and go":           moving,
		"several branches are merged and counted once":         branches,
		"an undeclared or too wide query is refused":           refusals,
		"a multi-valued key answers has, hasAny and prefix":    multi,
		"many listings may share a multi-valued key":           p.shared,
		"pages and counts keep within bounds":                  bounds,
		"count and countBy agree with a scan":                  p.counts,
		"sixteen writers through Update lose nothing":          updaters,
		"sixteen writers through Replace win or conflict":      replacers,
		"a unique key has one winner in a race":                race,
		"a transaction is whole":                               p.transaction,
		"transactions do not lose each other's changes":        p.serial,
		"keys follow the day and the version does not change":  p.days,
		"a corrupt document is refused and found":              p.corrupt,
		"migrations run once, in order, one process at a time": p.migrations,
		"a new store needs no migration":                       p.fresh,
		"a migration rewrites documents through the port":      p.rewrite,
		"a backup holds one state, and can be restored":        p.backups,
		"a backup that is not what was written is refused":     spoilt,
		"a store that nobody began is not backed up":           p.unbegun,
		"text of any script and length can be stored":          texts,
		"a closed store is unavailable":                        closed,
	} {
		t.Run(name, func(t *testing.T) { test(p.open(t, "db")) })
	}
}

func stored(s stage) {
	at := time.Date(2025, 3, 31, 12, 0, 0, 123_000_000, time.UTC)
	d := &Doc{ID: "doc_1", Colour: "RED", Size: "S", Title: "Title", Tags: []string{"b", "a"}, N: 1 << 60, At: at, Notes: map[string]string{"k": "v"}}
	s.must(s.docs.Insert(s.ctx, d))
	got, err := s.docs.Get(s.ctx, "doc_1")
	s.must(err)
	if got.Version != 1 || !slices.Equal(got.Tags, d.Tags) || got.N != d.N || !got.At.Equal(at) || got.At.Location() != time.UTC || got.Notes["k"] != "v" {
		s.Fatalf("got %+v", got)
	}
	if _, err := s.docs.Get(s.ctx, "doc_2"); !errors.Is(err, store.ErrNotFound) {
		s.Fatalf("missing document: %v", err)
	}
	many, err := s.docs.Many(s.ctx, []string{"doc_9", "doc_1", "doc_1"})
	s.must(err)
	if len(many) != 3 || many[0] != nil || many[1] == nil || many[2] == nil {
		s.Fatalf("many: %v", many)
	}
	err = s.docs.Insert(s.ctx, &Doc{ID: "doc_1", Colour: "RED", Size: "S"})
	if e, ok := errors.AsType[*store.DuplicateError](err); !ok || e.Key != "id" {
		s.Fatalf("second insert of one id: %v", err)
	}
}

func guarded(s stage) {
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_1", Colour: "RED", Size: "S", Title: "one"}))
	a, err := s.docs.Get(s.ctx, "doc_1")
	s.must(err)
	b, err := s.docs.Get(s.ctx, "doc_1")
	s.must(err)
	a.Title = "two"
	s.must(s.docs.Replace(s.ctx, a))
	if a.Version != 2 {
		s.Fatalf("version %d after the first replace", a.Version)
	}
	b.Title = "three"
	if err := s.docs.Replace(s.ctx, b); !errors.Is(err, store.ErrConflict) || b.Version != 1 {
		s.Fatalf("stale replace: %v, version %d", err, b.Version)
	}
	if err := s.docs.Replace(s.ctx, &Doc{ID: "doc_2", Version: 1}); !errors.Is(err, store.ErrNotFound) {
		s.Fatalf("replace of nothing: %v", err)
	}
	if err := s.docs.Delete(s.ctx, "doc_1", 1); !errors.Is(err, store.ErrConflict) {
		s.Fatalf("stale delete: %v", err)
	}
	s.must(s.docs.Delete(s.ctx, "doc_1", 2))
	if err := s.docs.Delete(s.ctx, "doc_1", 2); !errors.Is(err, store.ErrNotFound) {
		s.Fatalf("second delete: %v", err)
	}
}

func (p Peer) unique(s stage) {
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_1", Colour: "RED", Size: "S", Code: "x"}, &Doc{ID: "doc_2", Colour: "RED", Size: "S"}, &Doc{ID: "doc_3", Colour: "RED", Size: "S"}))
	err := s.docs.Insert(s.ctx, &Doc{ID: "doc_4", Colour: "RED", Size: "S", Code: "x"})
	if e, ok := errors.AsType[*store.DuplicateError](err); !ok || e.Key != "code" || e.Noun != "docs" {
		s.Fatalf("insert of a taken code: %v", err)
	}
	if id, err := s.docs.Lookup(s.ctx, "code", "x"); err != nil || id != "doc_1" {
		s.Fatalf("lookup of a taken code: %q, %v", id, err)
	}
	if _, err := s.docs.Lookup(s.ctx, "code", "y"); !errors.Is(err, store.ErrNotFound) {
		s.Fatalf("lookup of a free code: %v", err)
	}
	if _, err := s.docs.Lookup(s.ctx, "title", "y"); !errors.Is(err, store.ErrUndeclared) {
		s.Fatalf("lookup by a key that is not unique: %v", err)
	}
	d, err := s.docs.Get(s.ctx, "doc_2")
	s.must(err)
	d.Code = "x"
	err = s.docs.Replace(s.ctx, d)
	_, duplicate := errors.AsType[*store.DuplicateError](err)
	if err == nil || duplicate == p.LooseReplaceDuplicate {
		s.Fatalf("replace by a taken code: %v", err)
	}
	d.Code = "y"
	s.must(s.docs.Replace(s.ctx, d))
	s.must(s.docs.Delete(s.ctx, "doc_1", 1))
	s.must(s.docs.Insert(s.ctx, &Doc{ID: "doc_4", Colour: "RED", Size: "S", Code: "x"}))
}

// walk pages through a query and returns the ids in the order met.
func (s stage) walk(q store.Query, size int, backward bool) []string {
	s.Helper()
	plan, err := s.docs.Plan(q)
	s.must(err)
	var ids []string
	r := store.Range{Backward: backward, Limit: size}
	for {
		page, err := s.docs.Page(s.ctx, plan, r)
		s.must(err)
		for _, d := range page.Docs {
			ids = append(ids, d.ID)
		}
		if !page.More {
			return ids
		}
		if len(page.Docs) != size {
			s.Fatalf("a page of %d, and more to come", len(page.Docs))
		}
		if last := page.Tokens[len(page.Tokens)-1]; backward {
			r.Before = last
		} else {
			r.After = last
		}
	}
}

func (s stage) check(docs []*Doc, q store.Query, size int) {
	s.Helper()
	want := expected(docs, q)
	if got := s.walk(q, size, false); !slices.Equal(got, want) {
		s.Errorf("%v forward by %d:\n got %v\nwant %v", q, size, got, want)
	}
	slices.Reverse(want)
	if got := s.walk(q, size, true); !slices.Equal(got, want) {
		s.Errorf("%v backward by %d:\n got %v\nwant %v", q, size, got, want)
	}
}

func pages(s stage) {
	docs := sample(40)
	s.must(s.docs.Insert(s.ctx, docs...))
	for _, q := range []store.Query{
		{Sort: "title"},
		{Any: []store.Where{{"colour": {"RED"}}}, Sort: "title"},
		{Any: []store.Where{{"size": {"S", "M"}}}, Sort: "title"},
		{Any: []store.Where{{"colour": {"RED", "BLUE"}, "size": {"XL"}}}, Sort: "at"},
		{Sort: "at"},
		{Any: []store.Where{{"state": {"LATER"}}}},
		{Any: []store.Where{{"colour": {"RED"}, "size": {"none"}}}, Sort: "title"},
		{Any: []store.Where{{"colour": nil}}, Sort: "title"},
	} {
		for _, size := range []int{1, 7, 40} {
			s.check(docs, q, size)
		}
	}
	plan, err := s.docs.Plan(store.Query{Sort: "title"})
	s.must(err)
	all, err := s.docs.Page(s.ctx, plan, store.Range{Limit: 40})
	s.must(err)
	between, err := s.docs.Page(s.ctx, plan, store.Range{Bounds: store.Bounds{After: all.Tokens[4], Before: all.Tokens[9]}, Limit: 10})
	s.must(err)
	if !slices.Equal(between.Tokens, all.Tokens[5:9]) || between.More {
		s.Errorf("between two tokens: %q", between.Tokens)
	}
}

// moving deletes and inserts around the place where the reader stands: nothing is seen twice, and
// nothing that stayed is missed.
func moving(s stage) {
	docs := sample(40)
	s.must(s.docs.Insert(s.ctx, docs...))
	plan, err := s.docs.Plan(store.Query{Sort: "title"})
	s.must(err)
	for _, backward := range []bool{false, true} {
		seen, deleted := map[string]int{}, map[string]bool{}
		r := store.Range{Limit: 4, Backward: backward}
		for round := 0; ; round++ {
			page, err := s.docs.Page(s.ctx, plan, r)
			s.must(err)
			for _, d := range page.Docs {
				seen[d.ID]++
			}
			if !page.More {
				break
			}
			last := page.Docs[len(page.Docs)-1]
			deleted[last.ID] = true
			s.must(s.docs.Delete(s.ctx, last.ID, last.Version))
			s.must(s.docs.Insert(s.ctx, &Doc{ID: fmt.Sprintf("new_%v_%d", backward, round), Colour: "RED", Size: "S", Title: last.Title}))
			if r.After = page.Tokens[len(page.Tokens)-1]; backward {
				r.After, r.Before = "", r.After
			}
		}
		for _, d := range docs {
			if !deleted[d.ID] && seen[d.ID] != 1 {
				s.Errorf("backward %v: untouched %s was seen %d times", backward, d.ID, seen[d.ID])
			}
		}
		for id, n := range seen {
			if n > 1 {
				s.Errorf("backward %v: %s was seen %d times", backward, id, n)
			}
		}
		docs = slices.DeleteFunc(docs, func(d *Doc) bool { return deleted[d.ID] })
	}
}

func branches(s stage) {
	docs := sample(40)
	s.must(s.docs.Insert(s.ctx, docs...))
	overlapping := store.Query{Any: []store.Where{{"colour": {"RED"}}, {"size": {"S"}}}, Sort: "title"}
	disjoint := store.Query{Any: []store.Where{{"colour": {"RED"}}, {"colour": {"BLUE"}, "size": {"S"}}}, Sort: "title"}
	for _, q := range []store.Query{overlapping, disjoint} {
		s.check(docs, q, 3)
		s.counted(docs, q)
	}
}

func refusals(s stage) {
	for _, q := range []store.Query{
		{Any: []store.Where{{"title": {"x"}}}, Sort: "title"},
		{Any: []store.Where{{"colour": {"RED"}}}, Sort: "n"},
		{Any: []store.Where{{"state": {"NOW"}}}, Sort: "title"},
		{Any: []store.Where{{"tags": {"a"}}}, Sort: "at"},
		{Any: []store.Where{{"nonsense": {"x"}}}, Sort: "title"},
	} {
		if _, err := s.docs.Plan(q); !errors.Is(err, store.ErrUndeclared) {
			s.Errorf("%v: %v", q, err)
		}
	}
	var many []string
	for i := range store.MaxStreams + 1 {
		many = append(many, fmt.Sprint("tag", i))
	}
	wide := store.Query{Any: []store.Where{{"tags": many, "colour": {"RED"}}}, Sort: "title"}
	if _, err := s.docs.Plan(wide); !errors.Is(err, store.ErrTooWide) {
		s.Errorf("65 ranges: %v", err)
	}
	wide.Any[0]["tags"] = many[:store.MaxStreams]
	plan, err := s.docs.Plan(wide)
	s.must(err)
	if _, err := s.docs.Page(s.ctx, plan, store.Range{Limit: 5}); err != nil {
		s.Errorf("64 ranges: %v", err)
	}
	for _, limit := range []int{0, store.MaxLimit + 1} {
		if _, err := s.docs.Page(s.ctx, plan, store.Range{Limit: limit}); err == nil {
			s.Errorf("a page of %d was given", limit)
		}
	}
	if _, err := s.docs.CountBy(s.ctx, "title", ""); !errors.Is(err, store.ErrUndeclared) {
		s.Errorf("countBy an undeclared key: %v", err)
	}
	if _, err := s.docs.Probe(s.ctx, "colour", "R", 10); !errors.Is(err, store.ErrUndeclared) {
		s.Errorf("probe of a single-valued key: %v", err)
	}
}

func multi(s stage) {
	docs := sample(30)
	docs = append(docs, &Doc{ID: "doc_a", Colour: "RED", Size: "S", Tags: []string{"a", "z"}},
		&Doc{ID: "doc_b", Colour: "RED", Size: "S", Tags: []string{"m.n", "m+n", "m.nx"}})
	s.must(s.docs.Insert(s.ctx, docs...))
	for _, tags := range [][]string{{"tag1"}, {"tag0", "tag1", "tag2", "tag3"}, {"été"}, {"none"}} {
		s.check(docs, store.Query{Any: []store.Where{{"tags": tags}}, Sort: "title"}, 3)
		s.check(docs, store.Query{Any: []store.Where{{"tags": tags, "colour": {"RED", "BLUE"}}}, Sort: "title"}, 5)
	}
	for prefix, want := range map[string][]string{
		"m.n": {"doc_b"}, "m+": {"doc_b"}, "m": {"doc_b"}, ".": nil, "b": nil,
		"a": {"doc_a"}, "ét": expected(docs, store.Query{Any: []store.Where{{"tags": {"été"}}}}),
	} {
		got, err := s.docs.Probe(s.ctx, "tags", prefix, 1000)
		s.must(err)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			s.Errorf("prefix %q: got %v, want %v", prefix, got, want)
		}
	}
	if got, err := s.docs.Probe(s.ctx, "tags", "tag", 5); err != nil || len(got) != 5 {
		s.Errorf("probe bounded to 5: %v, %v", got, err)
	}
	d, err := s.docs.Get(s.ctx, "doc_b")
	s.must(err)
	d.Tags = []string{"other"}
	s.must(s.docs.Replace(s.ctx, d))
	if got, err := s.docs.Probe(s.ctx, "tags", "m", 5); err != nil || len(got) != 0 {
		s.Errorf("a tag that was taken away is still found: %v, %v", got, err)
	}
}

func (p Peer) counts(s stage) {
	docs := sample(40)
	s.must(s.docs.Insert(s.ctx, docs...))
	for _, where := range []store.Where{{}, {"colour": {"RED"}}, {"size": {"S", "L"}}, {"tags": {"tag0", "tag1"}}, {"tags": {"tag2"}, "colour": {"RED"}}, {"colour": {"none"}}} {
		s.counted(docs, store.Query{Any: []store.Where{where}, Sort: "title"})
	}
	for _, c := range []struct{ key, prefix string }{{"colour", ""}, {"colour", "R"}, {"tags", "tag"}, {"tags", "tag1"}, {"tags", "x"}} {
		p.countedBy(s, docs, c.key, c.prefix)
	}
}

func (p Peer) countedBy(s stage, docs []*Doc, key, prefix string) {
	s.Helper()
	got, err := s.docs.CountBy(s.ctx, key, prefix)
	s.must(err)
	want := map[string]int64{}
	for _, d := range docs {
		for _, v := range Docs.Kind.Derive(d, Day).Key[key] {
			loose := p.LooseCountByMulti && key == "tags"
			if strings.HasPrefix(v, prefix) && !loose {
				want[v]++
			}
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("countBy %s %q: got %v, want %v", key, prefix, got, want)
	}
}
