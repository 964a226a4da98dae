package cli_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// backedUp is a backup of a data folder.
func backedUp(t *testing.T, data string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "portal.backup")
	if code, stdout, stderr := command(t, "backup", file, "--data", data); code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	return file
}

func TestBackupBesideAServer(t *testing.T) {
	data := t.TempDir()
	s := serve(t, anyPort, "--data", data)
	defer s.stop(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "portal.backup")
	code, stdout, stderr := command(t, "backup", file, "--data", data, "--json")
	var said struct {
		File, SHA256 string
		Size         int64
		Manifest     store.Manifest
	}
	if err := json.Unmarshal([]byte(stdout), &said); err != nil || code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %v: %s%s", code, err, stdout, stderr)
	}
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode() != 0o600 || info.Size() != said.Size || said.File != file || !said.Manifest.OneState || said.Manifest.Engine != "sqlite" || said.Manifest.Migration != len(portal.Migrations()) {
		t.Errorf("%v, %d bytes: %s", info.Mode(), info.Size(), stdout)
	}
	before, err := os.ReadFile(file)
	must(t, err)
	if code, _, stderr := command(t, "backup", file, "--data", data); code != 1 || !strings.Contains(stderr, "--force") {
		t.Errorf("over a file: exit code %d, %s", code, stderr)
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("the first backup was changed: %v", err)
	}
	if code, stdout, stderr := command(t, "backup", file, "--data", data, "--force"); code != 0 || stderr != "" || !strings.Contains(stdout, file+"\n") {
		t.Errorf("forced: exit code %d: %s%s", code, stdout, stderr)
	}
	if code, _, stderr := command(t, "backup", filepath.Join(folder, "none", "b"), "--data", data); code != 1 {
		t.Errorf("into no folder: exit code %d, %s", code, stderr)
	}
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	hidden, _ := filepath.Glob(filepath.Join(folder, ".*"))
	if must(t, err); len(names)+len(hidden) != 1 {
		t.Errorf("the folder holds %v, %v", names, hidden)
	}
	if code, _, stderr := command(t, "restore", file, "--data", data, "--replace"); code != 1 || !strings.Contains(stderr, "in use by process") {
		t.Errorf("restored beside a server: exit code %d, %s", code, stderr)
	}
	if code, stdout, stderr := command(t, "restore", file, "--data", data, "--dry-run"); code != 0 || !strings.Contains(stdout, "holds: 44 members\n") {
		t.Errorf("a dry run beside a server: exit code %d, %s%s", code, stdout, stderr)
	}
}

// TestRestoreIsRefused changes nothing.
func TestRestoreIsRefused(t *testing.T) {
	data := copied(t)
	file := backedUp(t, data)
	bad := filepath.Join(t.TempDir(), "bad")
	raw, err := os.ReadFile(file)
	must(t, err)
	raw[len(raw)/2] ^= 1
	must(t, os.WriteFile(bad, raw, 0o600))
	before := holding(t, data)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"over a store that holds something": {[]string{file}, 1, "--replace"},
		"of a file that is no longer whole": {[]string{bad, "--replace"}, 1, "cannot be used"},
		"of a file that is not there":       {[]string{filepath.Join(data, "none")}, 2, "none"},
		"of a database":                     {[]string{filepath.Join(data, "portal.db"), "--replace"}, 1, "cannot be used"},
		"with a list of no persons":         {[]string{file, "--replace", "--erasures", file}, 2, "no id of a person"},
		"without a file":                    {nil, 2, "<file>"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, plus([]string{"restore", "--data", data}, c.args...)...)
			if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d: %s%s", code, stdout, stderr)
			}
		})
	}
	must(t, os.Remove(filepath.Join(data, "portal.db.lock")))
	if holding(t, data) != before {
		t.Error("the data folder was changed")
	}
}

// TestRestoreTakesTheLogOfTheOldDatabaseAway: a file that is copied over a database beside the log of a process that
// was killed takes that log for its own.
func TestRestoreTakesTheLogOfTheOldDatabaseAway(t *testing.T) {
	data := copied(t)
	db := filepath.Join(data, "portal.db")
	file := backedUp(t, data)
	name := looked(t, db, "SELECT doc FROM members WHERE id = "+anyMember)
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		must(t, os.WriteFile(db+suffix, []byte(strings.Repeat("of another database", 5000)), 0o600))
	}
	must(t, os.WriteFile(db, []byte(strings.Repeat("no database ", 500)), 0o600))
	none := filepath.Join(t.TempDir(), "none")
	must(t, os.WriteFile(none, nil, 0o600))
	code, stdout, stderr := command(t, "restore", file, "--data", data, "--replace")
	if code != 1 || !strings.Contains(stderr, "--erasures") {
		t.Errorf("a store whose erasures nobody can read: exit code %d: %s%s", code, stdout, stderr)
	}
	code, stdout, stderr = command(t, "restore", file, "--data", data, "--replace", "--erasures", none)
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	contains(t, stdout, "restored: 44 members\n")
	names := []string{}
	entries, err := os.ReadDir(data)
	must(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "portal.db portal.db.lock signing-key.json" {
		t.Errorf("the folder holds %s", got)
	}
	if now := looked(t, db, "SELECT doc FROM members WHERE id = "+anyMember); now != name {
		t.Error("another document was restored")
	}
	if code, stdout, stderr := command(t, "check", "--data", data); code != 0 {
		t.Errorf("check: exit code %d: %s%s", code, stdout, stderr)
	}
	serve(t, anyPort, "--data", data).stop(t)
}

