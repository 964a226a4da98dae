package graph

import (
	"strings"

	"github.com/vektah/gqlparser/v2/formatter"
)

// SchemaText is the whole schema as GraphQL text, for the command schema and the committed file.
func SchemaText() string {
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchema(newSchema(nil).Schema())
	return b.String()
}
