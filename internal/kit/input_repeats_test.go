package kit

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
)

// repeating is an input of every shape that inputs have.
type repeating struct {
	Values   []Locale
	Optional Opt[[]ID]
	Pointer  *struct{ LogoURL []string }
	Objects  []struct{ Inner []string }
	Absent   []Role
	Bytes    string
}

func newRepeating() *repeating {
	in := &repeating{
		Values: []Locale{Arabic, French, Arabic}, Optional: Some([]ID{"a", "a"}), Pointer: &struct{ LogoURL []string }{[]string{"x", "x", "y"}},
		Objects: []struct{ Inner []string }{{[]string{"p"}}, {[]string{"q", "q"}}, {[]string{"p"}}},
	}
	return in
}

func TestRepeats(t *testing.T) {
	want := []string{"input.values.2", "input.optional.1", "input.pointer.logoUrl.1", "input.objects.1.inner.1"}
	if got := Repeats("input", *newRepeating()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWithoutRepeats(t *testing.T) {
	got := WithoutRepeats(newRepeating()).(*repeating)
	want := &repeating{
		Values: []Locale{Arabic, French}, Optional: Some([]ID{"a"}), Pointer: &struct{ LogoURL []string }{[]string{"x", "y"}},
		Objects: []struct{ Inner []string }{{[]string{"p"}}, {[]string{"q"}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if WithoutRepeats(nil) != nil || WithoutRepeats((*repeating)(nil)) != (*repeating)(nil) {
		t.Error("nothing became something")
	}
}

// TestNothingIsWrittenOfAnInputThatRepeats: not even by a service that looks for no faults.
func TestNothingIsWrittenOfAnInputThatRepeats(t *testing.T) {
	f, ok := errors.AsType[*Faults](NewFaults(WithRepeats(context.Background(), []string{"input.values.2"})).Err())
	if !ok || len(f.List) != 1 || f.List[0].Code != CodeDuplicate || !slices.Equal(f.List[0].Field, []string{"input", "values", "2"}) {
		t.Errorf("%+v", f)
	}
	if err := NewFaults(WithRepeats(context.Background(), nil)).Err(); err != nil {
		t.Error(err)
	}
}
