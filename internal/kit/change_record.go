package kit

import (
	"context"
	"time"

	"memberportal/internal/store"
)

// ChangeKind says what happened to a document.
type ChangeKind string

// What can happen to a document.
const (
	Created ChangeKind = "CREATED"
	Updated ChangeKind = "UPDATED"
	Deleted ChangeKind = "DELETED"
)

// ChangeKinds are all of them.
var ChangeKinds = []ChangeKind{Created, Updated, Deleted}

// Valid refuses what is none of ChangeKinds.
func (v ChangeKind) Valid() error { return CheckOneOf(v, ChangeKinds, "change kind") }

// ChangeRecord says that a document changed. It is inserted in the change's own transaction and read by
// every process, the same way on every store, to refresh what it keeps in memory and to feed
// subscriptions. It holds no content, so that readers check rights when they fetch.
type ChangeRecord struct {
	ID      ID    `bson:"_id"`
	Version int64 `bson:"version"`
	// At is the machine's time, not domain time: it orders notices for the tail.
	At            DateTime   `bson:"at"`
	Noun          string     `bson:"noun"`
	Target        ID         `bson:"target"`
	TargetVersion int64      `bson:"targetVersion"`
	Kind          ChangeKind `bson:"kind"`
}

// ChangeRecordNoun is how change records are stored.
var ChangeRecordNoun = store.Declare(store.Noun[ChangeRecord]{
	Name:     "notices",
	Identity: func(n *ChangeRecord) (string, *int64) { return string(n.ID), &n.Version },
	Keys:     []store.Key[ChangeRecord]{store.One("at", func(n *ChangeRecord, _ string) string { return string(n.At) })},
	Listings: []store.Listing{{Sort: "at"}},
})

// TailOverlap is how far behind the latest notice the tail looks again. A notice appears when its
// transaction commits but carries the time at which it was written, and clocks of machines differ;
// the overlap is longer than the longest transaction (10 s) and a fair difference of clocks.
const TailOverlap = 30 * time.Second

// ChangeRecordService gives notices to this process.
type ChangeRecordService struct {
	notices store.Collection[ChangeRecord]
	wall    func() time.Time
}

// Tail is one reader's place in the notices. It is not safe for concurrent use.
type Tail struct {
	s      *ChangeRecordService
	latest time.Time
	seen   map[ID]time.Time
}

// Tail begins to read at the present: what changed before is in the documents that the caller loads
// afterwards.
func (s *ChangeRecordService) Tail() *Tail {
	return &Tail{s: s, latest: s.wall(), seen: map[ID]time.Time{}}
}

// Next gives the notices that appeared since the last call, each once, in the order of their times.
// It returns at once; the caller decides how often to ask.
func (t *Tail) Next(ctx context.Context) ([]*ChangeRecord, error) {
	plan, err := t.s.notices.Plan(store.Query{Sort: "at"})
	if err != nil {
		return nil, err
	}
	from := t.latest.Add(-TailOverlap)
	r := store.Range{Bounds: store.Bounds{After: string(DateTimeOf(from))}, Limit: 500}
	var fresh []*ChangeRecord
	latest, now := t.latest, map[ID]time.Time{} // kept only when all pages were read
	for {
		page, err := t.s.notices.Page(ctx, plan, r)
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

// NewChangeRecordService makes the service.
func NewChangeRecordService(c *Core) *ChangeRecordService {
	return &ChangeRecordService{notices: ChangeRecordNoun.In(c.Store), wall: c.Wall}
}
