package testkit_test

import (
	"os"
	"slices"
	"testing"

	"memberportal/internal/membership"
	"memberportal/internal/testkit"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

// TestVersionsTellEveryWrite makes, replaces and removes a document without an audit entry.
func TestVersionsTellEveryWrite(t *testing.T) {
	before := testkit.FixtureVersions(t)
	s := &testkit.Counting{Store: testkit.Engines()[0].Fresh(t)}
	members, ctx := membership.MemberNoun.In(s), t.Context()
	check := func(want ...string) {
		t.Helper()
		if got := before.Differences(testkit.VersionsOf(t, s)); !slices.Equal(got, want) || s.TakeWrote() != (len(want) > 0) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	check()
	active, err := members.Get(ctx, "mem_ACTIVE")
	if err != nil {
		t.Fatal(err)
	}
	if err := members.Replace(ctx, active); err != nil {
		t.Fatal(err)
	}
	check("members mem_ACTIVE has version 2, not 1")
	pending, err := members.Get(ctx, "mem_PENDING")
	if err != nil {
		t.Fatal(err)
	}
	if err := members.Delete(ctx, "mem_PENDING", pending.Version); err != nil {
		t.Fatal(err)
	}
	check("members mem_ACTIVE has version 2, not 1", "members mem_PENDING was removed")
	pending.ID = "mem_OTHER"
	if err := members.Insert(ctx, pending); err != nil {
		t.Fatal(err)
	}
	check("members mem_ACTIVE has version 2, not 1", "members mem_PENDING was removed", "members mem_OTHER was made")
}
