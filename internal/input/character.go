package input

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Joiners, and other characters that are named below.
const (
	zwnj    = '\u200c'
	zwj     = '\u200d'
	text15  = '\ufe0e'
	emoji16 = '\ufe0f'
	keycap  = '\u20e3'
	mvs     = '\u180e'
	flag    = '\U0001f3f4'
	endTag  = '\U000e007f'
)

// maxMarks is how many nonspacing marks one letter may have (UTS #39 §5.4).
const maxMarks = 4

func control(r rune) bool { return unicode.IsControl(r) }

// meaningless are characters that no reader can know: controls, private use, and what Unicode has not
// assigned, noncharacters among it; also the two that stand for what was lost.
func meaningless(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cn, unicode.Co, unicode.Cs) || r == '\ufffc' || r == '\ufffd'
}

// invisible are characters that are assigned and not seen: formats (Cf), what Unicode lets a program
// ignore (Default_Ignorable_Code_Point: those, Other_Default_Ignorable_Code_Point and
// Variation_Selector), and the separators of lines and paragraphs.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Zl, unicode.Zp)
}

// blank are letters and symbols that look like a space and are none.
func blank(r rune) bool {
	switch r {
	case '\u2800', '\U0001d159', '\U00013441', '\U00013442', '\U00016fe4':
		return true
	}
	return false
}

// unreadable finds the first character that is refused in a line or a text, whose first one has the
// position start+1.
func unreadable(all []rune, start int, k Kind) *Fault {
	for i, r := range all {
		switch {
		case k == ManyLines && (r == '\n' || r == '\r' || r == '\t'):
		case k == OneLine && (r == '\n' || r == '\r' || r == '\t' || unicode.In(r, unicode.Zl, unicode.Zp)):
			return atAs(Broken, r, start+i+1)
		case meaningless(r):
			return at(r, start+i+1)
		case k == OneLine && (blank(r) || invisible(r) && !needed(all, i)):
			return at(r, start+i+1)
		case k == OneLine && unicode.Is(unicode.M, r) && (i == 0 || unicode.IsSpace(all[i-1])):
			return atAs(LoneMark, r, start+i+1)
		}
	}
	return stacked(all, start)
}

// stacked finds a letter with too many marks. Tibetan writes the lower letters of a stack as marks.
func stacked(all []rune, start int) *Fault {
	var marks []rune
	for i, r := range all {
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = marks[:0]
		}
		if invisible(r) {
			continue
		}
		for _, d := range norm.NFD.String(string(r)) {
			if !unicode.In(d, unicode.Mn, unicode.Me) {
				continue
			}
			if n := len(marks); n > 0 && marks[n-1] == d || n >= maxMarks && !unicode.Is(unicode.Tibetan, d) {
				return atAs(MarkStack, r, start+i+1)
			}
			marks = append(marks, d)
		}
	}
	return nil
}

// needed says whether a script or an emoji needs the invisible character at a place.
func needed(all []rune, i int) bool {
	before, after := rune(-1), rune(-1)
	if i > 0 {
		before = all[i-1]
	}
	if i+1 < len(all) {
		after = all[i+1]
	}
	switch r := all[i]; {
	case r == zwj && unicode.Is(pictographic, after):
		return pictographic1(all[:i])
	case r == zwj || r == zwnj:
		return joins(all, i)
	case r == emoji16 || r == text15:
		return unicode.Is(pictographic, before) || r == emoji16 && after == keycap && strings.ContainsRune("0123456789#*", before)
	case r == mvs:
		return unicode.In(before, unicode.Mongolian) && unicode.In(after, unicode.Mongolian)
	case r >= '\u180b' && r <= '\u180d' || r == '\u180f':
		return unicode.In(before, unicode.Mongolian) && unicode.IsLetter(before)
	case unicode.Is(unicode.Variation_Selector, r):
		return unicode.Is(unicode.Han, before)
	case r >= '\U000e0020' && r <= endTag:
		return tagged(all, i)
	}
	return false
}

// pictographic1 says whether runes end with a picture, a colour of skin or a variation selector behind
// it (UTS #51, emoji_zwj_element).
func pictographic1(all []rune) bool {
	n := len(all)
	if n > 0 && (all[n-1] == emoji16 || all[n-1] >= '\U0001f3fb' && all[n-1] <= '\U0001f3ff') {
		n--
	}
	return n > 0 && unicode.Is(pictographic, all[n-1])
}

// tags are the subdivisions whose flags are recommended for interchange (UTS #51, RGI_Emoji_Tag_Sequence).
var tags = []string{"gbeng", "gbsct", "gbwls"}

// tagged says whether a tag stands in the flag of a subdivision.
func tagged(all []rune, i int) bool {
	isTag := func(r rune) bool { return r >= '\U000e0020' && r <= endTag }
	from, to := i, i
	for from > 0 && isTag(all[from-1]) {
		from--
	}
	for to+1 < len(all) && isTag(all[to+1]) {
		to++
	}
	var name strings.Builder
	for _, r := range all[from:to] {
		name.WriteRune(r - '\U000e0000')
	}
	return from > 0 && all[from-1] == flag && all[to] == endTag && slices.Contains(tags, name.String())
}

// joinerRules are the rules for U+200C and U+200D of RFC 5892, appendix A.1 and A.2, which are those of
// UAX #31 §2.3.
var joinerRules = idna.New(idna.CheckJoiners(true))

// joins says whether a joiner changes how the word around it is written.
func joins(all []rune, i int) bool {
	inWord := func(r rune) bool { return unicode.In(r, unicode.L, unicode.M) && !invisible(r) }
	from, to := i, i+1
	for from > 0 && inWord(all[from-1]) {
		from--
	}
	for to < len(all) && inWord(all[to]) {
		to++
	}
	if from == i || to == i+1 || !oneScript(all[i-1], all[i+1]) {
		return false
	}
	_, err := joinerRules.ToUnicode(norm.NFC.String(string(all[from:to])))
	return err == nil
}

// oneScript says whether two characters are of one script; marks that several scripts share are of each.
func oneScript(a, b rune) bool {
	if unicode.In(a, unicode.Inherited) || unicode.In(b, unicode.Inherited) {
		return true
	}
	for _, script := range unicode.Scripts {
		if unicode.Is(script, a) {
			return unicode.Is(script, b)
		}
	}
	return false
}

// stripped takes out of a text what is not seen and not needed.
func stripped(s string) string {
	if isASCII(s) || !strings.ContainsFunc(s, invisible) {
		return s
	}
	lines := strings.Split(s, "\n")
	for n, line := range lines {
		all := []rune(line)
		balanced := closed(all)
		kept := make([]rune, 0, len(all))
		for i, r := range all {
			if !invisible(r) || needed(all, i) || r == '\u200e' || r == '\u200f' || r == '\u061c' || balanced && isolates(r) {
				kept = append(kept, r)
			}
		}
		lines[n] = string(kept)
	}
	return strings.Join(lines, "\n")
}

func isolates(r rune) bool { return r >= '\u2066' && r <= '\u2069' }

// closed says whether each isolate of a line is closed in it, so that nothing behind it is turned.
func closed(line []rune) bool {
	open := 0
	for _, r := range line {
		switch {
		case r == '\u2069':
			open--
		case isolates(r):
			open++
		}
		if open < 0 {
			return false
		}
	}
	return open == 0
}
