package report

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"memberportal/internal/kit"
)

//go:embed labels.json
var labelsJSON []byte

// labels are what a report says in its own words: key, then language.
var labels = func() map[string]map[kit.Locale]string {
	var m map[string]map[kit.Locale]string
	if err := json.Unmarshal(labelsJSON, &m); err != nil {
		panic(fmt.Sprintf("labels.json: %v", err))
	}
	return m
}()

// label is a text of a report in its language. A key that is not there is shown itself, rather than
// nothing: a reader then knows at least the code.
func (f *facts) label(key string) string {
	if text := labels[key][f.Language]; text != "" {
		return text
	}
	return key
}

// coded is the label of a code of some family, such as kind.ACADEMIA.
func coded[T ~string](f *facts, family string, code T) string {
	if text := labels[family+"."+string(code)][f.Language]; text != "" {
		return text
	}
	return string(code)
}

// direction is that in which the report's language is written.
func (f *facts) direction() string {
	if f.Language == kit.Arabic {
		return "rtl"
	}
	return "ltr"
}
