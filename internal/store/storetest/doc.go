// Package storetest is the one contract that every store adapter passes. An adapter's test calls Run
// with a way to open it.
package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/store"
)

// Peer is an adapter and the server behind it.
type Peer struct {
	// Open opens the named database, made on first use, so that the same name twice is two processes
	// on one store. The adapter closes with the test.
	Open func(t *testing.T, name string) store.Store
	// Refused is the error of opening without the test option; asserted where Atomic is false.
	Refused func(t *testing.T) error
	// Corrupt spoils the stored bytes of a document.
	Corrupt func(t *testing.T, name, noun, id string)
	// LooseReplaceDuplicate says that this test server reports a unique key violated by Replace as a
	// fault of its own and not as a duplicate.
	LooseReplaceDuplicate bool
	// LooseCountByMulti says that this test server finds nothing when it counts by a multi-valued key.
	LooseCountByMulti bool
}

// Doc is the contract's own noun: every sort of key, ties in every sort key, a key that depends on
// the day.
type Doc struct {
	ID      string            `bson:"_id"`
	Version int64             `bson:"version"`
	Colour  Colour            `bson:"colour"`
	Size    string            `bson:"size"`
	Title   string            `bson:"title"`
	Code    string            `bson:"code,omitempty"`
	Tags    []string          `bson:"tags"`
	From    string            `bson:"from"`
	N       int64             `bson:"n"`
	Log     []string          `bson:"log"`
	At      time.Time         `bson:"at"`
	Notes   map[string]string `bson:"notes,omitempty"`
}

// Colour is a closed set that checks itself.
type Colour string

// Valid refuses any other colour; no colour is one.
func (c Colour) Valid() error {
	if c != "" && !slices.Contains(colours, c) {
		return fmt.Errorf("colour %q", c)
	}
	return nil
}

var (
	colours = []Colour{"BLUE", "GREEN", "RED"}
	sizes   = []string{"L", "M", "S", "XL"}
)

var docKeys = []store.Key[Doc]{
	store.OneOf("colour", colours, func(d *Doc, _ string) Colour { return d.Colour }),
	store.OneOf("size", sizes, func(d *Doc, _ string) string { return d.Size }),
	store.One("title", func(d *Doc, _ string) string { return d.Title }),
	store.One("at", func(d *Doc, _ string) string { return d.At.Format(time.RFC3339) }),
	store.OneOf("state", []string{"NOW", "LATER"}, func(d *Doc, day string) string {
		if day >= d.From {
			return "NOW"
		}
		return "LATER"
	}),
	store.Many("tags", func(d *Doc, _ string) []string { return d.Tags }),
	store.Unique("code", func(d *Doc) string { return d.Code }),
}

// Docs is the contract's noun.
var Docs = store.Declare(store.Noun[Doc]{
	Name:     "docs",
	Identity: func(d *Doc) (string, *int64) { return d.ID, &d.Version },
	Dated:    true,
	Keys:     docKeys,
	Listings: []store.Listing{
		{Sort: "title"},
		{Equal: []string{"colour"}, Sort: "title"},
		{Equal: []string{"colour", "size"}, Sort: "title"},
		{Equal: []string{"colour", "size"}, Sort: "at"},
		{Equal: []string{"state"}},
		{Has: "tags", Equal: []string{"colour"}, Sort: "title"},
	},
})

// Day is the key date of the contract's stores.
const Day = "2025-03-31"

type stage struct {
	*testing.T
	store.Store
	docs store.Collection[Doc]
	ctx  context.Context
}

// open begins a session on a database and gives its documents.
func (p Peer) open(t *testing.T, name string) stage {
	t.Helper()
	s := p.Open(t, name)
	x, err := store.Begin(t.Context(), s, []*store.Kind{Docs.Kind}, Day, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.End(context.Background()) })
	return stage{T: t, Store: s, docs: Docs.In(s), ctx: t.Context()}
}

func (s stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// sample makes n documents with many ties: few titles and times, colours, sizes and tags in turn.
func sample(n int) []*Doc {
	docs := make([]*Doc, n)
	for i := range docs {
		docs[i] = &Doc{
			ID:     fmt.Sprintf("doc_%04d", (i*37)%n),
			Colour: colours[i%3], Size: sizes[(i/3)%4],
			Title: fmt.Sprintf("title %d", i%5),
			Tags:  []string{fmt.Sprintf("tag%d", i%4), fmt.Sprintf("tag%d", i%7), "été"}[:i%3+1],
			From:  fmt.Sprintf("2025-%02d-01", i%9+1),
			At:    time.Date(2024, 1, 1+i%6, 0, 0, 0, 0, time.UTC),
		}
	}
	return docs
}

func matches(d *Doc, where store.Where, day string) bool {
	values := Docs.Kind.Derive(d, day)
	for key, allowed := range where {
		if !slices.ContainsFunc(values.Key[key], func(v string) bool { return slices.Contains(allowed, v) }) {
			return false
		}
	}
	return true
}

// tokens are the places of what a query must give, by going through all documents.
func tokens(docs []*Doc, q store.Query) []string {
	var tokens []string
	for _, d := range docs {
		if len(q.Any) > 0 && !slices.ContainsFunc(q.Any, func(w store.Where) bool { return matches(d, w, Day) }) {
			continue
		}
		token := d.ID
		if q.Sort != "" {
			token = Docs.Kind.Derive(d, Day).Sort[q.Sort]
		}
		tokens = append(tokens, token)
	}
	slices.Sort(tokens)
	return tokens
}

// expected is what a query must give.
func expected(docs []*Doc, q store.Query) []string {
	var ids []string
	for _, t := range tokens(docs, q) {
		ids = append(ids, t[strings.LastIndex(t, "\x1f")+1:])
	}
	return ids
}
