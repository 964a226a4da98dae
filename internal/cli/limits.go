package cli

import (
	"fmt"
	"slices"

	"memberportal/graph"
	"memberportal/internal/config"
	"memberportal/internal/kit"
)

// graphLimits are the configured limits as the GraphQL face takes them. A role that there is not is
// misuse.
func graphLimits(c config.Limits) (*graph.Limits, error) {
	l := graph.Limits{
		Body: c.Body, Text: c.Text, Tokens: c.Tokens, Fields: c.Fields, Repeats: c.Repeats, Aliases: c.Aliases,
		Directives: c.Directives, Depth: c.Depth, Cost: c.Cost, RoleCost: map[kit.Role]int{},
		Introspection: c.Introspection, Errors: c.Errors, Persisted: c.Persisted, Values: c.Values, Answer: c.Answer, Time: c.ExecutionTime,
	}
	for name, cost := range c.RoleCost {
		role := kit.Role(name)
		if !slices.Contains(kit.Roles, role) {
			return nil, fmt.Errorf("%w: --limit-role-cost: %q is no role", errMisuse, name)
		}
		l.RoleCost[role] = cost
	}
	return &l, nil
}
