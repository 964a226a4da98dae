package mongostore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/store"
)

var errOwn = errors.New("f's own error")

// both inserts two items, one call each.
func both(s store.Store) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		if err := items.In(s).Insert(ctx, &item{ID: "itm_1"}); err != nil {
			return fmt.Errorf("the first: %w", err)
		}
		return items.In(s).Insert(ctx, &item{ID: "itm_2"})
	}
}

// wantOneTransaction holds commands against the protocol: one session, one number, begun by the first
// only, with snapshot reads, and ended with a majority.
func wantOneTransaction(t *testing.T, commands []command) {
	t.Helper()
	for i, c := range commands {
		if c.transaction() == "" || c.transaction() != commands[0].transaction() {
			t.Errorf("%s is in the transaction %q and not in %q", c.name, c.transaction(), commands[0].transaction())
		}
		if on, ok := c.Lookup("autocommit").BooleanOK(); !ok || on {
			t.Errorf("%s has autocommit %v", c.name, c.Lookup("autocommit"))
		}
		if begins, _ := c.Lookup("startTransaction").BooleanOK(); begins != (i == 0) {
			t.Errorf("%s, the command %d, has startTransaction %v", c.name, i, begins)
		}
		if level := c.text("readConcern", "level"); (level == "snapshot") != (i == 0) {
			t.Errorf("%s, the command %d, has the read concern %q", c.name, i, level)
		}
		ends := c.name == "commitTransaction" || c.name == "abortTransaction"
		if w := c.text("writeConcern", "w"); (w == "majority") != ends || c.has("writeConcern") != ends {
			t.Errorf("%s has the write concern %v", c.name, c.Lookup("writeConcern"))
		}
	}
}

func TestTransactionIsOneSnapshotCommittedByAMajority(t *testing.T) {
	w := newWirePeer(t, nil)
	s := w.open(t)
	err := s.Tx(t.Context(), func(ctx context.Context) error {
		if err := both(s)(ctx); err != nil {
			return err
		}
		if _, err := s.Get(ctx, items.Kind, []string{"itm_1"}); err != nil {
			return err
		}
		return s.Tx(ctx, func(ctx context.Context) error { return s.Delete(ctx, items.Kind, "itm_3", 1) })
	})
	if err != nil {
		t.Fatal(err)
	}
	commands := w.commands()
	if got := names(commands); got != "insert insert find delete commitTransaction" {
		t.Fatal(got)
	}
	wantOneTransaction(t, commands)
}

func TestTransactionIsAbortedByAnErrorOfF(t *testing.T) {
	w := newWirePeer(t, nil)
	s := w.open(t)
	doc := &item{ID: "itm_1", Version: 4}
	err := s.Tx(t.Context(), func(ctx context.Context) error {
		if err := s.Replace(ctx, items.Kind, doc); err != nil || doc.Version != 5 {
			t.Errorf("replace: %v, version %d", err, doc.Version)
		}
		return errOwn
	})
	if err != errOwn {
		t.Errorf("the error of f came back as %v", err)
	}
	if doc.Version != 4 {
		t.Errorf("a replace that was rolled back left version %d in memory", doc.Version)
	}
	commands := w.commands()
	if got := names(commands); got != "update abortTransaction" {
		t.Fatal(got)
	}
	wantOneTransaction(t, commands)
}

func TestTransactionIsRunAgainAfterATransientFault(t *testing.T) {
	var inserts atomic.Int32
	w := newWirePeer(t, func(c command) bson.D {
		if c.name == "insert" && c.in() == "items" && inserts.Add(1) == 2 {
			return failed(112, "WriteConflict", "TransientTransactionError")
		}
		return nil
	})
	s := w.open(t)
	runs, doc := 0, &item{ID: "itm_9", Version: 1}
	err := s.Tx(t.Context(), func(ctx context.Context) error {
		if runs++; doc.Version != 1 {
			t.Errorf("run %d begins with version %d", runs, doc.Version)
		}
		if err := s.Replace(ctx, items.Kind, doc); err != nil {
			return err
		}
		return both(s)(ctx)
	})
	if err != nil || runs != 2 || doc.Version != 2 {
		t.Fatalf("after %d runs: %v, version %d", runs, err, doc.Version)
	}
	commands := w.commands()
	if got := names(commands); got != "update insert insert abortTransaction update insert insert commitTransaction" {
		t.Fatal(got)
	}
	wantOneTransaction(t, commands[:4])
	wantOneTransaction(t, commands[4:])
	first, second := commands[0].Lookup("txnNumber").AsInt64(), commands[4].Lookup("txnNumber").AsInt64()
	if second <= first || !commands[0].Lookup("lsid").Equal(commands[4].Lookup("lsid")) {
		t.Errorf("the second run is transaction %d after %d", second, first)
	}
}

