// Package model is empty on purpose: gqlgen writes here the types that it cannot bind, and every
// type of the schema binds to a type of internal/portal. A test keeps it empty.
package model
