package kit

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"memberportal/internal/store"
)

// Between adds OUT_OF_RANGE if n is less than least or more than most.
func (f *Faults) Between(path string, n, least, most int) {
	if n < least || n > most {
		f.Add(CodeOutOfRange, path, "outOfRange.number", map[string]string{"min": strconv.Itoa(least), "max": strconv.Itoa(most)})
	}
}

// Within adds TOO_LONG for a text of more than most bytes that a program wrote, and says whether it is not.
func (f *Faults) Within(path, s string, most int) bool {
	if len(s) > most {
		f.Add(CodeTooLong, path, "tooLong", map[string]string{"max": strconv.Itoa(most)})
	}
	return len(s) <= most
}

// textRule is the method Text or Line of Faults.
type textRule func(path string, s *string, most int, required bool)

// Grows adds FULL at a path if a history already has most entries.
//
// Histories are bounded, so that no record grows until the store refuses it. The tag `most` of each stored list
// bounds its entries, and the store enforces it. Actions that add to a history call Grows with a lower bound: the
// rest is kept for the action that ends the history, such as a withdrawal, which must always be possible.
func (f *Faults) Grows(path string, entries, most int) {
	if entries >= most {
		f.Add(CodeFull, path, "full.history", map[string]string{"max": strconv.Itoa(most)})
	}
}

// fullRecord returns FULL for a document that the store refused because it outgrew its bounds.
func fullRecord(ctx context.Context, full *store.FullError) error {
	f := NewFaults(ctx)
	if full.List == "" {
		f.Add(CodeFull, "input", "full.record", nil)
		return f
	}
	f.Add(CodeFull, "input", "full.list", map[string]string{"list": full.List, "max": strconv.Itoa(full.Most)})
	return f
}

// Positive adds OUT_OF_RANGE for an amount of zero or less.
func (f *Faults) Positive(path string, amount Decimal) {
	if amount <= 0 {
		f.Add(CodeOutOfRange, path, "outOfRange.amount", nil)
	}
}

// MaxAhead is how many days ahead of today an event may be recorded.
const MaxAhead = 366

// Evidence checks the reason and the evidence that an input gives for a record.
func (f *Faults) Evidence(reason *string, evidence []string) {
	f.Text("input.reason", reason, 1000, true)
	for i := range evidence {
		f.Line("input.evidence."+strconv.Itoa(i), &evidence[i], 500, true)
	}
}

// Day adds OUT_OF_RANGE if the day is before notBefore or more than MaxAhead days after today. An empty notBefore
// sets no lower bound.
func (f *Faults) Day(path string, day, notBefore, today Date) {
	switch latest := today.AddDays(MaxAhead); {
	case notBefore != "" && day < notBefore:
		f.Add(CodeOutOfRange, path, "outOfRange.before", map[string]string{"date": string(notBefore)})
	case day > latest:
		f.Add(CodeOutOfRange, path, "outOfRange.after", map[string]string{"date": string(latest)})
	}
}

// Original adds INVALID if a text was changed and no language is left in which a person wrote it.
func (f *Faults) Original(path string, t *LocalizedText) {
	if !t.hasOriginal() {
		f.Add(CodeInvalid, path, "invalid.noOriginal", nil)
	}
}

// Written checks the changes of a localised text of several lines, and the text now that results from them.
func (f *Faults) Written(path string, changes Opt[[]TranslationInput], now *LocalizedText, most int, required bool) {
	f.localized(path, changes, now, most, required, f.Text)
}

// Titled checks the changes of a localised text of one line, such as a title, and the text now that results from
// them.
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

// Translations checks the changes of a localised text: no language twice, no empty text, and no ORIGINAL, which
// is never set by hand.
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
