package mongostore

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"memberportal/internal/store"
)

const (
	// listingPrefix and keyPrefix mark the indexes that are this package's to drop.
	listingPrefix = "portal_listing_"
	keyPrefix     = "portal_unique_"
	idIndex       = "_id_"

	// buildTimeout is for indexes on collections that are already large.
	buildTimeout = 30 * time.Minute

	namespaceExists = 48
	indexNotFound   = 27
)

// index is one index, declared or real.
type index struct {
	name   string
	fields []string
	unique bool
}

// listingIndex is the index of a listing: its columns, then the token. A listing by id alone is
// answered by the index that every collection has.
func listingIndex(l store.Listing) index {
	columns := l.Columns()
	if len(columns) == 0 && l.Sort == "" {
		return index{name: idIndex, fields: []string{"_id"}}
	}
	x := index{name: listingPrefix + url.QueryEscape(l.Name())}
	for _, c := range columns {
		x.fields = append(x.fields, columnField(c))
	}
	x.fields = append(x.fields, tokenField(l.Sort))
	return x
}

func uniqueIndex(key string) index {
	return index{name: keyPrefix + url.QueryEscape(key), fields: []string{uniqueField(key)}, unique: true}
}

func declared(k *store.Kind) []index {
	var all []index
	for _, l := range k.Listings {
		if x := listingIndex(l); x.name != idIndex {
			all = append(all, x)
		}
	}
	for _, key := range k.Keys {
		if key.Unique {
			all = append(all, uniqueIndex(key.Name))
		}
	}
	return all
}

func (x index) model() mongo.IndexModel {
	var keys bson.D
	for _, f := range x.fields {
		keys = append(keys, bson.E{Key: f, Value: 1})
	}
	o := options.Index().SetName(x.name)
	if x.unique {
		o.SetUnique(true).SetSparse(true)
	}
	return mongo.IndexModel{Keys: keys, Options: o}
}

func (x index) equal(y index) bool {
	return x.name == y.name && x.unique == y.unique && slices.Equal(x.fields, y.fields)
}

func (x index) ours() bool {
	return strings.HasPrefix(x.name, listingPrefix) || strings.HasPrefix(x.name, keyPrefix)
}

func realIndexes(ctx context.Context, c *mongo.Collection) ([]index, error) {
	cursor, err := c.Indexes().List(ctx)
	if err != nil {
		return nil, err
	}
	var raws []struct {
		Name   string `bson:"name"`
		Key    bson.D `bson:"key"`
		Unique bool   `bson:"unique"`
	}
	if err := cursor.All(ctx, &raws); err != nil {
		return nil, err
	}
	var all []index
	for _, raw := range raws {
		x := index{name: raw.Name, unique: raw.Unique}
		for _, field := range raw.Key {
			x.fields = append(x.fields, field.Key)
		}
		if x.ours() {
			all = append(all, x)
		}
	}
	return all, nil
}

// Prepare makes collections and indexes, and drops indexes of this package that are declared no
// longer. Indexes that somebody else made are left alone.
func (s *Store) Prepare(ctx context.Context, kinds []*store.Kind) error {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	for _, k := range kinds {
		err := s.write(ctx, k, "preparing", func(c *mongo.Collection) error { return s.prepare(ctx, c, k) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) prepare(ctx context.Context, c *mongo.Collection, k *store.Kind) error {
	if err := s.db.CreateCollection(ctx, c.Name()); err != nil && !hasCode(err, namespaceExists) {
		return err
	}
	have, err := realIndexes(ctx, c)
	if err != nil {
		return err
	}
	want := declared(k)
	for _, x := range have {
		if slices.ContainsFunc(want, x.equal) {
			continue
		}
		if err := c.Indexes().DropOne(ctx, x.name); err != nil && !hasCode(err, indexNotFound) {
			return err
		}
	}
	var missing []mongo.IndexModel
	for _, x := range want {
		if !slices.ContainsFunc(have, x.equal) {
			missing = append(missing, x.model())
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = c.Indexes().CreateMany(ctx, missing)
	return s.named(ctx, c, k, nil, false, err)
}

// Indexes says which declared indexes are missing or differ, and which of this package's are
// declared no longer.
func (s *Store) Indexes(ctx context.Context, kinds []*store.Kind) ([]string, error) {
	var lines []string
	for _, k := range kinds {
		var have []index
		err := s.run(ctx, k, "reading the indexes of", func(c *mongo.Collection) (err error) {
			have, err = realIndexes(ctx, c)
			return err
		})
		if err != nil {
			return nil, err
		}
		lines = append(lines, differences(k, have)...)
	}
	return lines, nil
}

func differences(k *store.Kind, have []index) []string {
	var lines []string
	want := declared(k)
	for _, x := range want {
		i := slices.IndexFunc(have, func(y index) bool { return x.name == y.name })
		if i < 0 {
			lines = append(lines, fmt.Sprintf("%s: index %s is missing", k.Name, x.name))
		} else if !x.equal(have[i]) {
			lines = append(lines, fmt.Sprintf("%s: index %s is not as declared", k.Name, x.name))
		}
	}
	for _, x := range have {
		if !slices.ContainsFunc(want, func(y index) bool { return x.name == y.name }) {
			lines = append(lines, fmt.Sprintf("%s: index %s is declared no longer", k.Name, x.name))
		}
	}
	return lines
}
