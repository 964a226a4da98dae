package portal

import (
	"go/ast"
	"maps"
	"slices"
	"testing"

	"memberportal/internal/kit"
)

// toldOf says for every function that needs its caller to be present which messages tell of what it does; without any,
// it does nothing that cannot be undone. Whoever adds one says here who hears of it.
var toldOf = map[string][]string{
	"entered":          {"mail.withdrawalNotified", "mail.memberExcluded"}, // of what its callers mark as irreversible
	"granting":         {"mail.roleGranted", "mail.roleGranted.others"},
	"propose":          {"mail.handOver.proposed", "mail.handOver.others"},
	"changeIdentities": {"mail.identityLinked", "mail.identityUnlinked"},
	"Add":              {"mail.passkeyAdded"},
	"Remove":           {"mail.passkeyRemoved"},
	"present":          nil, // it asks, for the three above
	"MayLink":          nil, // it asks before a browser goes to the issuer
	"Begin":            nil, // it makes a challenge
}

// TestWhatNeedsPresenceIsTold finds the functions that ask kit.Core.Present, themselves or by PersonService.present.
func TestWhatNeedsPresenceIsTold(t *testing.T) {
	asking := map[string]bool{}
	for _, folder := range rooms {
		for _, file := range sources(t, folder) {
			inside := ""
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					inside = n.Name.Name
				case *ast.CallExpr:
					// Others called present take something else, or more.
					if name := typeName(n.Fun); (name == "Present" || name == "present") && len(n.Args) == 1 && typeName(n.Args[0]) == "ctx" {
						asking[inside] = true
					}
				}
				return true
			})
		}
	}
	if got, want := slices.Sorted(maps.Keys(asking)), slices.Sorted(maps.Keys(toldOf)); !slices.Equal(got, want) {
		t.Errorf("%v need presence, and toldOf has %v", got, want)
	}
	for name, keys := range toldOf {
		for _, key := range keys {
			if kit.Messages[key+".subject"] == nil {
				t.Errorf("%s: there is no message %s", name, key)
			}
		}
	}
}
