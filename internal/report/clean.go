package report

import (
	"strings"
	"unicode"
)

// clean is a text of several lines without control characters, and without the marks that turn the
// direction of what stands beside them: a reply must not be able to turn the words of the report.
func clean(s string) string {
	s = breaks.Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || turning(r) || r == '\uFEFF' {
			return -1
		}
		return r
	}, s))
}

var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ")

func turning(r rune) bool { return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' }

// line is a clean text of one line.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// isolates keep what is written from left to right, such as a date, in one piece within a text that is
// written from right to left.
const isolateLTR, isolateEnd = "\u2066", "\u2069"

// plain is a code, a date or a reference as it may stand in any text of the report.
func (f *facts) plain(s string) string {
	if f.direction() == "rtl" {
		return isolateLTR + line(s) + isolateEnd
	}
	return line(s)
}
