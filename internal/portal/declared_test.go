package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/testkit/kept"
)

// declaredPath says what is stored, and up to which migration that holds.
const declaredPath = "testdata/declared.txt"

// TestWhatIsStoredChangesWithAMigration compares the stored form, the keys and the listings of all nouns with what they were
// when the last migration was numbered. A program refuses a store that has had migrations which it does not know, so the
// number keeps an older one away, which would lose new fields whenever it writes a document.
func TestWhatIsStoredChangesWithAMigration(t *testing.T) {
	migrations := Migrations()
	got := fmt.Sprintf("migration %d\n%s", migrations[len(migrations)-1].Number, declared(t))
	stored, err := os.ReadFile(declaredPath)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(string(stored), "\n")
	if number, form, _ := strings.Cut(got, "\n"); err == nil && number == before && form != after {
		t.Fatalf("what is stored changed, and no migration has a number for it. Add one to Migrations, store.Nothing if stored documents stay as they are, and run with -update:\n%s", kept.Diff(declaredPath, after, form))
	}
	kept.File(t, declaredPath, got)
}

// declared is a line for the stored form of each noun, as the hash of the documents that hold it, and one for each key and
// listing.
func declared(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	for _, k := range Kinds() {
		golden, err := os.ReadFile(filepath.Join("testdata", k.Name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(golden)
		fmt.Fprintf(&text, "%s %s dated=%v revision=%d\n", k.Name, hex.EncodeToString(sum[:8]), k.Dated, k.Revision)
		for _, key := range k.Keys {
			fmt.Fprintf(&text, "\tkey %s multi=%v unique=%v values=%s\n", key.Name, key.Multi, key.Unique, strings.Join(key.Values, ","))
		}
		for _, l := range k.Listings {
			fmt.Fprintf(&text, "\tlisting %s\n", l.Name())
		}
	}
	return text.String()
}
