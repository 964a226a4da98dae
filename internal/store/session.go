package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

// reindexBatch is how many documents are compared in one call, and so in one transaction.
const reindexBatch = 500

// beat is how often a process says that it lives; after three missed beats it counts as gone.
const beat = 10 * time.Second

// keyState records for which day, and by which declarations, the stored keys were derived.
type keyState struct {
	ID      string            `bson:"_id"`
	Version int64             `bson:"version"`
	Day     string            `bson:"day"`
	Shapes  map[string]string `bson:"shapes"`
}

// process is one that has the store open for writing.
type process struct {
	ID      string    `bson:"_id"`
	Version int64     `bson:"version"`
	Name    string    `bson:"name"`
	Day     string    `bson:"day"`
	Fixed   bool      `bson:"fixed"`
	SeenAt  time.Time `bson:"seenAt"`
}

var (
	keyStates = Declare(Noun[keyState]{
		Name:     KeyStateName,
		Identity: func(k *keyState) (string, *int64) { return k.ID, &k.Version },
	})
	processes = Declare(Noun[process]{
		Name:     "_processes",
		Identity: func(p *process) (string, *int64) { return p.ID, &p.Version },
		Listings: []Listing{{}},
	})
)

// DayError says that another living process derives keys for another day, so that the two would
// give different answers.
type DayError struct{ Day, Other, Holder string }

func (e *DayError) Error() string {
	return fmt.Sprintf("the store's key date is %s, held by %s; this process asks for %s", e.Other, e.Holder, e.Day)
}

// Session is a process's part in keeping a store's keys true. Begin it before the first query.
type Session struct {
	store Store
	kinds []*Kind
	self  process
}

// Begin prepares the store for the kinds and derives again the keys that are of another day or of
// another declaration. Fixed says that the day will not move by itself. It returns a DayError if a
// living process holds a day that cannot agree with this one.
func Begin(ctx context.Context, s Store, kinds []*Kind, day string, fixed bool) (*Session, error) {
	host, _ := os.Hostname()
	x := &Session{store: s, kinds: kinds, self: process{
		ID:   rand.Text(),
		Name: fmt.Sprintf("process %d on %s", os.Getpid(), host),
		Day:  day, Fixed: fixed, SeenAt: now(),
	}}
	if err := s.Prepare(ctx, kindsOf(keyStates.Kind, processes.Kind, quarantine.Kind)); err != nil {
		return nil, err
	}
	if err := Unfinished(ctx, s); err != nil {
		return nil, err
	}
	if err := x.forget(ctx); err != nil {
		return nil, err
	}
	if err := s.Prepare(ctx, kinds); err != nil {
		return nil, err
	}
	if err := x.join(ctx); err != nil {
		return nil, errors.Join(err, x.End(ctx))
	}
	s.SetDay(day)
	if err := x.rekey(ctx, false); err != nil {
		return nil, errors.Join(fmt.Errorf("deriving keys for %s: %w", day, err), x.End(ctx))
	}
	return x, nil
}

// Observe prepares a process that only reads, and writes nothing. It returns the day for which the store's keys are
// derived, which stays theirs until a process that writes turns it. A store that this program would have to change
// first is an error, a NewerError if a newer program has.
func Observe(ctx context.Context, s Store, kinds []*Kind, migrations []Migration) (day string, err error) {
	level, day, err := standing(ctx, s)
	if err != nil {
		return "", err
	}
	if err := Unfinished(ctx, s); err != nil {
		return "", err
	}
	last := lastOf(migrations)
	if level > last {
		return "", &NewerError{Store: level, Program: last}
	}
	state, err := keyStates.In(s).Get(ctx, "keys")
	if err != nil {
		return "", err
	}
	changed := level < last
	for _, k := range kinds {
		changed = changed || state.Shapes[k.Name] != k.Shape()
	}
	if changed {
		return "", errors.New("this program has to change the store before it reads it: run it once without --read-only")
	}
	s.SetDay(day)
	return day, nil
}

// join makes this process known and looks for others whose day differs.
func (x *Session) join(ctx context.Context) error {
	all := processes.In(x.store)
	if err := all.Insert(ctx, &x.self); err != nil {
		return err
	}
	plan, err := all.Plan(Query{})
	if err != nil {
		return err
	}
	page, err := all.Page(ctx, plan, Range{Limit: 1000})
	if err != nil {
		return err
	}
	for _, p := range page.Docs {
		gone := x.store.Exclusive() || time.Since(p.SeenAt) > 3*beat
		switch {
		case p.ID == x.self.ID:
		case gone:
			if err := all.Delete(ctx, p.ID, p.Version); err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrConflict) {
				return err
			}
		case p.Day != x.self.Day && (p.Fixed || x.self.Fixed):
			return &DayError{Day: x.self.Day, Other: p.Day, Holder: p.Name}
		}
	}
	return nil
}

// Turn moves the key date, at midnight or for a test, and derives dated keys again. Calling it again
// for the same day finds what other processes wrote with the old day's keys meanwhile.
func (x *Session) Turn(ctx context.Context, day string) error {
	x.store.SetDay(day)
	x.self.Day = day
	if err := x.Beat(ctx); err != nil {
		return err
	}
	return x.rekey(ctx, true)
}

// Beat says that this process lives. Call it every BeatEvery.
func (x *Session) Beat(ctx context.Context) error {
	_, err := processes.In(x.store).Update(ctx, x.self.ID, func(p *process) error {
		p.Day, p.SeenAt = x.self.Day, now()
		return nil
	})
	if errors.Is(err, ErrNotFound) { // others took it for gone
		return processes.In(x.store).Insert(ctx, &x.self)
	}
	return err
}

// BeatEvery is how often Beat is due.
func (x *Session) BeatEvery() time.Duration { return beat }

