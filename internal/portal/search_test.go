package portal

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
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
			if got := split(c.text); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWordsOfSeveralTextsAreSortedAndDistinct(t *testing.T) {
	if got, want := words("b a 电信", "A c", "电信电信"), []string{"a", "b", "c", "信电", "电信"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// hitOf is a hit as searchIn makes it.
func hitOf(titles []string, other ...string) hit {
	h := hit{titleWords: words(titles...), otherWords: words(other...)}
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
			if got := h.matches(split(query)); got != want {
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
			if got := h.rank(Fold(c.query), split(c.query)); got != c.want {
				t.Errorf("rank %d, want %d", got, c.want)
			}
			if !h.matches(split(c.query)) {
				t.Error("is no hit at all")
			}
		})
	}
}

// openSearch is the domain over an empty store.
func openSearch(t testing.TB) (*Portal, store.Store) {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "portal.db"), sqlitestore.Options{Holder: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := store.Begin(t.Context(), s, Kinds(), "2025-03-31", true); err != nil {
		t.Fatal(err)
	}
	countries, err := Countries()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC) }
	p, err := New(Options{Store: s, Clock: NewClock(now, time.UTC), Wall: now, Entropy: rand.NewChaCha8([32]byte{}), Countries: countries})
	if err != nil {
		t.Fatal(err)
	}
	return p, s
}

// described is an active member that says one thing of itself.
func described(text string) *Member {
	m := &Member{ID: "mem_1", Name: "Zz", Dataset: Recorded, Events: []LifecycleEvent{
		{ID: "evn_1", Kind: Admitted, EffectiveOn: "2020-01-01", RecordedAt: "2020-01-01T09:00:00.000Z", Actor: "usr_test", Category: new(SectorMember), Region: new(RegionREGINTORG)},
		{ID: "evn_2", Kind: Activated, EffectiveOn: "2020-01-02", RecordedAt: "2020-01-02T09:00:00.000Z", Actor: "usr_test"},
	}}
	m.Description = &LocalizedText{Translations: []Translation{{Locale: English, Text: text, Provenance: Original}}}
	return m
}

func TestAVeryLongWordIsFoundByItsBeginningAndWhole(t *testing.T) {
	p, s := openSearch(t)
	thai := strings.Repeat("ก", 180) // 540 bytes: Thai is written without spaces
	if err := MemberNoun.In(s).Insert(t.Context(), described(strings.Repeat("a", 3000)+" "+thai)); err != nil {
		t.Fatal(err)
	}
	for name, query := range map[string]string{
		"by two letters": "aa", "by as many letters as a query may have": strings.Repeat("a", maxQuery), "by the beginning of a word in Thai": thai[:30], "by a whole word in Thai": thai,
	} {
		t.Run(name, func(t *testing.T) {
			found, err := p.Search.Search(t.Context(), query, nil, nil, nil)
			if err != nil || len(found.Edges) != 1 {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}

// FuzzSearch describes a member by any text and searches it by any query: it is found exactly if it
// has the words, and by each of its own words; no query is more than the caller's fault.
func FuzzSearch(f *testing.F) {
	for _, seed := range [][2]string{
		{"Operates 5G networks", "networks 5g"}, {"中国电信 5G网络", "国电"}, {"Ёлка", "елк"}, {"مُحَمَّد", "محمد"}, {"a\x00b\u200bc", "a bc"}, {"Straße ﬁ", "STRASSE F"},
		{"İstanbul Ǆ ŉ", "istanbul"}, {"ﷺ", "صل"}, {"", ""}, {"\U0001F600", "😀"}, {"한국 ガ", "한"},
	} {
		f.Add(seed[0], seed[1])
	}
	p, s := openSearch(f)
	undo := errors.New("undo")
	f.Fuzz(func(t *testing.T, text, query string) {
		if !utf8.ValidString(text) || len(text) > 2000 {
			return // no such text is stored
		}
		own := split(text)
		for _, w := range own {
			han := strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Han, r) })
			if w == "" || strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) || han && utf8.RuneCountInString(w) > 2 {
				t.Fatalf("%q has the word %q", text, w)
			}
		}
		queries := []string{query}
		if len(own) > 0 {
			queries = append(queries, text, own[0])
		}
		err := s.Tx(t.Context(), func(ctx context.Context) error {
			if err := MemberNoun.In(s).Insert(ctx, described(text)); err != nil {
				return err
			}
			for i, q := range queries {
				found, err := p.Search.Search(ctx, q, nil, nil, nil)
				if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Code == BadUserInput {
					continue
				}
				if err != nil {
					return err
				}
				want := naive(words(text, "Zz"), split(q))
				if got := len(found.Edges) == 1; got != want || i > 0 && !got && len(own[0]) < 512 {
					t.Errorf("%q found by %q: %v, want %v", text, q, got, want)
				}
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	})
}

func naive(have, query []string) bool {
	for i, w := range query {
		begins := slices.ContainsFunc(have, func(v string) bool { return strings.HasPrefix(v, w) })
		if !slices.Contains(have, w) && (i < len(query)-1 || !begins) {
			return false
		}
	}
	return true
}
