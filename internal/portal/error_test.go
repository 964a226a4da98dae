package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/store"
)

// faulty is what a check of one value is expected to find: nothing, or one fault of this code.
type faulty struct {
	value string
	want  UserErrorCode // empty: nothing
}

func (c faulty) hold(t *testing.T, check func(f *faults)) {
	t.Helper()
	f := newFaults(context.Background())
	check(f)
	switch {
	case c.want == "" && len(f.list) > 0:
		t.Errorf("%+q: got %+v", c.value, f.list)
	case c.want != "" && (len(f.list) != 1 || f.list[0].Code != c.want):
		t.Errorf("%+q: got %+v, want %s", c.value, f.list, c.want)
	case c.want != "" && (!slices.Equal(f.list[0].Field, []string{"input", "it"}) || f.list[0].Message == "" || strings.Contains(f.list[0].Message, "{")):
		t.Errorf("%+q: path or message: %+v", c.value, f.list[0])
	}
}

// TestWhatTheRulesOfInputsRefuseIsSaidInEveryLanguage gives one value for each reason.
func TestWhatTheRulesOfInputsRefuseIsSaidInEveryLanguage(t *testing.T) {
	line := func(f *faults, s *string) { f.line("input.it", s, 20, true) }
	text := func(f *faults, s *string) { f.text("input.it", s, 20, true) }
	for _, c := range []struct {
		rule  func(*faults, *string)
		value string
		code  UserErrorCode
		says  []string
	}{
		{line, " ", CodeRequired, nil},
		{text, "\u200b", CodeRequired, nil},
		{line, "a\nb", CodeInvalid, nil},
		{line, "ITU\u200b", CodeInvalid, []string{"U+200B ZERO WIDTH SPACE", "4"}},
		{text, "a\r\nb\f", CodeInvalid, []string{"U+000C", "5"}},
		{line, "\u0301", CodeInvalid, []string{"U+0301", "1"}},
		{text, "a\u0301\u0301", CodeInvalid, []string{"U+0301", "3"}},
		{line, strings.Repeat("é", 21), CodeTooLong, []string{"20"}},
		{(*faults).itsLink, "http://a.example", CodeInvalid, []string{"https://"}},
		{(*faults).itsLink, "https://-a-.example", CodeInvalid, nil},
		{(*faults).itsLink, "https://a.example:99999", CodeInvalid, []string{"65535"}},
		{(*faults).itsLink, "https://a.example/" + strings.Repeat("a", 483), CodeTooLong, []string{"500"}},
		{(*faults).itsAddress, "office", CodeInvalid, nil},
		{(*faults).itsAddress, "büro@a.example", CodeInvalid, nil},
		{(*faults).itsAddress, strings.Repeat("a", 60) + "@" + strings.Repeat("b.", 97) + "org", CodeTooLong, []string{"254"}},
	} {
		for _, l := range Locales {
			f, value := newFaults(WithLocale(context.Background(), l)), c.value
			c.rule(f, &value)
			if len(f.list) != 1 || f.list[0].Code != c.code || !slices.Equal(f.list[0].Field, []string{"input", "it"}) || value != c.value {
				t.Fatalf("%+q: got %+v and %+q, want %s", c.value, f.list, value, c.code)
			}
			m := f.list[0].Message
			if m == "" || strings.Contains(m, "{") || slices.ContainsFunc(c.says, func(s string) bool { return !strings.Contains(m, s) }) {
				t.Errorf("%+q in %s: %q", c.value, l, m)
			}
		}
	}
}

func (f *faults) itsLink(s *string)    { f.link("input.it", s) }
func (f *faults) itsAddress(s *string) { f.address("input.it", s) }

func TestAValueIsPutInItsStoredForm(t *testing.T) {
	for value, rule := range map[string]func(*faults, *string){
		" ITU ":               func(f *faults, s *string) { f.line("input.it", s, 3, true) },
		"I\r\nTU":             func(f *faults, s *string) { f.text("input.it", s, 4, true) },
		" HTTPS://A.Example ": (*faults).itsLink,
		" a@A.Example ":       (*faults).itsAddress,
		"":                    func(f *faults, s *string) { f.line("input.it", s, 3, false) },
	} {
		f, s := newFaults(context.Background()), value
		rule(f, &s)
		if want := map[string]string{" ITU ": "ITU", "I\r\nTU": "I\nTU", " HTTPS://A.Example ": "https://a.example", " a@A.Example ": "a@A.Example"}[value]; len(f.list) > 0 || s != want {
			t.Errorf("%+q became %+q, %+v", value, s, f.list)
		}
	}
	f := newFaults(context.Background())
	f.line("input.it", nil, 20, true)
	f.itsLink(nil)
	f.itsAddress(nil)
	if len(f.list) > 0 {
		t.Errorf("nil is a fault: %+v", f.list)
	}
}