// End says that this process has gone.
func (x *Session) End(ctx context.Context) error {
	p, err := processes.In(x.store).Get(ctx, x.self.ID)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return processes.In(x.store).Delete(ctx, p.ID, p.Version)
}

func (x *Session) rekey(ctx context.Context, always bool) error {
	states := keyStates.In(x.store)
	state, err := states.Get(ctx, "keys")
	if errors.Is(err, ErrCorrupt) { // it is derived from the program and the day, so nothing is lost
		err = errors.Join(x.store.Remove(ctx, keyStates.Kind, "keys"), ErrNotFound)
	}
	if errors.Is(err, ErrNotFound) {
		state, err = &keyState{ID: "keys"}, nil
	}
	if err != nil {
		return err
	}
	shapes := map[string]string{}
	for _, k := range x.kinds {
		shapes[k.Name] = k.Shape()
		fresh := state.Shapes[k.Name] == k.Shape() && (!k.Dated || state.Day == x.self.Day && !always)
		if !fresh {
			note := func(r Reindexed) {
				for _, d := range r.Broken {
					x.store.Damage().Note(d)
				}
			}
			if err := reindexAll(ctx, x.store, k, true, note); err != nil {
				return err
			}
		}
	}
	if state.Day == x.self.Day && maps.Equal(state.Shapes, shapes) {
		return nil
	}
	state.Day, state.Shapes = x.self.Day, shapes
	if state.Version == 0 {
		err = states.Insert(ctx, state)
	} else {
		err = states.Replace(ctx, state)
	}
	// Another process that records the same day and shapes meanwhile has done the same work.
	if _, twice := errors.AsType[*DuplicateError](err); twice || errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

func reindexAll(ctx context.Context, s Store, k *Kind, write bool, note func(Reindexed)) error {
	for after := ""; ; {
		r, err := s.Reindex(ctx, k, after, reindexBatch, write)
		if err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		note(r)
		if after = r.Next; after == "" {
			return nil
		}
	}
}

// Unwatched shows nobody what Check reads.
func Unwatched(*Kind, any) {}

// Survey reads every document of the kinds and notes those that are damaged, so that they are known and
// reported before somebody asks for them.
func Survey(ctx context.Context, s Store, kinds []*Kind) error {
	for _, k := range kinds {
		err := reindexAll(ctx, s, k, false, func(r Reindexed) {
			for _, d := range r.Broken {
				s.Damage().Note(d)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Findings are what Check found.
type Findings struct {
	// Faults are of indexes, of the recorded day and shapes, and of keys, a line for each.
	Faults []string
	// Damaged are the documents that cannot be used, which Repair moves into the quarantine.
	Damaged []*Damaged
}

// None says that nothing was found.
func (f Findings) None() bool { return len(f.Faults)+len(f.Damaged) == 0 }

// Check compares a store with what the kinds declare: indexes, the recorded day and shapes, every
// document and every key, and shows look each document that can be used. Nothing is changed. The store's
// day is set to the recorded one first, so that keys are compared for the day they were derived for.
func Check(ctx context.Context, s Store, kinds []*Kind, look func(k *Kind, doc any)) (f Findings, err error) {
	if f.Faults, err = s.Indexes(ctx, append(slices.Clone(kinds), keyStates.Kind, processes.Kind, quarantine.Kind)); err != nil {
		return f, err
	}
	// What has no place cannot be read, and has been named: the rest is looked at all the same.
	incomplete := len(f.Faults) > 0
	state, err := keyStates.In(s).Get(ctx, "keys")
	if d, ok := errors.AsType[*Damaged](err); ok {
		f.Damaged, state, err = append(f.Damaged, d), &keyState{Day: s.Day()}, nil
	}
	if incomplete && (err != nil && ctx.Err() == nil) {
		return f, nil
	}
	if errors.Is(err, ErrNotFound) {
		return Findings{Faults: []string{"the store has never been opened by serve: it records no key date"}}, nil
	}
	if err != nil {
		return f, err
	}
	s.SetDay(state.Day)
	for _, k := range kinds {
		if state.Shapes[k.Name] != k.Shape() {
			f.Faults = append(f.Faults, k.Name+": keys were derived by another version of the program")
		}
		err := reindexAll(ctx, s, k, false, func(r Reindexed) {
			for _, id := range r.Stale {
				f.Faults = append(f.Faults, fmt.Sprintf("%s %s: stored keys differ from the document", k.Name, id))
			}
			f.Damaged = append(f.Damaged, r.Broken...)
			for _, doc := range r.Sound {
				look(k, doc)
			}
		})
		if err != nil && (!incomplete || ctx.Err() != nil) {
			return f, err
		}
	}
	return f, nil
}

func kindsOf(all ...*Kind) []*Kind { return all }

// forget takes away the recorded shapes of kinds whose keys or indexes are not as declared, before
// anything is changed: whichever version of the program opens the store next, after a failure too,
// then derives them again.
func (x *Session) forget(ctx context.Context) error {
	states := keyStates.In(x.store)
	state, err := states.Get(ctx, "keys")
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) { // without it all keys are derived again
		return nil
	}
	if err != nil {
		return err
	}
	changed := false
	for _, k := range x.kinds {
		differences, err := x.store.Indexes(ctx, kindsOf(k))
		if err != nil {
			return err
		}
		if _, known := state.Shapes[k.Name]; known && (state.Shapes[k.Name] != k.Shape() || len(differences) > 0) {
			delete(state.Shapes, k.Name)
			changed = true
		}
	}
	if !changed {
		return nil
	}
	if err := states.Replace(ctx, state); err != nil && !errors.Is(err, ErrConflict) {
		return err
	}
	return nil
}
