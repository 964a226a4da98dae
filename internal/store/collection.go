package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// Collection is the documents of one noun in one store.
type Collection[T any] struct {
	kind  *Kind
	store Store
}

// In gives the noun's documents in a store.
func (d Declared[T]) In(s Store) Collection[T] { return Collection[T]{d.Kind, s} }

// Page is a stretch of a listing, always in ascending order of the sort key, or descending for a
// query that was asked backward and not turned round by the caller. More says whether the stretch
// goes on beyond its last document, in the direction it was read.
type Page[T any] struct {
	Docs   []*T
	Tokens []string
	More   bool
}

// updateTries bounds how often Update re-reads before it gives up as ErrUnavailable.
const updateTries = 24

// Get returns one document, or ErrNotFound; ErrCorrupt if it is damaged.
func (c Collection[T]) Get(ctx context.Context, id string) (*T, error) {
	docs, err := c.Many(Deciding(ctx), []string{id})
	if err != nil {
		return nil, err
	}
	if docs[0] == nil {
		return nil, fmt.Errorf("%w: %s %s", ErrNotFound, c.kind.Name, id)
	}
	return docs[0], nil
}

// Many returns the documents with these ids in one call, in the ids' order, nil for those that do
// not exist or are damaged; for a decision (see Deciding), ErrCorrupt if one is damaged.
func (c Collection[T]) Many(ctx context.Context, ids []string) ([]*T, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	distinct := slices.Clone(ids)
	slices.Sort(distinct)
	found, err := c.store.Get(ctx, c.kind, slices.Compact(distinct))
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*T, len(found))
	for _, d := range found {
		if err := c.kind.Accept(d); err != nil {
			if err := c.leaveOut(ctx, err); err != nil {
				return nil, err
			}
			continue
		}
		id, _ := c.kind.identity(d)
		c.store.Damage().forget(c.kind.Name, id)
		byID[id] = d.(*T)
	}
	docs := make([]*T, len(ids))
	for i, id := range ids {
		docs[i] = byID[id]
	}
	return docs, nil
}

// Plan holds a query against the noun's listings; see Kind.Plan.
func (c Collection[T]) Plan(q Query) (Plan, error) { return c.kind.Plan(q) }

// Page returns up to r.Limit documents (1 to MaxLimit) of a planned query. Damaged documents are left out,
// and others are read in their place, so that only the last page is shorter and More is true only where
// there is a document to come; for a decision, a damaged one is ErrCorrupt.
func (c Collection[T]) Page(ctx context.Context, plan Plan, r Range) (Page[T], error) {
	if r.Limit < 1 || r.Limit > MaxLimit {
		return Page[T]{}, fmt.Errorf("page of %d documents: 1 to %d", r.Limit, MaxLimit)
	}
	if len(plan.Branches) == 0 {
		return Page[T]{}, nil
	}
	var page Page[T]
	most := r.Limit
	for len(page.Docs) <= most {
		r.Limit = most + 1 - len(page.Docs)
		rows, err := c.store.Page(ctx, c.kind, plan, r)
		if err != nil {
			return Page[T]{}, err
		}
		for _, row := range rows {
			if err := c.kind.Accept(row.Doc); err != nil {
				if err := c.leaveOut(ctx, err); err != nil {
					return Page[T]{}, err
				}
				continue
			}
			page.Docs = append(page.Docs, row.Doc.(*T))
			page.Tokens = append(page.Tokens, row.Token)
		}
		if len(rows) < r.Limit {
			break
		}
		if last := rows[len(rows)-1].Token; r.Backward {
			r.Before = last
		} else {
			r.After = last
		}
	}
	if len(page.Docs) > most {
		page.Docs, page.Tokens, page.More = page.Docs[:most], page.Tokens[:most], true
	}
	return page, nil
}

// Count counts the documents of a planned query between the bounds, without reading them. Those that are
// known to be damaged are not counted; for a decision, it is ErrCorrupt if one of them would have been.
func (c Collection[T]) Count(ctx context.Context, plan Plan, b Bounds) (int64, error) {
	if len(plan.Branches) == 0 {
		return 0, nil
	}
	without, err := c.damaged(ctx)
	if err != nil {
		return 0, err
	}
	all, err := c.store.Count(ctx, c.kind, plan, b)
	if err != nil || len(without) == 0 {
		return all, err
	}
	plan.Without = without
	sound, err := c.store.Count(ctx, c.kind, plan, b)
	if err == nil && deciding(ctx) && sound != all {
		return 0, &Damaged{c.kind.Name, without[0], "it cannot be left out of a count that decides"}
	}
	return sound, err
}

