package report_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/report"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// update rewrites the golden files.
var update = flag.Bool("update", false, "rewrite golden files")

var names = []string{"report.html", "report.md", "report.json", "replies.csv"}

// files writes the report on TESTBED_CLOSED out of a store, and gives its files by their names. Who asks for
// it is the secretariat, which must not make a difference.
func files(t *testing.T, s store.Store, locale kit.Locale) map[string]string {
	t.Helper()
	ctx := kit.WithActor(context.Background(), testkit.Actor("SECRETARIAT"))
	r, err := testkit.Portal(t, s).ReportBack(ctx, "TESTBED_CLOSED")
	must(t, err)
	dir := filepath.Join(t.TempDir(), "made", "here")
	files, err := report.Files(r, locale)
	must(t, err)
	paths, err := report.Write(dir, files...)
	must(t, err)
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(paths) != len(names) || len(entries) != len(names) {
		t.Fatalf("wrote %v, there is %v", paths, entries)
	}
	found := map[string]string{}
	for i, path := range paths {
		if filepath.Base(path) != names[i] {
			t.Errorf("%s in place of %s", path, names[i])
		}
		raw, err := os.ReadFile(path)
		must(t, err)
		found[names[i]] = string(raw)
	}
	return found
}

func TestTheReportIsTheGoldenOne(t *testing.T) {
	for name, got := range files(t, testkit.Engines()[0].Shared(t), kit.English) {
		path := filepath.Join("testdata", name)
		if *update {
			must(t, os.WriteFile(path, []byte(got), 0o644))
			continue
		}
		want, err := os.ReadFile(path)
		must(t, err)
		if got != string(want) {
			t.Errorf("%s is another; go test ./internal/report -update, and look at the difference", name)
		}
	}
}

func TestTheSameStateIsTheSameReport(t *testing.T) {
	s := testkit.Engines()[0].Shared(t)
	for _, l := range kit.Locales {
		first, second := files(t, s, l), files(t, s, l)
		for _, name := range names {
			if first[name] != second[name] || first[name] == "" {
				t.Errorf("%s in %s is another the second time", name, l)
			}
		}
	}
}

func TestNothingIsToldThatIsNotPublished(t *testing.T) {
	made := files(t, testkit.Engines()[0].Shared(t), kit.English)
	if n := strings.Count(made["report.json"], `"respondent": null`); n != 2 {
		t.Errorf("%d replies have no respondent", n)
	}
	if !strings.Contains(made["replies.csv"], "\nR1,,,,OFFICIAL,,ANONYMISED,,") {
		t.Errorf("the anonymised reply is not the first, or says whose it is:\n%s", made["replies.csv"])
	}
	for name, text := range made {
		for _, secret := range []string{"CONFIDENTIAL", "words of TAKEN", "words of ANONYMISED", "words of UNNAMED", "FEES", "usr_", "mem_", "fbk_", "nonce", "Testbed Leaving", "all there", "words of SECRET"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %q", name, secret)
			}
		}
		for _, told := range []string{"words of ATTRIBUTED", "words of VIEW", "Testbed International"} {
			if !strings.Contains(strings.ReplaceAll(text, `\_`, "_"), told) {
				t.Errorf("%s does not tell %q", name, told)
			}
		}
	}
}

// hostile is what a reply might say so as to be more than a text.
const hostile = "=HYPERLINK(\"https://evil.example\")\n</p></script><script>alert(1)</script><img src=x onerror=alert(1)>\n| a | b |\n# heading\n- item\n1. item\n---\n" +
	"```\ncode`tick`\n[link](javascript:alert(1)) ![picture](https://evil.example/x.png) <https://evil.example> https://evil.example www.evil.example a@evil.example\n" +
	"**bold** _italic_ ~~gone~~ &lt; \u202Eturned\u202C\x07\r\n\u2028end"

