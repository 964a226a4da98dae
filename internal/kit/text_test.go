package kit

import (
	"context"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSpellingsThatAReaderTakesForTheSameFoldAlike(t *testing.T) {
	for name, c := range map[string][2]string{
		"case":                            {"TELECOM Uganda", "telecom uganda"},
		"accents":                         {"Société Générale", "societe generale"},
		"accents written apart":           {"Socie\u0301te\u0301", "Soci\u00e9t\u00e9"},
		"ß and ss":                        {"Straße", "STRASSE"},
		"a capital ß":                     {"STRAẞE", "strasse"},
		"the final sigma":                 {"ΟΔΟΣ", "οδος"},
		"the Turkish dotted capital":      {"İstanbul", "istanbul"},
		"wide letters of East Asian type": {"ＩＴＵ－Ｄ　１２", "itu-d 12"},
		"half-wide kana":                  {"ﾃﾚｺﾑ", "テレコム"},
		"compatibility ideographs":        {"\uf900", "\u8c48"},
		"ligatures":                       {"oﬃce", "office"},
		"Arabic vowel signs":              {"الاتِّصالات", "الاتصالات"},
		"Arabic presentation forms":       {"ﻻ", "لا"},
		"the Russian ё":                   {"Ещё", "еще"},
		"spaces around and between":       {"  A \t\n B\u00a0\u3000C ", "a b c"},
		"control characters":              {"A\x00B\u0085C", "a b c"},
		"characters that nobody sees":     {"Tele\u200bcom\u00ad \u202eUganda\ufeff", "telecom uganda"},
	} {
		t.Run(name, func(t *testing.T) {
			if a, b := Fold(c[0]), Fold(c[1]); a != b || a == "" {
				t.Errorf("%+q and %+q", a, b)
			}
		})
	}
}

func TestDifferentNamesFoldApart(t *testing.T) {
	for name, c := range map[string][2]string{
		"other letters":                     {"Telecom A", "Telecom B"},
		"a space more":                      {"Tele com", "Telecom"},
		"a stop more":                       {"A.B", "AB"},
		"another ideograph":                 {"电信", "电视"},
		"an Arabic letter of another shape": {"ب", "ت"},
	} {
		t.Run(name, func(t *testing.T) {
			if a, b := Fold(c[0]), Fold(c[1]); a == b {
				t.Errorf("both are %q", a)
			}
		})
	}
	if got := Fold(" \t\u00a0"); got != "" {
		t.Errorf("white space folds to %q", got)
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	var all strings.Builder
	for r := range rune(0x30000) { // beyond, nothing has a case or an accent
		// golang.org/x/text v0.43.0 folds the cases of Cherokee to and fro.
		if utf8.ValidRune(r) && !unicode.Is(unicode.Cherokee, r) {
			all.WriteString("a" + string(r) + "b ")
		}
	}
	once := strings.Fields(Fold(all.String()))
	twice := strings.Fields(Fold(strings.Join(once, " ")))
	for i, word := range once {
		if i >= len(twice) || twice[i] != word {
			t.Fatalf("word %d is %+q, and folded again another", i, word)
		}
	}
}

// localized is a text in languages, the first of them its original.
func localized(locales ...Locale) *LocalizedText {
	t := &LocalizedText{}
	for i, l := range locales {
		provenance := Human
		if i == 0 {
			provenance = Original
		}
		t.Translations = append(t.Translations, Translation{l, "text " + string(l), provenance})
	}
	return t
}

func TestATextIsGivenInTheBestLanguageThereIs(t *testing.T) {
	for name, c := range map[string]struct {
		text   *LocalizedText
		caller Locale
		asked  *Locale
		want   Locale
	}{
		"the language asked for":                                    {localized(English, French, Russian), Russian, new(French), French},
		"the caller's if none is asked for":                         {localized(English, French, Russian), Russian, nil, Russian},
		"English if the one asked for is missing":                   {localized(Russian, English), Russian, new(French), English},
		"English if the caller's is missing":                        {localized(Russian, English), French, nil, English},
		"English for a caller that named no language":               {localized(Russian, English), "", nil, English},
		"the original if English is missing too":                    {localized(Spanish, Arabic), French, nil, Spanish},
		"the original if the one asked for and English are missing": {&LocalizedText{[]Translation{{Arabic, "a", Human}, {Spanish, "s", Original}}}, French, new(Chinese), Spanish},
		"any if the original was removed":                           {&LocalizedText{[]Translation{{Arabic, "a", Human}, {Spanish, "s", Human}}}, French, nil, Arabic},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			if c.caller != "" {
				ctx = WithLocale(ctx, c.caller)
			}
			got, _ := c.text.In(c.want)
			if l := c.text.Locale(ctx, c.asked); l != c.want {
				t.Errorf("in %s, want %s", l, c.want)
			}
			if text := c.text.Text(ctx, c.asked); text != got.Text {
				t.Errorf("got %q, want %q", text, got.Text)
			}
		})
	}
}

