package kit

import (
	"context"
	"errors"
	"time"

	"memberportal/internal/store"
)

// codeRecipient is written by transactions that count or look up before they write, so that two at the same time
// see each other; see Core.Touch. It also says what is used up; see Core.Spend.
type codeRecipient struct {
	// ID is a hash of the parts that Touch was given.
	ID      string   `bson:"_id"`
	Version int64    `bson:"version"`
	At      DateTime `bson:"at"`
}

// CodeRecipientNoun declares how Touch and Spend store their parts. The listing is by age, for removal.
var CodeRecipientNoun = store.Declare(store.Noun[codeRecipient]{
	Name:     "codeRecipients",
	Identity: func(r *codeRecipient) (string, *int64) { return r.ID, &r.Version },
	Keys:     []store.Key[codeRecipient]{store.One("at", func(r *codeRecipient, _ string) string { return string(r.At) })},
	Listings: []store.Listing{{Sort: "at"}},
})

// Touch makes transactions that name the same parts run one after the other, on both stores.
func (c *Core) Touch(ctx context.Context, parts ...string) error {
	touched := CodeRecipientNoun.In(c.Store)
	id, now := Hash(parts...), DateTimeOf(c.Wall())
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

// Spend uses something up that is good once, in a transaction, and says whether this is the first time. It remembers for
// a day, so that what is spent must not be good for longer.
func (c *Core) Spend(ctx context.Context, parts ...string) (first bool, err error) {
	spent, id := CodeRecipientNoun.In(c.Store), Hash(append([]string{"spent"}, parts...)...)
	if _, err := spent.Get(ctx, id); !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	return true, spent.Insert(ctx, &codeRecipient{ID: id, At: DateTimeOf(c.Wall())})
}

// touchesKept is how long the records of Touch are kept: longer than any transaction takes, and than anything is good
// that Spend uses up.
const touchesKept = 24 * time.Hour
