package mongostore

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"memberportal/internal/store"
)

// find is one reading of one index.
type find struct {
	filter, sort, projection bson.D
	limit                    int
	hint                     string
}

// again reads, and outside of a transaction reads again what the server gave up, and once without the hint if the server does
// not know the index: another version of the program may build it just now, or have dropped it. A transaction is run again as
// a whole.
func again(ctx context.Context, hint string, read func(hint string) error) error {
	err := read(hint)
	if mongo.SessionFromContext(ctx) != nil {
		return err
	}
	for try := 1; try < readTries && ctx.Err() == nil && hasCode(err, givenUpCodes...); try++ {
		err = read(hint)
	}
	if hint != "" && hasCode(err, badValue) {
		err = read("")
	}
	return err
}

func (f find) run(ctx context.Context, c *mongo.Collection) (docs []bson.Raw, err error) {
	err = again(ctx, f.hint, func(hint string) (err error) {
		docs, err = f.once(ctx, c, hint)
		return err
	})
	return docs, err
}

func (f find) once(ctx context.Context, c *mongo.Collection, hint string) ([]bson.Raw, error) {
	// One more than the limit, or the server keeps the cursor for a last, empty batch.
	o := options.Find().SetLimit(int64(f.limit)).SetBatchSize(int32(f.limit + 1))
	if f.sort != nil {
		o.SetSort(f.sort)
	}
	if f.projection != nil {
		o.SetProjection(f.projection)
	}
	if hint != "" {
		o.SetHint(hint)
	}
	cursor, err := c.Find(ctx, f.filter, o)
	if err != nil {
		return nil, err
	}
	var docs []bson.Raw
	err = cursor.All(ctx, &docs)
	return docs, err
}

// Get reads documents by id.
func (s *Store) Get(ctx context.Context, k *store.Kind, ids []string) ([]any, error) {
	var docs []any
	err := s.run(ctx, k, "reading", func(c *mongo.Collection) error {
		f := find{filter: bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}, limit: len(ids)}
		raws, err := f.run(ctx, c)
		for _, raw := range raws {
			docs = append(docs, decode(k, raw))
		}
		return err
	})
	return docs, err
}

// match selects a branch's documents within the bounds. The lower one is there even when it is empty:
// every token is a string above it, and a document whose keys were never derived has none.
func match(b store.Branch, within store.Bounds, without ...string) bson.D {
	var filter bson.D
	for i, name := range b.Listing.Columns() {
		var is any = bson.D{{Key: "$in", Value: b.Values[i]}}
		if len(b.Values[i]) == 1 {
			is = b.Values[i][0]
		}
		filter = append(filter, bson.E{Key: columnField(name), Value: is})
	}
	between := bson.D{{Key: "$gt", Value: within.After}}
	if within.Before != "" {
		between = append(between, bson.E{Key: "$lt", Value: within.Before})
	}
	token := tokenField(b.Listing.Sort)
	if len(without) > 0 && token == "_id" {
		between = append(between, bson.E{Key: "$nin", Value: without})
	} else if len(without) > 0 {
		filter = append(filter, bson.E{Key: "_id", Value: bson.D{{Key: "$nin", Value: without}}})
	}
	return append(filter, bson.E{Key: token, Value: between})
}

// pageFind reads a branch from its listing's index. MongoDB takes each combination of the values as
// a range of its own and merges the ranges in order (SORT_MERGE), so that it sorts nothing; it does so
// for up to 200 of them, and the port plans at most store.MaxStreams.
func pageFind(b store.Branch, r store.Range) find {
	token, direction := tokenField(b.Listing.Sort), 1
	if r.Backward {
		direction = -1
	}
	return find{filter: match(b, r.Bounds), sort: bson.D{{Key: token, Value: direction}}, limit: r.Limit, hint: listingIndex(b.Listing).name}
}

// Page reads each branch from its index and merges them.
func (s *Store) Page(ctx context.Context, k *store.Kind, plan store.Plan, r store.Range) ([]store.Row, error) {
	pages := make([][]store.Row, len(plan.Branches))
	for i, b := range plan.Branches {
		err := s.run(ctx, k, "listing", func(c *mongo.Collection) error {
			raws, err := pageFind(b, r).run(ctx, c)
			for _, raw := range raws {
				pages[i] = append(pages[i], store.Row{Token: tokenOf(raw, b.Listing.Sort), Doc: decode(k, raw)})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return store.Merge(pages, r), nil
}

func tokenOf(raw bson.Raw, sort string) string {
	path := []string{"_id"}
	if sort != "" {
		path = []string{reserved, tokenPrefix + sort}
	}
	token, _ := raw.Lookup(path...).StringValueOK()
	return token
}

// Lookup reads the index of a unique key.
func (s *Store) Lookup(ctx context.Context, k *store.Kind, key, value string) (id string, err error) {
	x := uniqueIndex(key)
	f := find{filter: bson.D{{Key: x.fields[0], Value: value}}, projection: bson.D{{Key: "_id", Value: 1}}, limit: 1, hint: x.name}
	err = s.run(ctx, k, "looking up", func(c *mongo.Collection) error {
		raws, err := f.run(ctx, c)
		if err == nil && len(raws) == 0 {
			return fmt.Errorf("%w: %s with this %s", store.ErrNotFound, k.Name, key)
		}
		if err == nil {
			id = tokenOf(raws[0], "")
		}
		return err
	})
	return id, err
}

// countIDs says whether a document is there, whatever kind it is of.
func (s *Store) countIDs(ctx context.Context, c *mongo.Collection, id string) (int64, error) {
	f := find{filter: bson.D{{Key: "_id", Value: id}}, projection: bson.D{{Key: "_id", Value: 1}}, limit: 1}
	found, err := f.run(ctx, c)
	return int64(len(found)), s.translate(ctx, fmt.Sprintf("looking for an id in %s", c.Name()), err)
}
