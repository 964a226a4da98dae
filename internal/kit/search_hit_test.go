package kit

import (
	"slices"
	"strings"
	"testing"
)

func TestTextsAreCutIntoWords(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"English words lose their case":                    {"Full Participation", []string{"full", "participation"}},
		"French words lose their accents":                  {"Économie numérique à l’École, cœur naïf", []string{"economie", "numerique", "a", "l", "ecole", "cœur", "naif"}},
		"Spanish words lose their accents":                 {"Ñandú ¿áéíóú?", []string{"nandu", "aeiou"}},
		"a Russian ё is an е and an й is an и":             {"Ёлка ёж Йод", []string{"елка", "еж", "иод"}},
		"Arabic vowel signs do not count":                  {"مُحَمَّدٌ", []string{"محمد"}},
		"an Arabic hamza above an alef does not count":     {"أحمد", []string{"احمد"}},
		"a stretched Arabic word is the word":              {"العـــربية", []string{"العربية"}},
		"Arabic presentation forms are the letters":        {"ﻻ", []string{"لا"}},
		"Han characters go by twos":                        {"中国电信", []string{"中国", "国电", "电信"}},
		"two Han characters are one word":                  {"电信", []string{"电信"}},
		"a single Han character is a word":                 {"网 络", []string{"网", "络"}},
		"Chinese punctuation parts words":                  {"电信，网络。", []string{"电信", "网络"}},
		"Latin letters and digits beside Han are a word":   {"中国5G网络", []string{"中国", "5g", "网络"}},
		"Han after Latin is not joined to it":              {"ITU电信展", []string{"itu", "电信", "信展"}},
		"Cyrillic beside Han is a word":                    {"МСЭ电信", []string{"мсэ", "电信"}},
		"wide forms are the letters":                       {"５Ｇ ＩＴＵ", []string{"5g", "itu"}},
		"digits stay in their word":                        {"TDAG-25/8 2025", []string{"tdag", "25", "8", "2025"}},
		"a sharp s is two":                                 {"Straße", []string{"strasse"}},
		"a ligature is its letters":                        {"ﬁbre", []string{"fibre"}},
		"punctuation parts words":                          {"AT&T (U.S.) l’union e-mail", []string{"at", "t", "u", "s", "l", "union", "e", "mail"}},
		"symbols are no words":                             {"→ € + 😀 ~", nil},
		"a control character parts words":                  {"a\x00b\u0085c\td", []string{"a", "b", "c", "d"}},
		"characters that nobody sees do not part words":    {"tele\u200bcom tele\u00adcom \ufefftele\u2060com \u202eabc\u202c", []string{"telecom", "telecom", "telecom", "abc"}},
		"a letter may come with its accent or before it":   {"e\u0301te\u0301 été", []string{"ete", "ete"}},
		"a word may be longer than any text":               {strings.Repeat("Ab", 5000), []string{strings.Repeat("ab", 5000)}},
		"nothing has no words":                             {"", nil},
		"a text that is not UTF-8 keeps its readable part": {"ab\xff cd", []string{"ab", "cd"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Split(c.text); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWordsOfSeveralTextsAreSortedAndDistinct(t *testing.T) {
	if got, want := Words("b a 电信", "A c", "电信电信"), []string{"a", "b", "c", "信电", "电信"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// hitOf is a hit as searchIn makes it.
func hitOf(titles []string, other ...string) hit {
	h := hit{titleWords: Words(titles...), otherWords: Words(other...)}
	for _, t := range titles {
		h.titles = append(h.titles, Fold(t))
	}
	return h
}

func TestATextMatchesByAllWordsAndTheLastByItsBeginning(t *testing.T) {
	h := hitOf([]string{"Orange Réseaux", "Оранж Сети"}, "Operates 5G networks in 中国电信.", "تشغيل شبكات")
	for query, want := range map[string]bool{
		"orange": true, "ORAN": true, "orange res": true, "res orange": false, "oran reseaux": false, "networks orange": true, "network orange": false,
		"orange network": true, "orange networks x": false, "réseaux 5g": true, "сет": true, "оранж opera": true, "电信": true, "国电信": true,
		"电网": false, "中国 5g": true, "5g 中": true, "شبك": true, "تشغيل شبكات": true, "orange orange": true, "range": false,
	} {
		t.Run(query, func(t *testing.T) {
			if got := h.matches(Split(query)); got != want {
				t.Errorf("matches: %v", got)
			}
		})
	}
}

func TestBetterHitsComeFirst(t *testing.T) {
	h := hitOf([]string{"Orange Réseaux Kampala", "Uganda Telecom Limited"}, "Networks for Africa")
	for name, c := range map[string]struct {
		query string
		want  int
	}{
		"the title itself": {"Orange Réseaux Kampala", 0},
		"the title in other case, accents and spacing": {" ORANGE  reseaux kampala", 0},
		"another title itself":                         {"uganda telecom limited", 0},
		"the title's first word":                       {"orange", 1},
		"the beginning of the title's first word":      {"ora", 1},
		"the beginning of another title":               {"Uganda Tele", 1},
		"all words in the title, in another order":     {"kampala orange", 2},
		"words of two titles":                          {"orange limited", 2},
		"a word inside of the title by its beginning":  {"kamp", 2},
		"a word of the title and one of the rest":      {"orange networks", 3},
		"a word of the rest":                           {"africa", 3},
	} {
		t.Run(name, func(t *testing.T) {
			if got := h.rank(Fold(c.query), Split(c.query)); got != c.want {
				t.Errorf("rank %d, want %d", got, c.want)
			}
			if !h.matches(Split(c.query)) {
				t.Error("is no hit at all")
			}
		})
	}
}
