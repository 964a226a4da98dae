package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exported is what export prints of a data folder.
func exported(t *testing.T, data string) string {
	t.Helper()
	code, stdout, stderr := command(t, "export", "members", "--data", data)
	if code != 0 || stderr != "" || !strings.HasPrefix(stdout, "name,category,") {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	return stdout
}

// saved writes a file for a command to read.
func saved(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "members.csv")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// imported runs an import that tells its result as JSON.
func imported(t *testing.T, want int, args ...string) (result struct {
	Rows, Made, There int
	Faults            []struct {
		Row                   int
		Column, Code, Message string
	}
}) {
	t.Helper()
	code, stdout, stderr := command(t, plus([]string{"import", "members", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || code != want || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("exit code %d, %v: %s%s", code, err, stdout, stderr)
	}
	return result
}

func TestSeedFillsAStoreAndThenMakesNothing(t *testing.T) {
	data := t.TempDir()
	for _, want := range []string{"made 30 members, 0 were there\n", "made 0 members, 30 were there\n"} {
		code, stdout, stderr := command(t, "seed", "--data", data, "--members", "30")
		if code != 0 || stdout != "" || !strings.HasSuffix(stderr, want) {
			t.Errorf("exit code %d, %q, %q, want %q", code, stdout, stderr, want)
		}
		if n := strings.Count(exported(t, data), "DEMONSTRATION"); n != 30 {
			t.Errorf("%d members", n)
		}
	}
	if code, _, stderr := command(t, "seed", "--data", data, "--members", "60"); code != 0 || !strings.HasSuffix(stderr, "made 30 members, 30 were there\n") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	if code, stdout, _ := command(t, "check", "--data", data); code != 1 || !strings.Contains(stdout, "signing-key.json") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("check: exit code %d, %s", code, stdout) // a seed makes no key, and leaves no other fault
	}
}

func TestBulkCommandsThatAreAskedWronglyMakeNothing(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"seeding in production":           {[]string{"seed", "--mode", "production", "--data", "data"}, "production"},
		"seeding no members":              {[]string{"seed", "--members", "0"}, "--members"},
		"seeding half a member":           {[]string{"seed", "--members", "0.5"}, "--members"},
		"importing no file":               {[]string{"import", "members"}, "file"},
		"importing a file that is not":    {[]string{"import", "members", "none.csv"}, "none.csv"},
		"importing something else":        {[]string{"import", "benefits", "x.csv"}, "benefits"},
		"exporting something else":        {[]string{"export", "benefits"}, "benefits"},
		"exporting a store that is none":  {[]string{"export", "members", "--store", "nonsense"}, "--store"},
		"importing on a day that is none": {[]string{"import", "members", os.DevNull, "--now", "soon"}, "--now"},
	} {
		t.Run(name+" exits with 2", func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, stdout, stderr := command(t, c.args...)
			if code != 2 || stdout != "" {
				t.Errorf("exit code %d, stdout %q", code, stdout)
			}
			contains(t, stderr, c.want, "memberportal --help")
			nothingMade(t)
		})
	}
	t.Run("exporting a store that is not there exits with 1", func(t *testing.T) {
		t.Chdir(t.TempDir())
		if code, stdout, stderr := command(t, "export", "members"); code != 1 || stdout != "" || !strings.Contains(stderr, "portal.db") {
			t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
		}
		nothingMade(t)
	})
	t.Run("a dry run on a store that is not there makes none", func(t *testing.T) {
		file := saved(t, exported(t, copied(t)))
		t.Chdir(t.TempDir())
		_, _, _ = command(t, "import", "members", file, "--dry-run")
		nothingMade(t)
	})
}

