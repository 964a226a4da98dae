package testkit

import (
	"context"
	"slices"
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
	// touched are ids of documents by noun that were made, replaced or removed; changed are nouns of which
	// more than that was written.
	touched map[string][]string
	changed map[string]bool
}

func (w *written) note(k *store.Kind, docs ...any) {
	for _, d := range docs {
		id, _ := k.Identity(d)
		w.touch(k, id)
	}
}

func (w *written) touch(k *store.Kind, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.touched[k.Name] = append(w.touched[k.Name], id)
}

// Insert notes the new documents.
func (w *written) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	w.note(k, docs...)
	return w.Store.Insert(ctx, k, docs)
}

// Replace notes the document.
func (w *written) Replace(ctx context.Context, k *store.Kind, doc any) error {
	w.note(k, doc)
	return w.Store.Replace(ctx, k, doc)
}

// Delete notes the document.
func (w *written) Delete(ctx context.Context, k *store.Kind, id string, version int64) error {
	w.touch(k, id)
	return w.Store.Delete(ctx, k, id, version)
}

// Remove notes the document.
func (w *written) Remove(ctx context.Context, k *store.Kind, id string) error {
	w.touch(k, id)
	return w.Store.Remove(ctx, k, id)
}

// Restore notes the document.
func (w *written) Restore(ctx context.Context, k *store.Kind, id string, raw []byte) error {
	w.touch(k, id)
	return w.Store.Restore(ctx, k, id, raw)
}

// Reindex notes the noun if it may write.
func (w *written) Reindex(ctx context.Context, k *store.Kind, after string, limit int, write bool) (store.Reindexed, error) {
	if write {
		w.mu.Lock()
		w.changed[k.Name] = true
		w.mu.Unlock()
	}
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
	w.touched, w.changed = map[string][]string{}, map[string]bool{}
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

// putBack puts the fixture's documents of one noun back: those that were written, or all.
func (w *written) putBack(ctx context.Context, from, to *mongo.Database, noun string) error {
	ids, all := w.touched[noun], w.changed[noun]
	if len(ids) == 0 && !all {
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
	wrong := bson.D{}
	if !all {
		wrong = bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
		docs = slices.DeleteFunc(slices.Clone(docs), func(d bson.Raw) bool {
			id, _ := d.Lookup("_id").StringValueOK()
			return !slices.Contains(ids, id)
		})
	}
	if _, err := to.Collection(noun).DeleteMany(ctx, wrong); err != nil || len(docs) == 0 {
		return err
	}
	_, err := to.Collection(noun).InsertMany(ctx, docs)
	return err
}
