package portal

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"memberportal/internal/store"
)

// between checks a number.
func (f *faults) between(path string, n, least, most int) {
	if n < least || n > most {
		f.add(CodeOutOfRange, path, "outOfRange.number", map[string]string{"min": strconv.Itoa(least), "max": strconv.Itoa(most)})
	}
}

// textRule is text or line.
type textRule func(path string, s *string, most int, required bool)

// grows notes FULL at a path if a history has no room for another entry.
//
// What a record keeps of its own past is bounded, so that nobody makes it grow until the store refuses it.
// Each stored list says in its tag most how many entries it may have, which the store holds it to. What
// adds to a history asks grows for less than that: the rest is for the step that ends it, such as a
// withdrawal, which is always possible.
func (f *faults) grows(path string, entries, most int) {
	if entries >= most {
		f.add(CodeFull, path, "full.history", map[string]string{"max": strconv.Itoa(most)})
	}
}

// fullRecord is the fault of a document that the store did not take because it has outgrown its bounds.
func fullRecord(ctx context.Context, full *store.FullError) error {
	f := newFaults(ctx)
	if full.List == "" {
		f.add(CodeFull, "input", "full.record", nil)
		return f
	}
	f.add(CodeFull, "input", "full.list", map[string]string{"list": full.List, "max": strconv.Itoa(full.Most)})
	return f
}

// positive checks an amount that is paid or to be paid.
func (f *faults) positive(path string, amount Decimal) {
	if amount <= 0 {
		f.add(CodeOutOfRange, path, "outOfRange.amount", nil)
	}
}

// maxAhead is how many days ahead of today an event may be recorded.
const maxAhead = 366

// evidence checks why something was recorded.
func (f *faults) evidence(reason *string, evidence []string) {
	f.text("input.reason", reason, 1000, true)
	for i := range evidence {
		f.line("input.evidence."+strconv.Itoa(i), &evidence[i], 500, true)
	}
}

// day checks the day on which an event takes effect: not before another one, nor far ahead.
func (f *faults) day(path string, day, notBefore, today Date) {
	switch latest := today.AddDays(maxAhead); {
	case notBefore != "" && day < notBefore:
		f.add(CodeOutOfRange, path, "outOfRange.before", map[string]string{"date": string(notBefore)})
	case day > latest:
		f.add(CodeOutOfRange, path, "outOfRange.after", map[string]string{"date": string(latest)})
	}
}

// original checks that a text that was changed has still a language in which a person wrote it.
func (f *faults) original(path string, t *LocalizedText) {
	if !t.hasOriginal() {
		f.add(CodeInvalid, path, "invalid.noOriginal", nil)
	}
}

// written checks the changes of a localised text, and what they made of it.
func (f *faults) written(path string, changes Opt[[]TranslationInput], now *LocalizedText, most int, required bool) {
	f.localized(path, changes, now, most, required, f.text)
}

// titled checks the changes of a localised text of one line, such as a title, and what they made of it.
func (f *faults) titled(path string, changes Opt[[]TranslationInput], now *LocalizedText, most int, required bool) {
	f.localized(path, changes, now, most, required, f.line)
}

func (f *faults) localized(path string, changes Opt[[]TranslationInput], now *LocalizedText, most int, required bool, rule textRule) {
	f.translations(path, changes, most, rule)
	if now == nil && required {
		f.add(CodeRequired, path, "required", nil)
	}
	f.original(path, now)
}

// translations checks a localised text: no language twice, and none empty.
func (f *faults) translations(path string, o Opt[[]TranslationInput], most int, rule textRule) {
	list, _ := given(o)
	for i, t := range list {
		at := fmt.Sprintf("%s.%d", path, i)
		if slices.ContainsFunc(list[:i], func(other TranslationInput) bool { return other.Locale == t.Locale }) {
			f.add(CodeDuplicate, at+".locale", "duplicate.entry", nil)
		}
		if t.Provenance != nil && *t.Provenance == Original {
			f.add(CodeInvalid, at+".provenance", "invalid.provenance", nil)
		}
		rule(at+".text", t.Text, most, true)
	}
}
