package kit

import (
	"maps"
	"slices"
	"strings"
)

// Label is a value of a message that is itself a text of the catalogue, such as the name of a role.
type Label string

// Lines is a value of a message that is a list, of which each entry has a line of its own.
type Lines []string

// Message returns a text of the catalogue, also for interfaces that refuse requests before a service is called.
func Message(l Locale, key string, params map[string]string) string {
	values := make(map[string]any, len(params))
	for name, value := range params {
		values[name] = value
	}
	return Fill(l, Messages[key][l], values)
}

// Fill writes the values of params into a text of a language. In the text, {name} is a value, and
//
//	{name, plural, one {# day} other {# days}}
//
// is the form for a number, where # is that number as people of the language read it; see PluralForms. A form that is
// not written is «other». Values are texts, dates, amounts, whole numbers, texts in several languages and labels. What a
// value holds is not filled in again. A name without a value stays as it is written.
func Fill(l Locale, text string, params map[string]any) string {
	var out strings.Builder
	fill(&out, l, text, params, "")
	return out.String()
}

func fill(out *strings.Builder, l Locale, text string, params map[string]any, count string) {
	for text != "" {
		i := strings.IndexAny(text, "{#")
		if i < 0 {
			out.WriteString(text)
			return
		}
		out.WriteString(text[:i])
		if text[i] == '#' {
			if count == "" {
				count = "#"
			}
			out.WriteString(count)
			text = text[i+1:]
			continue
		}
		end := closing(text[i:])
		if end < 0 {
			out.WriteString(text[i:])
			return
		}
		place := text[i : i+end+1]
		text = text[i+end+1:]
		name, forms := pluralOf(place)
		value, ok := params[name]
		switch n, counts := number(value); {
		case !ok:
			out.WriteString(place)
		case forms != nil && counts:
			form, ok := forms[pluralForm(l, n)]
			if !ok {
				form = forms["other"]
			}
			fill(out, l, form, params, formatInt(l, n))
		default:
			out.WriteString(writeParam(l, value))
		}
	}
}

// closing is where the brace at the start of a text is closed; negative if it is not.
func closing(text string) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// pluralOf is the name in a place of a text, and its forms if it has some.
func pluralOf(place string) (name string, forms map[string]string) {
	inner := place[1 : len(place)-1]
	name, rest, ok := strings.Cut(inner, ",")
	if !ok {
		return inner, nil
	}
	kind, rest, _ := strings.Cut(rest, ",")
	if strings.TrimSpace(kind) != "plural" {
		return strings.TrimSpace(name), nil
	}
	forms = map[string]string{}
	for {
		form, after, ok := strings.Cut(rest, "{")
		if !ok {
			return strings.TrimSpace(name), forms
		}
		end := closing("{" + after)
		if end < 0 {
			return strings.TrimSpace(name), forms
		}
		forms[strings.TrimSpace(form)] = after[:end-1]
		rest = after[end:]
	}
}

// MessagePlaces are the names that a text has places for, and of each the forms that are written for a number, nil if
// it is no plural.
func MessagePlaces(text string) map[string][]string {
	places := map[string][]string{}
	for text != "" {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			break
		}
		end := closing(text[i:])
		if end < 0 {
			break
		}
		name, forms := pluralOf(text[i : i+end+1])
		places[name] = slices.Sorted(maps.Keys(forms))
		for _, form := range forms {
			maps.Copy(places, MessagePlaces(form))
		}
		text = text[i+end+1:]
	}
	return places
}
