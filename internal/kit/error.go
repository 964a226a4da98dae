package kit

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"memberportal/internal/input"
	"memberportal/internal/store"
)

// Code is the extensions.code of a top-level error, which the caller cannot correct field by field.
type Code string

// The codes of top-level errors.
const (
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	NotFound        Code = "NOT_FOUND"
	BadUserInput    Code = "BAD_USER_INPUT"
	RateLimited     Code = "RATE_LIMITED"
	Unavailable     Code = "UNAVAILABLE"
	Internal        Code = "INTERNAL"
)

// UserErrorCode says what is wrong with a field. The caller can correct it.
type UserErrorCode string

// The codes of user errors.
const (
	CodeRequired             UserErrorCode = "REQUIRED"
	CodeInvalid              UserErrorCode = "INVALID"
	CodeTooLong              UserErrorCode = "TOO_LONG"
	CodeOutOfRange           UserErrorCode = "OUT_OF_RANGE"
	CodeUnknownReference     UserErrorCode = "UNKNOWN_REFERENCE"
	CodeDuplicate            UserErrorCode = "DUPLICATE"
	CodeConflict             UserErrorCode = "CONFLICT"
	CodeNotAllowedInState    UserErrorCode = "NOT_ALLOWED_IN_STATE"
	CodeNotEligible          UserErrorCode = "NOT_ELIGIBLE"
	CodeClosed               UserErrorCode = "CLOSED"
	CodeFull                 UserErrorCode = "FULL"
	CodeIdempotencyKeyReused UserErrorCode = "IDEMPOTENCY_KEY_REUSED"
	CodePresenceRequired     UserErrorCode = "PRESENCE_REQUIRED"
)

// UserErrorCodes lists every code, as the schema's enum does.
var UserErrorCodes = []UserErrorCode{
	CodeRequired, CodeInvalid, CodeTooLong, CodeOutOfRange, CodeUnknownReference, CodeDuplicate, CodeConflict,
	CodeNotAllowedInState, CodeNotEligible, CodeClosed, CodeFull, CodeIdempotencyKeyReused, CodePresenceRequired,
}

// UserError is one fault of an input: the path of the field and a message in the caller's language.
// CurrentVersion is set for a CONFLICT of versions; RelatedID is another record that is in the way, nil if there
// is none.
type UserError struct {
	Code           UserErrorCode
	Field          []string
	Message        string
	CurrentVersion *int64
	RelatedID      *ID
}

// Refusal is a top-level error. Key names its message in the catalogue.
type Refusal struct {
	Code   Code
	Key    string
	Params map[string]string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Code, r.Key) }

// InputError says that a scalar of a request is malformed. The caller sees its text as BAD_USER_INPUT.
type InputError struct{ Text string }

func (e *InputError) Error() string { return e.Text }

// Malformed returns an InputError that quotes what was sent, cut by Clip.
func Malformed(format string, sent ...string) error {
	quoted := make([]any, len(sent))
	for i, s := range sent {
		quoted[i] = Clip(s)
	}
	return &InputError{fmt.Sprintf(format, quoted...)}
}

// longestQuotation is how many characters of an input a message quotes at most.
const longestQuotation = 48

// Clip cuts a quoted input to longestQuotation, so that no answer grows with its request.
func Clip(s string) string {
	n := 0
	for i := range s {
		if n++; n > longestQuotation {
			return s[:i] + "…"
		}
	}
	return s
}

// ownLists are message parameters that list our own names. They are not cut, because the caller needs all of
// them.
var ownLists = []string{"allowed", "classes", "moves", "path", "questions", "values"}

// clipped cuts the parameters of a message, except ownLists.
func clipped(params map[string]string) map[string]string {
	short := make(map[string]string, len(params))
	for name, value := range params {
		if !slices.Contains(ownLists, name) {
			value = Clip(value)
		}
		short[name] = value
	}
	return short
}

// Message returns the refusal's text in a language.
func (r *Refusal) Message(l Locale) string { return Message(l, r.Key, clipped(r.Params)) }

// Refuse returns a Refusal. key names the message in the catalogue.
func Refuse(code Code, key string, params map[string]string) error {
	return &Refusal{code, key, params}
}

//go:embed messages.json
var messagesJSON []byte

// Messages is the error catalogue: by key and language, a text with {parameters}.
var Messages = func() map[string]map[Locale]string {
	var m map[string]map[Locale]string
	if err := json.Unmarshal(messagesJSON, &m); err != nil {
		panic(fmt.Sprintf("messages.json: %v", err))
	}
	return m
}()

// Faults collects all faults of an input. Returned as an error it rolls the transaction back; UserErrorsOf turns
// it into a payload's userErrors.
type Faults struct {
	locale Locale
	List   []UserError
}

// NewFaults returns a collection that already has a DUPLICATE for each entry that the request's input repeats in
// a list; see WithRepeats.
func NewFaults(ctx context.Context) *Faults {
	f := &Faults{locale: LocaleOf(ctx)}
	repeats, _ := ctx.Value(repeatsKey{}).([]string)
	for _, path := range repeats {
		f.Add(CodeDuplicate, path, "duplicate.entry", nil)
	}
	return f
}

// Error returns every fault with its path, for commands, which have no payload.
func (f *Faults) Error() string {
	return strings.Join(Map(f.List, func(e UserError) string { return strings.Join(e.Field, ".") + ": " + e.Message }), "; ")
}

// Err returns the collection as an error, nil if it is empty.
func (f *Faults) Err() error {
	if len(f.List) == 0 {
		return nil
	}
	return f
}

