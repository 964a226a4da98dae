package portal

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// storedLists are the paths of all lists inside a stored type.
func storedLists(t reflect.Type, path string, inside []reflect.Type) (all []string) {
	switch t.Kind() {
	case reflect.Pointer:
		return storedLists(t.Elem(), path, inside)
	case reflect.Struct:
		if slices.Contains(inside, t) {
			return nil
		}
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("bson"), ",")
			if name != "" && name != "-" {
				all = append(all, storedLists(t.Field(i).Type, path+"."+name, append(inside, t))...)
			}
		}
	case reflect.Map:
		all = append(all, path+" (a map)")
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return nil
		}
		all = append(append(all, path), storedLists(t.Elem(), path, inside)...)
	}
	return all
}

// TestEveryStoredListHasALimit enumerates the lists inside all stored documents.
func TestEveryStoredListHasALimit(t *testing.T) {
	found := map[string]bool{}
	for _, kind := range Kinds() {
		for _, path := range storedLists(reflect.TypeOf(kind.Blank()), kind.Name, nil) {
			found[path] = true
			if listLimits[path] < 1 {
				t.Errorf("%s has no limit: %q: 0,", path, path)
			}
		}
	}
	for path := range listLimits {
		if !found[path] {
			t.Errorf("%s has a limit and is not stored", path)
		}
	}
	t.Logf("%d lists", len(found))
}
