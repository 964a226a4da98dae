package portal

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/store"
)

// TestEveryStoredListHasABound walks all stored types: what has no bound can be made to grow until the
// store refuses the record for ever.
func TestEveryStoredListHasABound(t *testing.T) {
	seen := 0
	var walk func(at reflect.Type, path string)
	walk = func(at reflect.Type, path string) {
		switch at.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(at.Elem(), path)
		case reflect.Map:
			t.Errorf("%s is a map, which nothing bounds", path)
		case reflect.Struct:
			for i := range at.NumField() {
				f := at.Field(i)
				name, _, _ := strings.Cut(f.Tag.Get("bson"), ",")
				if name == "" || name == "-" {
					continue
				}
				if f.Type.Kind() == reflect.Slice {
					seen++
					if most, err := strconv.Atoi(f.Tag.Get("most")); err != nil || most < 1 {
						t.Errorf("%s.%s: say in its tag most how many entries it may have", path, name)
					}
				}
				walk(f.Type, path+"."+name)
			}
		}
	}
	for _, k := range Kinds() {
		walk(reflect.TypeOf(k.Blank()).Elem(), k.Name)
	}
	if seen < 70 {
		t.Errorf("only %d lists were seen", seen)
	}
	t.Logf("%d stored lists", seen)
}

// TestStoreRefusesAnOverfullDocument shows that a record that outgrew a bound is not stored, and that the
// earlier one stays.
func TestStoreRefusesAnOverfullDocument(t *testing.T) {
	for _, c := range []struct {
		name string
		grow func(*consultations.Feedback)
		list string
	}{
		{"too many", func(x *consultations.Feedback) { x.StoredSubmissions = make([]consultations.FeedbackSubmission, 61) }, "submissions"},
		{"too many below", func(x *consultations.Feedback) {
			x.StoredSubmissions[0].Answers = make([]consultations.FeedbackAnswer, 61)
		}, "submissions.answers"},
		{"too heavy", func(x *consultations.Feedback) {
			x.StoredSubmissions[0].Answers = []consultations.FeedbackAnswer{{Text: new(strings.Repeat("x", 11<<20))}}
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := &consultations.Feedback{ID: "fbk_X", StoredSubmissions: make([]consultations.FeedbackSubmission, 1)}
			if err := consultations.FeedbackNoun.Kind.Full(x); err != nil {
				t.Fatal(err)
			}
			c.grow(x)
			full, ok := errors.AsType[*store.FullError](consultations.FeedbackNoun.Kind.Full(x))
			if !ok || full.List != c.list {
				t.Errorf("got %v", full)
			}
		})
	}
}
