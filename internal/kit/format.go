package kit

import (
	"strconv"
	"strings"
	"time"

	"github.com/gohugoio/locales"
	"github.com/gohugoio/locales/ar"
	"github.com/gohugoio/locales/en_GB"
	"github.com/gohugoio/locales/es"
	"github.com/gohugoio/locales/fr"
	"github.com/gohugoio/locales/ru"
	"github.com/gohugoio/locales/zh"
)

// conventions are how numbers and dates are written in each language, and its plural forms (CLDR). English is British,
// as in documents of the Union.
var conventions = map[Locale]locales.Translator{
	Arabic: ar.New(), Chinese: zh.New(), English: en_GB.New(), French: fr.New(), Russian: ru.New(), Spanish: es.New(),
}

// Comma returns what stands between the items of a list.
func Comma(l Locale) string {
	switch l {
	case Arabic:
		return "، "
	case Chinese:
		return "、"
	}
	return ", "
}

// Format writes a day as people read it, such as «31 March 2026»; a text that is no day stays as it is.
func (d Date) Format(l Locale) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return conventions[l].FmtDateLong(t)
}

// Format writes an amount as people read it, such as «CHF 1,987.50».
func (m Money) Format(l Locale) string {
	number := conventions[l].FmtNumber(float64(m.Amount)/100, 2)
	if l == English {
		return string(m.Currency) + "\u00a0" + number
	}
	return number + "\u00a0" + string(m.Currency)
}

// formatInt writes a whole number as people read it.
func formatInt(l Locale, n int) string { return conventions[l].FmtNumber(float64(n), 0) }

// pluralForm is the name of the form that a language has for a whole number: zero, one, two, few, many or other.
func pluralForm(l Locale, n int) string {
	switch conventions[l].CardinalPluralRule(float64(n), 0) {
	case locales.PluralRuleZero:
		return "zero"
	case locales.PluralRuleOne:
		return "one"
	case locales.PluralRuleTwo:
		return "two"
	case locales.PluralRuleFew:
		return "few"
	case locales.PluralRuleMany:
		return "many"
	}
	return "other"
}

// PluralForms are the forms that a language has for whole numbers, each with a number that takes it. A text with a
// number has all of them.
func PluralForms(l Locale) map[string]int {
	forms := map[string]int{}
	for n := range 1000 {
		if form := pluralForm(l, n); forms[form] == 0 {
			forms[form] = n
		}
	}
	return forms
}

// writeParam writes a value of a message in a language.
func writeParam(l Locale, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case Date:
		return v.Format(l)
	case Money:
		return v.Format(l)
	case int:
		return formatInt(l, v)
	case *LocalizedText:
		return v.pickFor(l).Text
	case Lines:
		return "• " + strings.Join(v, "\n• ")
	case Label:
		return Message(l, string(v), nil)
	}
	return ""
}

// number is the value of a message that decides on a plural form; false if it is no whole number.
func number(value any) (int, bool) {
	switch v := value.(type) {
	case int:
		return v, true
	case string:
		n, err := strconv.Atoi(strings.TrimSpace(v))
		return n, err == nil
	}
	return 0, false
}
