package portal

import (
	"context"
	"strconv"

	"memberportal/internal/store"
)

// What a record keeps of its own past is bounded, so that nobody makes it grow until the store refuses it.
// Each stored list says in its tag most how many entries it may have, which the store holds it to. What
// adds to a history asks grows for less than that: the rest is for the step that ends it, such as a
// withdrawal, which is always possible.
const (
	// maxHandIns leaves 10 for making the reply confidential. Withdrawing it adds nothing.
	maxHandIns = 50
	// maxApplicationSteps leaves 50 steps for decisions, reminders and a withdrawal.
	maxApplicationSteps = 150
	// maxEventMoves leaves 10 for what ends an event.
	maxEventMoves = 190
	// maxContributionMoves leaves 10 for what ends a contribution.
	maxContributionMoves = 90
	// maxLifecycle leaves 50 for what ends a membership.
	maxLifecycle = 950
)

// departures are what ends a membership.
var departures = []LifecycleKind{EventSuspended, WithdrawalNotified, EventWithdrawn, EventExcluded, Merged}

// grows notes FULL at a path if a history has no room for another entry.
func (f *faults) grows(path string, entries, most int) {
	if entries >= most {
		f.add(CodeFull, path, "full.history", map[string]string{"max": strconv.Itoa(most)})
	}
}

// fullRecord is the fault of a document that the store did not take because it has outgrown its bounds.
func fullRecord(ctx context.Context, full *store.FullError) error {
	f := newFaults(ctx)
	if full.List == "" {
		f.add(CodeFull, "input", "full.record", nil)
		return f
	}
	f.add(CodeFull, "input", "full.list", map[string]string{"list": full.List, "max": strconv.Itoa(full.Most)})
	return f
}
