package docs_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports are the packages of the module that a folder's Go files import, by their folders, without tests.
func imports(t *testing.T, folder string) (all []string) {
	t.Helper()
	_, files := parsed(t, path.Join(folder, "*.go"))
	for name, file := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, i := range file.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if at, ours := strings.CutPrefix(imported, "memberportal/"); ours && !slices.Contains(all, at) {
				all = append(all, at)
			}
		}
	}
	return all
}

// TestTheTableOfPackagesIsTrue holds the table of docs/architecture.md against the imports: it has every package
// that the program is made of, and for each one exactly the others that it uses.
func TestTheTableOfPackagesIsTrue(t *testing.T) {
	table := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `((?:internal|graph)[a-z/]*)` \\| .* \\| ?(.*) ?\\|$").FindAllStringSubmatch(read(t, "docs/architecture.md"), -1) {
		table[m[1]] = nil
		for name := range strings.SplitSeq(m[2], ",") {
			if name = strings.TrimSpace(name); name != "" {
				table[m[1]] = append(table[m[1]], name)
			}
		}
	}
	program := []string{"internal/cli"} // what the command's file imports
	if got := imports(t, "."); !slices.Equal(got, program) {
		t.Errorf("the program begins in %v, not in %v", got, program)
	}
	for i := 0; i < len(program); i++ {
		uses, known := table[program[i]]
		if !known {
			t.Errorf("docs/architecture.md has no row for %s", program[i])
		}
		var names []string
		for _, at := range imports(t, program[i]) {
			if !slices.Contains(program, at) {
				program = append(program, at)
			}
			names = append(names, strings.TrimPrefix(at, "internal/"))
		}
		if slices.Sort(names); known && !slices.Equal(names, slices.Sorted(slices.Values(uses))) {
			t.Errorf("docs/architecture.md: %s uses %s, the row says %s", program[i], strings.Join(names, ", "), strings.Join(uses, ", "))
		}
	}
	for at := range table {
		if !slices.Contains(program, at) && at != "graph/model" { // which gqlgen needs and nothing uses
			t.Errorf("docs/architecture.md has a row for %s, of which the program is not made", at)
		}
	}
}

// TestDecisionsHaveTheirParts holds every decision to one form, and the index to all of them.
func TestDecisionsHaveTheirParts(t *testing.T) {
	index := read(t, "docs/adr/README.md")
	decisions := glob(t, "docs/adr/0*.md")
	if len(decisions) == 0 {
		t.Fatal("there are no decisions")
	}
	for i, at := range decisions {
		text, name := read(t, at), path.Base(at)
		title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
		if number := name[:4]; !strings.HasPrefix(title, number+": ") || number != fmt.Sprintf("%04d", i+1) {
			t.Errorf("%s has the title %q", at, title)
		}
		if !strings.Contains(index, "["+title+"]("+name+")") {
			t.Errorf("docs/adr/README.md does not list %s by its title", at)
		}
		var parts []string
		for _, m := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(text, -1) {
			parts = append(parts, m[1])
		}
		if want := []string{"Context", "Decision", "Consequences", "Refused"}; !slices.Equal(parts, want) {
			t.Errorf("%s has the parts %v, not %v", at, parts, want)
		}
	}
}

// TestTheArchitectureLinksEverySubject keeps a page from being written and not found.
func TestTheArchitectureLinksEverySubject(t *testing.T) {
	page := read(t, "docs/architecture.md")
	for _, at := range glob(t, "docs/architecture/*.md") {
		if to := strings.TrimPrefix(at, "docs/"); !strings.Contains(page, "]("+to+")") {
			t.Errorf("docs/architecture.md does not link %s", to)
		}
	}
}
