package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"memberportal/internal/cli"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
)

// withAged is a data folder with a record of each class that is erased, past its date, and an old mail of
// development's outbox.
func withAged(t *testing.T) string {
	t.Helper()
	data := withEvents(t)
	s, err := sqlitestore.Open(context.Background(), filepath.Join(data, "portal.db"), sqlitestore.Options{Holder: "test"})
	must(t, err)
	s.SetDay(string(testkit.Today))
	must(t, store.Migrate(context.Background(), s, portal.Migrations()))
	testkit.Age(t, s, testkit.LongAgo)
	must(t, s.Close())
	mail := filepath.Join(data, "outbox", "old.eml")
	must(t, os.MkdirAll(filepath.Dir(mail), 0o700))
	must(t, os.WriteFile(mail, []byte("To: "+testkit.PersonalText+"@example.org\r\n\r\nYour code"), 0o600))
	must(t, os.Chtimes(mail, time.Time{}, time.Now().AddDate(0, 0, -31)))
	return data
}

// TestEraseLeavesNoByteOfAnyClass looks through every file of the data folder.
func TestEraseLeavesNoByteOfAnyClass(t *testing.T) {
	data := withAged(t)
	erase := func(more ...string) string {
		t.Helper()
		code, stdout, stderr := command(t, plus(plus([]string{"erase", "--data", data}, today...), more...)...)
		if code != 0 || stderr != "" {
			t.Fatalf("exit code %d, %s%s", code, stdout, stderr)
		}
		return stdout
	}
	dry := erase("--dry-run")
	if strings.Contains(dry, " 0 ") {
		t.Errorf("nothing of a class is due:\n%s", dry)
	}
	if n := strings.Count(holding(t, data), testkit.PersonalText); n < 40 {
		t.Fatalf("the data folder holds the text %d times: too seldom to be found below", n)
	}
	if stdout := erase(); stdout != strings.ReplaceAll(dry, "to erase:", "erased:") {
		t.Errorf("erased\n%s, and the dry run said\n%s", stdout, dry)
	}
	if n := strings.Count(strings.ToLower(holding(t, data)), strings.ToLower(testkit.PersonalText)); n > 0 {
		t.Errorf("the data folder still holds the text %d times", n)
	}
	contains(t, holding(t, data), "Grace Akello", "A ramp") // others lost nothing
}

// TestEraseGoesOnPastDamagedDocuments and fails, because it cannot know what is due of them.
func TestEraseGoesOnPastDamagedDocuments(t *testing.T) {
	data := withAged(t)
	db := filepath.Join(data, "portal.db")
	spoil(t, db, `UPDATE members SET doc = x'00' WHERE id = 'mem_AGED'; UPDATE applications SET doc = x'00' WHERE id = 'app_AGEDDRAFT'`)
	for range 2 {
		code, stdout, stderr := command(t, plus([]string{"erase", "--data", data}, today...)...)
		if code != 1 || stderr != "memberportal: 2 damaged records were left out, and what is to be erased of them is still there; memberportal check names them\n" {
			t.Errorf("exit code %d, %s", code, stderr)
		}
		contains(t, stdout, "erased: 0 formerContacts", "erased: 0 applicationDrafts", "mails\n")
	}
	if n := strings.Count(holding(t, data), testkit.PersonalText); n > 0 {
		t.Errorf("the data folder still holds the text %d times", n)
	}
}

// TestTheServerErases what the command erases, and its log says how much and not of whom.
func TestTheServerErases(t *testing.T) {
	data := withAged(t)
	log := newOutput()
	must(t, cli.EraseNow(t.Context(), data, testkit.Today, log))
	if n := strings.Count(holding(t, data), testkit.PersonalText); n > 0 {
		t.Errorf("the data folder still holds the text %d times", n)
	}
	contains(t, log.String(), "msg=erased", "registrations=2", "applicants=1", "mails=1")
	for _, text := range []string{testkit.PersonalText, "usr_", "mem_", "evt_"} {
		if strings.Contains(log.String(), text) {
			t.Errorf("the log has %s:\n%s", text, log)
		}
	}
	if n := looked(t, filepath.Join(data, "portal.db"), "SELECT count(*) FROM audit"); n == "0" {
		t.Error("no audit entry")
	}
}

func TestTimesOfErasureThatAreNone(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, at := range []string{"24:00", "3h", "03:30:00", "noon"} {
		if code, _, stderr := command(t, anyPort, "--erase-at", at); code != 2 || !strings.Contains(stderr, "--erase-at") {
			t.Errorf("%s: exit code %d, %s", at, code, stderr)
		}
	}
	nothingMade(t)
	serve(t, anyPort, "--data", t.TempDir(), "--demo-members=0", "--erase-at", "").stop(t)
}
