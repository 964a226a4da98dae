package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
)

// withConsultations is a data folder with the statement of testkit and the consultations on it.
func withConsultations(t *testing.T, all ...*consultations.Consultation) string {
	t.Helper()
	data, ctx := testbed(t), context.Background()
	s, err := sqlitestore.Open(ctx, filepath.Join(data, "portal.db"), sqlitestore.Options{Holder: "test"})
	must(t, err)
	s.SetDay(string(testkit.Today))
	must(t, consultations.LiaisonNoun.In(s).Insert(ctx, testkit.Statement()))
	must(t, consultations.ConsultationNoun.In(s).Insert(ctx, all...))
	for _, x := range testkit.Replies() {
		if x.ConsultationID == "con_CLOSED" {
			must(t, consultations.FeedbackNoun.In(s).Insert(ctx, x))
		}
	}
	must(t, s.Close())
	return data
}

func TestAConsultationIsReportedBack(t *testing.T) {
	all := testkit.Consultations()
	data := withConsultations(t, all[0], all[3])
	before := content(t, data)
	made := func(ref string, more ...string) string {
		out := filepath.Join(t.TempDir(), "new", "folder")
		code, stdout, stderr := command(t, plus(plus([]string{"consultation", "export", ref, "--out", out, "--data", data}, today...), more...)...)
		var want strings.Builder
		for _, name := range []string{"report.html", "report.md", "report.json", "replies.csv"} {
			want.WriteString(filepath.Join(out, name) + "\n")
		}
		if code != 0 || stderr != "" || stdout != want.String() {
			t.Fatalf("exit code %d, %q, %q", code, stdout, stderr)
		}
		raw, err := os.ReadFile(filepath.Join(out, "report.html"))
		must(t, err)
		return string(raw)
	}
	text := made("TESTBED_CLOSED")
	contains(t, text, `<html lang="en" dir="ltr">`, "Testbed consultation CLOSED", "words of ATTRIBUTED", "DEMONSTRATION")
	for _, hidden := range []string{"CONFIDENTIAL", "words of ANONYMISED", "words of UNNAMED"} { // fewer than five are anonymised
		if strings.Contains(text, hidden) {
			t.Errorf("the operator's report tells more than everybody may read: %s", hidden)
		}
	}
	if made("TESTBED-LS/1(Rev.1)") != text { // the other one on the statement is a draft
		t.Error("by the statement's reference it is another report")
	}
	contains(t, made("TESTBED_CLOSED", "--language", "AR"), `<html lang="ar" dir="rtl">`)
	if content(t, data) != before {
		t.Error("the store is another than before")
	}
	s := serve(t, anyPort, "--data", data, "--now", string(testkit.Today))
	defer s.stop(t)
	if made("TESTBED_CLOSED") != text {
		t.Error("beside a server it is another report")
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	data := withConsultations(t, testkit.Consultations()...)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"an unknown code":       {[]string{"NONE", "--out", "out"}, 1, `"NONE"`},
		"a draft":               {[]string{"TESTBED_DRAFT", "--out", "out"}, 1, `no consultation with the code "TESTBED_DRAFT"`},
		"an open one":           {[]string{"TESTBED_OPEN", "--out", "out"}, 1, "TESTBED_OPEN is not closed: it is OPEN"},
		"one past its deadline": {[]string{"TESTBED_PASSED", "--out", "out"}, 1, "DEADLINE_PASSED"},
		"several on one":        {[]string{"TESTBED-LS/1(Rev.1)", "--out", "out"}, 1, "TESTBED_CLOSED, TESTBED_OPEN, TESTBED_PASSED"},
		"no folder":             {[]string{"TESTBED_CLOSED"}, 2, "--out"},
		"no consultation":       {[]string{"--out", "out"}, 2, "<ref>"},
		"an unknown language":   {[]string{"TESTBED_CLOSED", "--out", "out", "--language", "DE"}, 2, "--language"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, stdout, stderr := command(t, plus(plus([]string{"consultation", "export", "--data", data}, today...), c.args...)...)
			if code != c.code || stdout != "" {
				t.Errorf("exit code %d, stdout %q", code, stdout)
			}
			contains(t, stderr, c.want)
			nothingMade(t)
		})
	}
}
