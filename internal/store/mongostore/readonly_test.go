package mongostore_test

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
)

func TestAReaderWritesNothing(t *testing.T) {
	s, peer, database := openPeer(t)
	ctx := t.Context()
	if err := items.In(s).Insert(ctx, &item{ID: "itm_1", Colour: "RED", Name: "one"}); err != nil {
		t.Fatal(err)
	}
	change(t, peer.URI, database, func(ctx context.Context, db *mongo.Database) error { return db.Collection("_probe").Drop(ctx) })
	reader, err := mongostore.Open(ctx, mongostore.Options{URI: peer.URI, Database: database, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	read := items.In(reader)
	d, err := read.Get(ctx, "itm_1")
	if err != nil || d.Name != "one" {
		t.Fatalf("got %v, %v", d, err)
	}
	for name, write := range map[string]func() error{
		"insert":      func() error { return read.Insert(ctx, &item{ID: "itm_2"}) },
		"insert two":  func() error { return read.Insert(ctx, &item{ID: "itm_2"}, &item{ID: "itm_3"}) },
		"replace":     func() error { return read.Replace(ctx, d) },
		"delete":      func() error { return read.Delete(ctx, "itm_1", 1) },
		"transaction": func() error { return reader.Tx(ctx, func(context.Context) error { return nil }) },
		"prepare":     func() error { return reader.Prepare(ctx, []*store.Kind{items.Kind}) },
		"remove":      func() error { return reader.Remove(ctx, items.Kind, "itm_1") },
	} {
		if err := write(); !errors.Is(err, store.ErrReadOnly) || !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s through a reader: %v", name, err)
		}
	}
	change(t, peer.URI, database, func(ctx context.Context, db *mongo.Database) error {
		names, err := db.ListCollectionNames(ctx, bson.D{})
		if len(names) != 1 {
			t.Errorf("collections %v", names)
		}
		return err
	})
}
