package stage

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// Records are what a write leaves: audit entries and change records, in the order in which they were made, and
// how many members and idempotency keys there are.
type Records struct {
	Audit   []*kit.AuditEntry
	Notices []*kit.ChangeRecord
	Members int64
	Repeats int64
}

// Records are those of the store as it is.
func (s Stage) Records() Records {
	s.Helper()
	return Records{
		Audit:   All(s, kit.AuditNoun.In(s.Store), "at"),
		Notices: All(s, kit.ChangeRecordNoun.In(s.Store), "at"),
		Members: Count(s, membership.MemberNoun.In(s.Store), "name"),
		Repeats: Count(s, kit.RepeatNoun.In(s.Store), "at"),
	}
}

// Since are the audit entries and change records that are not among the earlier ones.
func (r Records) Since(earlier Records) (audit []*kit.AuditEntry, notices []*kit.ChangeRecord) {
	for _, e := range r.Audit {
		if !slices.ContainsFunc(earlier.Audit, func(old *kit.AuditEntry) bool { return old.ID == e.ID }) {
			audit = append(audit, e)
		}
	}
	for _, n := range r.Notices {
		if !slices.ContainsFunc(earlier.Notices, func(old *kit.ChangeRecord) bool { return old.ID == n.ID }) {
			notices = append(notices, n)
		}
	}
	return audit, notices
}

// Unchanged runs something and holds that it left a member and the store as they were.
func (s Stage) Unchanged(id kit.ID, something func()) {
	s.Helper()
	member, before := s.StoredMember(id), s.Records()
	something()
	if now := s.StoredMember(id); !reflect.DeepEqual(now, member) {
		s.Errorf("the stored member changed from %s to %s", InJSON(member), InJSON(now))
	}
	if now := s.Records(); !reflect.DeepEqual(now, before) {
		audit, notices := now.Since(before)
		s.Errorf("left %d audit entries, %d notices, %d members, %d repeats", len(audit), len(notices), now.Members-before.Members, now.Repeats-before.Repeats)
	}
}

// All are the documents of a collection that fit on one page, sorted.
func All[T any](t testing.TB, c store.Collection[T], sort string) []*T {
	t.Helper()
	plan, err := c.Plan(store.Query{Sort: sort})
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.Page(context.Background(), plan, store.Range{Limit: store.MaxLimit - 1})
	if err != nil {
		t.Fatal(err)
	}
	return page.Docs
}

// Count is how many documents of a collection have a key to sort by.
func Count[T any](t testing.TB, c store.Collection[T], sort string) int64 {
	t.Helper()
	plan, err := c.Plan(store.Query{Sort: sort})
	if err != nil {
		t.Fatal(err)
	}
	n, err := c.Count(context.Background(), plan, store.Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// InJSON is a value as JSON.
func InJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// FaultsOf are the faults of a payload as «CODE path», sorted.
func FaultsOf(errs []kit.UserError) []string {
	out := []string{}
	for _, e := range errs {
		out = append(out, string(e.Code)+" "+strings.Join(e.Field, "."))
	}
	slices.Sort(out)
	return out
}
