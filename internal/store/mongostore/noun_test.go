package mongostore_test

import (
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"memberportal/internal/store"
)

// item is these tests' own noun.
type item struct {
	ID      string   `bson:"_id"`
	Version int64    `bson:"version"`
	Colour  string   `bson:"colour"`
	Name    string   `bson:"name"`
	Code    string   `bson:"code,omitempty"`
	Email   string   `bson:"email,omitempty"`
	Tags    []string `bson:"tags"`
}

var items = store.Declare(store.Noun[item]{
	Name:     "items",
	Identity: func(i *item) (string, *int64) { return i.ID, &i.Version },
	Keys: []store.Key[item]{
		store.OneOf("colour", []string{"BLUE", "RED"}, func(i *item, _ string) string { return i.Colour }),
		store.One("name", func(i *item, _ string) string { return i.Name }),
		store.Many("tags", func(i *item, _ string) []string { return i.Tags }),
		store.Unique("code", func(i *item) string { return i.Code }),
		store.Unique("email", func(i *item) string { return i.Email }),
	},
	Listings: []store.Listing{
		{},
		{Equal: []string{"colour"}, Sort: "name"},
		{Has: "tags", Equal: []string{"colour"}, Sort: "name"},
	},
})

func index(name, field string) mongo.IndexModel {
	return mongo.IndexModel{Keys: bson.D{{Key: field, Value: 1}}, Options: options.Index().SetName(name)}
}
