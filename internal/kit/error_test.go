package kit

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

func (c faulty) hold(t *testing.T, check func(f *Faults)) {
	t.Helper()
	f := NewFaults(context.Background())
	check(f)
	switch {
	case c.want == "" && len(f.List) > 0:
		t.Errorf("%+q: got %+v", c.value, f.List)
	case c.want != "" && (len(f.List) != 1 || f.List[0].Code != c.want):
		t.Errorf("%+q: got %+v, want %s", c.value, f.List, c.want)
	case c.want != "" && (!slices.Equal(f.List[0].Field, []string{"input", "it"}) || f.List[0].Message == "" || strings.Contains(f.List[0].Message, "{")):
		t.Errorf("%+q: path or message: %+v", c.value, f.List[0])
	}
}

// TestWhatTheRulesOfInputsRefuseIsSaidInEveryLanguage gives one value for each reason.
func TestWhatTheRulesOfInputsRefuseIsSaidInEveryLanguage(t *testing.T) {
	line := func(f *Faults, s *string) { f.Line("input.it", s, 20, true) }
	text := func(f *Faults, s *string) { f.Text("input.it", s, 20, true) }
	for _, c := range []struct {
		rule  func(*Faults, *string)
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
		{(*Faults).itsLink, "http://a.example", CodeInvalid, []string{"https://"}},
		{(*Faults).itsLink, "https://-a-.example", CodeInvalid, nil},
		{(*Faults).itsLink, "https://a.example:99999", CodeInvalid, []string{"65535"}},
		{(*Faults).itsLink, "https://a.example/" + strings.Repeat("a", 483), CodeTooLong, []string{"500"}},
		{(*Faults).itsAddress, "office", CodeInvalid, nil},
		{(*Faults).itsAddress, "büro@a.example", CodeInvalid, nil},
		{(*Faults).itsAddress, strings.Repeat("a", 60) + "@" + strings.Repeat("b.", 97) + "org", CodeTooLong, []string{"254"}},
	} {
		for _, l := range Locales {
			f, value := NewFaults(WithLocale(context.Background(), l)), c.value
			c.rule(f, &value)
			if len(f.List) != 1 || f.List[0].Code != c.code || !slices.Equal(f.List[0].Field, []string{"input", "it"}) || value != c.value {
				t.Fatalf("%+q: got %+v and %+q, want %s", c.value, f.List, value, c.code)
			}
			m := f.List[0].Message
			if m == "" || strings.Contains(m, "{") || slices.ContainsFunc(c.says, func(s string) bool { return !strings.Contains(m, s) }) {
				t.Errorf("%+q in %s: %q", c.value, l, m)
			}
		}
	}
}

func (f *Faults) itsLink(s *string)    { f.Link("input.it", s) }
func (f *Faults) itsAddress(s *string) { f.Address("input.it", s) }

func TestAValueIsPutInItsStoredForm(t *testing.T) {
	for value, rule := range map[string]func(*Faults, *string){
		" ITU ":               func(f *Faults, s *string) { f.Line("input.it", s, 3, true) },
		"I\r\nTU":             func(f *Faults, s *string) { f.Text("input.it", s, 4, true) },
		" HTTPS://A.Example ": (*Faults).itsLink,
		" a@A.Example ":       (*Faults).itsAddress,
		"":                    func(f *Faults, s *string) { f.Line("input.it", s, 3, false) },
	} {
		f, s := NewFaults(context.Background()), value
		rule(f, &s)
		if want := map[string]string{" ITU ": "ITU", "I\r\nTU": "I\nTU", " HTTPS://A.Example ": "https://a.example", " a@A.Example ": "a@A.Example"}[value]; len(f.List) > 0 || s != want {
			t.Errorf("%+q became %+q, %+v", value, s, f.List)
		}
	}
	f := NewFaults(context.Background())
	f.Line("input.it", nil, 20, true)
	f.itsLink(nil)
	f.itsAddress(nil)
	if len(f.List) > 0 {
		t.Errorf("nil is a fault: %+v", f.List)
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
			c.hold(t, func(f *Faults) { f.Day("input.it", Date(c.value), c.notBefore, today) })
		})
	}
}

func TestAStaleVersionNamesTheCurrentOne(t *testing.T) {
	f := NewFaults(WithLocale(context.Background(), French))
	f.Version(3, 3)
	if f.Err() != nil {
		t.Errorf("the same version: %v", f.List)
	}
	f.Version(2, 3)
	if e := f.List[0]; e.Code != CodeConflict || e.CurrentVersion == nil || *e.CurrentVersion != 3 || !strings.Contains(e.Message, "3") {
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
	f := NewFaults(context.Background())
	f.Link("input.it", new("x"))
	list, err := UserErrorsOf(fmt.Errorf("in a transaction: %w", f.Err()))
	if err != nil || len(list) != 1 {
		t.Errorf("got %v, %v", list, err)
	}
	if list, err := UserErrorsOf(store.ErrUnavailable); list != nil || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, %v", list, err)
	}
	if list, err := UserErrorsOf(nil); list != nil || err != nil {
		t.Errorf("got %v, %v", list, err)
	}
}
