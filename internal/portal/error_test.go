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

func TestALinkIsOneThatCanBeShownSafely(t *testing.T) {
	for name, c := range map[string]faulty{
		"https":                            {"https://www.itu.example/path?q=1#part", ""},
		"http":                             {"http://www.itu.example", ""},
		"capitals":                         {"HTTPS://WWW.ITU.EXAMPLE", ""},
		"a port":                           {"https://www.itu.example:8443/", ""},
		"a host of another script":         {"https://münchen.example/größe", ""},
		"a host in Chinese":                {"https://例子.example", ""},
		"an IPv6 address":                  {"https://[2001:db8::1]:8443/", ""},
		"500 bytes":                        {"https://a.example/" + strings.Repeat("a", 482), ""},
		"501 bytes":                        {"https://a.example/" + strings.Repeat("a", 483), CodeTooLong},
		"501 bytes that are no link":       {strings.Repeat(":", 501), CodeTooLong},
		"script":                           {"javascript:alert(1)", CodeInvalid},
		"script in capitals":               {"JaVaScRiPt:alert(1)", CodeInvalid},
		"script that looks like a host":    {"javascript://a.example/%0aalert(1)", CodeInvalid},
		"data":                             {"data:text/html,<script>alert(1)</script>", CodeInvalid},
		"a file":                           {"file:///etc/passwd", CodeInvalid},
		"ftp":                              {"ftp://a.example", CodeInvalid},
		"no host":                          {"https://", CodeInvalid},
		"a port without a host":            {"https://:443/", CodeInvalid},
		"a path without a host":            {"https:///path", CodeInvalid},
		"an opaque address":                {"https:a.example", CodeInvalid},
		"no scheme":                        {"www.itu.example", CodeInvalid},
		"no scheme but slashes":            {"//www.itu.example", CodeInvalid},
		"a user":                           {"https://user@a.example", CodeInvalid},
		"a user and a password":            {"https://user:secret@a.example", CodeInvalid},
		"an empty user":                    {"https://@a.example", CodeInvalid},
		"a space in the host":              {"https://a example", CodeInvalid},
		"a space in the path":              {"https://a.example/a b", CodeInvalid},
		"a space ahead":                    {" https://a.example", CodeInvalid},
		"a space behind":                   {"https://a.example ", CodeInvalid},
		"a line break":                     {"https://a.example/\r\nX: y", CodeInvalid},
		"a line separator":                 {"https://a.example/\u2028", CodeInvalid},
		"a control character":              {"https://a.example/\x01", CodeInvalid},
		"a control character beyond ASCII": {"https://a.example/\u009b", CodeInvalid},
		"a mark that turns the reading direction": {"https://a.example/\u202egpj.exe", CodeInvalid},
		"a backslash in the host":                 {`https://a.example\b.example`, CodeInvalid},
		"an escape that is none":                  {"https://a.example/%zz", CodeInvalid},
		"a port that is no number":                {"https://a.example:port/", CodeInvalid},
		"nothing":                                 {"", CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) { c.hold(t, func(f *faults) { f.link("input.it", c.value) }) })
	}
}

func TestAnAddressIsOneMailboxAndNothingElse(t *testing.T) {
	for name, c := range map[string]faulty{
		"an address":                       {"office@active.example", ""},
		"a tag":                            {"office+press@active.example", ""},
		"an apostrophe":                    {"o'neill@active.example", ""},
		"a mailbox of another script":      {"büro@active.example", ""},
		"a host of another script":         {"office@münchen.example", ""},
		"254 bytes":                        {strings.Repeat("a", 60) + "@" + strings.Repeat("b.", 92) + "example12", ""},
		"255 bytes":                        {strings.Repeat("a", 60) + "@" + strings.Repeat("b.", 92) + "example123", CodeInvalid},
		"a display name":                   {"Office <office@active.example>", CodeInvalid},
		"brackets":                         {"<office@active.example>", CodeInvalid},
		"a comment":                        {"office@active.example (Office)", CodeInvalid},
		"two at signs":                     {"office@active@example", CodeInvalid},
		"two addresses":                    {"a@active.example,b@active.example", CodeInvalid},
		"two addresses by semicolon":       {"a@active.example;b@active.example", CodeInvalid},
		"no at sign":                       {"active.example", CodeInvalid},
		"no mailbox":                       {"@active.example", CodeInvalid},
		"no host":                          {"office@", CodeInvalid},
		"two stops":                        {"of..fice@active.example", CodeInvalid},
		"a quoted mailbox":                 {`"office"@active.example`, CodeInvalid},
		"a quoted mailbox with a space":    {`"of fice"@active.example`, CodeInvalid},
		"a space":                          {"of fice@active.example", CodeInvalid},
		"a space ahead":                    {" office@active.example", CodeInvalid},
		"a space behind":                   {"office@active.example ", CodeInvalid},
		"a header behind a line break":     {"office@active.example\r\nBcc: all@active.example", CodeInvalid},
		"a line break alone":               {"office@active.example\n", CodeInvalid},
		"a control character":              {"of\x00fice@active.example", CodeInvalid},
		"a control character beyond ASCII": {"of\u0085fice@active.example", CodeInvalid},
		"a line separator":                 {"of\u2028fice@active.example", CodeInvalid},
		"a wide space":                     {"of\u3000fice@active.example", CodeInvalid},
		"nothing":                          {"", CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) { c.hold(t, func(f *faults) { f.address("input.it", c.value) }) })
	}
}

func TestATextIsReadableAndNotTooLong(t *testing.T) {
	type both struct{ text, line UserErrorCode }
	for value, want := range map[string]both{
		"a text":                {},
		strings.Repeat("é", 20): {},
		strings.Repeat("电", 20): {},
		strings.Repeat("𝄞", 20): {},
		strings.Repeat("a", 21): {CodeTooLong, CodeTooLong},
		strings.Repeat("电", 21): {CodeTooLong, CodeTooLong},
		"":                      {CodeRequired, CodeRequired},
		" \t\n\u00a0\u3000":     {CodeRequired, CodeRequired},
		strings.Repeat(" ", 21): {CodeRequired, CodeRequired},
		"two\nlines":            {"", CodeInvalid},
		"a\ttab":                {"", CodeInvalid},
		"a\rreturn":             {CodeInvalid, CodeInvalid},
		"a\x00nought":           {CodeInvalid, CodeInvalid},
		"an \x1b[31mescape":     {CodeInvalid, CodeInvalid},
		"a \x7fdeletion":        {CodeInvalid, CodeInvalid},
		"a \u009bcontrol":       {CodeInvalid, CodeInvalid},
		"a next\u0085line":      {CodeInvalid, CodeInvalid},
		"a line\u2028separator": {"", CodeInvalid},
		"a paragraph\u2029":     {"", CodeInvalid},
		"broken \xff bytes":     {CodeInvalid, CodeInvalid},
		"=SUM(A1)":              {},
	} {
		t.Run(fmt.Sprintf("%+q", value), func(t *testing.T) {
			faulty{value, want.text}.hold(t, func(f *faults) { f.text("input.it", value, 20, true) })
			faulty{value, want.line}.hold(t, func(f *faults) { f.line("input.it", value, 20, true) })
		})
	}
	faulty{"", ""}.hold(t, func(f *faults) { f.line("input.it", "", 20, false) })
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
	f.link("input.it", "x")
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
