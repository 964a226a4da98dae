package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Identity is a person at another issuer. Its subject is kept only as a hash, which is enough to find the person.
type Identity struct {
	// Key is the hash of issuer and subject.
	Key    string `bson:"key"`
	Issuer string `bson:"issuer"`
	// LinkedAt is when the person linked it. LastSeenAt is the hour in which the person last signed in with it.
	LinkedAt   kit.DateTime `bson:"linkedAt"`
	LastSeenAt kit.DateTime `bson:"lastSeenAt"`
}

// identityKey returns the hash by which an identity is found.
func identityKey(issuer, subject string) string {
	sum := sha256.Sum256([]byte(issuer + "\x00" + subject))
	return hex.EncodeToString(sum[:])
}

// withIdentity returns the persons who have an identity: one, or none. It does not check the caller's rights.
func (s *PersonService) withIdentity(ctx context.Context, key string) ([]*Person, error) {
	plan, err := s.persons.Plan(store.Query{Any: []store.Where{{"identity": {key}}}})
	if err != nil {
		return nil, err
	}
	page, err := s.persons.Page(ctx, plan, store.Range{Limit: 2})
	return page.Docs, err
}
