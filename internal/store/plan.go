package store

import (
	"fmt"
	"slices"
	"strings"
)

// Where gives the allowed values of some keys: a document matches if, for each key, its value is
// one of them; for a multi-valued key, if it has one of them. A key with no values matches nothing.
type Where map[string][]string

// Query asks for documents that match any of the branches (none given: all documents), ordered by
// a declared sort key, or by id if Sort is empty.
type Query struct {
	Any  []Where
	Sort string
}

// Plan is a query held against the declared listings: which index answers each branch, with which
// values.
type Plan struct {
	Sort     string
	Branches []Branch
	// Without are ids of documents that are not to be counted.
	Without []string
	// Disjoint says that no document can match two branches, so that counts may be added.
	Disjoint bool
}

// Branch is the part of a plan that one listing answers. Values are the allowed values of each of
// the listing's Columns, in their order.
type Branch struct {
	Listing Listing
	Values  [][]string
}

// Streams is how many index ranges the branch merges.
func (b Branch) Streams() int {
	n := 1
	for _, v := range b.Values {
		n *= len(v)
	}
	return n
}

// Points are all combinations of the branch's values, one for each index range.
func (b Branch) Points() [][]string {
	points := [][]string{nil}
	for _, values := range b.Values {
		next := make([][]string, 0, len(points)*len(values))
		for _, p := range points {
			for _, v := range values {
				next = append(next, append(slices.Clone(p), v))
			}
		}
		points = next
	}
	return points
}

// Listing names the plan's listings. A cursor carries it, and is refused by any other.
func (p Plan) Listing() string {
	names := make([]string, len(p.Branches))
	for i, b := range p.Branches {
		names[i] = b.Listing.Name()
	}
	return strings.Join(slices.Compact(names), "+")
}

// Plan finds, for each branch of the query, the declared listing that answers it with the fewest
// index ranges. ErrUndeclared says that there is none, ErrTooWide that it takes more than
// MaxStreams.
func (k *Kind) Plan(q Query) (Plan, error) {
	if len(q.Any) == 0 {
		q.Any = []Where{{}}
	}
	plan := Plan{Sort: q.Sort, Disjoint: true}
	streams := 0
	for _, where := range q.Any {
		best, ok := Branch{}, false
		for _, l := range k.Listings {
			b, covers := k.branch(l, where, q.Sort)
			if covers && (!ok || b.Streams() < best.Streams()) {
				best, ok = b, true
			}
		}
		if !ok {
			return Plan{}, fmt.Errorf("%w: %s by %v sorted by %q", ErrUndeclared, k.Name, where, q.Sort)
		}
		if best.Streams() == 0 {
			continue
		}
		streams += best.Streams()
		for _, other := range plan.Branches {
			plan.Disjoint = plan.Disjoint && k.disjoint(best, other)
		}
		plan.Branches = append(plan.Branches, best)
	}
	if streams > MaxStreams {
		return Plan{}, fmt.Errorf("%w: %s asks for %d, at most %d", ErrTooWide, k.Name, streams, MaxStreams)
	}
	return plan, nil
}

func (k *Kind) branch(l Listing, where Where, sort string) (Branch, bool) {
	columns := l.columns()
	if l.Sort != sort {
		return Branch{}, false
	}
	for name := range where {
		if !slices.Contains(columns, name) {
			return Branch{}, false
		}
	}
	b := Branch{Listing: l}
	for _, name := range columns {
		values, given := where[name]
		if !given {
			key, _ := k.Key(name)
			if key.Values == nil {
				return Branch{}, false
			}
			values = key.Values
		}
		values = slices.Clone(values)
		slices.Sort(values)
		b.Values = append(b.Values, slices.Compact(values))
	}
	return b, true
}

// disjoint holds if some single-valued key is in both branches with no value in common.
func (k *Kind) disjoint(a, b Branch) bool {
	for i, name := range a.Listing.columns() {
		j := slices.Index(b.Listing.columns(), name)
		if j < 0 || name == a.Listing.Has {
			continue
		}
		if !slices.ContainsFunc(a.Values[i], func(v string) bool { return slices.Contains(b.Values[j], v) }) {
			return true
		}
	}
	return false
}

// Leading says whether some listing's index starts with the key, which is what CountBy and Probe
// need.
func (k *Kind) Leading(key string) (Listing, error) {
	for _, l := range k.Listings {
		if c := l.columns(); len(c) > 0 && c[0] == key {
			return l, nil
		}
	}
	return Listing{}, fmt.Errorf("%w: %s counted by %q", ErrUndeclared, k.Name, key)
}

// Merge joins pages that are each in order into one, dropping a document that stands in two of
// them, and cuts it to the limit.
func Merge(pages [][]Row, r Range) []Row {
	before := func(a, b string) bool { return (a < b) != r.Backward }
	var merged []Row
	for len(merged) < r.Limit {
		least := -1
		for i, p := range pages {
			if len(p) > 0 && (least < 0 || before(p[0].Token, pages[least][0].Token)) {
				least = i
			}
		}
		if least < 0 {
			break
		}
		row := pages[least][0]
		pages[least] = pages[least][1:]
		if n := len(merged); n == 0 || merged[n-1].Token != row.Token {
			merged = append(merged, row)
		}
	}
	return merged
}

// PrefixEnd is a string above every string that starts with the prefix and goes on with any
// character but the very last of Unicode, which is none; empty if the prefix is empty.
func PrefixEnd(prefix string) string {
	if prefix == "" {
		return ""
	}
	return prefix + "\U0010FFFF"
}
