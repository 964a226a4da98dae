package testkit

import (
	"context"
	"sync/atomic"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Counting is a store that counts its calls, and notes whether any of them writes.
type Counting struct {
	store.Store
	calls, authority atomic.Int64
	wrote            atomic.Bool
}

// TakeAuthority gives the number of calls since the last time it was asked by which requests learned what their
// callers may do. Take leaves them out, so that a document costs the same whoever asks.
func (c *Counting) TakeAuthority() int64 { return c.authority.Swap(0) }

func (c *Counting) read(ctx context.Context, n int) {
	if kit.ReadsAuthority(ctx) {
		c.authority.Add(int64(n))
		return
	}
	c.calls.Add(int64(n))
}

// Take gives the number of calls since the last time it was asked.
func (c *Counting) Take() int64 { return c.calls.Swap(0) }

// TakeWrote says whether anything was written since the last time it was asked, be it that a transaction took
// it back.
func (c *Counting) TakeWrote() bool { return c.wrote.Swap(false) }

func (c *Counting) write() {
	c.calls.Add(1)
	c.wrote.Store(true)
}

// Get counts a call.
func (c *Counting) Get(ctx context.Context, k *store.Kind, ids []string) ([]any, error) {
	c.read(ctx, 1)
	return c.Store.Get(ctx, k, ids)
}

// Page counts a call for each branch.
func (c *Counting) Page(ctx context.Context, k *store.Kind, plan store.Plan, r store.Range) ([]store.Row, error) {
	c.read(ctx, len(plan.Branches))
	return c.Store.Page(ctx, k, plan, r)
}

// Count counts a call.
func (c *Counting) Count(ctx context.Context, k *store.Kind, plan store.Plan, b store.Bounds) (int64, error) {
	c.calls.Add(1)
	return c.Store.Count(ctx, k, plan, b)
}

// CountBy counts a call.
func (c *Counting) CountBy(ctx context.Context, k *store.Kind, key, prefix string, without []string) (map[string]int64, error) {
	c.calls.Add(1)
	return c.Store.CountBy(ctx, k, key, prefix, without)
}

// Probe counts a call.
func (c *Counting) Probe(ctx context.Context, k *store.Kind, key, prefix string, limit int) ([]string, error) {
	c.calls.Add(1)
	return c.Store.Probe(ctx, k, key, prefix, limit)
}

// Lookup counts a call.
func (c *Counting) Lookup(ctx context.Context, k *store.Kind, key, value string) (string, error) {
	c.calls.Add(1)
	return c.Store.Lookup(ctx, k, key, value)
}

// Insert counts a call.
func (c *Counting) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	c.write()
	return c.Store.Insert(ctx, k, docs)
}

// Replace counts a call.
func (c *Counting) Replace(ctx context.Context, k *store.Kind, doc any) error {
	c.write()
	return c.Store.Replace(ctx, k, doc)
}

// Delete counts a call.
func (c *Counting) Delete(ctx context.Context, k *store.Kind, id string, version int64) error {
	c.write()
	return c.Store.Delete(ctx, k, id, version)
}

// Remove notes that it writes. Nothing that is asked leads here, so that it is not counted, nor are the two below.
func (c *Counting) Remove(ctx context.Context, k *store.Kind, id string) error {
	c.wrote.Store(true)
	return c.Store.Remove(ctx, k, id)
}

// Restore notes that it writes.
func (c *Counting) Restore(ctx context.Context, k *store.Kind, id string, raw []byte) error {
	c.wrote.Store(true)
	return c.Store.Restore(ctx, k, id, raw)
}

// Reindex notes whether it may write.
func (c *Counting) Reindex(ctx context.Context, k *store.Kind, after string, limit int, write bool) (store.Reindexed, error) {
	if write {
		c.wrote.Store(true)
	}
	return c.Store.Reindex(ctx, k, after, limit, write)
}
