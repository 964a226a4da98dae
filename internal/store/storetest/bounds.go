package storetest

import (
	"slices"

	"memberportal/internal/store"
)

// bounds holds pages and counts of a stretch against a scan: from a value on, up to a value, between
// places, outside of everything, and where nothing can lie.
func bounds(s stage) {
	docs := sample(40)
	s.must(s.docs.Insert(s.ctx, docs...))
	for _, q := range []store.Query{
		{Sort: "title"},
		{Sort: "at"},
		{Any: []store.Where{{"colour": {"RED"}}}, Sort: "title"},
		{Any: []store.Where{{"size": {"S", "L"}}}, Sort: "title"},
		{Any: []store.Where{{"state": {"NOW"}}}},
		{Any: []store.Where{{"state": {"NOW", "LATER"}}}},
		{Any: []store.Where{{"colour": {"RED"}}, {"colour": {"BLUE"}, "size": {"S"}}}, Sort: "title"},
		{Any: []store.Where{{"colour": {"RED"}}, {"size": {"S"}}}, Sort: "title"},
		{Any: []store.Where{{"tags": {"tag1"}}}, Sort: "title"},
		{Any: []store.Where{{"tags": {"tag0", "tag1", "tag2", "été"}}}, Sort: "title"},
		{Any: []store.Where{{"tags": {"tag0", "tag2"}, "colour": {"GREEN"}}, {"tags": {"été"}}}, Sort: "title"},
		{Any: []store.Where{{"tags": {"tag1", "tag3"}}, {"colour": {"RED"}}}, Sort: "title"},
		{Any: []store.Where{{"colour": nil}}, Sort: "title"},
	} {
		s.stretches(docs, q)
	}
}

func (s stage) stretches(docs []*Doc, q store.Query) {
	s.Helper()
	low, high := map[string]string{"": "doc_0010", "title": "title 1", "at": "2024-01-02"}[q.Sort], map[string]string{"": "doc_0030", "title": "title 3", "at": "2024-01-05T00:00:00Z"}[q.Sort]
	all := []store.Bounds{
		{}, {After: low}, {Before: high}, {After: low, Before: high}, {After: high, Before: low}, {After: low, Before: low},
		{After: "zzz"}, {After: "\U0010FFFF"}, {Before: "!"}, {After: "!", Before: "zzz"},
	}
	if places := tokens(docs, q); len(places) > 4 {
		first, last := places[1], places[len(places)-2]
		all = append(all, store.Bounds{After: first, Before: last}, store.Bounds{After: last}, store.Bounds{Before: first}, store.Bounds{After: low, Before: last}, store.Bounds{After: first, Before: first})
	}
	plan, err := s.docs.Plan(q)
	s.must(err)
	for _, b := range all {
		want := slices.DeleteFunc(tokens(docs, q), func(t string) bool { return t <= b.After || b.Before != "" && t >= b.Before })
		if n, err := s.docs.Count(s.ctx, plan, b); err != nil || int(n) != len(want) {
			s.Errorf("%v within %q: counted %d, %v, want %d", q, b, n, err, len(want))
		}
		for _, backward := range []bool{false, true} {
			page, err := s.docs.Page(s.ctx, plan, store.Range{Bounds: b, Backward: backward, Limit: len(docs)})
			s.must(err)
			if backward {
				slices.Reverse(page.Tokens)
			}
			if !slices.Equal(page.Tokens, want) {
				s.Errorf("%v within %q, backward %v:\n got %q\nwant %q", q, b, backward, page.Tokens, want)
			}
		}
	}
}

// counted holds a count without bounds against a scan.
func (s stage) counted(docs []*Doc, q store.Query) {
	s.Helper()
	plan, err := s.docs.Plan(q)
	s.must(err)
	n, err := s.docs.Count(s.ctx, plan, store.Bounds{})
	s.must(err)
	if want := len(expected(docs, q)); int(n) != want {
		s.Errorf("%v: counted %d, want %d", q, n, want)
	}
}

// sharing is a noun with the multi-valued key in a listing with each set of the equality keys, of
// which the nth comes first, so that it answers what is asked of the multi-valued key alone.
func sharing(n int) store.Declared[Doc] {
	var listings []store.Listing
	for set := range 8 {
		l := store.Listing{Has: "tags", Sort: "title"}
		for i, key := range []string{"colour", "size", "state"} {
			if set>>i&1 == 1 {
				l.Equal = append(l.Equal, key)
			}
		}
		listings = append(listings, l)
	}
	return store.Declare(store.Noun[Doc]{
		Name: "sharing", Identity: func(d *Doc) (string, *int64) { return d.ID, &d.Version }, Dated: true,
		Keys: docKeys, Listings: slices.Concat(listings[n:], listings[:n]),
	})
}

func (p Peer) shared(s stage) {
	s.must(s.Prepare(s.ctx, []*store.Kind{sharing(0).Kind}))
	docs := sample(40)
	s.docs = sharing(0).In(s.Store)
	s.must(s.docs.Insert(s.ctx, docs...))
	for _, d := range docs[:5] {
		d.Tags, d.Colour, d.Title = []string{"tag1", "other"}, "GREEN", "title 9"
		s.must(s.docs.Replace(s.ctx, d))
	}
	for _, d := range docs[35:] {
		s.must(s.docs.Delete(s.ctx, d.ID, d.Version))
	}
	docs = docs[:35]
	for n, l := range sharing(0).Kind.Listings {
		where := store.Where{"tags": {"tag1", "tag2", "other"}}
		for key, values := range map[string][]string{"colour": {"GREEN", "RED"}, "size": {"M", "S"}, "state": {"NOW"}} {
			if slices.Contains(l.Equal, key) {
				where[key] = values
			}
		}
		q := store.Query{Any: []store.Where{where}, Sort: "title"}
		if plan, err := s.docs.Plan(q); err != nil || plan.Listing() != l.Name() {
			s.Errorf("%v is answered by %q, %v", q, plan.Listing(), err)
		}
		s.check(docs, q, 7)
		s.stretches(docs, q)

		s := s
		s.docs = sharing(n).In(s.Store)
		p.countedBy(s, docs, "tags", "tag")
		p.countedBy(s, docs, "tags", "")
		got, err := s.docs.Probe(s.ctx, "tags", "tag", 1000)
		s.must(err)
		slices.Sort(got)
		if want := expected(docs, store.Query{Any: []store.Where{{"tags": {"tag0", "tag1", "tag2", "tag3", "tag4", "tag5", "tag6"}}}}); !slices.Equal(got, want) {
			s.Errorf("probed by %s: got %v, want %v", l.Name(), got, want)
		}
	}
}
