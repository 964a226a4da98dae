// Package store is the document port: what the domain asks of a document store, in words that an
// embedded SQLite file and a MongoDB cluster can both keep exactly alike. It imports the standard
// library only; no engine's type appears in it. Adapters are sqlitestore and mongostore, and
// storetest is the one contract that both pass.
//
// A document is a Go struct that a noun declares (see Noun) together with its keys and its listings:
// every question that may be asked of it has an index, and one that was not declared is refused with
// ErrUndeclared instead of being answered by a scan.
package store

import (
	"context"
	"errors"
	"fmt"
)

// Errors that leave an adapter. Anything else that an adapter returns is a fault of the program or
// of the store and is shown to nobody. Match with errors.Is, and DuplicateError with errors.As.
var (
	// ErrNotFound says that no document has the id.
	ErrNotFound = errors.New("document not found")
	// ErrConflict says that the document has another version than the one that the caller had read.
	ErrConflict = errors.New("document was changed meanwhile")
	// ErrUnavailable says that the store cannot answer now: stopped, unreachable, full, or its bounded
	// retries are exhausted. Nothing was acknowledged; a write whose connection was lost may have been
	// kept whole all the same, which an idempotency key or a version tells.
	ErrUnavailable = errors.New("store unavailable")
	// ErrReadOnly says that the store was opened for reading only, so that nothing is written. It is an
	// ErrUnavailable.
	ErrReadOnly = fmt.Errorf("%w: it is read-only", ErrUnavailable)
	// ErrNone says that there is no store, and that none may be made.
	ErrNone = errors.New("there is no store, and in production one is made with --create only")
	// ErrUndeclared says that no declared listing covers the query.
	ErrUndeclared = errors.New("no listing covers this query")
	// ErrTooWide says that a query would merge more than MaxStreams index ranges.
	ErrTooWide = errors.New("query merges too many index ranges")
	// ErrCorrupt says that a stored document cannot be decoded, or holds what reading cannot rely on, so
	// that nothing can be decided by it.
	ErrCorrupt = errors.New("stored document is not valid")
	// ErrUnreadable says that a document could not be read back if it were stored: a fault of the program.
	// Nothing was stored.
	ErrUnreadable = errors.New("document would not be readable")
)

// DuplicateError says that another document already has the value of a unique key. Key is "id" when
// it is the id itself.
type DuplicateError struct{ Noun, Key string }

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%s: another document has the same %s", e.Noun, e.Key)
}

// MaxStreams is how many index ranges one query may merge. MaxLimit is how many documents one page
// may hold, the extra one that tells whether there are more not counted.
const (
	MaxStreams = 64
	MaxLimit   = 1001
)