func TestMembersGoThroughFilesUnchanged(t *testing.T) {
	data := copied(t)
	want := exported(t, data)
	file, other := saved(t, want), t.TempDir()
	must(t, os.MkdirAll(other, 0o700))
	if r := imported(t, 0, file, "--data", other); r.Rows != 44 || r.Made != 44 || r.There != 0 || r.Faults == nil || len(r.Faults) != 0 {
		t.Errorf("got %+v", r)
	}
	if got := exported(t, other); got != want {
		t.Errorf("exported again:\n%s\nwas:\n%s", got, want)
	}
	for range 2 { // nor does the dry run before the import write anything
		if r := imported(t, 0, file, "--data", other, "--dry-run"); r.Rows != 44 || r.Made != 0 || r.There != 44 {
			t.Errorf("again: %+v", r)
		}
	}
	if code, stdout, stderr := command(t, "import", "members", file, "--data", other); code != 0 || stdout != "44 rows: 0 made, 44 were there, 0 faults\n" || stderr != "" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, _ := command(t, "check", "--data", other); code != 1 || !strings.Contains(stdout, "signing-key.json") || strings.Count(stdout, "\n") != 1 {
		t.Errorf("check: exit code %d, %s", code, stdout)
	}
}

func TestImportReadsStandardInput(t *testing.T) {
	text := exported(t, copied(t))
	data := t.TempDir()
	stdin := os.Stdin
	t.Cleanup(func() { os.Stdin = stdin })
	for _, made := range []int{44, 0} {
		in, err := os.Open(saved(t, text))
		must(t, err)
		os.Stdin = in
		if r := imported(t, 0, "-", "--data", data); r.Rows != 44 || r.Made != made {
			t.Errorf("got %+v", r)
		}
	}
}

func TestAFileWithFaultsIsListedAndWritesNothing(t *testing.T) {
	good := strings.Split(strings.TrimSpace(exported(t, copied(t))), "\n")
	bad := saved(t, strings.Join([]string{good[0], good[1], "too,short", strings.Replace(good[2], "DEMONSTRATION", "REAL", 1), ""}, "\n"))
	data := t.TempDir()
	for _, args := range [][]string{{bad, "--data", data}, {bad, "--data", data, "--dry-run"}} {
		r := imported(t, 1, args...)
		if len(r.Faults) != 2 || r.Faults[0].Row != 3 || r.Faults[0].Column != "" || r.Faults[1].Row != 4 || r.Faults[1].Column != "dataset" || r.Faults[1].Code != "INVALID" || r.Made != 0 {
			t.Errorf("got %+v", r)
		}
		code, stdout, stderr := command(t, plus([]string{"import", "members"}, args...)...)
		if code != 1 || strings.Count(stdout, "\n") != 3 {
			t.Errorf("exit code %d, %s", code, stdout)
		}
		contains(t, stdout, "row 3", "row 4, dataset: INVALID: ", "DEMONSTRATION", "0 made", "2 faults\n")
		contains(t, stderr, "nothing was written")
		if got := exported(t, data); strings.Count(got, "\n") != 1 {
			t.Errorf("wrote\n%s", got)
		}
	}
	t.Run("a file that is no table exits with 1", func(t *testing.T) {
		if r := imported(t, 1, saved(t, "name\n"), "--data", data); len(r.Faults) != 1 || r.Faults[0].Row != 1 {
			t.Errorf("got %+v", r)
		}
	})
	t.Run("a folder is no file", func(t *testing.T) {
		if code, stdout, stderr := command(t, "import", "members", t.TempDir(), "--data", data); code == 0 || strings.Contains(stdout, "row 1") || !strings.Contains(stderr, "directory") {
			t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
		}
	})
}

func TestBulkCommandsBesideAServer(t *testing.T) {
	data := t.TempDir()
	s := serve(t, anyPort, "--data", data)
	defer s.stop(t)
	text := exported(t, data)
	if n := strings.Count(text, "DEMONSTRATION"); n != 40 {
		t.Errorf("%d members", n)
	}
	file := saved(t, text)
	for range 2 {
		if r := imported(t, 0, file, "--data", data); r.Rows != 44 || r.There != 44 {
			t.Errorf("an import of what is there: %+v", r)
		}
	}
	if got := exported(t, data); got != text {
		t.Errorf("the store changed:\n%s", got)
	}
	if code, stdout, stderr := command(t, "seed", "--members", "41", "--data", data); code != 0 || stdout != "" || !strings.HasSuffix(stderr, "made 1 members, 40 were there\n") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	if all := ask[directory](t, s, s.tokens()["SECRETARIAT"], directoryQuery).Members; all.TotalCount != 45 {
		t.Errorf("the server answers %d members", all.TotalCount)
	}
}
