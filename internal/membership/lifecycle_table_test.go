package membership

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
)

func TestEveryKindOfEventAndMoveIsInTheTables(t *testing.T) {
	for _, kind := range LifecycleKinds {
		row, ok := Moves[kind]
		if !ok && kind != Annulled {
			t.Errorf("%s has no row", kind)
		}
		for _, status := range append(slices.Clone(row.From), cmp.Or(row.To, Active)) {
			if !slices.Contains(MembershipStatuses, status) {
				t.Errorf("%s names the status %q", kind, status)
			}
		}
		for _, role := range row.by {
			if name, _, _ := strings.Cut(string(role), " "); !slices.Contains(kit.Roles, kit.Role(name)) { // an area stands behind it
				t.Errorf("%s may be recorded by %q", kind, role)
			}
		}
	}
	if len(Moves) != len(LifecycleKinds)-1 {
		t.Errorf("%d rows for %d kinds", len(Moves), len(LifecycleKinds))
	}
}
