package mongostore_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
	"memberportal/internal/testkit"
)

// openPeer opens a fresh database of the peer with the items prepared.
func openPeer(t *testing.T) (s *mongostore.Store, peer testkit.MongoPeer, database string) {
	t.Helper()
	peer = testkit.Mongo(t)
	database = peer.Database(t)
	s, err := mongostore.Open(t.Context(), mongostore.Options{URI: peer.URI, Database: database, AllowNonAtomic: !peer.Atomic()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Prepare(t.Context(), []*store.Kind{items.Kind}); err != nil {
		t.Fatal(err)
	}
	return s, peer, database
}

func stored(t *testing.T, peer testkit.MongoPeer, database, id string) bson.Raw {
	t.Helper()
	var raw bson.Raw
	change(t, peer.URI, database, func(ctx context.Context, db *mongo.Database) (err error) {
		raw, err = db.Collection("items").FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
		return err
	})
	return raw
}

func TestDocumentIsStoredAsItselfWithItsKeysBeside(t *testing.T) {
	s, peer, database := openPeer(t)
	if err := items.In(s).Insert(t.Context(), &item{ID: "itm_1", Colour: "RED", Name: "Name", Code: "c", Tags: []string{"b", "a"}}); err != nil {
		t.Fatal(err)
	}
	want := `{"_id": "itm_1","version": {"$numberLong":"1"},"colour": "RED","name": "Name","code": "c","tags": ["b","a"],` +
		`"_keys": {"k_colour": "RED","k_tags": ["a","b"],"s_name": "Name\u001fitm_1","u_code": "c"}}`
	if got := stored(t, peer, database, "itm_1").String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func wantDifferences(t *testing.T, s *mongostore.Store, want ...string) {
	t.Helper()
	if lines, err := s.Indexes(t.Context(), []*store.Kind{items.Kind}); err != nil || !slices.Equal(lines, want) {
		t.Errorf("got %q, %v, want %q", lines, err, want)
	}
}

func TestPrepareMakesTheIndexesAndDropsItsOwnOld(t *testing.T) {
	s, peer, database := openPeer(t)
	wantDifferences(t, s)
	change(t, peer.URI, database, func(ctx context.Context, db *mongo.Database) error {
		indexes := db.Collection("items").Indexes()
		if err := indexes.DropOne(ctx, "portal_listing_colour.name"); err != nil {
			return err
		}
		_, err := indexes.CreateMany(ctx, []mongo.IndexModel{index("portal_listing_old", "_keys.k_old"), index("somebody_elses", "name")})
		return err
	})
	wantDifferences(t, s, "items: index portal_listing_colour.name is missing", "items: index portal_listing_old is declared no longer")
	for range 2 {
		if err := s.Prepare(t.Context(), []*store.Kind{items.Kind}); err != nil {
			t.Fatal(err)
		}
	}
	wantDifferences(t, s)
	var have []string
	change(t, peer.URI, database, func(ctx context.Context, db *mongo.Database) error {
		specifications, err := db.Collection("items").Indexes().ListSpecifications(ctx)
		for _, x := range specifications {
			have = append(have, x.Name)
		}
		return err
	})
	slices.Sort(have)
	want := []string{"_id_", "portal_listing_colour.name", "portal_listing_tags.colour.name", "portal_unique_code", "portal_unique_email", "somebody_elses"}
	if !slices.Equal(have, want) {
		t.Errorf("got %q, want %q", have, want)
	}
}

func TestIndexesOfAMissingCollectionAreMissing(t *testing.T) {
	s, peer, database := openPeer(t)
	change(t, peer.URI, database, func(ctx context.Context, db *mongo.Database) error { return db.Collection("items").Drop(ctx) })
	lines, err := s.Indexes(t.Context(), []*store.Kind{items.Kind})
	if err != nil || len(lines) != 4 {
		t.Errorf("got %q, %v", lines, err)
	}
}

func TestIndexOfAnotherDeclarationIsMadeAgain(t *testing.T) {
	s, peer, database := openPeer(t)
	change(t, peer.URI, database, func(ctx context.Context, db *mongo.Database) error {
		indexes := db.Collection("items").Indexes()
		if err := indexes.DropOne(ctx, "portal_unique_code"); err != nil {
			return err
		}
		_, err := indexes.CreateOne(ctx, index("portal_unique_code", "code"))
		return err
	})
	wantDifferences(t, s, "items: index portal_unique_code is not as declared")
	if err := s.Prepare(t.Context(), []*store.Kind{items.Kind}); err != nil {
		t.Fatal(err)
	}
	wantDifferences(t, s)
}

func TestDuplicateInsideOfOneInsertIsNamed(t *testing.T) {
	s, _, _ := openPeer(t)
	err := items.In(s).Insert(t.Context(), &item{ID: "itm_1", Code: "a", Email: "x"}, &item{ID: "itm_2", Code: "b", Email: "x"})
	if e, ok := errors.AsType[*store.DuplicateError](err); !ok || e.Key != "email" {
		t.Errorf("got %v", err)
	}
	if n, err := items.In(s).Many(t.Context(), []string{"itm_1"}); err != nil || (n[0] != nil) == s.Atomic() {
		t.Errorf("atomic %v, and of a refused insert there is %v, %v", s.Atomic(), n, err)
	}
}

func TestReindexWalksOnPastBrokenDocuments(t *testing.T) {
	s, peer, database := openPeer(t)
	for _, id := range []string{"itm_1", "itm_2", "itm_3"} {
		if err := items.In(s).Insert(t.Context(), &item{ID: id, Colour: "RED", Name: "n"}); err != nil {
			t.Fatal(err)
		}
	}
	spoil := func(id, field string, value any) {
		change(t, peer.URI, database, func(ctx context.Context, db *mongo.Database) error {
			_, err := db.Collection("items").UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: value}}}})
			return err
		})
	}
	spoil("itm_1", "name", bson.A{})
	spoil("itm_2", "_keys", bson.D{})
	for _, write := range []bool{false, true, true} {
		var stale []string
		var broken []*store.Damaged
		for after := ""; ; {
			r, err := s.Reindex(t.Context(), items.Kind, after, 1, write)
			if err != nil {
				t.Fatal(err)
			}
			stale, broken = append(stale, r.Stale...), append(broken, r.Broken...)
			if after = r.Next; after == "" {
				break
			}
		}
		if len(broken) != 1 || broken[0].ID != "itm_1" {
			t.Errorf("broken %q", broken)
		}
		keys, _ := stored(t, peer, database, "itm_2").Lookup("_keys", "k_colour").StringValueOK()
		if renewed := keys == "RED"; renewed != write {
			t.Errorf("write %v: keys %q, stale %q", write, keys, stale)
		}
	}
	if d, err := items.In(s).Get(t.Context(), "itm_2"); err != nil || d.Version != 1 {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestExplainedPagesNeitherScanNorSort(t *testing.T) {
	s, peer, _ := openPeer(t)
	plan, err := items.In(s).Plan(store.Query{Any: []store.Where{{"tags": {"a", "b"}}}, Sort: "name"})
	if err != nil {
		t.Fatal(err)
	}
	stages, err := s.Explain(t.Context(), items.Kind, plan, store.Range{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if peer.Lacks(testkit.GapIndexes) {
		if len(stages) > 0 {
			t.Errorf("the peer is said to have no plans, and gave %q", stages)
		}
		return
	}
	if !slices.Contains(stages, "IXSCAN") || slices.Contains(stages, "COLLSCAN") || slices.Contains(stages, "SORT") {
		t.Errorf("stages %q", stages)
	}
}

func TestGapsOfThePeerAreAsDeclared(t *testing.T) {
	s, peer, _ := openPeer(t)
	if s.Atomic() == peer.Lacks(testkit.GapTransactions) {
		t.Errorf("atomic %v", s.Atomic())
	}
	if err := items.In(s).Insert(t.Context(), &item{ID: "itm_1", Code: "a", Tags: []string{"x"}}, &item{ID: "itm_2", Code: "b", Tags: []string{"x"}}); err != nil {
		t.Fatal(err)
	}
	err := items.In(s).Replace(t.Context(), &item{ID: "itm_2", Version: 1, Code: "a"})
	if _, ok := errors.AsType[*store.DuplicateError](err); err == nil || ok == peer.Lacks(testkit.GapReplaceDuplicate) {
		t.Errorf("a duplicate by replace: %v", err)
	}
	counts, err := items.In(s).CountBy(t.Context(), "tags", "x")
	if err != nil || (counts["x"] != 2) != peer.Lacks(testkit.GapCountByMulti) {
		t.Errorf("countBy a multi-valued key: %v, %v", counts, err)
	}
}

func TestWithoutTransactionsWritersTakeTurns(t *testing.T) {
	s, _, _ := openPeer(t)
	if s.Atomic() {
		return // the server keeps them apart
	}
	inside, leave := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.Tx(context.WithoutCancel(t.Context()), func(ctx context.Context) error {
			close(inside)
			<-leave
			return s.Tx(ctx, func(ctx context.Context) error { return items.In(s).Insert(ctx, &item{ID: "itm_1"}) })
		})
	}()
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := items.In(s).Insert(ctx, &item{ID: "itm_2"}); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a write during a Tx: %v", err)
	}
	if _, err := s.Get(t.Context(), items.Kind, []string{"itm_1"}); err != nil {
		t.Errorf("a read during a Tx: %v", err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Errorf("Tx inside of Tx: %v", err)
	}
	if err := items.In(s).Insert(t.Context(), &item{ID: "itm_2"}); err != nil {
		t.Errorf("a write after a Tx: %v", err)
	}
}

// TestAnInterruptedReplacementIsEndedFirst: until then no server begins the store.
func TestAnInterruptedReplacementIsEndedFirst(t *testing.T) {
	s, peer, database := openPeer(t)
	ctx, kinds := t.Context(), []*store.Kind{items.Kind}
	begin := func() error {
		x, err := store.Begin(ctx, s, kinds, "2025-03-31", true)
		if err != nil {
			return err
		}
		return x.End(ctx)
	}
	if err := begin(); err != nil {
		t.Fatal(err)
	}
	if err := items.In(s).Insert(ctx, &item{ID: "itm_old"}); err != nil {
		t.Fatal(err)
	}
	if err := store.MarkRestoring(ctx, s); err != nil {
		t.Fatal(err)
	}
	change(t, peer.URI, database, func(ctx context.Context, db *mongo.Database) error {
		_, err := db.Collection("restoring_items").InsertOne(ctx, bson.D{{Key: "_id", Value: "itm_first"}, {Key: "version", Value: int64(1)}})
		if err == nil {
			_, err = db.Collection("restoring__keyState").InsertOne(ctx, bson.D{{Key: "_id", Value: "keys"}, {Key: "version", Value: int64(1)}, {Key: "day", Value: "2025-03-31"}})
		}
		return err
	})
	if err := begin(); !errors.Is(err, store.ErrRestoring) {
		t.Errorf("begun in the middle: %v", err)
	}
	options := mongostore.Options{URI: peer.URI, Database: database, AllowNonAtomic: !peer.Atomic()}
	err := mongostore.Replace(ctx, options, store.Replacement{
		Old: func(ctx context.Context, old store.Store, unreadable error) error {
			if old == nil || unreadable != nil {
				return errors.Join(errors.New("there is no old store"), unreadable)
			}
			_, err := items.In(old).Get(ctx, "itm_first")
			return err
		},
		Fill: func(ctx context.Context, fresh store.Store) error {
			x, err := store.Begin(ctx, fresh, kinds, "2025-03-31", true)
			if err == nil {
				err = errors.Join(items.In(fresh).Insert(ctx, &item{ID: "itm_second", Code: "x"}), x.End(ctx))
			}
			return err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := begin(); err != nil {
		t.Errorf("begun afterwards: %v", err)
	}
	found, err := items.In(s).Many(ctx, []string{"itm_old", "itm_first", "itm_second"})
	if err != nil || found[0] != nil || found[1] != nil || found[2] == nil {
		t.Errorf("found %v, %v", found, err)
	}
	wantDifferences(t, s)
}
