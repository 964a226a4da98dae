package cli_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
)

// withFormer is a data folder in which usr_FORMER, whose mandate has ended, has a registration and gave
// service feedback.
func withFormer(t *testing.T) string {
	t.Helper()
	data, ctx := withEvents(t), context.Background()
	s, err := sqlitestore.Open(ctx, filepath.Join(data, "portal.db"), sqlitestore.Options{Holder: "test"})
	must(t, err)
	s.SetDay(string(testkit.Today))
	registration, feedback := *testkit.Registrations()[0], *testkit.ServiceFeedback()[0]
	registration.ID, registration.PersonID, registration.Status = "reg_FORMER", new(kit.ID("usr_FORMER")), events.RegistrationCancelled
	registration.StoredAnswers = []events.RegistrationAnswer{{Question: "NEEDS", Text: "A quiet room"}}
	feedback.ID, feedback.PersonID, feedback.Text = "sfb_FORMER", "usr_FORMER", "Nobody answers the telephone."
	must(t, events.RegistrationNoun.In(s).Insert(ctx, &registration))
	must(t, consultations.ServiceFeedbackNoun.In(s).Insert(ctx, &feedback))
	must(t, s.Close())
	return data
}

// ofFormer is what names usr_FORMER, each in another record.
var ofFormer = []string{"Ruth Namara", "former@example.org", "left the organisation", "A quiet room", "Nobody answers the telephone."}

// heldOf is what export person prints, as far as it is looked at here.
type heldOf struct {
	Person, WrittenAt string
	Persons           []struct{ Name, Email, ErasedOn *string }
	Mandates          []struct{ ID, Person string }
	Registrations     []struct{ ID string }
	ServiceFeedback   []struct{ ID string }
	Audit             []struct{ Actor string }
}

// holding is what a folder holds: all bytes of all files.
func holding(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	must(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			var raw []byte
			raw, err = os.ReadFile(path)
			all.Write(raw)
		}
		return err
	}))
	return all.String()
}

func TestAPersonsDataAreExportedAndErased(t *testing.T) {
	data := withFormer(t)
	db := filepath.Join(data, "portal.db")
	run := func(args ...string) (int, string, string) {
		return command(t, plus(plus(args, today...), "--data", data)...)
	}
	export := func() (all heldOf, text string) {
		t.Helper()
		code, stdout, stderr := run("export", "person", "usr_FORMER")
		if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 || stderr != "" {
			t.Fatalf("exit code %d, %v: %s", code, err, stderr)
		}
		if all.Person != "usr_FORMER" || all.WrittenAt == "" || len(all.Persons) != 1 || len(all.Mandates) != 1 || all.Mandates[0].ID != "man_FORMER" || all.Audit == nil {
			t.Errorf("held: %s", stdout)
		}
		return all, stdout
	}
	entries := func(operation string) string {
		t.Helper()
		return looked(t, db, "SELECT count(*) FROM audit WHERE k_target = 'usr_FORMER' AND instr(doc, CAST('"+operation+"' AS BLOB)) > 0")
	}
	all, text := export()
	contains(t, text, ofFormer...)
	if len(all.Registrations) != 1 || all.Registrations[0].ID != "reg_FORMER" || len(all.ServiceFeedback) != 1 || all.ServiceFeedback[0].ID != "sfb_FORMER" {
		t.Errorf("held: %s", text)
	}
	for _, other := range []string{"Grace Akello", "focal@example.org", "usr_DELEGATE", "reg_PAST", "A ramp"} {
		if strings.Contains(text, other) {
			t.Errorf("what is held about another is exported: %s", other)
		}
	}
	if n := entries("exportPerson"); n != "1" {
		t.Errorf("%s audit entries of the export", n)
	}
	contains(t, holding(t, data), ofFormer...) // so that the search below can find them

	for range 2 { // a second time there is nothing left to do
		if code, stdout, stderr := run("erase", "person", "usr_FORMER"); code != 0 || stdout != "erased: usr_FORMER\n" || stderr != "" {
			t.Fatalf("exit code %d, %q, %q", code, stdout, stderr)
		}
		left := holding(t, data)
		for _, text := range ofFormer {
			if strings.Contains(left, text) {
				t.Errorf("the data folder still holds %q", text)
			}
		}
		contains(t, left, "Grace Akello", "Peter Okot", "A ramp")
	}
	if n := entries("erasePerson"); n == "0" {
		t.Error("no audit entry of the erasure")
	}
	all, text = export()
	if p := all.Persons[0]; p.Name != nil || p.Email != nil || p.ErasedOn == nil || *p.ErasedOn != string(testkit.Today) {
		t.Errorf("after the erasure: %s", text)
	}
	if code, stdout, stderr := command(t, "check", "--data", data); code != 1 || strings.Count(stdout, "\n") != 1 {
		t.Errorf("check: exit code %d, %s%s", code, stdout, stderr) // there is no key
	}
}

func TestPersonCommandsThatAreRefused(t *testing.T) {
	data := withFormer(t)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"an export of nobody":                   {[]string{"export", "person", "usr_NONE"}, 1, `there is no person with the id "usr_NONE"`},
		"an erasure of nobody":                  {[]string{"erase", "person", "usr_NONE"}, 1, `there is no person with the id "usr_NONE"`},
		"an erasure of one with a mandate":      {[]string{"erase", "person", "usr_DELEGATE"}, 1, "has a mandate"},
		"an export without an id":               {[]string{"export", "person"}, 2, "<id>"},
		"an erasure without an id":              {[]string{"erase", "person"}, 2, "<id>"},
		"an erasure of a member":                {[]string{"erase", "person", "mem_ACTIVE"}, 1, `"mem_ACTIVE"`},
		"an erasure of what a person handed in": {[]string{"erase", "person", "sfb_FORMER"}, 1, `"sfb_FORMER"`},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, plus(plus(c.args, today...), "--data", data)...)
			if code != c.code || stdout != "" || stderr == "" {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
			contains(t, stderr, c.want)
		})
	}
	contains(t, holding(t, data), plus(ofFormer, "Peter Okot", "delegate@example.org")...)
	if n := looked(t, filepath.Join(data, "portal.db"), "SELECT count(*) FROM audit"); n != "0" {
		t.Errorf("%s audit entries of what was refused", n)
	}
}

// TestErasingAPersonFailsWhereSomethingOfItIsDamaged, and erases the rest.
func TestErasingAPersonFailsWhereSomethingOfItIsDamaged(t *testing.T) {
	data := withFormer(t)
	run := func(args ...string) (int, string, string) {
		return command(t, plus(plus(args, today...), "--data", data)...)
	}
	if code, _, stderr := run("erase", "person", "usr_FORMER"); code != 0 { // also runs the migrations
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	spoil(t, filepath.Join(data, "portal.db"), `UPDATE registrations SET doc = x'00' WHERE id = 'reg_FORMER'; UPDATE serviceFeedback SET doc = x'00' WHERE id = 'sfb_FORMER'`)
	code, stdout, stderr := run("erase", "person", "usr_FORMER")
	if code != 1 || stdout != "erased: usr_FORMER\n" {
		t.Errorf("exit code %d, %q", code, stdout)
	}
	contains(t, stderr, "1 damaged records were left out, and what is to be erased of them is still there")
}
