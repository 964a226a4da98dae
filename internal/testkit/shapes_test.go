package testkit_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
)

// TestRecordingTellsShapes asks for the same in several ways.
func TestRecordingTellsShapes(t *testing.T) {
	s := &testkit.Recording{Store: testkit.Engines()[0].Fresh(t)}
	members, ctx := membership.MemberNoun.In(s), t.Context()
	active, err := members.Get(ctx, "mem_ACTIVE")
	if err != nil {
		t.Fatal(err)
	}
	stale := *active
	if err := members.Replace(ctx, active); err != nil {
		t.Fatal(err)
	}
	_, _ = members.Get(ctx, "mem_NOBODY")
	_, _ = members.Many(ctx, []string{"mem_ACTIVE", "mem_PENDING"})
	_ = members.Replace(ctx, &stale)
	_ = members.Insert(ctx, active)
	want := []string{
		"get members one id", "get members one id some missing", "get members several id",
		"insert members one document duplicate id", "replace members", "replace members conflict",
	}
	if got := s.Shapes(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	listed := testkit.Portal(t, s).Members
	for want, args := range map[string]kit.PageArgs{
		"page members (status.category.name, several values, several values) full":          {First: new(2)},
		"page members (status.category.name, several values, several values) backward full": {Last: new(2)},
	} {
		s.Shapes()
		if _, err := listed.List(ctx, nil, nil, args); err != nil {
			t.Fatal(err)
		}
		if got := s.Shapes(); !slices.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestCoverChoosesFewAndCheap covers what a document alone has, and leaves out what others have.
func TestCoverChoosesFewAndCheap(t *testing.T) {
	shapes := map[string][]string{"a": {"1"}, "b": {"1", "2"}, "c": {"1", "2"}, "d": {"3"}, "e": {"2", "3", "4", "5"}, "f": {"3", "4"}, "g": {"5", "6"}, "none": {}}
	dear := func(x, y string) int { return strings.Count("bd", x) - strings.Count("bd", y) }
	if got := testkit.Cover(shapes, dear); !slices.Equal(got, []string{"a", "e", "g"}) {
		t.Errorf("%q", got)
	}
	if got := testkit.Uncovered(shapes, []string{"b", "g"}); !slices.Equal(got, []string{"3", "4"}) {
		t.Errorf("%q", got)
	}
	delete(shapes, "a")
	if got := testkit.Cover(shapes, dear); !slices.Equal(got, []string{"c", "e", "g"}) {
		t.Errorf("%q", got)
	}
}
