package portal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"memberportal/internal/store"
)

// change is what a service notes of one write, for the audit log and the notices.
type change struct {
	noun    string
	target  ID
	version int64
	kind    ChangeKind
	fields  []string
	reason  *string
}

// changed is a change of a document.
func changed[T any](d store.Declared[T], doc *T, kind ChangeKind, fields ...string) change {
	id, version := d.Kind.Identity(doc)
	return change{noun: d.Kind.Name, target: ID(id), version: *version, kind: kind, fields: fields}
}

// because gives the reason of a change.
func (x change) because(reason *string) change {
	x.reason = reason
	return x
}

// transactTries bounds how often a transaction that others overtook is run.
const transactTries = 8

type transactKey struct{ c *core }

// transact runs f as one transaction, and again from its start if somebody else came between what it
// read and what it wrote: a version that moved, or a unique key that was free when it was looked up.
// Stores repeat most of these by themselves; what they leave is repeated here, so that a caller sees
// CONFLICT only for a version that it named, and otherwise at worst UNAVAILABLE. A transaction inside of
// another joins it, and the outer one is repeated whole. Nothing is written of an input with a list in
// which an entry stands twice, whether f looked for faults or not. What is read inside decides something,
// so that a damaged document is an error there and is never left out.
func (c *core) transact(ctx context.Context, f func(ctx context.Context) error) (err error) {
	if ctx.Value(transactKey{c}) != nil {
		return c.store.Tx(ctx, f)
	}
	ctx = store.Deciding(context.WithValue(ctx, transactKey{c}, true))
	checked := func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return newFaults(ctx).err()
	}
	for try := range transactTries {
		if err = c.store.Tx(ctx, checked); !overtaken(err) {
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

// write runs a service's writes as one transaction and adds an audit entry and a notice for each
// change that f notes. f may be run again and has no effect outside the store. A document that would outgrow
// its bounds is FULL, and what was stored before stays.
func (c *core) write(ctx context.Context, operation string, f func(ctx context.Context, note func(change)) error) error {
	err := c.transact(ctx, func(ctx context.Context) error {
		var changes []change
		if err := f(ctx, func(x change) { changes = append(changes, x) }); err != nil {
			return err
		}
		actor, at := ActorOf(ctx), DateTimeOf(c.clock.Now())
		entries, notices := make([]*AuditEntry, len(changes)), make([]*Notice, len(changes))
		for i, x := range changes {
			slices.Sort(x.fields)
			entries[i] = &AuditEntry{
				ID: c.newID(auditPrefix), At: at, Actor: actor.Subject, Roles: actor.Roles, Request: RequestOf(ctx), Operation: operation,
				TargetID: x.target, TargetVersion: x.version, Fields: x.fields, Reason: x.reason,
			}
			notices[i] = &Notice{ID: c.newID("ntc"), At: DateTimeOf(c.wall()), Noun: x.noun, Target: x.target, TargetVersion: x.version, Kind: x.kind}
		}
		if err := auditNoun.In(c.store).Insert(ctx, entries...); err != nil {
			return err
		}
		return noticeNoun.In(c.store).Insert(ctx, notices...)
	})
	if full, ok := errors.AsType[*store.FullError](err); ok {
		return fullRecord(ctx, full)
	}
	return err
}

// amendment is a change of a document that is there.
type amendment struct {
	operation string
	id        ID
	// expected is the version that the caller saw.
	expected int
	reason   *string
}

// amend loads a document, asks whether the caller may change it, lets alter work on it, and stores it
// with an audit entry if alter changed a field and found no fault. Altering nothing raises no
// version. A document that is not there is NOT_FOUND, as one that may refuses by that code.
func amend[T any](ctx context.Context, c *core, d store.Declared[T], a amendment, may func(context.Context, *T) error, alter func(*T, *faults) []string) (*T, error) {
	var amended *T
	err := c.write(ctx, a.operation, func(ctx context.Context, note func(change)) error {
		doc, err := d.In(c.store).Get(ctx, string(a.id))
		if errors.Is(err, store.ErrNotFound) {
			return refuse(NotFound, "notFound", nil)
		}
		if err == nil {
			err = may(ctx, doc)
		}
		if err != nil {
			return err
		}
		_, version := d.Kind.Identity(doc)
		f := newFaults(ctx)
		f.version(a.expected, *version)
		fields := alter(doc, f)
		if err := f.err(); err != nil {
			return err
		}
		amended = doc
		if len(fields) == 0 {
			return nil
		}
		if err := d.In(c.store).Replace(ctx, doc); err != nil {
			return err
		}
		note(change{noun: d.Kind.Name, target: a.id, version: *version, kind: Updated, fields: fields, reason: a.reason})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return amended, nil
}

// free asks whether a value of a unique key is not taken yet.
func free[T any](ctx context.Context, f *faults, c store.Collection[T], key, path, value string) error {
	taken, err := c.Lookup(ctx, key, value)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		f.add(CodeDuplicate, path, "duplicate.code", nil).RelatedID = new(ID(taken))
	}
	return err
}

// room asks whether a bounded noun has room for one more.
func room[T any](ctx context.Context, f *faults, c store.Collection[T], most int64) error {
	plan, err := c.Plan(store.Query{})
	if err != nil {
		return err
	}
	n, err := c.Count(ctx, plan, store.Bounds{})
	if n >= most {
		f.add(CodeFull, "input", "full", nil)
	}
	return err
}
