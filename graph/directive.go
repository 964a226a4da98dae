package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"memberportal/internal/kit"
)

// hasRole is the coarse gate in front of a field; the service behind it is the real guard.
func hasRole(ctx context.Context, _ any, next graphql.Resolver, roles []kit.Role) (any, error) {
	if err := kit.Require(ctx, roles...); err != nil {
		return nil, err
	}
	return next(ctx)
}
