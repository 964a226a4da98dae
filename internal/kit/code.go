package kit

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"

	"memberportal/internal/input"
	"memberportal/internal/store"
)

// CodeLife is how long a code is valid.
const CodeLife = 15 * time.Minute

const (
	// codeTries is how often a code may be tried.
	codeTries = 5
	// challengesKept is how long challenges are kept. Requests of the last hour are counted by them.
	challengesKept = 24 * time.Hour
)

// How many codes of one kind may be requested in an hour.
const (
	// codesOfASource is for one network and all addresses.
	codesOfASource = 20
	// codesOfAShare is for one network and one inbox. Requests from other networks do not count, so that nobody
	// can keep somebody else from getting a code.
	codesOfAShare = 3
	// codesOfAll is for everybody together; see Codes.Admit.
	codesOfAll = 300
)

// Challenge is a code that was sent to an address. Neither the code nor the challenge's name is stored, only
// hashes, so that nobody who reads the store can use it.
type Challenge struct {
	// ID is a hash of the name that the caller got.
	ID      string `bson:"_id"`
	Version int64  `bson:"version"`
	// CodeHash is empty if no code was sent. Then no code confirms the challenge.
	CodeHash string `bson:"codeHash"`
	Email    string `bson:"email"`
	Locale   Locale `bson:"locale"`
	// Source is a hash of the network of the request, Share a hash of that network and the inbox that is to get
	// the code. Requests are counted by them. Both are empty in challenges from before there were limits.
	Source string `bson:"source"`
	Share  string `bson:"share"`
	// ApplicationID is the application for which the code of an applicant was requested; nil for a new one.
	// PersonID is the person who may sign in by the code; nil for the code of an applicant.
	ApplicationID *ID      `bson:"application,omitempty"`
	PersonID      *ID      `bson:"person,omitempty"`
	Tries         int      `bson:"tries"`
	Used          bool     `bson:"used"`
	At            DateTime `bson:"at"`
	ExpiresAt     DateTime `bson:"expiresAt"`

	// name and code are known only while the challenge is made.
	name, code string
}

// Challenges declares how the challenges of one kind are stored: by the hash of the name that the caller got. The
// listings count the requests of a network and of an inbox.
func Challenges(name string) store.Declared[Challenge] {
	return store.Declare(store.Noun[Challenge]{
		Name:     name,
		Identity: func(c *Challenge) (string, *int64) { return c.ID, &c.Version },
		Keys: []store.Key[Challenge]{
			store.One("at", func(c *Challenge, _ string) string { return string(c.At) }),
			store.One("source", func(c *Challenge, _ string) string { return c.Source }),
			store.One("share", func(c *Challenge, _ string) string { return c.Share }),
		},
		Listings: []store.Listing{{Sort: "at"}, {Equal: []string{"source"}, Sort: "at"}, {Equal: []string{"share"}, Sort: "at"}},
	})
}

// Codes makes codes of one kind, limits how many are asked for, and checks them.
type Codes struct {
	core *Core
	of   store.Collection[Challenge]
}

// NewCodes makes the codes of a kind, whose challenges are stored as d says.
func NewCodes(c *Core, d store.Declared[Challenge]) *Codes {
	return &Codes{core: c, of: d.In(c.Store)}
}

// Challenge makes a challenge for an address, with a name and a code that nobody can guess. It stores nothing.
func (k *Codes) Challenge(ctx context.Context, email string, l Locale) (*Challenge, error) {
	name, err := k.core.Secret()
	if err != nil {
		return nil, err
	}
	code, err := k.digits()
	if err != nil {
		return nil, err
	}
	now, source := k.core.Wall(), Hash("source", SourceOf(ctx))
	return &Challenge{
		ID: Hash(name), Email: email, Locale: l, At: DateTimeOf(now), ExpiresAt: DateTimeOf(now.Add(CodeLife)),
		Source: source, Share: Hash(source, input.Inbox(email)), name: name, code: code,
	}, nil
}

