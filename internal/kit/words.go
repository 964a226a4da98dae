package kit

import (
	"slices"
	"unicode"
)

// Words returns the distinct words of texts, sorted; see Split.
func Words(texts ...string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, Split(text)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Split returns the folded words of a text in their order. A word is a run of letters and digits. Of Han
// characters, every two in a row are a word, because Chinese is written without spaces.
func Split(text string) []string {
	var all []string
	var word []rune
	han := false
	flush := func() {
		switch {
		case len(word) == 0:
		case !han || len(word) == 1:
			all = append(all, string(word))
		default:
			for i := range len(word) - 1 {
				all = append(all, string(word[i:i+2]))
			}
		}
		word = nil
	}
	for _, r := range Fold(text) {
		is := unicode.Is(unicode.Han, r)
		if is != han {
			flush()
			han = is
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			word = append(word, r)
		} else {
			flush()
		}
	}
	flush()
	return all
}
