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

// Change describes one write of a service, for the audit log and the change records.
type Change struct {
	Noun    string
	Target  ID
	Version int64
	Kind    ChangeKind
	Fields  []string
	Reason  *string
}

// Changed returns the Change of a document.
func Changed[T any](d store.Declared[T], doc *T, kind ChangeKind, fields ...string) Change {
	id, version := d.Kind.Identity(doc)
	return Change{Noun: d.Kind.Name, Target: ID(id), Version: *version, Kind: kind, Fields: fields}
}

// Because returns the change with a reason, which may be nil.
func (x Change) Because(reason *string) Change {
	x.Reason = reason
	return x
}

// transactTries is how often a transaction is run at most if other transactions interfere.
const transactTries = 8

type operationKey struct{}

// WithOperation notes the operation of which a transaction is part, unless one is noted; Write does so itself.
func WithOperation(ctx context.Context, operation string) context.Context {
	if OperationOf(ctx) != "" {
		return ctx
	}
	return context.WithValue(ctx, operationKey{}, operation)
}

// OperationOf is the operation of the Write in which the caller is; empty outside of one.
func OperationOf(ctx context.Context) string {
	operation, _ := ctx.Value(operationKey{}).(string)
	return operation
}

type transactKey struct{ c *Core }

// Transact runs f as one transaction. It runs f again if another transaction changed what f had read: a version
// went up, or a unique key was taken meanwhile. Stores repeat most of these themselves, and Transact repeats the
// rest. The caller therefore sees CONFLICT only for a version that it named, and UNAVAILABLE if all attempts
// fail.
//
// A transaction in another one joins it, and the outer one is repeated as a whole. If the input repeats an entry
// of a list, nothing is written, whether or not f looked for faults. Reads in f decide something, so a damaged
// document is an error there and is never left out.
func (c *Core) Transact(ctx context.Context, f func(ctx context.Context) error) (err error) {
	if ctx.Value(transactKey{c}) != nil {
		return c.Store.Tx(ctx, f)
	}
	posted := new(bool)
	ctx = store.Deciding(context.WithValue(ctx, transactKey{c}, posted))
	checked := func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return NewFaults(ctx).Err()
	}
	for try := range transactTries {
		if err = c.Store.Tx(ctx, checked); !overtaken(err) {
			if err == nil && *posted {
				c.announce()
			}
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

// Write runs the writes of a service as one transaction, and adds an audit entry and a change record for each
// change that f notes. f may run several times and must have no effect outside the store. If a document would
// outgrow its bounds, the error is FULL and nothing is written.
func (c *Core) Write(ctx context.Context, operation string, f func(ctx context.Context, note func(Change)) error) error {
	err := c.Transact(WithOperation(ctx, operation), func(ctx context.Context) error {
		var changes []Change
		if err := f(ctx, func(x Change) { changes = append(changes, x) }); err != nil {
			return err
		}
		actor, at := ActorOf(ctx), DateTimeOf(c.Clock.Now())
		entries, records := make([]*AuditEntry, len(changes)), make([]*ChangeRecord, len(changes))
		for i, x := range changes {
			slices.Sort(x.Fields)
			entries[i] = &AuditEntry{
				ID: c.NewID(AuditPrefix), At: at, Actor: actor.Subject, Roles: actor.Roles, Request: RequestOf(ctx), Operation: operation,
				TargetID: x.Target, TargetVersion: x.Version, Fields: x.Fields, Reason: x.Reason,
			}
			records[i] = &ChangeRecord{ID: c.NewID("ntc"), At: DateTimeOf(c.Wall()), Noun: x.Noun, Target: x.Target, TargetVersion: x.Version, Kind: x.Kind}
		}
		if err := AuditNoun.In(c.Store).Insert(ctx, entries...); err != nil {
			return err
		}
		return ChangeRecordNoun.In(c.Store).Insert(ctx, records...)
	})
	if full, ok := errors.AsType[*store.FullError](err); ok {
		return fullRecord(ctx, full)
	}
	return err
}

// Amendment names an existing document to change, and why.
type Amendment struct {
	Operation string
	ID        ID
	// Expected is the version that the caller saw.
	Expected int
	Reason   *string
}

// Amend loads a document, asks may whether the caller may change it, and lets alter change it. If alter returns
// changed fields and finds no fault, Amend stores the document with an audit entry; if it returns no fields, the
// version stays. A missing document is NOT_FOUND, and so is one for which may returns NOT_FOUND.
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

// AmendAnd is Amend for a change of which others are told: then is called in the same transaction if anything changed.
func AmendAnd[T any](ctx context.Context, c *Core, d store.Declared[T], a Amendment, may func(context.Context, *T) error, alter func(*T, *Faults) []string, then func(context.Context, *T) error) (*T, error) {
	var amended *T
	err := c.Transact(WithOperation(ctx, a.Operation), func(ctx context.Context) (err error) {
		changed := false
		amended, err = Amend(ctx, c, d, a, may, func(doc *T, f *Faults) []string {
			fields := alter(doc, f)
			changed = len(fields) > 0
			return fields
		})
		if err == nil && changed {
			err = then(ctx, amended)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return amended, nil
}

// CheckFree adds DUPLICATE at a path if another document has the value of a unique key.
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

// CheckRoom adds FULL if a bounded noun has most documents already.
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
