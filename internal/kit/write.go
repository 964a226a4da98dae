package kit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"memberportal/internal/store"
)

// Change is what a service notes of one write, for the audit log and the notices.
type Change struct {
	Noun    string
	Target  ID
	Version int64
	Kind    ChangeKind
	Fields  []string
	Reason  *string
}

// Changed is a change of a document.
func Changed[T any](d store.Declared[T], doc *T, kind ChangeKind, fields ...string) Change {
	id, version := d.Kind.Identity(doc)
	return Change{Noun: d.Kind.Name, Target: ID(id), Version: *version, Kind: kind, Fields: fields}
}

// Because gives the reason of a change.
func (x Change) Because(reason *string) Change {
	x.Reason = reason
	return x
}

// transactTries bounds how often a transaction that others overtook is run.
const transactTries = 8

type transactKey struct{ c *Core }

// Transact runs f as one transaction, and again from its start if somebody else came between what it
// read and what it wrote: a version that moved, or a unique key that was free when it was looked up.
// Stores repeat most of these by themselves; what they leave is repeated here, so that a caller sees
// CONFLICT only for a version that it named, and otherwise at worst UNAVAILABLE. A transaction inside of
// another joins it, and the outer one is repeated whole. Nothing is written of an input with a list in
// which an entry stands twice, whether f looked for faults or not. What is read inside decides something,
// so that a damaged document is an error there and is never left out.
func (c *Core) Transact(ctx context.Context, f func(ctx context.Context) error) (err error) {
	if ctx.Value(transactKey{c}) != nil {
		return c.Store.Tx(ctx, f)
	}
	ctx = store.Deciding(context.WithValue(ctx, transactKey{c}, true))
	checked := func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return NewFaults(ctx).Err()
	}
	for try := range transactTries {
		if err = c.Store.Tx(ctx, checked); !overtaken(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(time.Millisecond << try)):
		}
	}
	return fmt.Errorf("%w: overtaken by others %d times: %w", store.ErrUnavailable, transactTries, err)
}

func overtaken(err error) bool {
	_, taken := errors.AsType[*store.DuplicateError](err)
	return taken || errors.Is(err, store.ErrConflict)
}

// Write runs a service's writes as one transaction and adds an audit entry and a notice for each
// change that f notes. f may be run again and has no effect outside the store. A document that would outgrow
// its bounds is FULL, and what was stored before stays.
func (c *Core) Write(ctx context.Context, operation string, f func(ctx context.Context, note func(Change)) error) error {
	err := c.Transact(ctx, func(ctx context.Context) error {
		var changes []Change
		if err := f(ctx, func(x Change) { changes = append(changes, x) }); err != nil {
			return err
		}
		actor, at := ActorOf(ctx), DateTimeOf(c.Clock.Now())
		entries, notices := make([]*AuditEntry, len(changes)), make([]*ChangeRecord, len(changes))
		for i, x := range changes {
			slices.Sort(x.Fields)
			entries[i] = &AuditEntry{
				ID: c.NewID(AuditPrefix), At: at, Actor: actor.Subject, Roles: actor.Roles, Request: RequestOf(ctx), Operation: operation,
				TargetID: x.Target, TargetVersion: x.Version, Fields: x.Fields, Reason: x.Reason,
			}
			notices[i] = &ChangeRecord{ID: c.NewID("ntc"), At: DateTimeOf(c.Wall()), Noun: x.Noun, Target: x.Target, TargetVersion: x.Version, Kind: x.Kind}
		}
		if err := AuditNoun.In(c.Store).Insert(ctx, entries...); err != nil {
			return err
		}
		return ChangeRecordNoun.In(c.Store).Insert(ctx, notices...)
	})
	if full, ok := errors.AsType[*store.FullError](err); ok {
		return fullRecord(ctx, full)
	}
	return err
}

// Amendment is a change of a document that is there.
type Amendment struct {
	Operation string
	ID        ID
	// expected is the version that the caller saw.
	Expected int
	Reason   *string
}

// Amend loads a document, asks whether the caller may change it, lets alter work on it, and stores it
// with an audit entry if alter changed a field and found no fault. Altering nothing raises no
// version. A document that is not there is NOT_FOUND, as one that may refuses by that code.
func Amend[T any](ctx context.Context, c *Core, d store.Declared[T], a Amendment, may func(context.Context, *T) error, alter func(*T, *Faults) []string) (*T, error) {
	var amended *T
	err := c.Write(ctx, a.Operation, func(ctx context.Context, note func(Change)) error {
		doc, err := d.In(c.Store).Get(ctx, string(a.ID))
		if errors.Is(err, store.ErrNotFound) {
			return Refuse(NotFound, "notFound", nil)
		}
		if err == nil {
			err = may(ctx, doc)
		}
		if err != nil {
			return err
		}
		_, version := d.Kind.Identity(doc)
		f := NewFaults(ctx)
		f.Version(a.Expected, *version)
		fields := alter(doc, f)
		if err := f.Err(); err != nil {
			return err
		}
		amended = doc
		if len(fields) == 0 {
			return nil
		}
		if err := d.In(c.Store).Replace(ctx, doc); err != nil {
			return err
		}
		note(Change{Noun: d.Kind.Name, Target: a.ID, Version: *version, Kind: Updated, Fields: fields, Reason: a.Reason})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return amended, nil
}

// CheckFree asks whether a value of a unique key is not taken yet.
func CheckFree[T any](ctx context.Context, f *Faults, c store.Collection[T], key, path, value string) error {
	taken, err := c.Lookup(ctx, key, value)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		f.Add(CodeDuplicate, path, "duplicate.code", nil).RelatedID = new(ID(taken))
	}
	return err
}

// CheckRoom asks whether a bounded noun has room for one more.
func CheckRoom[T any](ctx context.Context, f *Faults, c store.Collection[T], most int64) error {
	plan, err := c.Plan(store.Query{})
	if err != nil {
		return err
	}
	n, err := c.Count(ctx, plan, store.Bounds{})
	if n >= most {
		f.Add(CodeFull, "input", "full", nil)
	}
	return err
}
