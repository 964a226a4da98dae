package mongostore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"memberportal/internal/store"
)

// Insert stores new documents, several of them in a transaction.
func (s *Store) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	if len(docs) > 1 && s.atomic && s.tx(ctx) == nil {
		return s.Tx(ctx, func(ctx context.Context) error { return s.insert(ctx, k, docs) })
	}
	return s.insert(ctx, k, docs)
}

func (s *Store) insert(ctx context.Context, k *store.Kind, docs []any) error {
	raws := make([]bson.Raw, len(docs))
	for i, doc := range docs {
		raw, err := s.encode(k, doc)
		if err != nil {
			return err
		}
		raws[i] = raw
	}
	return s.write(ctx, k, "inserting", func(c *mongo.Collection) (err error) {
		if len(raws) == 1 {
			_, err = c.InsertOne(ctx, raws[0])
		} else {
			_, err = c.InsertMany(ctx, raws, options.InsertMany().SetOrdered(true))
		}
		return s.named(ctx, c, k, docs, false, err)
	})
}

// Replace stores the document over the version that it carries. The version in memory is raised when
// the write is done, and put back if the transaction around it is not kept.
func (s *Store) Replace(ctx context.Context, k *store.Kind, doc any) error {
	id, version := k.Identity(doc)
	seen := *version
	*version = seen + 1
	raw, err := s.encode(k, doc)
	*version = seen
	if err != nil {
		return err
	}
	return s.write(ctx, k, "replacing", func(c *mongo.Collection) error {
		done, err := c.ReplaceOne(ctx, guard(id, seen), raw)
		if err != nil {
			return s.named(ctx, c, k, []any{doc}, true, err)
		}
		if done.MatchedCount == 0 {
			return s.missed(ctx, c, id)
		}
		*version = seen + 1
		if t := s.tx(ctx); t != nil && s.atomic {
			t.undo = append(t.undo, func() { *version = seen })
		}
		return nil
	})
}

// Delete removes the document if it has that version.
func (s *Store) Delete(ctx context.Context, k *store.Kind, id string, version int64) error {
	return s.write(ctx, k, "deleting", func(c *mongo.Collection) error {
		done, err := c.DeleteOne(ctx, guard(id, version))
		if err == nil && done.DeletedCount == 0 {
			return s.missed(ctx, c, id)
		}
		return err
	})
}

// Raw reads a document's bytes, keys included.
func (s *Store) Raw(ctx context.Context, k *store.Kind, id string) (raw []byte, err error) {
	err = s.run(ctx, k, "reading", func(c *mongo.Collection) error {
		found, err := find{filter: bson.D{{Key: "_id", Value: id}}, limit: 1}.run(ctx, c)
		if err == nil && len(found) == 0 {
			return fmt.Errorf("%w: %s %s", store.ErrNotFound, k.Name, id)
		}
		if err == nil {
			raw = found[0]
		}
		return err
	})
	return raw, err
}

// Remove takes a document out.
func (s *Store) Remove(ctx context.Context, k *store.Kind, id string) error {
	return s.write(ctx, k, "deleting", func(c *mongo.Collection) error {
		_, err := c.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
		return err
	})
}

// Restore stores bytes that Raw gave, with their keys derived anew.
func (s *Store) Restore(ctx context.Context, k *store.Kind, id string, raw []byte) error {
	doc := decode(k, raw)
	if err := k.Accept(doc); err != nil {
		return err
	}
	bare, err := withoutKeys(raw)
	if err != nil {
		return &store.Damaged{Noun: k.Name, ID: id, Reason: err.Error()}
	}
	whole := s.withKeys(k, doc, bare)
	return s.write(ctx, k, "restoring", func(c *mongo.Collection) error {
		_, err := c.InsertOne(ctx, whole)
		return s.named(ctx, c, k, []any{doc}, false, err)
	})
}

func guard(id string, version int64) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "version", Value: version}}
}

// missed says why a guarded write met no document.
func (s *Store) missed(ctx context.Context, c *mongo.Collection, id string) error {
	n, err := s.countIDs(ctx, c, id)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fmt.Errorf("%w: %s %s", store.ErrNotFound, c.Name(), id)
	}
	return fmt.Errorf("%w: %s %s", store.ErrConflict, c.Name(), id)
}