func TestADayIsWithinItsBounds(t *testing.T) {
	const today, notBefore = Date("2025-03-31"), Date("2025-01-15")
	for name, c := range map[string]struct {
		faulty
		notBefore Date
	}{
		"the first day":                      {faulty{"2025-01-15", ""}, notBefore},
		"the day before the first":           {faulty{"2025-01-14", CodeOutOfRange}, notBefore},
		"long ago where nothing came before": {faulty{"1865-05-17", ""}, ""},
		"the last day":                       {faulty{"2026-04-01", ""}, notBefore},
		"the day after the last":             {faulty{"2026-04-02", CodeOutOfRange}, notBefore},
	} {
		t.Run(name, func(t *testing.T) {
			c.hold(t, func(f *faults) { f.day("input.it", Date(c.value), c.notBefore, today) })
		})
	}
}

func TestAStaleVersionNamesTheCurrentOne(t *testing.T) {
	f := newFaults(WithLocale(context.Background(), French))
	f.version(3, 3)
	if f.err() != nil {
		t.Errorf("the same version: %v", f.list)
	}
	f.version(2, 3)
	if e := f.list[0]; e.Code != CodeConflict || e.CurrentVersion == nil || *e.CurrentVersion != 3 || !strings.Contains(e.Message, "3") {
		t.Errorf("got %+v", e)
	}
}

func TestEveryErrorIsClassified(t *testing.T) {
	own := &Refusal{Code: Forbidden, Key: "forbidden"}
	for name, c := range map[string]struct {
		err  error
		code Code
		key  string
	}{
		"a refusal is itself":                   {own, Forbidden, "forbidden"},
		"a wrapped refusal is itself":           {fmt.Errorf("loading: %w", own), Forbidden, "forbidden"},
		"a query that is too wide":              {fmt.Errorf("x: %w", store.ErrTooWide), BadUserInput, "tooWide"},
		"a store that is away":                  {fmt.Errorf("x: %w", store.ErrUnavailable), Unavailable, "unavailable"},
		"a deadline that passed":                {context.DeadlineExceeded, Unavailable, "unavailable"},
		"a caller that went":                    {fmt.Errorf("x: %w", context.Canceled), Unavailable, "unavailable"},
		"a document that is not valid":          {&store.Damaged{Noun: "members", ID: "mem_1", Reason: "no id"}, Unavailable, "damaged"},
		"a document that would not be readable": {store.ErrUnreadable, Internal, "internal"},
		"a query that nobody declared":          {store.ErrUndeclared, Internal, "internal"},
		"a document that is not there":          {store.ErrNotFound, Internal, "internal"},
		"a duplicate that no service foresaw":   {&store.DuplicateError{Noun: "members", Key: "identity"}, Internal, "internal"},
		"anything else":                         {errors.New("dial tcp 10.0.0.7: secret"), Internal, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			r := Classify(c.err)
			if r.Code != c.code || r.Key != c.key {
				t.Errorf("got %+v", r)
			}
			if text := r.Message(English); text == "" || strings.Contains(text, "10.0.0.7") || strings.Contains(text, "identity") {
				t.Errorf("says %q", text)
			}
		})
	}
}

func TestFaultsAreNoErrorOfTheService(t *testing.T) {
	f := newFaults(context.Background())
	f.link("input.it", new("x"))
	list, err := refused(fmt.Errorf("in a transaction: %w", f.err()))
	if err != nil || len(list) != 1 {
		t.Errorf("got %v, %v", list, err)
	}
	if list, err := refused(store.ErrUnavailable); list != nil || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, %v", list, err)
	}
	if list, err := refused(nil); list != nil || err != nil {
		t.Errorf("got %v, %v", list, err)
	}
}
