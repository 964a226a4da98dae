package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Damaged is a stored document that cannot be used: its bytes cannot be decoded, or it fails the structure
// check. Lists leave it out; Get, and every read of a decision, returns it as an error, which is
// ErrCorrupt. Adapters hand it over in place of a document that they cannot decode.
type Damaged struct {
	Noun   string `json:"noun"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

func (d *Damaged) Error() string {
	return fmt.Sprintf("%v: %s %s: %s", ErrCorrupt, d.Noun, d.ID, d.Reason)
}

// Is says that it is ErrCorrupt.
func (d *Damaged) Is(target error) bool { return target == ErrCorrupt }

// maxKnown bounds how many damaged documents of a noun are known by name.
const maxKnown = 1000

// Damage is what a store has been found to hold that cannot be used, as far as this process has read it.
// Its zero value knows of nothing. It is safe for concurrent use.
type Damage struct {
	some   atomic.Bool
	mu     sync.Mutex
	known  map[string]map[string]*Damaged // by noun and id
	report func(*Damaged)
}

// Watch has each damaged document reported, once when it is found: those that are known at once.
func (x *Damage) Watch(report func(*Damaged)) {
	x.mu.Lock()
	x.report = report
	var known []*Damaged
	for _, noun := range x.known {
		known = slices.AppendSeq(known, maps.Values(noun))
	}
	x.mu.Unlock()
	for _, d := range known {
		report(d)
	}
}

// Note keeps in mind that a document is damaged.
func (x *Damage) Note(d *Damaged) {
	x.mu.Lock()
	if x.known == nil {
		x.known = map[string]map[string]*Damaged{}
	}
	if x.known[d.Noun] == nil {
		x.known[d.Noun] = map[string]*Damaged{}
	}
	_, known := x.known[d.Noun][d.ID]
	fresh := !known && len(x.known[d.Noun]) < maxKnown
	if fresh {
		x.known[d.Noun][d.ID] = d
		x.some.Store(true)
	}
	report := x.report
	x.mu.Unlock()
	if fresh && report != nil {
		report(d)
	}
}

// forget takes back what Note kept: the document was mended, or taken out.
func (x *Damage) forget(noun, id string) {
	if !x.some.Load() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if delete(x.known[noun], id); len(x.known[noun]) == 0 {
		delete(x.known, noun)
	}
	x.some.Store(len(x.known) > 0)
}

// IDs are the damaged documents of a noun.
func (x *Damage) IDs(noun string) []string {
	if !x.some.Load() {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Sorted(maps.Keys(x.known[noun]))
}

// Counts are how many damaged documents there are of each noun that has any.
func (x *Damage) Counts() map[string]int {
	x.mu.Lock()
	defer x.mu.Unlock()
	counts := map[string]int{}
	for noun, ids := range x.known {
		counts[noun] = len(ids)
	}
	return counts
}

type (
	decidingKey struct{}
	omittedKey  struct{}
)

// Deciding marks reads of which a decision is made: instead of leaving a damaged document out, they return
// it as an error, because a decision without it could be a wrong one.
func Deciding(ctx context.Context) context.Context {
	return context.WithValue(ctx, decidingKey{}, true)
}

// Looking marks reads that leave damaged documents out also where a decision is made.
func Looking(ctx context.Context) context.Context {
	return context.WithValue(ctx, decidingKey{}, false)
}

func deciding(ctx context.Context) bool {
	yes, _ := ctx.Value(decidingKey{}).(bool)
	return yes
}

// Omitted counts what the reads of one task left out.
type Omitted struct {
	mu   sync.Mutex
	seen map[[2]string]bool
}

// CountOmitted gives a context whose reads count in the Omitted what they leave out.
func CountOmitted(ctx context.Context) (context.Context, *Omitted) {
	o := &Omitted{seen: map[[2]string]bool{}}
	return context.WithValue(ctx, omittedKey{}, o), o
}

// Count is how many documents were left out, each once.
func (o *Omitted) Count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.seen)
}

// Omit counts a document of a noun as left out, for readers that keep in memory what they read before.
func Omit(ctx context.Context, noun, id string) {
	if o, ok := ctx.Value(omittedKey{}).(*Omitted); ok {
		o.mu.Lock()
		o.seen[[2]string{noun, id}] = true
		o.mu.Unlock()
	}
}

// leaveOut decides what a damaged document does to the read that met it: an error for a decision, nothing
// for a list.
func (c Collection[T]) leaveOut(ctx context.Context, err error) error {
	d, ok := errors.AsType[*Damaged](err)
	if !ok {
		return err
	}
	c.store.Damage().Note(d)
	if deciding(ctx) {
		return err
	}
	Omit(ctx, d.Noun, d.ID)
	return nil
}

// damaged are the documents of the noun that are known to be damaged and still are. It costs a call only
// where there are any.
func (c Collection[T]) damaged(ctx context.Context) ([]string, error) {
	known := c.store.Damage().IDs(c.kind.Name)
	if len(known) == 0 {
		return nil, nil
	}
	found, err := c.store.Get(ctx, c.kind, known)
	if err != nil {
		return nil, err
	}
	var still []string
	for _, d := range found {
		if bad, ok := errors.AsType[*Damaged](c.kind.Accept(d)); ok {
			still = append(still, bad.ID)
		}
	}
	slices.Sort(still)
	for _, id := range known {
		if _, bad := slices.BinarySearch(still, id); !bad {
			c.store.Damage().forget(c.kind.Name, id)
		}
	}
	return still, nil
}
