package kit

import (
	"context"
	"time"

	"memberportal/internal/store"
)

// ChangeKind says whether a document was created, updated or deleted.
type ChangeKind string

// The kinds of change.
const (
	Created ChangeKind = "CREATED"
	Updated ChangeKind = "UPDATED"
	Deleted ChangeKind = "DELETED"
)

// ChangeKinds lists every kind; Valid accepts no other.
var ChangeKinds = []ChangeKind{Created, Updated, Deleted}

// Valid refuses a value that is not in ChangeKinds.
func (v ChangeKind) Valid() error { return CheckOneOf(v, ChangeKinds, "change kind") }

// ChangeRecord says that a document changed. It is written in the transaction of the change. Every process reads
// it, in the same way on every store, to refresh what it keeps in memory and to feed subscriptions. It holds no
// content: readers check rights when they fetch the document.
type ChangeRecord struct {
	ID      ID    `bson:"_id"`
	Version int64 `bson:"version"`
	// At is the machine's time, not domain time, because Tail reads change records in this order.
	At            DateTime   `bson:"at"`
	Noun          string     `bson:"noun"`
	Target        ID         `bson:"target"`
	TargetVersion int64      `bson:"targetVersion"`
	Kind          ChangeKind `bson:"kind"`
}

// ChangeRecordNoun declares how change records are stored.
var ChangeRecordNoun = store.Declare(store.Noun[ChangeRecord]{
	Name:     "notices",
	Identity: func(n *ChangeRecord) (string, *int64) { return string(n.ID), &n.Version },
	Keys:     []store.Key[ChangeRecord]{store.One("at", func(n *ChangeRecord, _ string) string { return string(n.At) })},
	Listings: []store.Listing{{Sort: "at"}},
})

// TailOverlap is how far Tail looks back behind the latest change record that it has read. A change record
// appears when its transaction commits, but carries the time at which it was written, and the clocks of machines
// differ. The overlap is longer than the longest transaction (10 s) plus a fair difference of clocks.
const TailOverlap = 30 * time.Second

// ChangeRecordService reads change records for this process.
type ChangeRecordService struct {
	records store.Collection[ChangeRecord]
	wall    func() time.Time
}

// Tail reads change records as they come, for one reader. It is not safe for concurrent use.
type Tail struct {
	s      *ChangeRecordService
	latest time.Time
	seen   map[ID]time.Time
}

// Tail starts reading at the present. The caller must load its documents afterwards: they contain every earlier
// change.
func (s *ChangeRecordService) Tail() *Tail {
	return &Tail{s: s, latest: s.wall(), seen: map[ID]time.Time{}}
}

// Next returns the change records that appeared since the last call, each once, in the order of their times. It
// does not wait for new ones; the caller decides how often to call.
func (t *Tail) Next(ctx context.Context) ([]*ChangeRecord, error) {
	plan, err := t.s.records.Plan(store.Query{Sort: "at"})
	if err != nil {
		return nil, err
	}
	from := t.latest.Add(-TailOverlap)
	r := store.Range{Bounds: store.Bounds{After: string(DateTimeOf(from))}, Limit: 500}
	var fresh []*ChangeRecord
	latest, now := t.latest, map[ID]time.Time{} // kept only when all pages were read
	for {
		page, err := t.s.records.Page(ctx, plan, r)
		if err != nil {
			return nil, err
		}
		for _, n := range page.Docs {
			at := n.At.Time()
			if now[n.ID] = at; t.seen[n.ID].IsZero() {
				fresh = append(fresh, n)
			}
			if at.After(latest) {
				latest = at
			}
		}
		if !page.More {
			break
		}
		r.After = page.Tokens[len(page.Tokens)-1]
	}
	t.latest, t.seen = latest, now
	return fresh, nil
}

// NewChangeRecordService makes the service over the store of a core.
func NewChangeRecordService(c *Core) *ChangeRecordService {
	return &ChangeRecordService{records: ChangeRecordNoun.In(c.Store), wall: c.Wall}
}
