package docs_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The places in which a word can be avoided, as the glossary names them.
const (
	inDocs     = "docs"
	inSchema   = "schema"
	inComments = "comments"
)

// avoided is a row of the table of words to avoid. Each of forms is a word or words in their order.
type avoided struct {
	forms   [][]string
	instead string
	where   []string
}

var row = regexp.MustCompile(`(?m)^\| *([^|\n]+?) *\| *([^|\n]+?) *\| *([^|\n]+?) *\|$`)

// section is what stands below a heading of the second level, up to the next.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, after, found := strings.Cut(page, "\n## "+heading+"\n")
	if !found {
		t.Fatalf("the glossary has no section %q", heading)
	}
	below, _, _ := strings.Cut(after, "\n## ")
	return below
}

// toAvoid reads the table of words to avoid.
func toAvoid(t *testing.T, page string) (all []avoided) {
	t.Helper()
	for _, m := range row.FindAllStringSubmatch(section(t, page, "Words to avoid"), -1) {
		if m[1] == "Avoid" || strings.HasPrefix(m[1], "-") {
			continue
		}
		a := avoided{instead: m[2]}
		for form := range strings.SplitSeq(m[1], ",") {
			a.forms = append(a.forms, words(form))
		}
		for place := range strings.SplitSeq(m[3], ",") {
			place = strings.TrimSpace(place)
			if !slices.Contains([]string{inDocs, inSchema, inComments}, place) {
				t.Errorf("%s is to be avoided in %q, which is no place", m[1], place)
			}
			a.where = append(a.where, place)
		}
		all = append(all, a)
	}
	if len(all) == 0 {
		t.Fatal("the glossary has no word to avoid")
	}
	return all
}

var (
	word  = regexp.MustCompile(`\pL[\pL\pN]*(?:['’-][\pL\pN]+)*`)
	lines = regexp.MustCompile(`\n`)
)

// words are those of a text in small letters. What a hyphen joins is one word.
func words(text string) []string {
	return word.FindAllString(strings.ToLower(text), -1)
}

// use is a use of words that are to be avoided.
type use struct {
	line    int
	form    string
	instead string
}

// usesOf finds the words to avoid in a text of a place, with their lines in it, the first of which is 0.
func usesOf(table []avoided, place, text string) (uses []use) {
	text = strings.ToLower(text)
	at := word.FindAllStringIndex(text, -1)
	for _, a := range table {
		if !slices.Contains(a.where, place) {
			continue
		}
		for _, form := range a.forms {
			for i := range at {
				if i+len(form) > len(at) {
					break
				}
				same := true
				for j, w := range form {
					same = same && text[at[i+j][0]:at[i+j][1]] == w
				}
				if same {
					uses = append(uses, use{len(lines.FindAllString(text[:at[i][0]], -1)), strings.Join(form, " "), a.instead})
				}
			}
		}
	}
	return uses
}

// texts are all passages of a place. The glossary itself has to name what it avoids.
func texts(t *testing.T, place string) (all []passage) {
	t.Helper()
	switch place {
	case inDocs:
		for _, path := range pages(t) {
			if path != "docs/glossary.md" {
				all = append(all, passage{path, 1, prose(read(t, path))})
			}
		}
	case inSchema:
		for _, path := range glob(t, "graph/schema/*.graphqls") {
			all = append(all, descriptions(path, read(t, path))...)
		}
	case inComments:
		for _, room := range rooms(t) {
			all = append(all, comments(t, room)...)
		}
	}
	if len(all) == 0 {
		t.Fatalf("there is no text in %s", place)
	}
	return all
}

func TestNoTextUsesAWordToAvoid(t *testing.T) {
	table := toAvoid(t, read(t, "docs/glossary.md"))
	for _, place := range []string{inDocs, inSchema, inComments} {
		for _, p := range texts(t, place) {
			for _, u := range usesOf(table, place, p.text) {
				t.Errorf("%s:%d: docs/glossary.md avoids %q; write instead: %s", p.path, p.line+u.line, u.form, u.instead)
			}
		}
	}
}

// TestAWordToAvoidIsFound shows that the check above fails where it should, and only there.
func TestAWordToAvoidIsFound(t *testing.T) {
	table := toAvoid(t, "\n## Words to avoid\n| Avoid | Write instead | Where |\n|---|---|---|\n| notices | change records | docs, comments |\n| of a sudden, suddenly | at once | schema |\n")
	for _, c := range []struct {
		place, text string
		want        []use
	}{
		{inDocs, "Every process\nreads the Notices.", []use{{1, "notices", "change records"}}},
		{inComments, "notices notices", []use{{0, "notices", "change records"}, {0, "notices", "change records"}}},
		{inSchema, "Notices come of\na sudden, or suddenly.", []use{{0, "of a sudden", "at once"}, {1, "suddenly", "at once"}}},
		{inDocs, "A notice, change-notices, noticeable; all of a sudden.", nil},
		{inDocs, prose("The noun `notices`, [one](notices.md)\n```\nnotices\n```\n<!-- notices -->"), nil},
	} {
		if got := usesOf(table, c.place, c.text); !slices.Equal(got, c.want) {
			t.Errorf("in %s of %q found %v, want %v", c.place, c.text, got, c.want)
		}
	}
	found := descriptions("x", "\"\"\"\nOne\nnotices\n\"\"\"\ntype X {\n  \"Two\"\n  a(\n    \"Three\" b: Int @c(d: \"no\")): String\n}\n\"\"\"Four\"\"\"\nenum Y")
	var got []string
	for _, p := range found {
		got = append(got, strings.Join(words(p.text), " "))
	}
	if want := []string{"one notices", "two", "three", "four"}; !slices.Equal(got, want) {
		t.Errorf("descriptions are %q, want %q", got, want)
	}
}

// TestWordsOfTheGlossaryAreUsed keeps out of the glossary what nobody writes.
func TestWordsOfTheGlossaryAreUsed(t *testing.T) {
	page := read(t, "docs/glossary.md")
	var all strings.Builder
	for _, place := range []string{inDocs, inSchema, inComments} {
		for _, p := range texts(t, place) {
			all.WriteString(" " + strings.Join(words(p.text), " "))
		}
	}
	used := all.String() + " "
	term := regexp.MustCompile(`(?m)^- \*\*([^*]+)\*\*`)
	for _, heading := range []string{"Words of the field", "Words of the code"} {
		terms := term.FindAllStringSubmatch(section(t, page, heading), -1)
		if len(terms) == 0 {
			t.Errorf("%s has no word", heading)
		}
		for _, m := range terms {
			for name := range strings.SplitSeq(m[1], ",") {
				w := strings.Join(words(name), " ")
				if !strings.Contains(used, " "+w+" ") && !strings.Contains(used, " "+w+"s ") {
					t.Errorf("docs/glossary.md explains %q, which nothing uses", w)
				}
			}
		}
	}
}
