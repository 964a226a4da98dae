package portal_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// TestErasingClassesIsForTheSecretariatAndOperators asks for it as others.
func TestErasingClassesIsForTheSecretariatAndOperators(t *testing.T) {
	p := testkit.Portal(t, testkit.Engines()[0].Shared(t))
	for _, a := range []kit.Actor{stage.Nobody, kit.ActingFor("usr_FOCAL", kit.RoleFocalPoint, "mem_ACTIVE")} {
		if _, err := p.EraseClasses(stage.By(a), true); err == nil {
			t.Errorf("%v counts what is due", a)
		}
	}
}

// TestTheGuideTellsEachPeriod holds the table of docs/operations.md to what is erased when.
func TestTheGuideTellsEachPeriod(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(guide), "\n")
	for _, c := range portal.ErasureClasses {
		row := "| `" + c.Name + "` | " + strconv.Itoa(c.Days) + " days after " + c.Since + " |"
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, row) }) {
			t.Errorf("docs/operations.md has no line that begins with %s", row)
		}
	}
}
