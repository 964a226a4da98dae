package testkit

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"memberportal/internal/portal"
	"memberportal/internal/store"
)

// written is a store on a database of the MongoDB peer that notes what is written to it, so that the
// fixture is put back where that is needed and nowhere else.
type written struct {
	store.Store
	database string

	mu sync.Mutex
	// inserted are ids of new documents by noun; changed are nouns of which more than that was written.
	inserted map[string][]string
	changed  map[string]bool
}

func (w *written) note(k *store.Kind, inserted ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if inserted == nil {
		w.changed[k.Name] = true
	}
	for _, d := range inserted {
		id, _ := k.Identity(d)
		w.inserted[k.Name] = append(w.inserted[k.Name], id)
	}
}

// Insert notes the new documents.
func (w *written) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	w.note(k, docs...)
	return w.Store.Insert(ctx, k, docs)
}

// Replace notes the noun.
func (w *written) Replace(ctx context.Context, k *store.Kind, doc any) error {
	w.note(k)
	return w.Store.Replace(ctx, k, doc)
}

// Delete notes the noun.
func (w *written) Delete(ctx context.Context, k *store.Kind, id string, version int64) error {
	w.note(k)
	return w.Store.Delete(ctx, k, id, version)
}

// Reindex notes the noun.
func (w *written) Reindex(ctx context.Context, k *store.Kind, after string, limit int, write bool) (store.Reindexed, error) {
	w.note(k)
	return w.Store.Reindex(ctx, k, after, limit, write)
}

// refill leaves in the database the fixture's documents and no others.
func (w *written) refill(ctx context.Context, c *mongo.Client, from string) error {
	spares.Lock()
	defer spares.Unlock()
	database := c.Database(w.database)
	kinds := map[string]bool{}
	for _, k := range portal.Kinds() {
		kinds[k.Name] = true
		if err := w.putBack(ctx, c.Database(from), database, k.Name); err != nil {
			return err
		}
	}
	w.inserted, w.changed = map[string][]string{}, map[string]bool{}
	collections, err := database.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return err
	}
	for _, name := range collections {
		if !kinds[name] {
			if err := database.Collection(name).Drop(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// putBack puts the fixture's documents of one noun back.
func (w *written) putBack(ctx context.Context, from, to *mongo.Database, noun string) error {
	if !w.changed[noun] {
		if ids := w.inserted[noun]; len(ids) > 0 {
			_, err := to.Collection(noun).DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}})
			return err
		}
		return nil
	}
	docs, known := fixtureDocuments[noun]
	if !known && noun != "notices" {
		cursor, err := from.Collection(noun).Find(ctx, bson.D{})
		if err != nil {
			return err
		}
		if err := cursor.All(ctx, &docs); err != nil {
			return err
		}
		fixtureDocuments[noun] = docs
	}
	if _, err := to.Collection(noun).DeleteMany(ctx, bson.D{}); err != nil {
		return err
	}
	if len(docs) == 0 {
		return nil
	}
	_, err := to.Collection(noun).InsertMany(ctx, docs)
	return err
}
