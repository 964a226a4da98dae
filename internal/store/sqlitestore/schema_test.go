package sqlitestore_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/store/storetest"
)

var plain = declare(0, keys(thingKind, thingName), listing("", "", "name"), listing("", "kind", "name"))

// declarations are what a later version of the program may declare.
var declarations = map[string]store.Declared[thing]{
	"a key and a listing by it":         declare(0, keys(thingKind, thingName, thingPlace), listing("", "", "name"), listing("", "place kind", "name")),
	"a listing more":                    declare(0, keys(thingKind, thingName), listing("", "", "name"), listing("", "kind", "name"), listing("", "kind", "")),
	"a listing less":                    declare(0, keys(thingKind, thingName), listing("", "", "name")),
	"no listing and no key":             declare(0, nil),
	"another sort key":                  declare(0, keys(thingKind, thingName, thingRank), listing("", "", "rank"), listing("", "kind", "rank")),
	"a multi-valued key":                declare(0, keys(thingKind, thingName, thingTags), listing("", "", "name"), listing("tags", "", "name")),
	"a multi-valued key with another":   declare(0, keys(thingKind, thingName, thingTags), listing("tags", "kind", "name"), listing("tags", "", "")),
	"a unique key":                      declare(0, keys(thingKind, thingName, thingCode), listing("", "", "name"), listing("", "kind", "name")),
	"a key that answers otherwise":      declare(1, keys(thingKind, backwards), listing("", "", "name"), listing("", "kind", "name")),
	"the keys of a listing turned over": declare(0, keys(thingKind, thingName, thingPlace), listing("", "kind place", "name"), listing("", "place kind", "name")),
}

func TestChangedDeclarationKeepsDocumentsAndDerivesKeys(t *testing.T) {
	for fromName, from := range with(declarations, "the plain one", plain) {
		for toName, to := range with(declarations, "the plain one", plain) {
			t.Run("from "+fromName+" to "+toName, func(t *testing.T) {
				path, docs := filepath.Join(t.TempDir(), "portal.db"), someThings(12)
				s := begun(t, path, from.Kind)
				must(t, from.In(s).Insert(t.Context(), docs...))
				must(t, s.Close())
				s = begun(t, path, to.Kind)
				unchanged(t, s, to, docs)
				answers(t, s, to, docs)
				if faults, err := store.Check(t.Context(), s, kinds(to.Kind), store.Unwatched); err != nil || !faults.None() {
					t.Errorf("check: %q, %v", faults, err)
				}
				d := *docs[3]
				d.Name = "renamed"
				must(t, to.In(s).Replace(t.Context(), &d))
				docs[3] = &d
				answers(t, s, to, docs)
			})
		}
	}
}

func with(all map[string]store.Declared[thing], name string, d store.Declared[thing]) map[string]store.Declared[thing] {
	sum := map[string]store.Declared[thing]{name: d}
	for name, d := range all {
		sum[name] = d
	}
	return sum
}

func TestUniqueKeyThatDocumentsAlreadyShareIsRefusedByName(t *testing.T) {
	path, docs := filepath.Join(t.TempDir(), "portal.db"), someThings(12)
	docs[7].Code = docs[2].Code
	s := begun(t, path, plain.Kind)
	must(t, plain.In(s).Insert(t.Context(), docs...))
	must(t, s.Close())
	// The newer version also declares a listing less, as versions do.
	newer := declare(0, keys(thingKind, thingName, thingCode), listing("", "", "name"))
	s = open(t, path, sqlitestore.Options{Holder: "newer"})
	_, err := store.Begin(t.Context(), s, kinds(newer.Kind), storetest.Day, true)
	if e, ok := errors.AsType[*store.DuplicateError](err); !ok || e.Key != "code" {
		t.Fatalf("beginning with a unique key that two documents share: %v", err)
	}
	must(t, s.Close())
	t.Run("and the older version still serves all documents", func(t *testing.T) {
		s := begun(t, path, plain.Kind)
		unchanged(t, s, plain, docs)
		answers(t, s, plain, docs)
	})
}