// attacked is a store in which a member's name, a question, a topic, and what it replies are hostile.
func attacked(t *testing.T) store.Store {
	t.Helper()
	s, ctx := testkit.Engines()[0].Fresh(t), context.Background()
	found, err := consultations.FeedbackNoun.In(s).Many(ctx, []string{"fbk_ATTRIBUTED"})
	must(t, err)
	for i := range found[0].StoredSubmissions[0].Answers {
		if a := &found[0].StoredSubmissions[0].Answers[i]; a.Text != nil {
			a.Text = new(hostile)
		}
	}
	must(t, consultations.FeedbackNoun.In(s).Replace(ctx, found[0]))
	members, err := membership.MemberNoun.In(s).Many(ctx, []string{"mem_INTERNATIONAL"})
	must(t, err)
	members[0].Name = hostile
	must(t, membership.MemberNoun.In(s).Replace(ctx, members[0]))
	all, err := consultations.ConsultationNoun.In(s).Many(ctx, []string{"con_CLOSED"})
	must(t, err)
	text := &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: hostile, Provenance: kit.Original}}}
	all[0].Title, all[0].Questions[0].Text, all[0].Questions[2].Options[0].Text, all[0].FinalReportDue.Source = text, text, text, hostile
	must(t, consultations.ConsultationNoun.In(s).Replace(ctx, all[0]))
	return s
}

// active are tags that load, run or lead anywhere but within the page.
var active = regexp.MustCompile(`<(?:script|img|link|iframe|object|form|base)\b[^>]*|<[^>]*(?:\bsrc=|\bon[a-z]+=|href="[^#]|style=")[^>]*`)

func TestAHostileReplyIsATextInEveryFile(t *testing.T) {
	s := attacked(t)
	for _, l := range []kit.Locale{kit.English, kit.Arabic} {
		made := files(t, s, l)
		for name, text := range made {
			for _, bad := range []string{"<script", "</script>", "<img", "\u202E", "\x07", "\r"} {
				if strings.Contains(text, bad) && (bad[0] != '<' || name != "replies.csv") { // CSV has no tags
					t.Errorf("%s in %s holds %q", name, l, bad)
				}
			}
		}
		page := made["report.html"]
		for _, attribute := range active.FindAllString(page, -1) {
			t.Errorf("report.html in %s holds %s", l, attribute)
		}
		plainMarkdown(t, made["report.md"])
		noFormula(t, made["replies.csv"])
	}
	var facts struct {
		Replies []struct{ Answers []struct{ Text *string } }
	}
	must(t, json.Unmarshal([]byte(files(t, s, kit.English)["report.json"]), &facts))
	for _, x := range facts.Replies {
		for _, a := range x.Answers {
			if a.Text != nil && *a.Text == hostile {
				return
			}
		}
	}
	t.Error("report.json does not hold the text as it was")
}

// plainMarkdown fails if a line holds a sign that makes markup and is not the report's own.
func plainMarkdown(t *testing.T, text string) {
	t.Helper()
	own := strings.NewReplacer("\\\\", "", "\\`", "", "\\|", "", "\\[", "", "\\]", "", "\\*", "", "\\_", "", "\\#", "", "\\!", "", "\\~", "", "\\:", "")
	columns := 0
	for l := range strings.SplitSeq(text, "\n") {
		bare := own.Replace(l)
		n := strings.Count(bare, "|")
		switch {
		case n == 0:
			columns = 0
		case columns == 0:
			columns = n
		case columns != n:
			t.Errorf("a line of a table with %d signs in place of %d: %s", n, columns, l)
		}
		said, quoted := strings.CutPrefix(bare, "> ")
		if strings.ContainsAny(bare, "`<") || strings.Contains(bare, "](") && strings.Contains(bare, "javascript") || strings.Contains(bare, "://") || strings.Contains(bare, "www.") ||
			quoted && (strings.HasPrefix(said, "#") || strings.HasPrefix(said, "- ") || strings.HasPrefix(said, "1. ") || strings.HasPrefix(said, "---") || strings.Contains(said, "](")) {
			t.Errorf("markup: %s", l)
		}
	}
}

func noFormula(t *testing.T, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	must(t, err)
	found := false
	for _, cells := range rows {
		for _, c := range cells {
			found = found || strings.HasPrefix(c, "'=HYPERLINK")
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") || strings.ContainsAny(c, "\n\r\t") {
				t.Errorf("a cell %q", c)
			}
		}
	}
	if len(rows) < 2 || !found {
		t.Errorf("%d rows, and the hostile text is not among them", len(rows))
	}
}
