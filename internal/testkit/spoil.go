package testkit

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"memberportal/internal/store"
)

// folders are where the embedded stores of tests lie.
var folders sync.Map

// Spoil changes a stored document by hand, past the program: change gets its fields, keys and all, and
// gives what is to be stored in their place. With cut, the embedded store keeps that many bytes of it only.
func Spoil(t testing.TB, s store.Store, k *store.Kind, id string, change func(bson.D) bson.D, cut int) {
	t.Helper()
	raw, err := s.Raw(context.Background(), k, id)
	if err != nil {
		t.Fatal(err)
	}
	var doc bson.D
	if err := bson.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	doc = change(doc)
	if w, ok := s.(*written); ok {
		w.touch(k, id)
		onMongo(t, Mongo(t), func(ctx context.Context, c *mongo.Client) error {
			_, err := c.Database(w.database).Collection(k.Name).ReplaceOne(ctx, bson.D{{Key: "_id", Value: id}}, doc)
			return err
		})
		return
	}
	if raw, err = bson.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	if cut > 0 {
		raw = raw[:cut]
	}
	folder, ok := folders.Load(s)
	if !ok {
		t.Fatalf("%T is no store of the tests", s)
	}
	db, err := sql.Open("sqlite", filepath.Join(folder.(string), "portal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(`UPDATE "`+k.Name+`" SET doc = ? WHERE id = ?`, raw, id); err != nil {
		t.Fatal(err)
	}
}
