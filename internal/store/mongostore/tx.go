package mongostore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"memberportal/internal/store"
)

// writeTries bounds how often a write outside of a transaction is sent again after it met another, and readTries how often a
// reading that the server gave up.
const (
	writeTries = 8
	readTries  = 4
)

type txKey struct{ s *Store }

// tx is one run of a transaction. Its context may be used by several goroutines; the session carries
// one call at a time.
type tx struct {
	mu sync.Mutex
	// failed is the first error of the server. It has aborted the transaction by then, so nothing more
	// is sent, and f cannot commit by overlooking it.
	failed error
	undo   []func()
}

func (s *Store) tx(ctx context.Context) *tx {
	t, _ := ctx.Value(txKey{s}).(*tx)
	return t
}

// restart forgets the run before: documents get back the versions that they had.
func (t *tx) restart() {
	for _, undo := range t.undo {
		undo()
	}
	t.undo, t.failed = nil, nil
}

// Tx runs f in a transaction with snapshot reads and majority writes. The driver runs f again after a
// transient fault and repeats a commit of unknown outcome, for callTimeout at most; then it is
// store.ErrUnavailable. An error of f comes back as it is.
func (s *Store) Tx(ctx context.Context, f func(ctx context.Context) error) error {
	if s.tx(ctx) != nil {
		return f(ctx)
	}
	if s.readOnly {
		return store.ErrReadOnly
	}
	if s.atomic {
		return s.transact(ctx, f)
	}
	release, err := s.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()
	return f(context.WithValue(ctx, txKey{s}, &tx{}))
}

func (s *Store) transact(ctx context.Context, f func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	session, err := s.client.StartSession()
	if err != nil {
		return s.translate(ctx, "beginning a transaction", err)
	}
	defer session.EndSession(context.WithoutCancel(ctx))
	t := &tx{}
	var own error
	run := func(ctx context.Context) (any, error) {
		t.restart()
		// The driver calls it transient that no server is found, even when that is for want of time, and
		// does not look at the context between two runs.
		if own = s.translate(ctx, "transaction", ctx.Err()); own != nil {
			return nil, own
		}
		if own = f(context.WithValue(ctx, txKey{s}, t)); own == nil {
			own = t.failed
		}
		return nil, own
	}
	how := options.Transaction().SetReadConcern(readconcern.Snapshot()).
		SetWriteConcern(writeconcern.Majority()).SetReadPreference(readpref.Primary())
	if _, err = session.WithTransaction(ctx, run, how); err == nil {
		return nil
	}
	if own == nil && hasCode(err, committed) {
		return nil // an earlier attempt to commit had come through
	}
	t.restart()
	if own != nil {
		return own
	}
	return s.translate(ctx, "committing a transaction", err)
}

// takeTurn keeps writers apart where there are no transactions to do so.
func (s *Store) takeTurn(ctx context.Context) (release func(), err error) {
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, s.translate(ctx, "waiting to write", ctx.Err())
	}
}

// run does one call on a kind's collection and translates its error.
func (s *Store) run(ctx context.Context, k *store.Kind, verb string, call func(c *mongo.Collection) error) error {
	c := s.collection(k)
	t := s.tx(ctx)
	if t == nil || !s.atomic {
		return s.translate(ctx, verb+" "+k.Name, call(c))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed != nil {
		return t.failed
	}
	err := s.translate(ctx, verb+" "+k.Name, call(c))
	if aborts(err) {
		t.failed = err
	}
	return err
}

// write is run for a call that writes: in turn, and again after a write conflict. Inside of a
// transaction the conflict is the transaction's.
func (s *Store) write(ctx context.Context, k *store.Kind, verb string, call func(c *mongo.Collection) error) error {
	if s.tx(ctx) != nil {
		return s.run(ctx, k, verb, call)
	}
	if s.readOnly {
		return store.ErrReadOnly
	}
	if !s.atomic {
		release, err := s.takeTurn(ctx)
		if err != nil {
			return err
		}
		defer release()
	}
	return s.run(ctx, k, verb, func(c *mongo.Collection) error {
		for try := 1; ; try++ {
			err := call(c)
			if !hasCode(err, writeConflict) || try == writeTries {
				return err
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("waiting to write again: %w", ctx.Err())
			case <-time.After(rand.N(time.Millisecond << try)):
			}
		}
	})
}
