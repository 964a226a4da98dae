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

// Locales lists every official language; Valid accepts no other.
var Locales = []Locale{Arabic, English, Spanish, French, Russian, Chinese}

// Valid refuses a value that is not in Locales.
func (v Locale) Valid() error { return CheckOneOf(v, Locales, "locale") }

// Provenance says who wrote a translation. A translation that no person has checked is MACHINE.
type Provenance string

// A text has one ORIGINAL translation; the others are HUMAN or MACHINE.
const (
	Original Provenance = "ORIGINAL"
	Human    Provenance = "HUMAN"
	Machine  Provenance = "MACHINE"
)

// Provenances lists every value; Valid accepts no other.
var Provenances = []Provenance{Original, Human, Machine}

// Valid refuses a value that is not in Provenances.
func (v Provenance) Valid() error { return CheckOneOf(v, Provenances, "provenance") }

// Translation is a text in one language.
type Translation struct {
	Locale     Locale     `bson:"locale"`
	Text       string     `bson:"text"`
	Provenance Provenance `bson:"provenance"`
}

// LocalizedText is a text in one or more languages, each at most once, sorted by Locale.
type LocalizedText struct {
	Translations []Translation `bson:"translations" most:"6"`
}

// TranslationInput changes the text of one language; null removes it. Provenance is HUMAN if it is left out. The
// first language that a text gets is ORIGINAL, whatever the input says.
type TranslationInput struct {
	Locale     Locale
	Text       *string
	Provenance *Provenance
}

// Text returns the text in the given language, or in the caller's if locale is nil. If it is missing, it returns
// the English text, and if that is missing too, the original.
func (t *LocalizedText) Text(ctx context.Context, locale *Locale) string {
	return t.pick(ctx, locale).Text
}

// Locale returns the language of what Text returns for the same argument.
func (t *LocalizedText) Locale(ctx context.Context, locale *Locale) Locale {
	return t.pick(ctx, locale).Locale
}

func (t *LocalizedText) pick(ctx context.Context, asked *Locale) Translation {
	if asked != nil {
		return t.pickFor(*asked)
	}
	return t.pickFor(LocaleOf(ctx))
}

// pickFor is the text for readers of a language.
func (t *LocalizedText) pickFor(wanted Locale) Translation {
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

// Valid refuses a text that is in no language.
func (t *LocalizedText) Valid() error {
	if len(t.Translations) == 0 {
		return errors.New("text in no language")
	}
	return nil
}

// In returns the text in a language, and whether there is one.
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

// With returns the text with some languages changed, nil if none is left. The first language that a text gets is
// ORIGINAL; later ones are HUMAN unless the input says otherwise. If the original is removed, a HUMAN translation
// becomes the original. If there is none, the text has no original, and the check Original refuses the change.
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

// asStored returns the stored form of a text. A text that the rules refuse is only trimmed; the check finds it
// later.
func asStored(s string) string {
	if stored, fault := input.Text(s); fault == nil {
		return stored
	}
	return strings.TrimSpace(s)
}

// hasOriginal says whether one of the languages is the original; it is true for nil.
func (t *LocalizedText) hasOriginal() bool {
	return t == nil || slices.ContainsFunc(t.Translations, func(tr Translation) bool { return tr.Provenance == Original })
}

// Texts returns the text in all its languages.
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

// collators is a pool for each language: making a collator is slow, and goroutines cannot share one.
var collators = func() map[Locale]*sync.Pool {
	pools := map[Locale]*sync.Pool{}
	for _, l := range Locales {
		pools[l] = &sync.Pool{New: func() any { return collate.New(language.Make(strings.ToLower(string(l)))) }}
	}
	return pools
}()

// Collator returns a function that makes sort keys in the order of a language.
func Collator(l Locale) func(string) string {
	return func(text string) string {
		c := collators[l].Get().(*collate.Collator)
		defer collators[l].Put(c)
		return hex.EncodeToString(c.KeyFromString(&collate.Buffer{}, text))
	}
}

// Fold returns a text in which spellings that readers take for the same are equal: in lower case, without
// accents, compatibility characters unified, one space between words. Names are sorted, compared and searched in
// this form.
func Fold(s string) string {
	if isASCII(s) { // as most names are; lower case is enough for them
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

// folders is a pool: making a transformer is slow, and goroutines cannot share one.
var folders = sync.Pool{New: func() any {
	return transform.Chain(norm.NFKD, runes.Remove(runes.Predicate(unread)), cases.Fold(), norm.NFC)
}}

// unread says whether a character makes no difference to a word: accents, invisible characters, and the stroke
// that lengthens an Arabic word.
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

// Original returns the text as its author wrote it, the zero Translation if there is none.
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
