package mongostore

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"memberportal/internal/store"
)

const (
	// snapshotBatch is how many documents the server sends at a time.
	snapshotBatch = 500
	// snapshotTimeout bounds the reading of all collections, in place of callTimeout.
	snapshotTimeout = time.Hour
)

// Snapshot reads all collections in a session whose reads all see one instant of the server. The server keeps that
// instant for minSnapshotHistoryWindowInSeconds, five minutes by default; reading longer is an error. A server
// without transactions has no such sessions, and is read as it is.
func (s *Store) Snapshot(ctx context.Context, kinds []*store.Kind, each func(k *store.Kind, id string, raw []byte, sound bool) error) (oneState bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, snapshotTimeout)
	defer cancel()
	if s.atomic {
		session, err := s.client.StartSession(options.Session().SetSnapshot(true))
		if err != nil {
			return false, s.translate(ctx, "beginning a snapshot", err)
		}
		defer session.EndSession(context.WithoutCancel(ctx))
		ctx = mongo.NewSessionContext(ctx, session)
	}
	var own error // of each, which no server said
	take := func(k *store.Kind, id string, raw []byte, sound bool) error {
		own = each(k, id, raw, sound)
		return own
	}
	for _, k := range kinds {
		err := s.run(ctx, k, "reading", func(c *mongo.Collection) error { return snapshotOf(ctx, c, k, take) })
		if own != nil {
			return false, own
		}
		if err != nil {
			return false, err
		}
	}
	return s.atomic, nil
}

func snapshotOf(ctx context.Context, c *mongo.Collection, k *store.Kind, each func(k *store.Kind, id string, raw []byte, sound bool) error) error {
	cursor, err := c.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetBatchSize(snapshotBatch))
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	for cursor.Next(ctx) {
		bare, err := withoutKeys(cursor.Current)
		if err != nil {
			bare = cursor.Current
		}
		id, named := cursor.Current.Lookup("_id").StringValueOK()
		if !named {
			id = cursor.Current.Lookup("_id").String()
		}
		_, numbered := cursor.Current.Lookup("version").Int64OK()
		if err := each(k, id, bare, err == nil && named && numbered); err != nil {
			return err
		}
	}
	return cursor.Err()
}

// withoutKeys is a stored document without the field that holds its keys.
func withoutKeys(raw bson.Raw) (bson.Raw, error) {
	elements, err := raw.Elements()
	if err != nil {
		return nil, err
	}
	bare := bsoncore.NewDocumentBuilder()
	for _, e := range elements {
		if v := e.Value(); e.Key() != reserved {
			bare.AppendValue(e.Key(), bsoncore.Value{Type: bsoncore.Type(v.Type), Data: v.Value})
		}
	}
	return bson.Raw(bare.Build()), nil
}

// Load stores documents in one call. It is not a transaction: who loads begins with an empty store.
func (s *Store) Load(ctx context.Context, k *store.Kind, raws [][]byte) (rejected []store.Rejected, err error) {
	var whole []bson.Raw
	var docs []any
	for _, raw := range raws {
		doc := k.Blank()
		reason := ""
		var values store.Values
		if err := bson.Unmarshal(raw, doc); err != nil {
			reason = err.Error()
		} else if v, ok := k.TryDerive(doc, s.Day()); ok {
			values = v
		} else {
			reason = "its keys cannot be derived"
		}
		if reason != "" {
			id := tokenOf(raw, "")
			rejected = append(rejected, store.Rejected{Damaged: store.Damaged{Noun: k.Name, ID: id, Reason: reason}, Raw: raw})
			continue
		}
		docs, whole = append(docs, doc), append(whole, appendKeys(k, values, raw))
	}
	if len(whole) == 0 {
		return rejected, nil
	}
	return rejected, s.write(ctx, k, "restoring", func(c *mongo.Collection) error {
		_, err := c.InsertMany(ctx, whole, options.InsertMany().SetOrdered(true))
		if err = s.named(ctx, c, k, docs, false, err); err != nil {
			return fmt.Errorf("storing %d documents: %w", len(whole), err)
		}
		return nil
	})
}
