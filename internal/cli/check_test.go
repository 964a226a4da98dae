package cli_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
)

func TestCheckBesideAServer(t *testing.T) {
	data := t.TempDir()
	s := serve(t, anyPort, "--data", data)
	defer s.stop(t)
	for range 2 { // the first check changes nothing that the second would find
		if code, stdout, stderr := command(t, "check", "--data", data); code != 0 || stdout != "no faults\n" || stderr != "" {
			t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
		}
	}
	if code, stdout, _ := command(t, "check", "--data", data, "--json"); code != 0 || stdout != "{\"faults\":[],\"damaged\":[],\"warnings\":[]}\n" {
		t.Errorf("exit code %d, %s", code, stdout)
	}
}

func TestCheckMakesNothing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "none")
	code, stdout, _ := command(t, "check", "--data", data)
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	contains(t, stdout, filepath.Join(data, "signing-key.json"), filepath.Join(data, "portal.db"))
	if _, err := os.Stat(data); err == nil {
		t.Error("the data folder is there now")
	}
}

// anyMember is the id of the member that comes first by id.
const anyMember = `(SELECT id FROM members ORDER BY id LIMIT 1)`

func TestCheckFinds(t *testing.T) {
	for name, c := range map[string]struct {
		damage  string
		want    []string
		damaged int // documents, beside faults
	}{
		"a stored key that the document does not give":   {`UPDATE members SET k_status = 'SUSPENDED' WHERE id = ` + anyMember, []string{"members mem_", "stored keys differ"}, 0},
		"a stored token that the document does not give": {`UPDATE members SET s_name = 'zzz' WHERE id = ` + anyMember, []string{"members mem_", "stored keys differ"}, 0},
		"a unique key that was emptied":                  {`UPDATE members SET u_identity = NULL WHERE id = ` + anyMember, []string{"members mem_", "stored keys differ"}, 0},
		"a key of the audit log":                         {`UPDATE audit SET k_actor = 'usr_other' WHERE id = (SELECT id FROM audit LIMIT 1)`, []string{"audit aud_"}, 0},
		"a version beside the document that is another":  {`UPDATE members SET version = version + 1 WHERE id = ` + anyMember, []string{"members mem_", "version"}, 1},
		"an id beside the document that is another":      {`UPDATE members SET id = 'mem_OTHER' WHERE id = ` + anyMember, []string{"members mem_"}, 1},
		"a dropped index":                                {`DROP INDEX "members.status.category.name"`, []string{"index members.status.category.name is missing"}, 0},
		"a dropped unique index":                         {`DROP INDEX "members.unique.identity"`, []string{"members.unique.identity is missing"}, 0},
		"an index that nobody declared":                  {`CREATE INDEX "members.mine" ON members (version)`, []string{"members.mine is not declared"}, 0},
		"a dropped table":                                {`DROP TABLE repeats`, []string{"table repeats is missing"}, 0},
		"a document that cannot be decoded":              {`UPDATE members SET doc = x'0102' WHERE id = ` + anyMember, []string{"members mem_", "not valid"}, 1},
		"a document that is cut off":                     {`UPDATE members SET doc = substr(doc, 1, length(doc) - 9) WHERE id = ` + anyMember, []string{"members mem_", "not valid"}, 1},
		"a document with a value outside its enum":       {`UPDATE members SET doc = CAST(replace(CAST(doc AS TEXT), 'DEMONSTRATION', 'DEMONSTRATIOM') AS BLOB) WHERE id = ` + anyMember, []string{"members mem_", "dataset", "DEMONSTRATIOM"}, 1},
		"several faults at once": {
			`UPDATE members SET k_status = 'SUSPENDED' WHERE id = ` + anyMember + `; UPDATE audit SET doc = x'00' WHERE id = (SELECT max(id) FROM audit); UPDATE notices SET s_at = 'x' WHERE id = (SELECT min(id) FROM notices)`,
			[]string{"members mem_", "audit aud_", "notices ntc_"}, 1,
		},
		"a dropped index and a spoiled key together": {
			`DROP INDEX "audit.at"; UPDATE members SET k_status = 'SUSPENDED' WHERE id = ` + anyMember,
			[]string{"index audit.at is missing", "members mem_"}, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			data := copied(t)
			spoil(t, filepath.Join(data, "portal.db"), c.damage)
			code, stdout, stderr := command(t, "check", "--data", data)
			if code != 1 || !strings.Contains(stderr, "fault") {
				t.Errorf("exit code %d, %s", code, stderr)
			}
			contains(t, stdout, c.want...)
			code, stdout, _ = command(t, "check", "--data", data, "--json")
			var answer struct {
				Faults  []string
				Damaged []*store.Damaged
			}
			if err := json.Unmarshal([]byte(stdout), &answer); err != nil || code != 1 || len(answer.Damaged) != c.damaged {
				t.Fatalf("exit code %d, %v: %s", code, err, stdout)
			}
			found := strings.Join(answer.Faults, "\n")
			for _, d := range answer.Damaged {
				found += "\n" + d.Error()
			}
			contains(t, found, c.want...)
		})
	}
}