func TestAChangeTouchesOnlyTheLanguagesItNames(t *testing.T) {
	for name, c := range map[string]struct {
		before *LocalizedText
		change []TranslationInput
		want   []Translation
	}{
		"the first language is the original": {
			nil, []TranslationInput{{Locale: French, Text: new("un")}, {Locale: English, Text: new("one")}}, []Translation{{English, "one", Human}, {French, "un", Original}},
		},
		"a language added is a person's": {
			localized(English), []TranslationInput{{Locale: Spanish, Text: new("uno")}}, []Translation{{English, "text EN", Original}, {Spanish, "uno", Human}},
		},
		"the original stays one when it is changed": {
			localized(English, French), []TranslationInput{{Locale: English, Text: new("new")}}, []Translation{{English, "new", Original}, {French, "text FR", Human}},
		},
		"what a machine wrote and a person changes is the person's": {
			&LocalizedText{[]Translation{{English, "e", Original}, {Russian, "r", Machine}}}, []TranslationInput{{Locale: Russian, Text: new("р")}},
			[]Translation{{English, "e", Original}, {Russian, "р", Human}},
		},
		"what a machine wrote stays the machine's if nobody touches it": {
			&LocalizedText{[]Translation{{English, "e", Original}, {Russian, "r", Machine}}}, []TranslationInput{{Locale: English, Text: new("f")}},
			[]Translation{{English, "f", Original}, {Russian, "r", Machine}},
		},
		"null removes a language":                    {localized(English, French), []TranslationInput{{Locale: French, Text: nil}}, []Translation{{English, "text EN", Original}}},
		"null for a language that is not there":      {localized(English), []TranslationInput{{Locale: French, Text: nil}}, []Translation{{English, "text EN", Original}}},
		"nothing is left when the last one goes":     {localized(English), []TranslationInput{{Locale: English, Text: nil}}, nil},
		"no changes are none":                        {localized(English), nil, []Translation{{English, "text EN", Original}}},
		"no changes of no text leave none":           {nil, nil, nil},
		"a text that begins anew has a new original": {localized(English), []TranslationInput{{Locale: English, Text: nil}, {Locale: French, Text: new("un")}}, []Translation{{French, "un", Original}}},
		"if the original goes, what a person wrote takes its place": {
			&LocalizedText{[]Translation{{English, "e", Original}, {French, "f", Human}, {Russian, "r", Machine}}}, []TranslationInput{{Locale: English}},
			[]Translation{{French, "f", Original}, {Russian, "r", Machine}},
		},
		"a translation says who wrote it": {
			localized(English), []TranslationInput{{Locale: Russian, Text: new("р"), Provenance: new(Machine)}},
			[]Translation{{English, "text EN", Original}, {Russian, "р", Machine}},
		},
		"the first language is the original whatever it says": {
			nil, []TranslationInput{{Locale: French, Text: new("un"), Provenance: new(Machine)}}, []Translation{{French, "un", Original}},
		},
		"the original that is changed stays one whatever the change says": {
			localized(English), []TranslationInput{{Locale: English, Text: new("new"), Provenance: new(Human)}}, []Translation{{English, "new", Original}},
		},
		"space around a text is cut": {nil, []TranslationInput{{Locale: English, Text: new(" one\n")}}, []Translation{{English, "one", Original}}},
	} {
		t.Run(name, func(t *testing.T) {
			var kept []Translation
			if c.before != nil {
				kept = slices.Clone(c.before.Translations)
			}
			got := c.before.With(c.change)
			if (got == nil) != (c.want == nil) || got != nil && !slices.Equal(got.Translations, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if c.before != nil && !slices.Equal(c.before.Translations, kept) {
				t.Errorf("the text before was altered: %+v", c.before)
			}
		})
	}
}

func TestANullDescriptionIsRemovedWhole(t *testing.T) {
	for name, c := range map[string]struct {
		in      Opt[[]TranslationInput]
		left    int
		changed []string
	}{
		"null removes all languages":       {Null[[]TranslationInput](), 0, []string{"description"}},
		"an empty list changes nothing":    {Some([]TranslationInput{}), 2, nil},
		"a field left out changes nothing": {Opt[[]TranslationInput]{}, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			text, left, fields := localized(English, French), 0, []string(nil)
			if ApplyTranslations(&fields, "description", c.in, &text); text != nil {
				left = len(text.Translations)
			}
			if left != c.left || !slices.Equal(fields, c.changed) {
				t.Errorf("%d languages left, changed %v", left, fields)
			}
		})
	}
}

func TestTranslationsStandInTheOrderOfLocales(t *testing.T) {
	var changes []TranslationInput
	for _, l := range slices.Backward(Locales) {
		changes = append(changes, TranslationInput{Locale: l, Text: new("text")})
	}
	var got []Locale
	for _, tr := range (*LocalizedText)(nil).With(changes).Translations {
		got = append(got, tr.Locale)
	}
	if !slices.Equal(got, Locales) {
		t.Errorf("a text as written stands in %v, want %v", got, Locales)
	}
}
