package portal

import (
	"context"
	"errors"

	"memberportal/internal/store"
)

// challenge is a code that was sent to an address. Neither the code nor what names the challenge to the
// caller is stored, so that nobody who reads the store can use it.
type challenge struct {
	// ID is a hash of what the caller got.
	ID      string `bson:"_id"`
	Version int64  `bson:"version"`
	// CodeHash is empty for a challenge of which no code was sent, which nothing answers.
	CodeHash string `bson:"codeHash"`
	Email    string `bson:"email"`
	Locale   Locale `bson:"locale"`
	// Source and Share are hashes of the network that asked, and of it with the inbox that was asked for;
	// requests are counted by them. Empty in challenges from before there were such limits.
	Source string `bson:"source"`
	Share  string `bson:"share"`
	// ApplicationID is the application that was asked for; nil for a new one.
	ApplicationID *ID      `bson:"application,omitempty"`
	Tries         int      `bson:"tries"`
	Used          bool     `bson:"used"`
	At            DateTime `bson:"at"`
	ExpiresAt     DateTime `bson:"expiresAt"`
}

var challengeNoun = store.Declare(store.Noun[challenge]{
	Name:     "applicationChallenges",
	Identity: func(c *challenge) (string, *int64) { return c.ID, &c.Version },
	Keys: []store.Key[challenge]{
		store.One("at", func(c *challenge, _ string) string { return string(c.At) }),
		store.One("source", func(c *challenge, _ string) string { return c.Source }),
		store.One("share", func(c *challenge, _ string) string { return c.Share }),
	},
	Listings: []store.Listing{{Sort: "at"}, {Equal: []string{"source"}, Sort: "at"}, {Equal: []string{"share"}, Sort: "at"}},
})

// codeRecipient is written by everything that counts or looks up before it writes, so that two that come
// at once see each other (see core.touch).
type codeRecipient struct {
	// ID is a hash of what is counted.
	ID      string   `bson:"_id"`
	Version int64    `bson:"version"`
	At      DateTime `bson:"at"`
}

var codeRecipientNoun = store.Declare(store.Noun[codeRecipient]{
	Name:     "codeRecipients",
	Identity: func(r *codeRecipient) (string, *int64) { return r.ID, &r.Version },
	Keys:     []store.Key[codeRecipient]{store.One("at", func(r *codeRecipient, _ string) string { return string(r.At) })},
	Listings: []store.Listing{{Sort: "at"}},
})

// touch makes transactions that name the same parts run one after the other, on either store.
func (c *core) touch(ctx context.Context, parts ...string) error {
	touched := codeRecipientNoun.In(c.store)
	id, now := hash(parts...), DateTimeOf(c.wall())
	r, err := touched.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return touched.Insert(ctx, &codeRecipient{ID: id, At: now})
	}
	if err != nil {
		return err
	}
	r.At = now
	return touched.Replace(ctx, r)
}
