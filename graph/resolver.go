// Package graph is the GraphQL face of the portal: schema, resolvers of one line, and the HTTP
// handler. It knows the domain, never a database or a token.
package graph

import "memberportal/internal/portal"

// Resolver is the root of all resolvers: the domain's services.
type Resolver struct{ *portal.Portal }
