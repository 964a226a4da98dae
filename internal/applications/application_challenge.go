package applications

import (
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// challenge is a code that was sent to an address. Neither the code nor what names the challenge to the
// caller is stored, so that nobody who reads the store can use it.
type challenge struct {
	// ID is a hash of what the caller got.
	ID      string `bson:"_id"`
	Version int64  `bson:"version"`
	// CodeHash is empty for a challenge of which no code was sent, which nothing answers.
	CodeHash string     `bson:"codeHash"`
	Email    string     `bson:"email"`
	Locale   kit.Locale `bson:"locale"`
	// Source and Share are hashes of the network that asked, and of it with the inbox that was asked for;
	// requests are counted by them. Empty in challenges from before there were such limits.
	Source string `bson:"source"`
	Share  string `bson:"share"`
	// ApplicationID is the application that was asked for; nil for a new one.
	ApplicationID *kit.ID      `bson:"application,omitempty"`
	Tries         int          `bson:"tries"`
	Used          bool         `bson:"used"`
	At            kit.DateTime `bson:"at"`
	ExpiresAt     kit.DateTime `bson:"expiresAt"`
}

// ChallengeNoun is how challenges are stored: by the hash of what the caller was given, and those of a network and an inbox
// to count them.
var ChallengeNoun = store.Declare(store.Noun[challenge]{
	Name:     "applicationChallenges",
	Identity: func(c *challenge) (string, *int64) { return c.ID, &c.Version },
	Keys: []store.Key[challenge]{
		store.One("at", func(c *challenge, _ string) string { return string(c.At) }),
		store.One("source", func(c *challenge, _ string) string { return c.Source }),
		store.One("share", func(c *challenge, _ string) string { return c.Share }),
	},
	Listings: []store.Listing{{Sort: "at"}, {Equal: []string{"source"}, Sort: "at"}, {Equal: []string{"share"}, Sort: "at"}},
})
