package portal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/membership"
	"memberportal/internal/store"
	"memberportal/internal/testkit/kept"
)

// goldenBSON holds a document of each kind as it is on disk, with every field filled and with none,
// in canonical extended JSON. Run the tests with -update after a field was added, and give that a number in Migrations; a
// field that was renamed or changed its type needs a migration that changes documents.
type goldenBSON struct {
	Full bson.Raw `bson:"full"`
	Bare bson.Raw `bson:"bare"`
}

func marshal(t *testing.T, doc any) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestStoredDocumentsStayAsTheyAreOnDisk(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			full, bare := kind.Blank(), kind.Blank()
			fill(reflect.ValueOf(full).Elem(), "")
			text, err := bson.MarshalExtJSONIndent(goldenBSON{marshal(t, full), marshal(t, bare)}, true, false, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", kind.Name+".json")
			kept.File(t, path, string(text)+"\n")
			golden, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var stored goldenBSON
			if err := bson.UnmarshalExtJSON(golden, true, &stored); err != nil {
				t.Fatal(err)
			}
			for name, c := range map[string]struct {
				raw  bson.Raw
				want any
			}{"filled": {stored.Full, full}, "empty": {stored.Bare, bare}} {
				got := kind.Blank()
				if err := bson.Unmarshal(c.raw, got); err != nil || !reflect.DeepEqual(got, c.want) {
					t.Errorf("the %s document comes back as %s, %v", name, inJSON(got), err)
				}
			}
		})
	}
}

// addedLater are the fields that documents of earlier releases lack, though every document has them now.
var addedLater = map[*store.Kind]string{membership.InvoiceNoun.Kind: "recordedAt"}

// TestWhatEarlierReleasesStoredIsSound takes away the fields that did not exist yet.
func TestWhatEarlierReleasesStoredIsSound(t *testing.T) {
	for kind, field := range addedLater {
		doc := kind.Blank()
		fill(reflect.ValueOf(doc).Elem(), "")
		var stored bson.D
		if err := bson.Unmarshal(marshal(t, doc), &stored); err != nil {
			t.Fatal(err)
		}
		before := slices.DeleteFunc(slices.Clone(stored), func(e bson.E) bool { return e.Key == field })
		if len(before) == len(stored) {
			t.Fatalf("%s has no field %s", kind.Name, field)
		}
		old := kind.Blank()
		if err := bson.Unmarshal(marshal(t, before), old); err != nil {
			t.Fatal(err)
		}
		if err := kind.Accept(old); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryStoredFieldHasAName(t *testing.T) {
	for _, kind := range Kinds() {
		unnamed(t, reflect.TypeOf(kind.Blank()).Elem())
	}
}

func unnamed(t *testing.T, typ reflect.Type) {
	t.Helper()
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice:
		unnamed(t, typ.Elem())
	case reflect.Struct:
		for f := range typ.Fields() {
			if !f.IsExported() {
				continue
			}
			if name := f.Tag.Get("bson"); name == "" || name[0] == ',' {
				t.Errorf("%s.%s has no name in the store", typ, f.Name)
			}
			unnamed(t, f.Type)
		}
	}
}

func inJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
