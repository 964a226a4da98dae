package mongostore

import (
	"context"
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"memberportal/internal/store"
)

// Count counts on the server. Several branches go as one $or, which counts a document once.
func (s *Store) Count(ctx context.Context, k *store.Kind, plan store.Plan, within store.Bounds) (int64, error) {
	var filter bson.D
	var hint string
	switch len(plan.Branches) {
	case 0:
		return 0, nil
	case 1:
		filter = match(plan.Branches[0], within, plan.Without...)
		hint = listingIndex(plan.Branches[0].Listing).name
	default:
		var either bson.A
		for _, b := range plan.Branches {
			either = append(either, match(b, within, plan.Without...))
		}
		filter = bson.D{{Key: "$or", Value: either}}
	}
	groups, err := s.group(ctx, k, mongo.Pipeline{{{Key: "$match", Value: filter}}}, nil, hint)
	if err != nil || len(groups) == 0 {
		return 0, err
	}
	return groups[0].N, nil
}

type group struct {
	Value string `bson:"_id"`
	N     int64  `bson:"n"`
}

func (s *Store) group(ctx context.Context, k *store.Kind, stages mongo.Pipeline, by any, hint string) ([]group, error) {
	stages = append(stages, bson.D{{Key: "$group", Value: bson.D{
		{Key: "_id", Value: by}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}},
	}}})
	var groups []group
	err := s.run(ctx, k, "counting", func(c *mongo.Collection) error {
		return again(ctx, hint, func(hint string) error {
			o := options.Aggregate()
			if hint != "" {
				o.SetHint(hint)
			}
			cursor, err := c.Aggregate(ctx, stages, o)
			if err != nil {
				return err
			}
			return cursor.All(ctx, &groups)
		})
	})
	return groups, err
}

// CountBy groups one index's values.
func (s *Store) CountBy(ctx context.Context, k *store.Kind, key, prefix string, without []string) (map[string]int64, error) {
	l, err := k.Leading(key)
	if err != nil {
		return nil, err
	}
	field := columnField(key)
	filter := bson.D{{Key: field, Value: starts(prefix, l.Has == key)}}
	if len(without) > 0 {
		filter = append(filter, bson.E{Key: "_id", Value: bson.D{{Key: "$nin", Value: without}}})
	}
	matching := bson.D{{Key: "$match", Value: filter}}
	stages := mongo.Pipeline{matching}
	if l.Has == key {
		// One row for each value, and again only those that start with the prefix.
		stages = append(stages, bson.D{{Key: "$unwind", Value: "$" + field}}, matching)
	}
	groups, err := s.group(ctx, k, stages, "$"+field, listingIndex(l).name)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64, len(groups))
	for _, g := range groups {
		counts[g.Value] = g.N
	}
	return counts, nil
}

// starts is the condition that a value begins with the prefix. For an array it is never two bounds,
// which two different elements could meet, but an anchored expression, which one element must.
func starts(prefix string, multi bool) any {
	switch {
	case prefix == "":
		return bson.D{{Key: "$gte", Value: ""}}
	case multi:
		return bson.Regex{Pattern: "^" + regexp.QuoteMeta(prefix)}
	}
	return bson.D{{Key: "$gte", Value: prefix}, {Key: "$lt", Value: store.PrefixEnd(prefix)}}
}

// Probe reads ids from a multi-valued key's index.
func (s *Store) Probe(ctx context.Context, k *store.Kind, key, prefix string, limit int) ([]string, error) {
	l, err := k.Leading(key)
	if err != nil {
		return nil, err
	}
	f := find{
		filter:     bson.D{{Key: columnField(key), Value: starts(prefix, true)}},
		projection: bson.D{{Key: "_id", Value: 1}},
		limit:      limit, hint: listingIndex(l).name,
	}
	var ids []string
	err = s.run(ctx, k, "probing", func(c *mongo.Collection) error {
		raws, err := f.run(ctx, c)
		for _, raw := range raws {
			ids = append(ids, tokenOf(raw, ""))
		}
		return err
	})
	return ids, err
}
