package kit

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"memberportal/internal/store"
)

// Secret is a text of 160 random bits that nobody can guess.
func (c *Core) Secret() (string, error) {
	bits, err := c.Random(20)
	return base32.StdEncoding.EncodeToString(bits), err
}

// Core is what every service stands on.
type Core struct {
	Sealer *Sealer
	Store  store.Store
	Clock  Clock
	Wall   func() time.Time

	mu      sync.Mutex
	entropy *ulid.MonotonicEntropy
}

// Random are n bytes that nobody can guess.
func (c *Core) Random(n int) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw := make([]byte, n)
	_, err := io.ReadFull(c.entropy, raw)
	return raw, err
}

// MustRandom is random for what has no use for an error: only a broken source of randomness gives one.
func (c *Core) MustRandom(n int) []byte {
	raw, err := c.Random(n)
	if err != nil {
		panic(fmt.Sprintf("making what cannot be guessed: %v", err))
	}
	return raw
}

// Kinds are the nouns that every other noun stands on.
func Kinds() []*store.Kind {
	return []*store.Kind{AuditNoun.Kind, ChangeRecordNoun.Kind, RepeatNoun.Kind, OutboxNoun.Kind, SecretNoun.Kind, CodeRecipientNoun.Kind}
}

// NewCore is a core over a store. wall is time.Now if nil. Without the store's secret, cursors and keyed ids
// hold in this process only.
func NewCore(s store.Store, clock Clock, wall func() time.Time, entropy io.Reader, secret []byte) (*Core, error) {
	if wall == nil {
		wall = time.Now
	}
	seals, err := NewSealer(secret)
	if err != nil {
		return nil, err
	}
	return &Core{Sealer: seals, Store: s, Clock: clock, Wall: wall, entropy: ulid.Monotonic(entropy, 0)}, nil
}

// Tidy removes idempotency keys, notices, messages and what transactions touched, when they are no longer of use.
func (c *Core) Tidy(ctx context.Context) error {
	now := c.Wall()
	return errors.Join(
		Discard(ctx, RepeatNoun.In(c.Store), now.Add(-repeatWindow), func(r *repeat) (string, int64) { return r.ID, r.Version }),
		Discard(ctx, CodeRecipientNoun.In(c.Store), now.Add(-touchesKept), func(r *codeRecipient) (string, int64) { return r.ID, r.Version }),
		Discard(ctx, ChangeRecordNoun.In(c.Store), now.Add(-noticesKept), func(n *ChangeRecord) (string, int64) { return string(n.ID), n.Version }),
		Discard(ctx, OutboxNoun.In(c.Store), now.Add(-outboxKept), func(m *Outgoing) (string, int64) { return string(m.ID), m.Version }),
	)
}
