package kit

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"memberportal/internal/input"
)

// Locale is one of the six official languages (Constitution, Article 29).
type Locale string

// The official languages.
const (
	Arabic  Locale = "AR"
	Chinese Locale = "ZH"
	English Locale = "EN"
	French  Locale = "FR"
	Russian Locale = "RU"
	Spanish Locale = "ES"
)

// Locales are all official languages.
var Locales = []Locale{Arabic, English, Spanish, French, Russian, Chinese}

// Valid refuses what is none of Locales.
func (v Locale) Valid() error { return CheckOneOf(v, Locales, "locale") }

// Provenance says who wrote a translation. What no person has checked is MACHINE.
type Provenance string

// Where a text comes from.
const (
	Original Provenance = "ORIGINAL"
	Human    Provenance = "HUMAN"
	Machine  Provenance = "MACHINE"
)

// Provenances are all of them.
var Provenances = []Provenance{Original, Human, Machine}

// Valid refuses what is none of Provenances.
func (v Provenance) Valid() error { return CheckOneOf(v, Provenances, "provenance") }

// Translation is a text in one language.
type Translation struct {
	Locale     Locale     `bson:"locale"`
	Text       string     `bson:"text"`
	Provenance Provenance `bson:"provenance"`
}

// LocalizedText is a text in one or more languages, at most one for each, in the order of Locales.
type LocalizedText struct {
	Translations []Translation `bson:"translations" most:"6"`
}

// TranslationInput changes the text of one language; null removes it. Provenance is HUMAN if it is
// left out; the first text of all is the original, whatever it says.
type TranslationInput struct {
	Locale     Locale
	Text       *string
	Provenance *Provenance
}

// Text is the text in the language asked for (left out, the caller's), else English, else the
// original.
func (t *LocalizedText) Text(ctx context.Context, locale *Locale) string {
	return t.pick(ctx, locale).Text
}

// Locale is the language that Text with the same argument is in.
func (t *LocalizedText) Locale(ctx context.Context, locale *Locale) Locale {
	return t.pick(ctx, locale).Locale
}

func (t *LocalizedText) pick(ctx context.Context, asked *Locale) Translation {
	wanted := LocaleOf(ctx)
	if asked != nil {
		wanted = *asked
	}
	for _, l := range []Locale{wanted, English} {
		if tr, ok := t.In(l); ok {
			return tr
		}
	}
	for _, tr := range t.Translations {
		if tr.Provenance == Original {
			return tr
		}
	}
	return t.Translations[0]
}

// Valid refuses a text in no language.
func (t *LocalizedText) Valid() error {
	if len(t.Translations) == 0 {
		return errors.New("text in no language")
	}
	return nil
}

// In is the text in a language, and whether there is one.
func (t *LocalizedText) In(l Locale) (Translation, bool) {
	if t != nil {
		for _, tr := range t.Translations {
			if tr.Locale == l {
				return tr, true
			}
		}
	}
	return Translation{}, false
}

// With is the text with some languages changed, nil if none is left. The first language that a text
// ever has is its original; what a person writes later is HUMAN. If the original is taken away, what a
// person wrote takes its place; where there is no such text, the change is refused (see hasOriginal).
func (t *LocalizedText) With(changes []TranslationInput) *LocalizedText {
	var out LocalizedText
	if t != nil {
		out.Translations = slices.Clone(t.Translations)
	}
	for _, c := range changes {
		provenance := Human
		Set(&provenance, c.Provenance)
		if old, ok := out.In(c.Locale); ok && old.Provenance == Original || len(out.Translations) == 0 {
			provenance = Original
		}
		out.Translations = slices.DeleteFunc(out.Translations, func(tr Translation) bool { return tr.Locale == c.Locale })
		if c.Text != nil {
			out.Translations = append(out.Translations, Translation{c.Locale, asStored(*c.Text), provenance})
		}
	}
	if len(out.Translations) == 0 {
		return nil
	}
	slices.SortFunc(out.Translations, func(a, b Translation) int { return strings.Compare(string(a.Locale), string(b.Locale)) })
	from := func(p Provenance) int {
		return slices.IndexFunc(out.Translations, func(tr Translation) bool { return tr.Provenance == p })
	}
	if i := from(Human); from(Original) < 0 && i >= 0 {
		out.Translations[i].Provenance = Original
	}
	return &out
}

// asStored is a text as it is stored; one that is refused stays as it is, and is found by the check.
func asStored(s string) string {
	if stored, fault := input.Text(s); fault == nil {
		return stored
	}
	return strings.TrimSpace(s)
}

// hasOriginal says whether a person wrote the text in some language; no text at all has none to lack.
func (t *LocalizedText) hasOriginal() bool {
	return t == nil || slices.ContainsFunc(t.Translations, func(tr Translation) bool { return tr.Provenance == Original })
}

// Texts are the text in all languages.
func (t *LocalizedText) Texts() []string {
	if t == nil {
		return nil
	}
	all := make([]string, len(t.Translations))
	for i, tr := range t.Translations {
		all[i] = tr.Text
	}
	return all
}

// collators are kept for each language, because making one is slow and none may be shared.
var collators = func() map[Locale]*sync.Pool {
	pools := map[Locale]*sync.Pool{}
	for _, l := range Locales {
		pools[l] = &sync.Pool{New: func() any { return collate.New(language.Make(strings.ToLower(string(l)))) }}
	}
	return pools
}()

// Collator gives keys that order texts as a language does.
func Collator(l Locale) func(string) string {
	return func(text string) string {
		c := collators[l].Get().(*collate.Collator)
		defer collators[l].Put(c)
		return hex.EncodeToString(c.KeyFromString(&collate.Buffer{}, text))
	}
}

// Fold writes a text so that spellings that a reader takes for the same are equal: lower case,
// without accents, compatibility forms unified, one space between words. Names are sorted, compared
// and searched by it.
func Fold(s string) string {
	if isASCII(s) { // most names are, and lowering them is all that there is to do
		return spaced(strings.ToLower(s))
	}
	t := folders.Get().(transform.Transformer)
	defer folders.Put(t)
	folded, _, err := transform.String(t, s)
	if err != nil {
		folded = strings.ToLower(s)
	}
	return spaced(folded)
}

// folders are kept, because making one is slow and none may be shared.
var folders = sync.Pool{New: func() any {
	return transform.Chain(norm.NFKD, runes.Remove(runes.Predicate(unread)), cases.Fold(), norm.NFC)
}}

// unread are signs that make no other word: accents, invisible signs, and the stroke that stretches an
// Arabic word.
func unread(r rune) bool {
	const tatweel = '\u0640'
	return unicode.In(r, unicode.Mn, unicode.Cf) || r == tatweel
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func spaced(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// Original is the text as its author wrote it; the zero translation if there is none.
func (t *LocalizedText) Original() Translation {
	if t != nil {
		for _, tr := range t.Translations {
			if tr.Provenance == Original {
				return tr
			}
		}
	}
	return Translation{}
}