// TestCheckWarnsOfSharedAddresses: that is no fault, and the address itself is not told. A damaged person
// is named once, as damaged.
func TestCheckWarnsOfSharedAddresses(t *testing.T) {
	data, ctx := copied(t), context.Background()
	db := filepath.Join(data, "portal.db")
	s, err := sqlitestore.Open(ctx, db, sqlitestore.Options{Holder: "test"})
	must(t, err)
	s.SetDay(looked(t, db, "SELECT date()"))
	for id, email := range map[kit.ID]string{"usr_A": "shared@bücher.example", "usr_B": "Shared@XN--BCHER-KVA.example", "usr_C": "alone@bücher.example"} {
		must(t, people.PersonNoun.In(s).Insert(ctx, &people.Person{ID: id, Name: new("Somebody"), Email: &email, Entities: []kit.ID{"cty_UG"}, Dataset: kit.Recorded}))
	}
	must(t, s.Close())
	const message = "persons usr_A, usr_B: they have one e-mail address"
	if code, stdout, stderr := command(t, "check", "--data", data); code != 0 || stdout != "warning: "+message+"\nno faults\n" || stderr != "" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, _ := command(t, "check", "--data", data, "--json")
	if want := `{"faults":[],"damaged":[],"warnings":[{"noun":"persons","id":"","field":"email","message":"` + message + `"}]}` + "\n"; code != 0 || stdout != want {
		t.Errorf("exit code %d, %s", code, stdout)
	}
	spoil(t, db, `UPDATE persons SET doc = x'00' WHERE id = 'usr_C'`)
	code, stdout, stderr := command(t, "check", "--data", data)
	if code != 1 || strings.Contains(stderr, "left out") || strings.Count(stdout, "usr_C") != 1 {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	contains(t, stdout, "warning: "+message)
}

func TestCheckWarnsOfCountriesThatNobodySpeaksFor(t *testing.T) {
	data, ctx := copied(t), context.Background()
	db := filepath.Join(data, "portal.db")
	s, err := sqlitestore.Open(ctx, db, sqlitestore.Options{Holder: "test"})
	must(t, err)
	s.SetDay(looked(t, db, "SELECT date()"))
	delegate := people.Mandate{Entity: "cty_AF", Role: people.MandateDelegate, From: "2020-01-01", RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", Dataset: kit.Recorded}
	one, two, focal, proposed := delegate, delegate, delegate, delegate
	one.ID, one.Person = "man_ONE", "usr_A"
	two.ID, two.Person, two.Entity = "man_TWO", "usr_B", "cty_AL"
	focal.ID, focal.Person, focal.Entity, focal.Role = "man_FOCAL", "usr_C", "cty_AL", people.MandateFocalPoint
	proposed.ID, proposed.Role = "man_PROPOSED", people.MandateFocalPoint
	must(t, people.MandateNoun.In(s).Insert(ctx, &one, &two, &focal, &proposed))
	must(t, s.Close())
	code, stdout, stderr := command(t, "check", "--data", data)
	if want := "warning: cty_AF has delegates and no focal point: the secretariat decides applications there until one is appointed\nno faults\n"; code != 0 || stdout != want || stderr != "" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestCheckFindsABadKeyFileAndABadStoreTogether(t *testing.T) {
	data := copied(t)
	must(t, os.WriteFile(filepath.Join(data, "signing-key.json"), []byte("{}"), 0o600))
	must(t, os.WriteFile(filepath.Join(data, "portal.db"), []byte(strings.Repeat("no database ", 500)), 0o600))
	code, stdout, _ := command(t, "check", "--data", data)
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	contains(t, stdout, "signing-key.json", "portal.db")
}

var original string // a seeded folder that nobody serves

// copied is a data folder with the demonstration data for this test alone.
func copied(t *testing.T) string {
	t.Helper()
	if original == "" {
		folder, err := os.MkdirTemp("", "memberportal-cli-")
		must(t, err)
		original = folder
		serve(t, anyPort, "--data", original).stop(t)
	}
	data := t.TempDir()
	for _, name := range []string{"portal.db", "signing-key.json"} {
		content, err := os.ReadFile(filepath.Join(original, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(data, name), content, 0o600))
	}
	return data
}

// spoil changes a closed store behind the program's back.
func spoil(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.Exec(statements)
	must(t, err)
	must(t, db.Close())
}

// looked is the first value that a query finds in a closed store.
func looked(t *testing.T, path, query string) (value string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	must(t, db.QueryRow(query).Scan(&value))
	must(t, db.Close())
	return value
}

// TestCheckFindsLostFiles puts a piece without a file into a store, and a file that nobody took and that is not whole.
func TestCheckFindsLostFiles(t *testing.T) {
	data, ctx := copied(t), context.Background()
	db := filepath.Join(data, "portal.db")
	s, err := sqlitestore.Open(ctx, db, sqlitestore.Options{Holder: "test"})
	must(t, err)
	s.SetDay(looked(t, db, "SELECT date()"))
	must(t, files.PieceNoun.In(s).Insert(ctx, &kit.Piece{ID: "fil_GONE/1/0000", At: "2020-01-01T09:00:00.000Z", Bytes: []byte("x")}))
	must(t, files.FileNoun.In(s).Insert(ctx, &files.StoredFile{ID: "fil_OLD", Name: "a.pdf", Type: "application/pdf", UploadedByID: "usr_A", UploadedAt: "2020-01-01T09:00:00.000Z"}))
	must(t, s.Close())
	want := "warning: files fil_OLD: content: no record took the file, and its day is over\nwarning: files fil_GONE: content: there are pieces of the file, and no record of it\nno faults\n"
	if code, stdout, stderr := command(t, "check", "--data", data); code != 0 || stdout != want || stderr != "" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	want = "0 documents moved into the quarantine\nremoved what was left of the file fil_OLD\nremoved what was left of the file fil_GONE\n"
	if code, stdout, stderr := command(t, "check", "--data", data, "--repair"); code != 0 || stdout != want || stderr != "" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, stderr := command(t, "check", "--data", data); code != 0 || stdout != "no faults\n" || stderr != "" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