// aborts says whether an error has ended the transaction on the server. That a guarded write met no
// document has not.
func aborts(err error) bool {
	return err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrCorrupt)
}

// named turns a duplicate key into the port's error with the key's name: as the server says it, or
// by looking which value is taken. Other errors stay.
func (s *Store) named(ctx context.Context, c *mongo.Collection, k *store.Kind, docs []any, replacing bool, err error) error {
	if err == nil || !mongo.IsDuplicateKeyError(err) {
		return err
	}
	index, raw := duplicateIn(err)
	key := keyName(raw)
	if key == "" && index < len(docs) {
		if key, err = s.takenKey(ctx, c, k, docs[:index+1], replacing); err != nil {
			return err
		}
	}
	return &store.DuplicateError{Noun: k.Name, Key: key}
}

// duplicateIn finds which document of a write was the duplicate, and the server's words about it.
func duplicateIn(err error) (index int, raw bson.Raw) {
	var errs []mongo.WriteError
	if e, ok := errors.AsType[mongo.BulkWriteException](err); ok {
		for _, w := range e.WriteErrors {
			errs = append(errs, w.WriteError)
		}
	} else if e, ok := errors.AsType[mongo.WriteException](err); ok {
		errs = e.WriteErrors
	} else if e, ok := errors.AsType[mongo.CommandError](err); ok {
		return 0, e.Raw
	}
	for _, e := range errs {
		if mongo.IsDuplicateKeyError(e) {
			return e.Index, e.Raw
		}
	}
	return 0, nil
}

// keyName reads the key from the field of the index that was violated.
func keyName(raw bson.Raw) string {
	for _, part := range []string{"keyPattern", "keyValue"} {
		fields, ok := raw.Lookup(part).DocumentOK()
		if !ok {
			continue
		}
		elements, _ := fields.Elements()
		for _, e := range elements {
			if e.Key() == "_id" {
				return "id"
			}
			if name, ok := strings.CutPrefix(e.Key(), uniqueField("")); ok {
				return name
			}
		}
	}
	return ""
}

// takenKey looks which value of the last document another one has: an earlier one of the same write,
// or a stored one. It looks outside of the transaction, which the server has aborted. Of a single
// possibility it asks nothing.
func (s *Store) takenKey(ctx context.Context, c *mongo.Collection, k *store.Kind, docs []any, replacing bool) (string, error) {
	ctx = mongo.NewSessionContext(ctx, nil)
	doc := docs[len(docs)-1]
	id, _ := k.Identity(doc)
	filters := map[string]bson.D{}
	if !replacing {
		filters["id"] = bson.D{{Key: "_id", Value: id}}
	}
	values := k.Derive(doc, s.Day())
	for _, key := range k.Keys {
		if v := values.Key[key.Name]; key.Unique && len(v) > 0 {
			filters[key.Name] = bson.D{{Key: uniqueField(key.Name), Value: v[0]}, {Key: "_id", Value: bson.D{{Key: "$ne", Value: id}}}}
		}
	}
	for name, filter := range filters {
		if len(filters) == 1 || s.takenInside(k, docs, name) {
			return name, nil
		}
		found, err := find{filter: filter, projection: bson.D{{Key: "_id", Value: 1}}, limit: 1}.run(ctx, c)
		if err != nil {
			return "", s.translate(ctx, "looking for a duplicate in "+k.Name, err)
		}
		if len(found) > 0 {
			return name, nil
		}
	}
	return "", nil
}

func (s *Store) takenInside(k *store.Kind, docs []any, name string) bool {
	value := func(doc any) string {
		id, _ := k.Identity(doc)
		if v := k.Derive(doc, s.Day()).Key[name]; name != "id" && len(v) > 0 {
			return v[0]
		} else if name != "id" {
			return ""
		}
		return id
	}
	last := value(docs[len(docs)-1])
	for _, doc := range docs[:len(docs)-1] {
		if value(doc) == last {
			return true
		}
	}
	return false
}