// Add adds a fault at a path such as "input.contacts.0.email". The message's key is the code in camel case; where
// the code has several messages, a variant follows after a dot.
func (f *Faults) Add(code UserErrorCode, path, key string, params map[string]string) *UserError {
	f.List = append(f.List, UserError{Code: code, Field: strings.Split(path, "."), Message: Message(f.locale, key, clipped(params))})
	return &f.List[len(f.List)-1]
}

// UserErrorsOf splits an error of a service into faults, which the caller can correct, and any other error.
func UserErrorsOf(err error) ([]UserError, error) {
	if f, ok := errors.AsType[*Faults](err); ok {
		return f.List, nil
	}
	return nil, err
}

// Text checks a text of several lines and replaces it by its stored form. An empty text is a fault if required is
// set; nil is never one. most is the greatest length in characters.
func (f *Faults) Text(path string, s *string, most int, required bool) {
	f.rule(path, s, most, required, input.Text)
}

// Line checks a text of one line, such as a name, like Text.
func (f *Faults) Line(path string, s *string, most int, required bool) {
	f.rule(path, s, most, required, input.Line)
}

func (f *Faults) rule(path string, s *string, most int, required bool, rule func(string) (string, *input.Fault)) {
	if s == nil {
		return
	}
	stored, fault := rule(*s)
	switch {
	case fault != nil && fault.Reason == input.Empty && !required:
		*s = ""
	case utf8.RuneCountInString(*s) > most && utf8.RuneCountInString(stored) > most, fault != nil && fault.Reason != input.Empty && utf8.RuneCountInString(*s) > most:
		f.Add(CodeTooLong, path, "tooLong", map[string]string{"max": strconv.Itoa(most)})
	case fault != nil:
		f.input(path, fault)
	default:
		*s = stored
	}
}

// CodeForm is the form of a code: words of capital letters and digits, joined by underscores.
var CodeForm = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// Code checks a code that names a record for good.
func (f *Faults) Code(path, s string) {
	if len(s) > 60 || !CodeForm.MatchString(s) {
		f.Add(CodeInvalid, path, "invalid.code", nil)
	}
}

// Link checks a web address and replaces it by its canonical form; nil is accepted.
func (f *Faults) Link(path string, s *string) { f.shortRule(path, s, input.Link) }

// Address checks an e-mail address without a display name and replaces it by its stored form; nil is accepted.
func (f *Faults) Address(path string, s *string) { f.shortRule(path, s, input.Address) }

func (f *Faults) shortRule(path string, s *string, rule func(string) (string, *input.Fault)) {
	if s == nil {
		return
	}
	stored, fault := rule(*s)
	if fault != nil {
		f.input(path, fault)
		return
	}
	*s = stored
}

// input adds the fault that a rule of inputs found, with the character and its position.
func (f *Faults) input(path string, fault *input.Fault) {
	place := map[string]string{"character": fault.Character, "position": strconv.Itoa(fault.Position)}
	switch fault.Reason {
	case input.Empty:
		f.Add(CodeRequired, path, "required", nil)
	case input.Broken:
		f.Add(CodeInvalid, path, "invalid.line", nil)
	case input.Character:
		f.Add(CodeInvalid, path, "invalid.character", place)
	case input.LoneMark:
		f.Add(CodeInvalid, path, "invalid.loneMark", place)
	case input.MarkStack:
		f.Add(CodeInvalid, path, "invalid.markStack", place)
	case input.NoLink:
		f.Add(CodeInvalid, path, "invalid.link", nil)
	case input.NoAddress:
		f.Add(CodeInvalid, path, "invalid.email", nil)
	case input.NoHost:
		f.Add(CodeInvalid, path, "invalid.host", nil)
	case input.NoPort:
		f.Add(CodeInvalid, path, "invalid.port", nil)
	case input.Mailbox:
		f.Add(CodeInvalid, path, "invalid.mailbox", nil)
	case input.LongLink:
		f.Add(CodeTooLong, path, "tooLong", map[string]string{"max": strconv.Itoa(input.MaxLink)})
	case input.LongAddress:
		f.Add(CodeTooLong, path, "tooLong", map[string]string{"max": strconv.Itoa(input.MaxAddress)})
	}
}

// Some adds REQUIRED if a list is empty.
func (f *Faults) Some(path string, n int) {
	if n == 0 {
		f.Add(CodeRequired, path, "required", nil)
	}
}

// Version adds CONFLICT if the caller did not see the current version.
func (f *Faults) Version(expected int, current int64) {
	if int64(expected) != current {
		e := f.Add(CodeConflict, "input.expectedVersion", "conflict", map[string]string{"version": strconv.FormatInt(current, 10)})
		e.CurrentVersion = &current
	}
}

// Classify turns an error of a service into the refusal that the caller sees. INTERNAL and UNAVAILABLE hide the
// cause; whoever calls Classify must log it.
func Classify(err error) *Refusal {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	switch {
	case errors.Is(err, store.ErrCorrupt):
		return &Refusal{Code: Unavailable, Key: "damaged"}
	case errors.Is(err, store.ErrTooWide):
		return &Refusal{Code: BadUserInput, Key: "tooWide"}
	case errors.Is(err, store.ErrReadOnly):
		return &Refusal{Code: Unavailable, Key: "readOnly"}
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &Refusal{Code: Unavailable, Key: "unavailable"}
	}
	return &Refusal{Code: Internal, Key: "internal"}
}
