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

// Core is what every service needs: the store, domain time, the machine's time, randomness and the sealer.
type Core struct {
	Sealer *Sealer
	Store  store.Store
	Clock  Clock
	Wall   func() time.Time

	mu      sync.Mutex
	entropy *ulid.MonotonicEntropy

	posted chan struct{}

	mailPerDay     int
	addressRefused func(ctx context.Context, address string) error

	portalURL string
	kinds     map[string]NotificationKind
}

// CoreOptions are what a core needs from outside.
type CoreOptions struct {
	Store store.Store
	// Clock is domain time.
	Clock Clock
	// Wall is the machine's time; time.Now if nil.
	Wall    func() time.Time
	Entropy io.Reader
	// Secret is the store's secret. If nil, cursors and keyed ids are valid in this process only.
	Secret []byte
	// PortalURL is the address of the portal in links of messages, without a slash at the end.
	PortalURL string
	// MailPerDay is how many messages are sent in 24 hours at most; codes and what is owed are not counted. 0 is no bound.
	MailPerDay int
	// AddressRefused hears of an address that a mail server refused for good, in the transaction that records it, which
	// may run several times. If it fails, the message is tried again some minutes later. Nil is nobody.
	AddressRefused func(ctx context.Context, address string) error
	// Tellings is the table of messages. A message that is in none of its rows cannot be sent.
	Tellings []Telling
}

// Random returns n random bytes that nobody can guess.
func (c *Core) Random(n int) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw := make([]byte, n)
	_, err := io.ReadFull(c.entropy, raw)
	return raw, err
}

// MustRandom is Random for callers that cannot return an error. It panics if the source of randomness is broken.
func (c *Core) MustRandom(n int) []byte {
	raw, err := c.Random(n)
	if err != nil {
		panic(fmt.Sprintf("making what cannot be guessed: %v", err))
	}
	return raw
}

// Secret returns a text of 160 random bits.
func (c *Core) Secret() (string, error) {
	bits, err := c.Random(20)
	return base32.StdEncoding.EncodeToString(bits), err
}

// Kinds returns the nouns of this package, which every room uses.
func Kinds() []*store.Kind {
	return []*store.Kind{AuditNoun.Kind, ChangeRecordNoun.Kind, RepeatNoun.Kind, OutboxNoun.Kind, SecretNoun.Kind, CodeRecipientNoun.Kind}
}

// NewCore makes a core.
func NewCore(o CoreOptions) (*Core, error) {
	if o.Wall == nil {
		o.Wall = time.Now
	}
	seals, err := NewSealer(o.Secret)
	if err != nil {
		return nil, err
	}
	return &Core{
		Sealer: seals, Store: o.Store, Clock: o.Clock, Wall: o.Wall, entropy: ulid.Monotonic(o.Entropy, 0), posted: make(chan struct{}, 1),
		mailPerDay: o.MailPerDay, addressRefused: o.AddressRefused, portalURL: o.PortalURL, kinds: kindsOf(o.Tellings),
	}, nil
}

// PortalURL is the address of the portal, without a slash at the end; empty if nobody said it.
func (c *Core) PortalURL() string { return c.portalURL }

// Tidy removes idempotency keys, change records, messages and the records of Touch that are old enough.
func (c *Core) Tidy(ctx context.Context) error {
	now := c.Wall()
	return errors.Join(
		Discard(ctx, RepeatNoun.In(c.Store), now.Add(-repeatWindow), func(r *repeat) (string, int64) { return r.ID, r.Version }),
		Discard(ctx, CodeRecipientNoun.In(c.Store), now.Add(-touchesKept), func(r *codeRecipient) (string, int64) { return r.ID, r.Version }),
		Discard(ctx, ChangeRecordNoun.In(c.Store), now.Add(-changeRecordsKept), func(n *ChangeRecord) (string, int64) { return string(n.ID), n.Version }),
		Discard(ctx, OutboxNoun.In(c.Store), now.Add(-outboxKept), func(m *Outgoing) (string, int64) { return string(m.ID), m.Version }),
	)
}
