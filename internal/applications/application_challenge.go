package applications

import (
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// challenge is a code that was sent to an address. Neither the code nor the challenge's name is stored, only
// hashes, so that nobody who reads the store can use it.
type challenge struct {
	// ID is a hash of the name that the caller got.
	ID      string `bson:"_id"`
	Version int64  `bson:"version"`
	// CodeHash is empty if no code was sent. Then no code confirms the challenge.
	CodeHash string     `bson:"codeHash"`
	Email    string     `bson:"email"`
	Locale   kit.Locale `bson:"locale"`
	// Source is a hash of the network of the request, Share a hash of that network and the inbox that is to get
	// the code. Requests are counted by them. Both are empty in challenges from before there were limits.
	Source string `bson:"source"`
	Share  string `bson:"share"`
	// ApplicationID is the application for which the code was requested; nil for a new one.
	ApplicationID *kit.ID      `bson:"application,omitempty"`
	Tries         int          `bson:"tries"`
	Used          bool         `bson:"used"`
	At            kit.DateTime `bson:"at"`
	ExpiresAt     kit.DateTime `bson:"expiresAt"`
}

// ChallengeNoun declares how challenges are stored: by the hash of the name that the caller got. The listings
// count the requests of a network and of an inbox.
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
