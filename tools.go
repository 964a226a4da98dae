//go:build tools

// Package tools pins the code generator, so that everyone generates with the same one.
package tools

import _ "github.com/99designs/gqlgen"
