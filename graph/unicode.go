package graph

import (
	"bytes"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"memberportal/internal/kit"
)

// What is no Unicode is refused before it is decoded: encoding/json and gqlparser put U+FFFD in its place
// without a word, and the portal stores what was sent or nothing.

// checkJSON refuses what is no JSON as RFC 7493 (I-JSON) has it: bytes that are not UTF-8, escapes of
// unpaired surrogates, and objects with two members of one name, of which decoders take either.
func checkJSON(text []byte) *fault {
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	_, err := decoder.ReadValue()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jsontext.ErrDuplicateName):
		return badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "request.duplicate"})
	case jsontext.Value(text).IsValid(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)):
		return badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "request.unicode"})
	}
	return badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "request.json"})
}

// checkAddress refuses parameters of an address that are not UTF-8 (RFC 3986 §2.5).
func checkAddress(values url.Values) *fault {
	for name, all := range values {
		if !utf8.ValidString(name) || !utf8.ValidString(strings.Join(all, "")) {
			return badRequest(&kit.Refusal{Code: kit.BadUserInput, Key: "request.unicode"})
		}
	}
	return nil
}

// unpairedSurrogate finds in a document the first escape such as \ud800 that is half of a character
// (GraphQL §2.9.4), or a byte that is not UTF-8. Comments and block strings have no escapes.
func unpairedSurrogate(text string) (line, column int, found bool) {
	at := -1
	if !utf8.ValidString(text) {
		at = strings.IndexFunc(text, func(r rune) bool { return r == utf8.RuneError })
	} else {
		at = unpairedAt(text)
	}
	if at < 0 {
		return 0, 0, false
	}
	before := text[:at]
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]), true
}

func unpairedAt(text string) int {
	for i := 0; i < len(text); {
		switch rest := text[i:]; {
		case rest[0] == '#':
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				return -1
			}
			i += end
		case strings.HasPrefix(rest, `"""`):
			i += blockString(rest)
		case rest[0] == '"':
			length, bad := quotedString(rest)
			if bad >= 0 {
				return i + bad
			}
			i += length
		default:
			i++
		}
	}
	return -1
}

// blockString is how long the block string is that a text begins with.
func blockString(text string) int {
	i := 3
	for i < len(text) && !strings.HasPrefix(text[i:], `"""`) {
		if strings.HasPrefix(text[i:], `\"""`) {
			i += 3
		}
		i++
	}
	return min(i+3, len(text))
}

// quotedString is how long the string is that a text begins with, and where its first unpaired surrogate is, -1
// for nowhere. A string that does not end ends with its line.
func quotedString(text string) (length, bad int) {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"', '\n', '\r':
			return i + 1, -1
		case '\\':
			r, ok := escape(text[i:])
			switch {
			case !ok:
				i++
			case r >= 0xD800 && r < 0xDC00:
				if low, ok := escape(text[i+6:]); !ok || low < 0xDC00 || low > 0xDFFF {
					return 0, i
				}
				i += 11
			case r >= 0xDC00 && r <= 0xDFFF:
				return 0, i
			default:
				i += 5
			}
		}
	}
	return len(text), -1
}

// escape is the code unit of the escape \uXXXX that a text begins with.
func escape(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}