// Name returns the name by which the caller confirms a challenge that was just made.
func (c *Challenge) Name() ID { return ID(c.name) }

// digits returns 8 random digits.
func (k *Codes) digits() (string, error) {
	bits, err := k.core.Random(16) // enough for all numbers to be equally likely
	if err != nil {
		return "", err
	}
	n := new(big.Int).SetBytes(bits)
	return fmt.Sprintf("%08d", n.Mod(n, big.NewInt(100_000_000))), nil
}

// Admit is RATE_LIMITED for a network that asked for 20 codes in the last hour, or for 3 for one inbox. busy is how
// long it takes until everybody together has not asked for 300, zero if that is so now. While it is not, whoever calls
// stores no challenge without a code, so that the store does not grow by what strangers ask for.
func (k *Codes) Admit(ctx context.Context, c *Challenge) (busy time.Duration, err error) {
	if err := k.core.Touch(ctx, "codes", c.Source); err != nil {
		return 0, err
	}
	for _, limit := range []struct {
		of   store.Where
		most int
	}{{store.Where{"source": {c.Source}}, codesOfASource}, {store.Where{"share": {c.Share}}, codesOfAShare}, {nil, codesOfAll}} {
		wait, err := k.asked(ctx, limit.of, limit.most)
		switch {
		case err != nil:
			return 0, err
		case limit.of == nil:
			return wait, nil
		case wait > 0:
			return 0, TooMany(wait)
		}
	}
	return 0, nil
}

// TooMany is RATE_LIMITED for somebody who has to wait.
func TooMany(wait time.Duration) error {
	return Refuse(RateLimited, "rateLimited", map[string]string{"seconds": strconv.Itoa(int(math.Ceil(wait.Seconds())))})
}

// asked returns how long the caller must wait before the next code, 0 if not at all.
func (k *Codes) asked(ctx context.Context, of store.Where, most int) (time.Duration, error) {
	query, now := store.Query{Sort: "at"}, k.core.Wall()
	if of != nil {
		query.Any = []store.Where{of}
	}
	plan, err := k.of.Plan(query)
	if err != nil {
		return 0, err
	}
	within := store.Bounds{After: string(DateTimeOf(now.Add(-time.Hour)))}
	n, err := k.of.Count(ctx, plan, within)
	if err != nil || n < int64(most) {
		return 0, err
	}
	oldest, err := k.of.Page(ctx, plan, store.Range{Bounds: within, Limit: 1})
	if err != nil || len(oldest.Docs) == 0 {
		return time.Hour, err
	}
	return max(oldest.Docs[0].At.Time().Add(time.Hour).Sub(now), time.Second), nil
}

// Arm makes the challenge one that its code confirms, and returns the code, which goes to the address alone.
func (c *Challenge) Arm() (code string) {
	c.CodeHash = Hash(c.name, c.code)
	return c.code
}

// Keep stores a challenge, in a transaction.
func (k *Codes) Keep(ctx context.Context, c *Challenge) error {
	stored := *c
	return k.of.Insert(ctx, &stored)
}

// Try counts a try at a challenge, in a transaction that must be committed whether or not the code is right. It
// returns the challenge if the code is right, nil if not. A code can be used once, within CodeLife and 5 tries.
func (k *Codes) Try(ctx context.Context, challenge ID, code string) (*Challenge, error) {
	c, err := k.of.Get(ctx, Hash(string(challenge)))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case c.Used || c.Tries >= codeTries || c.ExpiresAt <= DateTimeOf(k.core.Wall()):
		return nil, nil
	}
	c.Tries++
	c.Used = subtle.ConstantTimeCompare([]byte(c.CodeHash), []byte(Hash(string(challenge), code))) == 1
	if err := k.of.Replace(ctx, c); err != nil || !c.Used {
		return nil, err
	}
	return c, nil
}

// Tidy removes challenges that are old enough.
func (k *Codes) Tidy(ctx context.Context) error {
	return Discard(ctx, k.of, k.core.Wall().Add(-challengesKept), func(c *Challenge) (string, int64) { return c.ID, c.Version })
}