// CountBy counts documents by the values of a key that start with a prefix. The key must lead a
// declared listing. Those that are known to be damaged are not counted; for a decision, it is ErrCorrupt
// if one of them would have been.
func (c Collection[T]) CountBy(ctx context.Context, key, prefix string) (map[string]int64, error) {
	if _, err := c.kind.Leading(key); err != nil {
		return nil, err
	}
	without, err := c.damaged(ctx)
	if err != nil {
		return nil, err
	}
	all, err := c.store.CountBy(ctx, c.kind, key, prefix, nil)
	if err != nil || len(without) == 0 {
		return all, err
	}
	sound, err := c.store.CountBy(ctx, c.kind, key, prefix, without)
	if err == nil && deciding(ctx) && !maps.Equal(sound, all) {
		return nil, &Damaged{c.kind.Name, without[0], "it cannot be left out of a count that decides"}
	}
	return sound, err
}

// Probe returns up to limit ids of documents of which a value of the multi-valued key starts with
// the prefix, in no order. The key must be the has key of a declared listing.
func (c Collection[T]) Probe(ctx context.Context, key, prefix string, limit int) ([]string, error) {
	if l, err := c.kind.Leading(key); err != nil || l.Has != key {
		return nil, fmt.Errorf("%w: %s probed by %q", ErrUndeclared, c.kind.Name, key)
	}
	if prefix == "" || limit < 1 || limit > MaxLimit {
		return nil, fmt.Errorf("probe of %d ids for %q: a prefix, and 1 to %d", limit, prefix, MaxLimit)
	}
	return c.store.Probe(ctx, c.kind, key, cleanKey(prefix), limit)
}

// Lookup returns the id of the document with this value of a unique key, or ErrNotFound. Services
// ask before they write, so that a duplicate is told apart from every other fault on every server.
func (c Collection[T]) Lookup(ctx context.Context, key, value string) (string, error) {
	if info, ok := c.kind.Key(key); !ok || !info.Unique {
		return "", fmt.Errorf("%w: %s looked up by %q", ErrUndeclared, c.kind.Name, key)
	}
	return c.store.Lookup(ctx, c.kind, key, cleanKey(value))
}

// Insert stores new documents. Their versions become 1. ErrUnreadable says that one of them could not be
// read back, FullError that one outgrew its bounds; then none is stored.
func (c Collection[T]) Insert(ctx context.Context, docs ...*T) error {
	if len(docs) == 0 {
		return nil
	}
	all := make([]any, len(docs))
	for i, d := range docs {
		_, version := c.kind.identity(d)
		*version = 1
		all[i] = d
	}
	if err := c.storable(all...); err != nil {
		return err
	}
	return c.store.Insert(ctx, c.kind, all)
}

// Replace stores the document over the version that it carries, which it raises by one; ErrConflict
// if the stored version is another, ErrNotFound if there is none, ErrUnreadable if it could not be read
// back, FullError if it outgrew its bounds.
func (c Collection[T]) Replace(ctx context.Context, doc *T) error {
	if err := c.storable(doc); err != nil {
		return err
	}
	return c.store.Replace(ctx, c.kind, doc)
}

// storable holds documents against their bounds and the check that reading makes.
func (c Collection[T]) storable(docs ...any) error {
	for _, d := range docs {
		if err := c.kind.Full(d); err != nil {
			return err
		}
		if err := c.kind.Accept(d); err != nil {
			return fmt.Errorf("%w: %v", ErrUnreadable, err)
		}
	}
	return nil
}

// Delete removes a document that still has that version.
func (c Collection[T]) Delete(ctx context.Context, id string, version int64) error {
	return c.store.Delete(ctx, c.kind, id, version)
}

// Update reads a document, lets change alter it and stores it; if somebody else stored it meanwhile
// it starts again, a bounded number of times and then ErrUnavailable. An error of change is returned
// as it is and nothing is stored.
func (c Collection[T]) Update(ctx context.Context, id string, change func(*T) error) (*T, error) {
	for try := range updateTries {
		doc, err := c.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := change(doc); err != nil {
			return nil, err
		}
		err = c.Replace(ctx, doc)
		if err == nil {
			return doc, nil
		}
		if !errors.Is(err, ErrConflict) {
			return nil, err
		}
		if err := pause(ctx, try); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %s %s was changed by others %d times", ErrUnavailable, c.kind.Name, id, updateTries)
}

// pause waits a little longer at each try, at random, so that rivals do not meet again.
func pause(ctx context.Context, try int) error {
	most := min(time.Millisecond<<min(try, 7), 100*time.Millisecond)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(most)):
		return nil
	}
}
