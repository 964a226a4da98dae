package testkit

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"memberportal/internal/store"
)

// Recording is a store that notes the shape of each call: the operation, the noun, the listings or keys that it
// uses, whether it names one value or several, and what became of it. Two calls of one shape ask the same of an
// engine.
type Recording struct {
	store.Store
	mu     sync.Mutex
	shapes map[string]bool
}

// Shapes are those that were noted since the last time they were asked for.
func (r *Recording) Shapes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	noted := slices.Sorted(maps.Keys(r.shapes))
	r.shapes = nil
	return noted
}

func (r *Recording) note(operation string, k *store.Kind, err error, of ...string) {
	parts := append([]string{operation, k.Name}, of...)
	var duplicate *store.DuplicateError
	switch {
	case err == nil:
	case errors.As(err, &duplicate):
		parts = append(parts, "duplicate "+duplicate.Key)
	case errors.Is(err, store.ErrConflict):
		parts = append(parts, "conflict")
	case errors.Is(err, store.ErrNotFound):
		parts = append(parts, "not found")
	default:
		parts = append(parts, "fault")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shapes == nil {
		r.shapes = map[string]bool{}
	}
	r.shapes[strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")] = true
}

// several is a word for none, one or more.
func several(what string, n int) string {
	return [...]string{"no ", "one ", "several "}[min(n, 2)] + what
}

// when is a word if something holds.
func when(holds bool, word string) string {
	if holds {
		return word
	}
	return ""
}

// planned is what a plan asks: the listing of each branch, and for each of its columns whether one value is
// allowed or several.
func planned(p store.Plan) string {
	var branches []string
	for _, b := range p.Branches {
		words := []string{b.Listing.Name()}
		for _, values := range b.Values {
			words = append(words, [...]string{"no value", "one value", "several values"}[min(len(values), 2)])
		}
		branches = append(branches, strings.Join(words, ", "))
	}
	slices.Sort(branches)
	return "(" + strings.Join(slices.Compact(branches), " + ") + ")"
}

func bounded(b store.Bounds) string {
	return strings.TrimSpace(when(b.After != "", "after ") + when(b.Before != "", "before"))
}

// Get notes the call.
func (r *Recording) Get(ctx context.Context, k *store.Kind, ids []string) ([]any, error) {
	found, err := r.Store.Get(ctx, k, ids)
	r.note("get", k, err, several("id", len(ids)), when(len(found) < len(ids), "some missing"))
	return found, err
}

// Page notes the call.
func (r *Recording) Page(ctx context.Context, k *store.Kind, plan store.Plan, g store.Range) ([]store.Row, error) {
	rows, err := r.Store.Page(ctx, k, plan, g)
	r.note("page", k, err, planned(plan), bounded(g.Bounds), when(g.Backward, "backward"), when(len(rows) == g.Limit, "full"), when(len(rows) == 0, "empty"))
	return rows, err
}

// Count notes the call.
func (r *Recording) Count(ctx context.Context, k *store.Kind, plan store.Plan, b store.Bounds) (int64, error) {
	n, err := r.Store.Count(ctx, k, plan, b)
	r.note("count", k, err, planned(plan), bounded(b), when(plan.Disjoint, "disjoint"), when(len(plan.Without) > 0, "without some"), when(n == 0, "none"))
	return n, err
}

// CountBy notes the call.
func (r *Recording) CountBy(ctx context.Context, k *store.Kind, key, prefix string, without []string) (map[string]int64, error) {
	counts, err := r.Store.CountBy(ctx, k, key, prefix, without)
	r.note("count by", k, err, key, when(prefix != "", "with a prefix"), when(len(without) > 0, "without some"), when(len(counts) == 0, "none"))
	return counts, err
}

// Probe notes the call.
func (r *Recording) Probe(ctx context.Context, k *store.Kind, key, prefix string, limit int) ([]string, error) {
	ids, err := r.Store.Probe(ctx, k, key, prefix, limit)
	r.note("probe", k, err, key, when(len(ids) == limit, "full"), when(len(ids) == 0, "empty"))
	return ids, err
}

// Lookup notes the call.
func (r *Recording) Lookup(ctx context.Context, k *store.Kind, key, value string) (string, error) {
	id, err := r.Store.Lookup(ctx, k, key, value)
	r.note("lookup", k, err, key)
	return id, err
}

// Insert notes the call.
func (r *Recording) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	err := r.Store.Insert(ctx, k, docs)
	r.note("insert", k, err, several("document", len(docs)))
	return err
}

// Replace notes the call.
func (r *Recording) Replace(ctx context.Context, k *store.Kind, doc any) error {
	err := r.Store.Replace(ctx, k, doc)
	r.note("replace", k, err)
	return err
}

// Delete notes the call.
func (r *Recording) Delete(ctx context.Context, k *store.Kind, id string, version int64) error {
	err := r.Store.Delete(ctx, k, id, version)
	r.note("delete", k, err)
	return err
}

// Cover chooses names that together have every shape that any name has: again and again the one with the most
// shapes that are missing, the cheapest of several. In the end it leaves out those that became needless.
func Cover(shapes map[string][]string, cheaper func(a, b string) int) (names []string) {
	for left := Uncovered(shapes, nil); len(left) > 0; left = Uncovered(shapes, names) {
		gains := map[string]int{}
		for name, list := range shapes {
			for _, shape := range list {
				if _, missing := slices.BinarySearch(left, shape); missing {
					gains[name]++
				}
			}
		}
		names = append(names, slices.MinFunc(slices.Collect(maps.Keys(gains)), func(a, b string) int {
			return cmp.Or(gains[b]-gains[a], cheaper(a, b), strings.Compare(a, b))
		}))
	}
	for _, name := range slices.Clone(names) {
		without := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
		if len(Uncovered(shapes, without)) == 0 {
			names = without
		}
	}
	slices.Sort(names)
	return names
}

// Uncovered are the shapes that none of some names has.
func Uncovered(shapes map[string][]string, names []string) []string {
	left := map[string]bool{}
	for _, list := range shapes {
		for _, shape := range list {
			left[shape] = true
		}
	}
	for _, name := range names {
		for _, shape := range shapes[name] {
			delete(left, shape)
		}
	}
	return slices.Sorted(maps.Keys(left))
}
