package kit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"memberportal/internal/store"
)

// repeatWindow is how long an idempotency key is remembered.
const repeatWindow = 24 * time.Hour

// repeat remembers what a mutation created under an idempotency key, so that the same request sent again returns
// the same result and creates nothing.
type repeat struct {
	// ID is a hash of the person, the mutation and the key.
	ID        string   `bson:"_id"`
	Version   int64    `bson:"version"`
	InputHash string   `bson:"inputHash"`
	Result    ID       `bson:"result"`
	At        DateTime `bson:"at"`
}

// RepeatNoun declares how idempotency keys are stored. The listing is by age, for removal.
var RepeatNoun = store.Declare(store.Noun[repeat]{
	Name:     "repeats",
	Identity: func(r *repeat) (string, *int64) { return r.ID, &r.Version },
	Keys:     []store.Key[repeat]{store.One("at", func(r *repeat, _ string) string { return string(r.At) })},
	Listings: []store.Listing{{Sort: "at"}},
})

// changeRecordsKept is how long change records are kept: much longer than any process may lag behind in reading them.
const changeRecordsKept = 24 * time.Hour

// Discard removes the documents that are older than an instant, by the noun's listing of the key "at".
func Discard[T any](ctx context.Context, c store.Collection[T], before time.Time, identity func(*T) (string, int64)) error {
	plan, err := c.Plan(store.Query{Sort: "at"})
	if err != nil {
		return err
	}
	for {
		page, err := c.Page(ctx, plan, store.Range{Bounds: store.Bounds{Before: string(DateTimeOf(before))}, Limit: 500})
		if err != nil {
			return err
		}
		for _, d := range page.Docs {
			id, version := identity(d)
			if err := c.Delete(ctx, id, version); err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrConflict) { // one that changed is of use again
				return err
			}
		}
		if !page.More {
			return nil
		}
	}
}

// Hash returns the SHA-256 sum of parts in hexadecimal digits.
func Hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// IdempotencyKey checks an idempotency key; nil is accepted. Every input with such a key needs this check.
func (f *Faults) IdempotencyKey(key *string) {
	f.Line("input.idempotencyKey", key, 128, true)
}

// Create runs f as Write does, but at most once in 24 hours for an idempotency key of this person and mutation.
// It returns the id of what was created, now or at the first call. The caller then reads the record again, with
// its rights of now. Without a key, f runs at every call.
func (c *Core) Create(ctx context.Context, operation string, key *string, input any, f func(ctx context.Context, note func(Change)) (ID, error)) (ID, error) {
	if key == nil {
		var made ID
		err := c.Write(ctx, operation, func(ctx context.Context, note func(Change)) (err error) {
			made, err = f(ctx, note)
			return err
		})
		return made, err
	}
	return c.createOnce(ctx, operation, *key, input, f)
}

func (c *Core) createOnce(ctx context.Context, operation, key string, input any, f func(ctx context.Context, note func(Change)) (ID, error)) (made ID, err error) {
	body, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("hashing the input: %w", err)
	}
	repeats := RepeatNoun.In(c.Store)
	id, inputHash := Hash(string(ActorOf(ctx).Subject), operation, key), Hash(string(body))
	err = c.Write(ctx, operation, func(ctx context.Context, note func(Change)) error {
		old, err := repeats.Get(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return err
		case c.Wall().Sub(old.At.Time()) >= repeatWindow:
			if err := repeats.Delete(ctx, old.ID, old.Version); err != nil {
				return err
			}
		case old.InputHash != inputHash:
			f := NewFaults(ctx)
			f.Add(CodeIdempotencyKeyReused, "input.idempotencyKey", "idempotencyKeyReused", nil)
			return f
		default:
			made = old.Result
			return nil
		}
		if made, err = f(ctx, note); err != nil {
			return err
		}
		return repeats.Insert(ctx, &repeat{ID: id, InputHash: inputHash, Result: made, At: DateTimeOf(c.Wall())})
	})
	return made, err
}
