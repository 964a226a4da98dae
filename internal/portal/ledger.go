package portal

import (
	"context"
	"sync"

	"memberportal/internal/store"
)

// ledger is the lifecycle of every member in memory, so that questions about a day are answered without
// reading documents. It is loaded when first asked and follows the notices of changes, so that an answer
// knows every change that was committed before the question, in whichever process.
type ledger struct {
	members store.Collection[Member]
	notices *NoticeService

	mu      sync.Mutex
	tail    *Tail
	entries map[ID]*ledgerEntry
}

// ledgerEntry is what the ledger keeps of a member: what is needed to say what it was on a day, and to sort
// it by name. Its events are those that stand, without reasons and evidence.
type ledgerEntry struct {
	id     ID
	name   string // folded
	events []LifecycleEvent
}

// ledgerBatch is how many members one call reads.
const ledgerBatch = store.MaxLimit - 1

func newLedgerEntry(m *Member) *ledgerEntry {
	e := &ledgerEntry{id: m.ID, name: Fold(m.Name), events: m.current()}
	for i := range e.events {
		e.events[i].Reason, e.events[i].Evidence = nil, nil
	}
	return e
}

// all are the entries as they are now, in no order.
func (l *ledger) all(ctx context.Context) ([]*ledgerEntry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refresh(ctx); err != nil {
		return nil, err
	}
	all := make([]*ledgerEntry, 0, len(l.entries))
	for _, e := range l.entries {
		all = append(all, e)
	}
	return all, nil
}

// refresh loads the ledger, or what changed since it was last asked.
func (l *ledger) refresh(ctx context.Context) error {
	if l.tail == nil {
		return l.load(ctx)
	}
	fresh, err := l.tail.Next(ctx)
	if err != nil {
		return err
	}
	changed := map[ID]bool{}
	for _, n := range fresh {
		if n.Noun == MemberNoun.Kind.Name {
			changed[n.Target] = true
		}
	}
	ids := make([]string, 0, len(changed))
	for id := range changed {
		ids = append(ids, string(id))
	}
	if len(ids) == 0 {
		return nil
	}
	if err := l.take(ctx, ids); err != nil {
		l.tail = nil // its notices are spent: load all when next asked
		return err
	}
	return nil
}

func (l *ledger) load(ctx context.Context) error {
	tail, entries := l.notices.Tail(), map[ID]*ledgerEntry{}
	q := store.Query{Any: []store.Where{{}}, Sort: "name"}
	err := eachPage(ctx, l.members, q, ledgerBatch, func(members []*Member) error {
		for _, m := range members {
			entries[m.ID] = newLedgerEntry(m)
		}
		return nil
	})
	if err == nil {
		l.tail, l.entries = tail, entries
	}
	return err
}

// take reads members again that changed. A name that sorts a member elsewhere while the ledger is loaded
// could hide it from the pages; its notice brings it in.
func (l *ledger) take(ctx context.Context, ids []string) error {
	for len(ids) > 0 {
		n := min(len(ids), ledgerBatch)
		found, err := l.members.Many(ctx, ids[:n])
		if err != nil {
			return err
		}
		for _, m := range found {
			if m != nil {
				l.entries[m.ID] = newLedgerEntry(m)
			}
		}
		ids = ids[n:]
	}
	return nil
}
