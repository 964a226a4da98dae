package portal

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

// secret is a text of 160 random bits that nobody can guess.
func (c *core) secret() (string, error) {
	bits, err := c.random(20)
	return base32.StdEncoding.EncodeToString(bits), err
}

// core is what every service stands on.
type core struct {
	sealer *sealer
	store  store.Store
	clock  Clock
	wall   func() time.Time

	mu      sync.Mutex
	entropy *ulid.MonotonicEntropy
}

// random are n bytes that nobody can guess.
func (c *core) random(n int) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw := make([]byte, n)
	_, err := io.ReadFull(c.entropy, raw)
	return raw, err
}

// mustRandom is random for what has no use for an error: only a broken source of randomness gives one.
func (c *core) mustRandom(n int) []byte {
	raw, err := c.random(n)
	if err != nil {
		panic(fmt.Sprintf("making what cannot be guessed: %v", err))
	}
	return raw
}

// coreKinds are the nouns that every other noun stands on.
func coreKinds() []*store.Kind {
	return []*store.Kind{auditNoun.Kind, noticeNoun.Kind, repeatNoun.Kind, outboxNoun.Kind, secretNoun.Kind, codeRecipientNoun.Kind}
}

// newCore is a core over a store. wall is time.Now if nil. Without the store's secret, cursors and keyed ids
// hold in this process only.
func newCore(s store.Store, clock Clock, wall func() time.Time, entropy io.Reader, secret []byte) (*core, error) {
	if wall == nil {
		wall = time.Now
	}
	seals, err := newSealer(secret)
	if err != nil {
		return nil, err
	}
	return &core{sealer: seals, store: s, clock: clock, wall: wall, entropy: ulid.Monotonic(entropy, 0)}, nil
}

// tidy removes idempotency keys, notices, messages and what transactions touched, when they are no longer of use.
func (c *core) tidy(ctx context.Context) error {
	now := c.wall()
	return errors.Join(
		discard(ctx, repeatNoun.In(c.store), now.Add(-repeatWindow), func(r *repeat) (string, int64) { return r.ID, r.Version }),
		discard(ctx, codeRecipientNoun.In(c.store), now.Add(-touchesKept), func(r *codeRecipient) (string, int64) { return r.ID, r.Version }),
		discard(ctx, noticeNoun.In(c.store), now.Add(-noticesKept), func(n *Notice) (string, int64) { return string(n.ID), n.Version }),
		discard(ctx, outboxNoun.In(c.store), now.Add(-outboxKept), func(m *outgoing) (string, int64) { return string(m.ID), m.Version }),
	)
}