func TestIndexesSaysHowDeclaredAndRealDiffer(t *testing.T) {
	noun := declare(0, keys(thingKind, thingName, thingTags, thingCode), listing("", "kind", "name"), listing("tags", "", "name"))
	for damage, wants := range map[string][]string{
		`SELECT 1`:                                        {},
		`DROP INDEX "things.kind.name"`:                   {"index things.kind.name is missing"},
		`DROP INDEX "things.unique.code"`:                 {"index things.unique.code is missing"},
		`DROP TABLE "things/tags.name"`:                   {"table things/tags.name is missing", "index things/tags.name.id is missing"},
		`CREATE INDEX "things.extra" ON things (version)`: {"index things.extra is not declared"},
		`CREATE TABLE "things/extra" (id TEXT)`:           {"table things/extra is not declared"},
		`ALTER TABLE things ADD COLUMN k_extra TEXT`:      {`DROP COLUMN "k_extra"`},
		`DROP INDEX "things.kind.name"; CREATE INDEX "things.kind.name" ON things (k_kind)`: {"index things.kind.name is not as declared"},
		`DROP INDEX "things.kind.name"; ALTER TABLE things DROP COLUMN k_kind`:              {"index things.kind.name is missing", `ADD COLUMN "k_kind"`},
		`DROP TABLE things`: {"table things is missing", "index things.kind.name is missing", "index things.unique.code is missing"},
	} {
		t.Run(damage, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "portal.db")
			s := begun(t, path, noun.Kind)
			must(t, noun.In(s).Insert(t.Context(), someThings(8)...))
			must(t, s.Close())
			spoil(t, path, damage)
			s = open(t, path, sqlitestore.Options{Holder: "test"})
			faults, err := s.Indexes(t.Context(), kinds(noun.Kind))
			must(t, err)
			for _, want := range wants {
				if !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, want) }) {
					t.Errorf("%q does not say %q", faults, want)
				}
			}
			if len(wants) == 0 && len(faults) > 0 {
				t.Errorf("an undamaged store: %q", faults)
			}
			must(t, s.Prepare(t.Context(), kinds(noun.Kind)))
			if faults, err := s.Indexes(t.Context(), kinds(noun.Kind)); err != nil || len(faults) > 0 {
				t.Errorf("after Prepare: %q, %v", faults, err)
			}
		})
	}
}

func TestKeysThatWereLostAreDerivedAgain(t *testing.T) {
	noun := declare(0, keys(thingKind, thingName, thingTags), listing("", "kind", "name"), listing("tags", "", "name"))
	for _, damage := range []string{
		`DROP TABLE "things/tags.name"`,
		`DROP INDEX "things.kind.name"; ALTER TABLE things DROP COLUMN k_kind`,
	} {
		t.Run(damage, func(t *testing.T) {
			path, docs := filepath.Join(t.TempDir(), "portal.db"), someThings(8)
			s := begun(t, path, noun.Kind)
			must(t, noun.In(s).Insert(t.Context(), docs...))
			must(t, s.Close())
			spoil(t, path, damage)
			answers(t, begun(t, path, noun.Kind), noun, docs)
		})
	}
}

func TestPrepareKeepsWhatItDoesNotKnow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.db")
	must(t, begun(t, path, plain.Kind).Close())
	spoil(t, path, `CREATE TABLE thingsandmore (id TEXT); CREATE INDEX other ON thingsandmore (id)`)
	must(t, begun(t, path, plain.Kind).Close())
	spoil(t, path, `DROP INDEX other; DROP TABLE thingsandmore`)
}

func TestPathsOfAnySpelling(t *testing.T) {
	for _, name := range []string{
		"with spaces.db", "what?.db", "a#b.db", "100%.db", "%41.db", "a&b=c+d;e.db", "ünï中文العربية.db", "it's \"quoted\".db", "?mode=memory", ":memory:", "~.db",
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), name+" folder")
			holdsOneDocument(t, filepath.Join(folder, name))
			entries, err := os.ReadDir(folder)
			must(t, err)
			for _, e := range entries {
				if !strings.HasPrefix(e.Name(), name) {
					t.Errorf("made a file %q", e.Name())
				}
			}
			if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 {
				t.Errorf("the file is not where it was asked for: %v", err)
			}
		})
	}
	for _, name := range []string{"portal.db", "a:b.db", ":memory:", "file:x.db", "./here.db", "new/folder/portal.db"} {
		t.Run(name+" below the working folder", func(t *testing.T) {
			t.Chdir(t.TempDir())
			holdsOneDocument(t, name)
			if info, err := os.Stat(name); err != nil || info.Size() == 0 {
				t.Errorf("the file is not where it was asked for: %v", err)
			}
		})
	}
}

// holdsOneDocument writes a document to a path, and reads it after another opening.
func holdsOneDocument(t *testing.T, path string) {
	t.Helper()
	s := begun(t, path, storetest.Docs.Kind)
	must(t, storetest.Docs.In(s).Insert(t.Context(), document("doc_1", "RED", "one")))
	must(t, s.Close())
	reader := open(t, path, sqlitestore.Options{ReadOnly: true})
	if _, err := storetest.Docs.In(reader).Get(t.Context(), "doc_1"); err != nil {
		t.Errorf("reading again: %v", err)
	}
	must(t, reader.Close())
}

// spoil changes a closed file behind the adapter's back.
func spoil(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.Exec(statements)
	must(t, err)
	must(t, db.Close())
}
