package mongostore_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
)

func duplicate(details bson.D) bson.D {
	fault := bson.D{{Key: "code", Value: 11000}, {Key: "errmsg", Value: "E11000 index: portal_unique_email dup key"}}
	if len(details) == 0 || details[0].Key != "index" {
		details = append(bson.D{{Key: "index", Value: 0}}, details...)
	}
	fault = append(fault, details...)
	return bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: 0}, {Key: "writeErrors", Value: bson.A{fault}}}
}

func TestUnreachableServerIsUnavailableAndThePasswordStaysSecret(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	_, err = mongostore.Open(t.Context(), mongostore.Options{URI: "mongodb://someone:hunter2@" + addr + "/?serverSelectionTimeoutMS=200"})
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), addr) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
	for _, uri := range []string{"mongodb://someone:hunter2@host:port/", "hunter2", "mongodb://someone:hun%ter2@host/", "mongodb://someone:hunter2@host/?w=no&tls=maybe&hunter2"} {
		_, err := mongostore.Open(t.Context(), mongostore.Options{URI: uri})
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "someone") {
			t.Errorf("%s: got %v", uri, err)
		}
	}
}

func TestLostConnectionIsUnavailableInTime(t *testing.T) {
	w := newWirePeer(t, func(c command) bson.D {
		if c.in() == "items" {
			return dropped
		}
		return nil
	})
	s := w.open(t)
	for name, call := range map[string]func(ctx context.Context) error{
		"read":        func(ctx context.Context) error { _, err := s.Get(ctx, items.Kind, []string{"itm_1"}); return err },
		"write":       func(ctx context.Context) error { return items.In(s).Insert(ctx, &item{ID: "itm_1"}) },
		"transaction": func(ctx context.Context) error { return s.Tx(ctx, both(s)) },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		begun := time.Now()
		err := call(ctx)
		cancel()
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begun); took > 4*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestErrorsOfTheServerAreTranslated(t *testing.T) {
	for _, c := range []struct {
		answer bson.D
		want   error
	}{
		{failed(11602, "InterruptedDueToReplStateChange"), store.ErrUnavailable},
		{failed(50, "MaxTimeMSExpired"), store.ErrUnavailable},
		{failed(2, "BadValue"), nil},
	} {
		w := newWirePeer(t, func(sent command) bson.D {
			if sent.name == "find" && sent.in() == "items" {
				return c.answer
			}
			return nil
		})
		s := w.open(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := s.Get(ctx, items.Kind, []string{"itm_1"})
		cancel()
		if err == nil || c.want != nil && !errors.Is(err, c.want) || c.want == nil && errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("got %v, want %v", err, c.want)
		}
		if strings.Contains(err.Error(), "secret words") {
			t.Errorf("the server's message, which may quote a document, is in %q", err)
		}
	}
}

func TestADocumentThatCannotBeDecodedIsHandedOverAsDamaged(t *testing.T) {
	w := newWirePeer(t, func(sent command) bson.D {
		if sent.name == "find" && sent.in() == "items" {
			return found("items", bson.D{{Key: "_id", Value: "itm_1"}, {Key: "version", Value: "one"}})
		}
		return nil
	})
	s := w.open(t)
	docs, err := s.Get(t.Context(), items.Kind, []string{"itm_1"})
	if err != nil || len(docs) != 1 {
		t.Fatalf("got %v, %v", docs, err)
	}
	if d, ok := docs[0].(*store.Damaged); !ok || d.Noun != "items" || d.ID != "itm_1" || d.Reason == "" {
		t.Errorf("got %#v", docs[0])
	}
	if listed, err := items.In(s).Many(t.Context(), []string{"itm_1"}); err != nil || len(listed) != 1 || listed[0] != nil {
		t.Errorf("a list: got %v, %v", listed, err)
	}
	if _, err := items.In(s).Get(t.Context(), "itm_1"); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a decision: got %v", err)
	}
	if known := s.Damage().IDs("items"); !slices.Equal(known, []string{"itm_1"}) {
		t.Errorf("known as damaged: %q", known)
	}
}

