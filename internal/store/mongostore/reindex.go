package mongostore

import (
	"bytes"
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"memberportal/internal/store"
)

type stale struct {
	id      string
	version int64
	keys    bsoncore.Document
}

// Reindex compares a stretch of documents with their keys. All are read before any is written, and a
// document that somebody stores meanwhile is left to them: its version differs, and its keys are new.
func (s *Store) Reindex(ctx context.Context, k *store.Kind, after string, limit int, write bool) (store.Reindexed, error) {
	var result store.Reindexed
	var renew []stale
	err := s.run(ctx, k, "comparing keys of", func(c *mongo.Collection) error {
		raws, err := find{
			filter: bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}},
			sort:   bson.D{{Key: "_id", Value: 1}},
			limit:  limit,
		}.run(ctx, c)
		if err != nil {
			return err
		}
		renew = s.compare(k, raws, &result)
		if len(raws) == limit {
			result.Next = tokenOf(raws[len(raws)-1], "")
		}
		return nil
	})
	if err != nil || !write {
		return result, err
	}
	for _, d := range renew {
		err := s.write(ctx, k, "renewing keys of", func(c *mongo.Collection) error {
			set := bson.D{{Key: "$set", Value: bson.D{{Key: reserved, Value: bson.Raw(d.keys)}}}}
			_, err := c.UpdateOne(ctx, guard(d.id, d.version), set)
			return err
		})
		if err != nil {
			return result, err
		}
	}
	return result, nil
}

// compare notes which documents cannot be used and which have keys that are not what they derive to.
func (s *Store) compare(k *store.Kind, raws []bson.Raw, result *store.Reindexed) []stale {
	var renew []stale
	for _, raw := range raws {
		doc := decode(k, raw)
		if bad, ok := errors.AsType[*store.Damaged](k.Accept(doc)); ok {
			result.Broken = append(result.Broken, bad)
			continue
		}
		result.Sound = append(result.Sound, doc)
		keys := keyDocument(k, k.Derive(doc, s.Day()))
		if have, ok := raw.Lookup(reserved).DocumentOK(); ok && bytes.Equal(have, keys) {
			continue
		}
		id, version := k.Identity(doc)
		result.Stale = append(result.Stale, id)
		renew = append(renew, stale{id, *version, keys})
	}
	return renew
}
