package membership_test

import (
	"slices"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// idOf is the id of what a list of entities holds; empty for nil.
func idOf(e membership.Entity) kit.ID {
	switch e := e.(type) {
	case *membership.Member:
		return e.ID
	case *country.Country:
		return e.ID
	}
	return ""
}

func TestEntitiesAreReadWithRightsAndInOneCall(t *testing.T) {
	asked := []kit.ID{"cty_UG", "mem_PENDING", "mem_ACTIVE", "cty_XX", "mem_NONE", "usr_FOCAL", "", "mem_ACTIVE"}
	for name, c := range map[string]struct {
		actor kit.Actor
		want  []kit.ID
	}{
		"a visitor":         {stage.Nobody, []kit.ID{"cty_UG", "", "mem_ACTIVE", "", "", "", "", "mem_ACTIVE"}},
		"an administration": {stage.Uganda, []kit.ID{"cty_UG", "mem_PENDING", "mem_ACTIVE", "", "", "", "", "mem_ACTIVE"}},
	} {
		t.Run(name, func(t *testing.T) {
			counting := &testkit.Counting{Store: testkit.Engines()[0].Shared(t)}
			s := scene{stage.New(t, counting)}
			found, err := s.Portal.Members.Entities(stage.By(c.actor), asked)
			s.Must(err)
			var got []kit.ID
			for _, e := range found {
				got = append(got, idOf(e))
			}
			if calls := counting.Take(); !slices.Equal(got, c.want) || calls != 1 {
				t.Errorf("got %q in %d calls", got, calls)
			}
			if _, err = s.Portal.Members.Entities(stage.By(c.actor), []kit.ID{"cty_UG", "cty_KE"}); err != nil || counting.Take() != 0 {
				t.Errorf("countries cost calls: %v", err)
			}
		})
	}
}

func TestWhoAnswersAsWhat(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	list, err := s.Portal.Members.List(stage.By(stage.Secretariat), nil, nil, kit.PageArgs{First: new(100)})
	s.Must(err)
	seen := map[membership.RespondentKind]bool{membership.RespondentMemberState: true}
	for _, m := range list.Nodes() {
		kind := membership.RespondentKindOf(m)
		if seen[kind] = true; string(kind) != string(m.Category()) {
			t.Errorf("%s answers as %s", m.Category(), kind)
		}
	}
	for _, c := range testkit.Countries(t) {
		if kind := membership.RespondentKindOf(c); kind != membership.RespondentMemberState {
			t.Errorf("%s, %s, answers as %s", c.ID, c.Kind, kind)
		}
	}
	if len(seen) != len(membership.RespondentKinds) {
		t.Errorf("only %v were seen", seen)
	}
}
