package mongostore_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
)

// others is a second noun of which a snapshot is read.
var others = store.Declare(store.Noun[item]{Name: "others", Identity: func(d *item) (string, *int64) { return d.ID, &d.Version }})

func TestASnapshotReadsEverythingAtOneInstant(t *testing.T) {
	instant := bson.Timestamp{T: 1_700_000_000, I: 7}
	page := func(in, field string, id int64, docs ...bson.D) bson.D {
		return bson.D{{Key: "ok", Value: 1}, {Key: "cursor", Value: bson.D{
			{Key: "id", Value: id}, {Key: "ns", Value: "portal." + in}, {Key: "atClusterTime", Value: instant}, {Key: field, Value: docs},
		}}}
	}
	doc := func(id string) bson.D {
		return bson.D{{Key: "_id", Value: id}, {Key: "version", Value: int64(1)}, {Key: "_keys", Value: bson.D{{Key: "u_code", Value: "c"}}}}
	}
	asked := false
	w := newWirePeer(t, func(c command) bson.D {
		switch {
		case !asked:
		case c.name == "find" && c.in() == "items":
			return page("items", "firstBatch", 5, doc("itm_1"))
		case c.name == "getMore":
			return page("items", "nextBatch", 0, doc("itm_2"))
		case c.name == "find":
			return page("others", "firstBatch", 0, doc("itm_3"), bson.D{{Key: "_id", Value: "itm_4"}})
		}
		return nil
	})
	s := w.open(t)
	asked = true
	var got []string
	oneState, err := s.Snapshot(t.Context(), []*store.Kind{items.Kind, others.Kind}, func(k *store.Kind, id string, raw []byte, sound bool) error {
		if sound {
			got = append(got, k.Name+" "+id+" "+bson.Raw(raw).String())
		} else {
			got = append(got, k.Name+" "+id+" is no document")
		}
		return nil
	})
	want := []string{
		`items itm_1 {"_id": "itm_1","version": {"$numberLong":"1"}}`, `items itm_2 {"_id": "itm_2","version": {"$numberLong":"1"}}`,
		`others itm_3 {"_id": "itm_3","version": {"$numberLong":"1"}}`, "others itm_4 is no document",
	}
	if err != nil || !oneState || !slices.Equal(got, want) {
		t.Errorf("%v, %v: %s", oneState, err, strings.Join(got, "\n"))
	}
	commands := w.commands()
	if all := names(commands); all != "find getMore find" {
		t.Fatal(all)
	}
	for i, c := range commands {
		if c.Lookup("lsid").String() != commands[0].Lookup("lsid").String() || c.transaction() != "" {
			t.Errorf("%s is of another session, or in a transaction", c.name)
		}
		if c.name == "find" && c.text("readConcern", "level") != "snapshot" {
			t.Errorf("%s has the read concern %s", c.name, c.Lookup("readConcern"))
		}
		if at, _, ok := c.Lookup("readConcern", "atClusterTime").TimestampOK(); c.name == "find" && i > 0 && (!ok || at != instant.T) {
			t.Errorf("the second collection is read at %s", c.Lookup("readConcern"))
		}
	}
	if _, err := s.Snapshot(t.Context(), []*store.Kind{items.Kind}, func(*store.Kind, string, []byte, bool) error { return errOwn }); !errors.Is(err, errOwn) {
		t.Errorf("an error of the reader: %v", err)
	}
}

// TestANewStoreTakesThePlaceCollectionByCollection: the mark is there first, the key state comes last.
func TestANewStoreTakesThePlaceCollectionByCollection(t *testing.T) {
	listed := []string{"items", "restoring_items", "restoring__keyState", "_keyState"}
	var said []string
	w := newWirePeer(t, func(c command) bson.D {
		switch c.name {
		case "listCollections":
			var docs []any
			for _, name := range listed {
				docs = append(docs, bson.D{{Key: "name", Value: name}, {Key: "type", Value: "collection"}})
			}
			return found("$cmd.listCollections", docs...)
		case "listIndexes":
			return found(c.in())
		case "drop":
			said = append(said, "drop "+c.in())
			return done
		case "renameCollection":
			said = append(said, "rename "+c.in()+" to "+c.text("to"))
			return done
		case "insert":
			if c.in() == "_keyState" && len(c.docs) == 1 {
				said = append(said, "mark "+c.docs[0].Lookup("_id").StringValue())
			}
		}
		return nil
	})
	filled := false
	err := mongostore.Replace(t.Context(), w.options(), store.Replacement{
		Old: func(_ context.Context, old store.Store, unreadable error) error {
			if old != nil || unreadable != nil {
				t.Errorf("old %v, %v", old, unreadable)
			}
			return nil
		},
		Fill: func(ctx context.Context, fresh store.Store) error {
			filled = true
			return items.In(fresh).Insert(ctx, &item{ID: "itm_1"})
		},
	})
	want := []string{
		"drop restoring_items", "drop restoring__keyState", // of a restore that came to nothing
		"mark restoring",
		"drop items", "rename portal.restoring_items to portal.items", "drop _keyState", "rename portal.restoring__keyState to portal._keyState",
	}
	if err != nil || !filled || !slices.Equal(said, want) {
		t.Errorf("%v, filled %v:\n%s", err, filled, strings.Join(said, "\n"))
	}
	if !slices.ContainsFunc(w.commands(), func(c command) bool { return c.name == "insert" && c.in() == "restoring_items" }) {
		t.Error("the new store was not filled beside the old one")
	}
}