func TestCommitOfUnknownOutcomeIsRepeatedAndFIsNot(t *testing.T) {
	for name, answer := range map[string]bson.D{
		"labelled by the server":  failed(262, "ExceededTimeLimit", "UnknownTransactionCommitResult"),
		"no majority in its time": {{Key: "ok", Value: 1}, {Key: "writeConcernError", Value: bson.D{{Key: "code", Value: 64}, {Key: "codeName", Value: "WriteConcernFailed"}, {Key: "errmsg", Value: "waiting"}}}},
		"the connection is lost":  dropped,
	} {
		t.Run(name, func(t *testing.T) {
			var opened atomic.Bool
			var commits atomic.Int32
			w := newWirePeer(t, func(c command) bson.D {
				if opened.Load() && c.name == "commitTransaction" && commits.Add(1) <= 2 {
					return answer
				}
				return nil
			})
			s := w.open(t)
			opened.Store(true)
			runs := 0
			err := s.Tx(t.Context(), func(ctx context.Context) error { runs++; return both(s)(ctx) })
			if err != nil || runs != 1 {
				t.Fatalf("after %d runs: %v", runs, err)
			}
			commands := w.commands()
			if got := names(commands); got != "insert insert commitTransaction commitTransaction commitTransaction" {
				t.Fatal(got)
			}
			wantOneTransaction(t, commands)
		})
	}
}

func TestTransactionThatNeverSucceedsIsUnavailableInTime(t *testing.T) {
	w := newWirePeer(t, func(c command) bson.D {
		if c.name == "insert" && c.in() == "items" && c.transaction() != "" {
			return failed(112, "WriteConflict", "TransientTransactionError")
		}
		return nil
	})
	s := w.open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun, runs := time.Now(), 0
	err := s.Tx(ctx, func(ctx context.Context) error { runs++; return both(s)(ctx) })
	if !errors.Is(err, store.ErrUnavailable) || runs < 2 {
		t.Errorf("after %d runs: %v", runs, err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	if strings.Contains(err.Error(), "secret words") {
		t.Errorf("the server's message, which may quote a document, is in %q", err)
	}
}

func TestTransactionOfWhichFOverlookedAFaultIsNotCommitted(t *testing.T) {
	w := newWirePeer(t, func(c command) bson.D {
		if c.name == "insert" && c.in() == "items" {
			return duplicate(bson.D{{Key: "keyPattern", Value: bson.D{{Key: "_keys.u_code", Value: 1}}}})
		}
		return nil
	})
	s := w.open(t)
	err := s.Tx(t.Context(), func(ctx context.Context) error {
		_ = items.In(s).Insert(ctx, &item{ID: "itm_1", Code: "x"})
		if _, err := s.Get(ctx, items.Kind, []string{"itm_1"}); err == nil {
			t.Error("a call after the server had aborted the transaction was answered")
		}
		return nil
	})
	if e, ok := errors.AsType[*store.DuplicateError](err); !ok || e.Key != "code" {
		t.Errorf("got %v", err)
	}
	if got := names(w.commands()); got != "insert abortTransaction" {
		t.Error(got)
	}
}

func TestCancelledTransactionIsAborted(t *testing.T) {
	w := newWirePeer(t, nil)
	s := w.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Tx(ctx, func(ctx context.Context) error {
		defer cancel()
		return items.In(s).Insert(ctx, &item{ID: "itm_1"})
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := names(w.commands()); got != "insert abortTransaction" {
		t.Error(got)
	}
}
