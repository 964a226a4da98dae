package portal

import "memberportal/internal/store"

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
	Keys:     []store.Key[challenge]{store.One("at", func(c *challenge, _ string) string { return string(c.At) })},
	Listings: []store.Listing{{Sort: "at"}},
})

// codeRecipient is written by every request for a code to an address, so that two that come at once see
// each other's message when they count.
type codeRecipient struct {
	// ID is a hash of the address.
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
