package mongostore

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"memberportal/internal/store"
)

// reserved is the field of a stored document that holds its keys. Decoding a document leaves it out.
const reserved = "_keys"

const (
	columnPrefix = "k_"
	tokenPrefix  = "s_"
	uniquePrefix = "u_"
)

func columnField(key string) string { return reserved + "." + columnPrefix + key }
func uniqueField(key string) string { return reserved + "." + uniquePrefix + key }

// tokenField is where a document's place in a listing's order is kept.
func tokenField(sort string) string {
	if sort == "" {
		return "_id"
	}
	return reserved + "." + tokenPrefix + sort
}

// columnKeys are the keys that some listing has as a column, in the order of declaration.
func columnKeys(k *store.Kind) []store.KeyInfo {
	var keys []store.KeyInfo
	for _, key := range k.Keys {
		if slices.ContainsFunc(k.Listings, func(l store.Listing) bool { return slices.Contains(l.Columns(), key.Name) }) {
			keys = append(keys, key)
		}
	}
	return keys
}

// keyDocument is the reserved field's value. The same values give the same bytes, so that stale keys
// are found by comparing.
func keyDocument(k *store.Kind, v store.Values) bsoncore.Document {
	b := bsoncore.NewDocumentBuilder()
	for _, key := range columnKeys(k) {
		name, values := columnPrefix+key.Name, v.Key[key.Name]
		if !key.Multi {
			b.AppendString(name, values[0])
			continue
		}
		list := bsoncore.NewArrayBuilder()
		for _, value := range values {
			list.AppendString(value)
		}
		b.AppendArray(name, list.Build())
	}
	for _, name := range k.SortKeys() {
		b.AppendString(tokenPrefix+name, v.Sort[name])
	}
	for _, key := range k.Keys {
		if values := v.Key[key.Name]; key.Unique && len(values) > 0 {
			b.AppendString(uniquePrefix+key.Name, values[0])
		}
	}
	return b.Build()
}

// encode is a document as it is stored: its own BSON with the keys appended to the bytes.
func (s *Store) encode(k *store.Kind, doc any) (bson.Raw, error) {
	raw, err := bson.Marshal(doc)
	if err != nil {
		id, _ := k.Identity(doc)
		return nil, fmt.Errorf("encoding %s %s: %w", k.Name, id, err)
	}
	return s.withKeys(k, doc, raw), nil
}

// withKeys appends a document's keys to its bytes.
func (s *Store) withKeys(k *store.Kind, doc any, raw bson.Raw) bson.Raw {
	return appendKeys(k, k.Derive(doc, s.Day()), raw)
}

// appendKeys appends these keys to a document's bytes.
func appendKeys(k *store.Kind, values store.Values, raw bson.Raw) bson.Raw {
	keys := keyDocument(k, values)
	raw = bsoncore.AppendDocumentElement(raw[:len(raw)-1], reserved, keys)
	raw = append(raw, 0)
	return bsoncore.UpdateLength(raw, 0, int32(len(raw)))
}

// decode reads a document, or says with a *store.Damaged why it cannot be used.
func decode(k *store.Kind, raw bson.Raw) any {
	doc := k.Blank()
	if err := bson.Unmarshal(raw, doc); err != nil {
		return &store.Damaged{Noun: k.Name, ID: tokenOf(raw, ""), Reason: err.Error()}
	}
	return doc
}

// Damage is what was found that cannot be used.
func (s *Store) Damage() *store.Damage { return &s.damage }
