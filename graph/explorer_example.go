package graph

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"memberportal/internal/kit"
)

// packedExamples are the golden documents that are answered without errors, as compressed JSON. The
// documents themselves stay in the repository: what they want is of no use to the explorer.
//
//go:generate go run ./internal/examples testdata examples.json.gz
//go:embed examples.json.gz
var packedExamples []byte

// example is a golden document as the explorer offers it.
type example struct {
	// Name is the noun and the case.
	Name        string `json:"name"`
	Description string `json:"description"`
	// Role is who asks; empty for a visitor.
	Role string `json:"role,omitempty"`
	// Locale is the language it is asked in; empty for any.
	Locale    string `json:"locale,omitempty"`
	Query     string `json:"query"`
	Variables string `json:"variables,omitempty"`
}

// fixtureID is an id that the fixture made up; those of countries are real, and those of other
// records go on with digits.
var fixtureID = regexp.MustCompile(`\b[a-z]{3}_[A-Z][A-Z_]*\b`)

// examples are the golden documents by noun and case, without those that name a record which only the
// fixture has and which has no stand-in.
func examples(standIns map[string]kit.ID) ([]example, error) {
	text, err := unpacked(packedExamples)
	if err != nil {
		return nil, fmt.Errorf("examples.json.gz: %w", err)
	}
	var all, known []example
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("examples.json.gz: %w", err)
	}
	for _, e := range all {
		if e.standIn(standIns) {
			known = append(known, e)
		}
	}
	return known, nil
}

// standIn puts the stand-ins into the place of the fixture's records, and says whether that was all of
// them.
func (e *example) standIn(standIns map[string]kit.ID) bool {
	all := true
	here := func(text string) string {
		return fixtureID.ReplaceAllStringFunc(text, func(id string) string {
			if standIn, ok := standIns[id]; ok {
				return string(standIn)
			}
			all = all && strings.HasPrefix(id, "cty_")
			return id
		})
	}
	e.Query, e.Variables = here(e.Query), here(e.Variables)
	return all
}