func TestServerThatGoesAwayIsUnavailableInTime(t *testing.T) {
	w := newWirePeer(t, nil)
	s := w.open(t)
	w.stop()
	for name, call := range map[string]func(ctx context.Context) error{
		"write":       func(ctx context.Context) error { return items.In(s).Insert(ctx, &item{ID: "itm_1"}) },
		"transaction": func(ctx context.Context) error { return s.Tx(ctx, both(s)) },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		begun := time.Now()
		err := call(ctx)
		cancel()
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestDuplicateInsideOfOneWriteIsNamed(t *testing.T) {
	w := newWirePeer(t, func(c command) bson.D {
		if c.name == "insert" && c.in() == "items" {
			return duplicate(bson.D{{Key: "index", Value: 1}})
		}
		return nil
	})
	s := w.open(t)
	for want, second := range map[string]*item{"email": {ID: "itm_2", Code: "b", Email: "x"}, "id": {ID: "itm_1", Code: "b"}} {
		err := items.In(s).Insert(t.Context(), &item{ID: "itm_1", Code: "a", Email: "x"}, second)
		if e, ok := errors.AsType[*store.DuplicateError](err); !ok || e.Key != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func pattern(part, field string) bson.D {
	return duplicate(bson.D{{Key: part, Value: bson.D{{Key: field, Value: 1}}}})
}

// duplicates are the ways in which a server tells of one. Where it does not say which key it was, it
// is asked, and has another document for the filter whose first field is taken.
var duplicates = map[string]struct {
	answer bson.D
	taken  string
	want   string
	asked  bool
}{
	"by keyPattern":              {pattern("keyPattern", "_keys.u_code"), "", "code", false},
	"by keyValue":                {pattern("keyValue", "_keys.u_email"), "", "email", false},
	"by keyPattern, the id":      {pattern("keyPattern", "_id"), "", "id", false},
	"by asking":                  {duplicate(nil), "_keys.u_code", "code", true},
	"by asking, the id":          {duplicate(nil), "_id", "id", true},
	"as an error of the command": {append(failed(11000, "DuplicateKey"), bson.E{Key: "keyPattern", Value: bson.D{{Key: "_keys.u_code", Value: 1}}}), "", "code", false},
}

func TestDuplicateIsNamed(t *testing.T) {
	for name, c := range duplicates {
		for _, inside := range []bool{false, true} {
			w := newWirePeer(t, func(sent command) bson.D {
				if sent.in() != "items" {
					return nil
				}
				if sent.name == "insert" {
					return c.answer
				}
				if sent.transaction() != "" || sent.has("startTransaction") {
					t.Errorf("%s: asked inside of the aborted transaction", name)
				}
				if sent.Lookup("filter").Document().Index(0).Key() == c.taken {
					return found("items", bson.D{{Key: "_id", Value: "itm_0"}})
				}
				return found("items")
			})
			s := w.open(t)
			insert := func(ctx context.Context) error {
				return items.In(s).Insert(ctx, &item{ID: "itm_1", Code: "x", Email: "y"})
			}
			err := insert(t.Context())
			if inside {
				err = s.Tx(t.Context(), insert)
			}
			e, ok := errors.AsType[*store.DuplicateError](err)
			if !ok || e.Key != c.want || e.Noun != "items" {
				t.Errorf("%s, in a transaction %v: got %v", name, inside, err)
			}
			if asked := strings.Contains(names(w.commands()), "find"); asked != c.asked {
				t.Errorf("%s: sent %s", name, names(w.commands()))
			}
		}
	}
}

// givenUp are the codes of work that a server gives up and that may be done again as it was.
var givenUp = []int32{43, 133, 175, 237, 239, 244, 267}

// answersOnce is a peer that answers one command on items with a fault, and the others as usual.
func answersOnce(t *testing.T, name string, answer bson.D) *wirePeer {
	var met atomic.Bool
	return newWirePeer(t, func(c command) bson.D {
		switch {
		case c.name == name && c.in() == "items" && !met.Swap(true):
			return answer
		case c.name == "aggregate":
			return found("items")
		}
		return nil
	})
}

func TestAReadingThatTheServerGaveUpIsRunAgain(t *testing.T) {
	for _, code := range givenUp {
		w := answersOnce(t, "find", failed(code, "GivenUp"))
		if _, err := w.open(t).Get(t.Context(), items.Kind, []string{"itm_1"}); err != nil || names(w.commands()) != "find find" {
			t.Errorf("%d: %v after %s", code, err, names(w.commands()))
		}
		w = answersOnce(t, "find", failed(code, "GivenUp"))
		s, runs := w.open(t), 0
		err := s.Tx(t.Context(), func(ctx context.Context) error {
			runs++
			_, err := s.Get(ctx, items.Kind, []string{"itm_1"})
			return err
		})
		if err != nil || runs != 2 {
			t.Errorf("%d in a transaction: %v after %d runs, %s", code, err, runs, names(w.commands()))
		}
	}
}

// TestAnIndexThatIsNotThereIsDoneWithout once, because another version of the program builds or drops it. Without a hint the
// fault is ours.
func TestAnIndexThatIsNotThereIsDoneWithout(t *testing.T) {
	plan, err := items.Kind.Plan(store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(s store.Store) error{
		"find": func(s store.Store) error {
			_, err := s.Page(t.Context(), items.Kind, plan, store.Range{Limit: 5})
			return err
		},
		"aggregate": func(s store.Store) error {
			_, err := s.Count(t.Context(), items.Kind, plan, store.Bounds{})
			return err
		},
	} {
		w := answersOnce(t, name, failed(2, "BadValue"))
		err := read(w.open(t))
		sent := w.commands()
		if err != nil || names(sent) != name+" "+name || !sent[0].has("hint") || sent[1].has("hint") {
			t.Errorf("%s: %v after %s", name, err, names(sent))
		}
	}
	w := answersOnce(t, "find", failed(2, "BadValue"))
	if _, err := w.open(t).Get(t.Context(), items.Kind, []string{"itm_1"}); err == nil || names(w.commands()) != "find" {
		t.Errorf("%v after %s", err, names(w.commands()))
	}
}

func TestATransactionThatIsCommittedAlreadyIsDone(t *testing.T) {
	var opened atomic.Bool
	w := newWirePeer(t, func(c command) bson.D {
		if opened.Load() && c.name == "commitTransaction" {
			return failed(256, "TransactionCommitted")
		}
		return nil
	})
	s := w.open(t)
	opened.Store(true)
	runs := 0
	if err := s.Tx(t.Context(), func(ctx context.Context) error { runs++; return both(s)(ctx) }); err != nil || runs != 1 {
		t.Errorf("%v after %d runs", err, runs)
	}
}
