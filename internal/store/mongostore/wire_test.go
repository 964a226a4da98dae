package mongostore_test

import (
	"errors"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
)

// lies are what servers that have no transactions, or no whole ones, answer.
var lies = map[string]func(w *wirePeer, c command) bson.D{
	"it makes writes visible at once and knows no commit": func(w *wirePeer, c command) bson.D {
		switch {
		case c.name == "insert":
			w.kept = append(w.kept, c.in()+"/"+c.docs[0].Lookup("_id").StringValue())
			return bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: 1}}
		case c.name == "commitTransaction":
			return failed(59, "CommandNotFound")
		}
		return nil
	},
	"it answers everything with success and rolls nothing back": func(w *wirePeer, c command) bson.D {
		if c.name == "insert" {
			w.kept = append(w.kept, c.in()+"/"+c.docs[0].Lookup("_id").StringValue())
			return bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: 1}}
		}
		return nil
	},
	"it answers the commit with success and keeps nothing": func(_ *wirePeer, c command) bson.D {
		if c.name == "commitTransaction" {
			return done
		}
		return nil
	},
	"it refuses startTransaction": func(_ *wirePeer, c command) bson.D {
		if c.has("startTransaction") {
			return failed(20, "IllegalOperation")
		}
		return nil
	},
}

func TestServerWithoutWholeTransactionsIsRefused(t *testing.T) {
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			var w *wirePeer
			w = newWirePeer(t, func(c command) bson.D {
				w.mu.Lock()
				defer w.mu.Unlock()
				return lie(w, c)
			})
			_, err := mongostore.Open(t.Context(), w.options())
			if !errors.Is(err, mongostore.ErrNotAtomic) || errors.Is(err, store.ErrUnavailable) {
				t.Fatalf("got %v", err)
			}
			o := w.options()
			o.AllowNonAtomic = true
			s, err := mongostore.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if s.Atomic() {
				t.Error("it is called atomic")
			}
		})
	}
}

func TestProbeCleansUp(t *testing.T) {
	var deleted []bson.Raw
	w := newWirePeer(t, func(c command) bson.D {
		if c.name == "delete" && c.in() == "_probe" {
			deleted = c.docs
		}
		return nil
	})
	if s := w.open(t); !s.Atomic() {
		t.Error("not atomic")
	}
	if len(deleted) != 1 {
		t.Fatalf("deleted %v", deleted)
	}
	ids := deleted[0].Lookup("q", "_id", "$in").String()
	for _, kept := range w.kept {
		if !strings.Contains(ids, strings.TrimPrefix(kept, "_probe/")) {
			t.Errorf("%s is left behind; deleted %s", kept, ids)
		}
	}
}

func TestProbeThatMeetsNoServerIsNoRefusal(t *testing.T) {
	w := newWirePeer(t, func(c command) bson.D {
		if c.transaction() != "" {
			return failed(91, "ShutdownInProgress")
		}
		return nil
	})
	_, err := mongostore.Open(t.Context(), w.options())
	if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, mongostore.ErrNotAtomic) {
		t.Errorf("got %v", err)
	}
}

func TestPlainWritesAskForAMajority(t *testing.T) {
	w := newWirePeer(t, nil)
	s := w.open(t)
	if err := items.In(s).Insert(t.Context(), &item{ID: "itm_1"}); err != nil {
		t.Fatal(err)
	}
	if err := items.In(s).Delete(t.Context(), "itm_1", 1); err != nil {
		t.Fatal(err)
	}
	for _, c := range w.commands() {
		if got := c.text("writeConcern", "w"); got != "majority" || c.transaction() != "" {
			t.Errorf("%s: write concern %v", c.name, c.Lookup("writeConcern"))
		}
	}
	if err := items.In(s).Insert(t.Context(), &item{ID: "itm_2"}, &item{ID: "itm_3"}); err != nil {
		t.Fatal(err)
	}
	if commands := w.commands(); names(commands) != "insert delete insert commitTransaction" {
		t.Errorf("several documents are not stored as a whole: %s", names(commands))
	}
}

func TestWriteConflictOutsideOfATransactionIsSentAgain(t *testing.T) {
	left := 2
	w := newWirePeer(t, func(c command) bson.D {
		if c.name == "insert" && c.in() == "items" {
			if left--; left >= 0 {
				return failed(112, "WriteConflict")
			}
		}
		return nil
	})
	s := w.open(t)
	if err := items.In(s).Insert(t.Context(), &item{ID: "itm_1"}); err != nil || left != -1 {
		t.Errorf("%v, %d left", err, left)
	}
}

