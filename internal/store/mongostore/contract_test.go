package mongostore_test

import (
	"context"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
	"memberportal/internal/store/storetest"
	"memberportal/internal/testkit"
)

func TestContract(t *testing.T) {
	peer := testkit.Mongo(t)
	names := map[string]string{}
	database := func(t *testing.T, name string) string {
		key := t.Name() + "/" + name
		if names[key] == "" {
			names[key] = peer.Database(t)
		}
		return names[key]
	}
	storetest.Run(t, storetest.Peer{
		Open: func(t *testing.T, name string) store.Store {
			s, err := mongostore.Open(t.Context(), mongostore.Options{URI: peer.URI, Database: database(t, name), AllowNonAtomic: !peer.Atomic()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		},
		Refused: func(t *testing.T) error {
			_, err := mongostore.Open(t.Context(), mongostore.Options{URI: peer.URI, Database: database(t, "refused")})
			return err
		},
		Corrupt: func(t *testing.T, name, noun, id string) {
			change(t, peer.URI, database(t, name), func(ctx context.Context, db *mongo.Database) error {
				_, err := db.Collection(noun).UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, bson.D{{Key: "$set", Value: bson.D{{Key: "at", Value: "no time"}}}})
				return err
			})
		},
		LooseReplaceDuplicate: peer.Lacks(testkit.GapReplaceDuplicate),
		LooseCountByMulti:     peer.Lacks(testkit.GapCountByMulti),
	})
}

// change does something to a database behind the adapter's back.
func change(t *testing.T, uri, database string, f func(ctx context.Context, db *mongo.Database) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(ctx) }()
	if err := f(ctx, client.Database(database)); err != nil {
		t.Fatal(err)
	}
}
