package graph

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"memberportal/internal/kit"
)

// at is the place of a fault in the form that people write: $input.contacts[0].email.
func (f inputFault) at() string {
	var b strings.Builder
	b.WriteString(clipWords(f.root))
	for _, step := range f.path {
		if _, err := strconv.Atoi(step); err == nil {
			b.WriteString("[" + step + "]")
		} else {
			b.WriteString("." + kit.Clip(step))
		}
	}
	return b.String()
}

// presentFaults are the errors of a request whose values do not fit: where, what was sent and what is needed,
// in the caller's language. For programs extensions name the variable, and the field in the form of
// UserError.field.
func presentFaults(ctx context.Context, faults []inputFault, code string) gqlerror.List {
	var all gqlerror.List
	for _, f := range faults {
		text := kit.Message(kit.LocaleOf(ctx), f.key, f.params)
		err := &gqlerror.Error{Message: f.at() + ": " + text, Extensions: map[string]any{"code": code}}
		if variable, ok := strings.CutPrefix(f.root, "$"); ok {
			field := []string{kit.Clip(variable)}
			for _, step := range f.path {
				field = append(field, kit.Clip(step))
			}
			err.Extensions["variable"], err.Extensions["field"] = field[0], field
		}
		if p := f.position; p != nil {
			err.Locations = []gqlerror.Location{{Line: p.Line, Column: p.Column}}
		}
		all = append(all, err)
	}
	return all
}

// The libraries that parse and validate quote what was sent as it was sent. short cuts that.
const (
	longestText   = 300 // characters of a message
	mostLocations = 5
)

func short(err *gqlerror.Error) {
	err.Message = clipWords(err.Message)
	err.Locations = err.Locations[:min(len(err.Locations), mostLocations)]
	err.Path = nil // there is no answer that it could lead into
}

var (
	quotation = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	word      = regexp.MustCompile(`[^\s"]+`)
)

// clipWords cuts each quotation and each word of a text, and the whole.
func clipWords(text string) string {
	text = quotation.ReplaceAllStringFunc(text, func(q string) string {
		if inner := q[1 : len(q)-1]; kit.Clip(inner) != inner {
			return `"` + kit.Clip(inner) + `"`
		}
		return q
	})
	text = word.ReplaceAllStringFunc(text, kit.Clip)
	if r := []rune(text); len(r) > longestText {
		return string(r[:longestText]) + "…"
	}
	return text
}
