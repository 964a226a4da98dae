package kit

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"memberportal/internal/store"
)

// Between checks a number.
func (f *Faults) Between(path string, n, least, most int) {
	if n < least || n > most {
		f.Add(CodeOutOfRange, path, "outOfRange.number", map[string]string{"min": strconv.Itoa(least), "max": strconv.Itoa(most)})
	}
}

// textRule is text or line.
type textRule func(path string, s *string, most int, required bool)

// Grows notes FULL at a path if a history has no room for another entry.
//
// What a record keeps of its own past is bounded, so that nobody makes it grow until the store refuses it.
// Each stored list says in its tag most how many entries it may have, which the store holds it to. What
// adds to a history asks grows for less than that: the rest is for the step that ends it, such as a
// withdrawal, which is always possible.
func (f *Faults) Grows(path string, entries, most int) {
	if entries >= most {
		f.Add(CodeFull, path, "full.history", map[string]string{"max": strconv.Itoa(most)})
	}
}

// fullRecord is the fault of a document that the store did not take because it has outgrown its bounds.
func fullRecord(ctx context.Context, full *store.FullError) error {
	f := NewFaults(ctx)
	if full.List == "" {
		f.Add(CodeFull, "input", "full.record", nil)
		return f
	}
	f.Add(CodeFull, "input", "full.list", map[string]string{"list": full.List, "max": strconv.Itoa(full.Most)})
	return f
}

// Positive checks an amount that is paid or to be paid.
func (f *Faults) Positive(path string, amount Decimal) {
	if amount <= 0 {
		f.Add(CodeOutOfRange, path, "outOfRange.amount", nil)
	}
}

// MaxAhead is how many days ahead of today an event may be recorded.
const MaxAhead = 366

// Evidence checks why something was recorded.
func (f *Faults) Evidence(reason *string, evidence []string) {
	f.Text("input.reason", reason, 1000, true)
	for i := range evidence {
		f.Line("input.evidence."+strconv.Itoa(i), &evidence[i], 500, true)
	}
}

// Day checks the day on which an event takes effect: not before another one, nor far ahead.
func (f *Faults) Day(path string, day, notBefore, today Date) {
	switch latest := today.AddDays(MaxAhead); {
	case notBefore != "" && day < notBefore:
		f.Add(CodeOutOfRange, path, "outOfRange.before", map[string]string{"date": string(notBefore)})
	case day > latest:
		f.Add(CodeOutOfRange, path, "outOfRange.after", map[string]string{"date": string(latest)})
	}
}

// Original checks that a text that was changed has still a language in which a person wrote it.
func (f *Faults) Original(path string, t *LocalizedText) {
	if !t.hasOriginal() {
		f.Add(CodeInvalid, path, "invalid.noOriginal", nil)
	}
}

// Written checks the changes of a localised text, and what they made of it.
func (f *Faults) Written(path string, changes Opt[[]TranslationInput], now *LocalizedText, most int, required bool) {
	f.localized(path, changes, now, most, required, f.Text)
}

// Titled checks the changes of a localised text of one line, such as a title, and what they made of it.
func (f *Faults) Titled(path string, changes Opt[[]TranslationInput], now *LocalizedText, most int, required bool) {
	f.localized(path, changes, now, most, required, f.Line)
}

func (f *Faults) localized(path string, changes Opt[[]TranslationInput], now *LocalizedText, most int, required bool, rule textRule) {
	f.Translations(path, changes, most, rule)
	if now == nil && required {
		f.Add(CodeRequired, path, "required", nil)
	}
	f.Original(path, now)
}

// Translations checks a localised text: no language twice, and none empty.
func (f *Faults) Translations(path string, o Opt[[]TranslationInput], most int, rule textRule) {
	list, _ := Given(o)
	for i, t := range list {
		at := fmt.Sprintf("%s.%d", path, i)
		if slices.ContainsFunc(list[:i], func(other TranslationInput) bool { return other.Locale == t.Locale }) {
			f.Add(CodeDuplicate, at+".locale", "duplicate.entry", nil)
		}
		if t.Provenance != nil && *t.Provenance == Original {
			f.Add(CodeInvalid, at+".provenance", "invalid.provenance", nil)
		}
		rule(at+".text", t.Text, most, true)
	}
}