var pageCommands = []struct {
	query store.Query
	r     store.Range
	want  string
}{
	{
		store.Query{Any: []store.Where{{"tags": {"a", "b"}, "colour": {"RED"}}}, Sort: "name"}, store.Range{Bounds: store.Bounds{After: "x", Before: "y"}, Limit: 20},
		`{"filter": {"_keys.k_tags": {"$in": ["a","b"]},"_keys.k_colour": "RED","_keys.s_name": {"$gt": "x","$lt": "y"}},"hint": "portal_listing_tags.colour.name","limit": 21,"sort": {"_keys.s_name": 1}}`,
	},
	{
		store.Query{}, store.Range{Bounds: store.Bounds{Before: "itm_7"}, Backward: true, Limit: 5},
		`{"filter": {"_id": {"$gt": "","$lt": "itm_7"}},"hint": "_id_","limit": 6,"sort": {"_id": -1}}`,
	},
}

func TestPageNamesItsIndex(t *testing.T) {
	w := newWirePeer(t, nil)
	s := w.open(t)
	for _, c := range pageCommands {
		plan, err := items.In(s).Plan(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := items.In(s).Page(t.Context(), plan, c.r); err != nil {
			t.Fatal(err)
		}
		sent := w.commands()
		var got bson.D
		for _, field := range []string{"filter", "hint", "limit", "sort"} {
			got = append(got, bson.E{Key: field, Value: sent[len(sent)-1].Lookup(field)})
		}
		same(t, got, c.want)
	}
}

func TestCountNamesItsIndexAndKeepsWithinBounds(t *testing.T) {
	w := newWirePeer(t, func(c command) bson.D {
		if c.name == "aggregate" {
			return found("items", bson.D{{Key: "_id", Value: nil}, {Key: "n", Value: 3}})
		}
		return nil
	})
	s := w.open(t)
	within := store.Bounds{After: "x", Before: "y"}
	for name, c := range map[string]struct {
		any  []store.Where
		want string
	}{
		"one branch": {
			[]store.Where{{"tags": {"a", "b"}, "colour": {"RED"}}},
			`{"pipeline": [{"$match": {"_keys.k_tags": {"$in": ["a","b"]},"_keys.k_colour": "RED","_keys.s_name": {"$gt": "x","$lt": "y"}}},` +
				`{"$group": {"_id": null,"n": {"$sum": 1}}}],"hint": "portal_listing_tags.colour.name"}`,
		},
		"two branches": {
			[]store.Where{{"colour": {"RED"}}, {"tags": {"a"}, "colour": {"BLUE"}}},
			`{"pipeline": [{"$match": {"$or": [{"_keys.k_colour": "RED","_keys.s_name": {"$gt": "x","$lt": "y"}},` +
				`{"_keys.k_tags": "a","_keys.k_colour": "BLUE","_keys.s_name": {"$gt": "x","$lt": "y"}}]}},{"$group": {"_id": null,"n": {"$sum": 1}}}]}`,
		},
	} {
		plan, err := items.In(s).Plan(store.Query{Any: c.any, Sort: "name"})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := items.In(s).Count(t.Context(), plan, within); err != nil || n != 3 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		sent := w.commands()
		var got bson.D
		for _, field := range []string{"pipeline", "hint"} {
			if last := sent[len(sent)-1]; last.has(field) {
				got = append(got, bson.E{Key: field, Value: last.Lookup(field)})
			}
		}
		same(t, got, c.want)
	}
}

// same compares what was sent with its text.
func same(t *testing.T, got bson.D, text string) {
	t.Helper()
	var want bson.D
	if err := bson.UnmarshalExtJSON([]byte(text), false, &want); err != nil {
		t.Fatal(err)
	}
	wanted, _ := bson.MarshalExtJSON(want, false, false)
	if had, err := bson.MarshalExtJSON(got, false, false); err != nil || string(had) != string(wanted) {
		t.Errorf("got  %s, %v\nwant %s", had, err, wanted)
	}
}

func TestReindexWritesOverTheVersionItReadAndKeysOnly(t *testing.T) {
	w := newWirePeer(t, func(c command) bson.D {
		if c.name == "find" && c.in() == "items" {
			return found("items", bson.D{{Key: "_id", Value: "itm_1"}, {Key: "version", Value: int64(7)}, {Key: "colour", Value: "RED"}})
		}
		return nil
	})
	s := w.open(t)
	r, err := s.Reindex(t.Context(), items.Kind, "", 10, true)
	if err != nil || len(r.Stale) != 1 || r.Next != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	sent := w.commands()
	if names(sent) != "find update" {
		t.Fatal(names(sent))
	}
	want := `{"q": {"_id": "itm_1","version": {"$numberLong":"7"}},"u": {"$set": {"_keys": {"k_colour": "RED","k_tags": [],"s_name": "\u001fitm_1"}}}}`
	if got := sent[1].docs[0].String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
