package kit

import (
	"slices"
	"unicode"
)

// Words are the distinct folded words of texts: runs of letters and digits, and of Han characters
// every two that follow each other, because Chinese is written without spaces.
func Words(texts ...string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, Split(text)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Split cuts a text into the words by which it is found, in their order: folded, and Chinese in pairs of characters.
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