// TestARestoreThatWasKilledIsRunAgain: when it was killed between taking the old store out and putting the new one in,
// the server does not begin an empty one, and what was erased in the old one is still known.
func TestARestoreThatWasKilledIsRunAgain(t *testing.T) {
	data := withFormer(t)
	db := filepath.Join(data, "portal.db")
	must(t, os.WriteFile(db+".lock", nil, 0o600)) // withFormer has made no line about the store
	if code, _, stderr := command(t, plus([]string{"clock", "--data", data}, today...)...); code != 0 {
		t.Fatal(stderr)
	}
	file := backedUp(t, data)
	if code, _, stderr := command(t, plus([]string{"erase", "person", "usr_FORMER", "--data", data}, today...)...); code != 0 {
		t.Fatal(stderr)
	}
	must(t, os.Mkdir(db+".restoring", 0o700))
	must(t, os.Rename(db, filepath.Join(db+".restoring", "replaced.db")))
	if code, _, stderr := command(t, anyPort, "--data", data); code != 1 || !strings.Contains(stderr, "memberportal restore FILE") {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	code, stdout, stderr := command(t, plus([]string{"restore", file, "--data", data, "--replace"}, today...)...)
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	contains(t, stdout, "erased again: 1 persons")
	left := holding(t, data)
	for _, text := range ofFormer {
		if strings.Contains(left, text) {
			t.Errorf("the data folder holds %q", text)
		}
	}
	contains(t, left, "Grace Akello")
	if _, err := os.Stat(db + ".restoring"); err == nil {
		t.Error("the folder of the restore is still there")
	}
}

// TestPersonsAreErasedByAList: where there is no store of before, or more was erased than it knows of.
func TestPersonsAreErasedByAList(t *testing.T) {
	data := withFormer(t)
	if code, _, stderr := command(t, plus([]string{"clock", "--data", data}, today...)...); code != 0 {
		t.Fatal(stderr)
	}
	file := backedUp(t, data)
	erased := filepath.Join(t.TempDir(), "erased")
	must(t, os.WriteFile(erased, []byte("# of erase person\nerased: usr_FORMER\n\nusr_UGANDA\n"), 0o600))
	elsewhere := filepath.Join(t.TempDir(), "new")
	code, stdout, stderr := command(t, plus([]string{"restore", file, "--data", elsewhere, "--erasures", erased, "--json"}, today...)...)
	var said struct {
		Documents map[string]int
		Erased    struct {
			PersonsAgain int
			InOffice     []string
		}
	}
	if err := json.Unmarshal([]byte(stdout), &said); err != nil || code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %v: %s%s", code, err, stdout, stderr)
	}
	if said.Erased.PersonsAgain != 2 || len(said.Erased.InOffice) != 1 || said.Documents["persons"] != len(testkit.Persons())+len(testkit.Staff()) {
		t.Errorf("said %s", stdout)
	}
	left := holding(t, elsewhere)
	for _, gone := range append([]string{"David Mugisha"}, ofFormer...) {
		if strings.Contains(left, gone) {
			t.Errorf("the data folder holds %q", gone)
		}
	}
	must(t, filepath.WalkDir(elsewhere, func(path string, d fs.DirEntry, err error) error {
		if info, e := d.Info(); e == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	}))
}

// TestWhatIsDueIsErasedOrKept: a restore does what erase would, unless it is told to leave that.
func TestWhatIsDueIsErasedOrKept(t *testing.T) {
	data := withAged(t)
	if code, _, stderr := command(t, plus([]string{"clock", "--data", data}, today...)...); code != 0 {
		t.Fatal(stderr)
	}
	file := backedUp(t, data)
	for _, keep := range []bool{true, false} {
		args := plus([]string{"restore", file, "--data", data, "--replace"}, today...)
		if keep {
			args = append(args, "--keep-due")
		}
		if code, stdout, stderr := command(t, args...); code != 0 || strings.Contains(stdout, ", 0 other records") != keep {
			t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
		}
		if left := strings.Count(holding(t, data), testkit.PersonalText); (left > 1) != keep { // the mail is a file
			t.Errorf("kept %v: the data folder holds the text %d times", keep, left)
		}
	}
}