// Store is one engine. Its methods are safe for concurrent use. Documents travel as pointers to the
// struct that the Kind declares; callers use the typed Collection and not these methods.
type Store interface {
	// Name is "sqlite" or "mongodb".
	Name() string
	// Atomic says whether Tx rolls back. A store that is not is refused by everything but tests.
	Atomic() bool
	// Exclusive says whether this process alone can write, so that no other process need be looked for.
	Exclusive() bool
	// Day is the key date (2006-01-02) for which keys are derived; SetDay changes it for later writes.
	Day() string
	SetDay(day string)

	// Prepare makes what the kinds need: tables or collections, and indexes. It drops indexes that are
	// declared no longer.
	Prepare(ctx context.Context, kinds []*Kind) error
	// Indexes says how declared and real indexes differ, a line for each difference.
	Indexes(ctx context.Context, kinds []*Kind) ([]string, error)
	// Reindex compares stored keys with derived ones for up to limit documents after an id, and
	// rewrites those that differ if write is set. It touches keys only and raises no version.
	Reindex(ctx context.Context, kind *Kind, after string, limit int, write bool) (Reindexed, error)

	// Get returns the documents that exist, in any order; a *Damaged in place of one that cannot be
	// decoded.
	Get(ctx context.Context, kind *Kind, ids []string) ([]any, error)
	// Page returns documents in the order of the plan's sort key, with the token of each; a *Damaged in
	// place of one that cannot be decoded.
	Page(ctx context.Context, kind *Kind, plan Plan, r Range) ([]Row, error)
	// Count counts documents between the bounds but those of plan.Without, each once however many branches
	// it matches.
	Count(ctx context.Context, kind *Kind, plan Plan, b Bounds) (int64, error)
	// CountBy counts documents by the values of a key that start with the prefix, but those with some ids.
	CountBy(ctx context.Context, kind *Kind, key, prefix string, without []string) (map[string]int64, error)
	// Probe returns up to limit ids of documents one of whose values of a multi-valued key starts
	// with the prefix, in no order.
	Probe(ctx context.Context, kind *Kind, key, prefix string, limit int) ([]string, error)

	// Lookup returns the id of the document that has this value of a unique key, or ErrNotFound.
	Lookup(ctx context.Context, kind *Kind, key, value string) (string, error)

	// Insert stores new documents with version 1. All or none are stored where Atomic holds.
	Insert(ctx context.Context, kind *Kind, docs []any) error
	// Replace stores the document if the stored version is the document's, and raises both by one.
	Replace(ctx context.Context, kind *Kind, doc any) error
	// Delete removes the document if it has that version.
	Delete(ctx context.Context, kind *Kind, id string, version int64) error

	// Raw returns a document's bytes as they are stored, or ErrNotFound.
	Raw(ctx context.Context, kind *Kind, id string) ([]byte, error)
	// Remove takes a document out, whatever it holds and of whatever version.
	Remove(ctx context.Context, kind *Kind, id string) error
	// Restore stores bytes that Raw gave, with the version that they carry and the keys that they derive
	// to. It returns a *Damaged if they are not a document of the kind with that id, a DuplicateError if
	// its place is taken.
	Restore(ctx context.Context, kind *Kind, id string, raw []byte) error
	// Snapshot calls each for every document of the kinds, kind by kind and by id, as all of them are at one
	// instant; a kind that has no place yet has none. raw is the document without its keys, and each's only
	// while it runs; where sound is false, it is no document, or one of another id or version. oneState is false
	// for a store that is not Atomic, whose writers each may see half of. An error of each ends it and is returned.
	Snapshot(ctx context.Context, kinds []*Kind, each func(k *Kind, id string, raw []byte, sound bool) error) (oneState bool, err error)
	// Load stores documents that Snapshot gave as sound, with the version that they carry and the keys that they
	// derive to, also those that the check of reading refuses. It returns those that cannot be decoded, and
	// stores the others.
	Load(ctx context.Context, kind *Kind, raws [][]byte) ([]Rejected, error)

	// Damage is what was found that cannot be used.
	Damage() *Damage

	// Tx runs f so that all of its writes are kept or none is, and its reads see one state. The
	// context that f receives carries the transaction. f may be run again after a transient fault, so
	// it has no effect outside the store. f returns any error but ErrNotFound and ErrConflict that a
	// call gives it: after such an error nothing more can be done in the transaction. Versions that
	// Replace raised in memory are put back if nothing is kept. A Tx inside a Tx joins it. It takes at
	// most 10 seconds, so that a long task is cut into several.
	Tx(ctx context.Context, f func(ctx context.Context) error) error

	// Ping asks whether the store can be read now.
	Ping(ctx context.Context) error
	// Close waits for running calls and releases files and connections.
	Close() error
}

// Bounds are a stretch of an ordering: what lies between the two tokens, exclusive. An empty token
// is no bound. A sort value alone lies below every token of that value, so that After it begins with
// the value and Before it ends ahead of the value.
type Bounds struct{ After, Before string }

// Range is a page of a stretch: up to Limit documents. Backward takes them from the end; they then
// come in descending order.
type Range struct {
	Bounds
	Backward bool
	Limit    int
}

// Row is one document of a page, or a *Damaged, and its token, its place in the ordering.
type Row struct {
	Token string
	Doc   any
}

// Reindexed says what a stretch of documents was found to be. Next is the last id seen, empty at
// the end. Stale names documents whose stored keys differed, Broken are those that cannot be used.
type Reindexed struct {
	Next   string
	Stale  []string
	Broken []*Damaged
	// Sound are the documents that can be used.
	Sound []any
}
