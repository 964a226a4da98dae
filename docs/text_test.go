// Package docs_test holds the documentation to what it describes: names and paths that exist, commands that
// run something, words that the glossary allows.
package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the folder of the module, as the tests see it.
const root = ".."

// read gives the text of a file of the module.
func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// glob gives the files of the module that match a pattern, by their paths in it.
func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range found {
		found[i] = filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
	}
	return found
}

// pages are the files that people read. CHANGELOG.md is not one of them: what it said of a day stays.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		for _, path := range glob(t, pattern) {
			if path != "CHANGELOG.md" {
				all = append(all, path)
			}
		}
	}
	if len(all) < 5 {
		t.Fatalf("there are %d pages", len(all))
	}
	return all
}

var (
	fence  = regexp.MustCompile("(?ms)^```.*?^```")
	remark = regexp.MustCompile(`(?s)<!--.*?-->`)
	span   = regexp.MustCompile("`[^`\n]+`")
	link   = regexp.MustCompile(`\]\(([^()\s]+)\)`)
)

// emptied blanks what a pattern matches and keeps the lines.
func emptied(text string, what *regexp.Regexp) string {
	return what.ReplaceAllStringFunc(text, func(s string) string {
		return strings.Repeat("\n", strings.Count(s, "\n"))
	})
}

// prose is the text of a page without code, addresses of links and remarks, line by line as it was.
func prose(page string) string {
	page = emptied(emptied(page, fence), remark)
	return link.ReplaceAllString(emptied(page, span), "]")
}

// passage is a piece of text and where it stands.
type passage struct {
	path string
	line int
	text string
}

// quoted is a text in one pair of quotes at the beginning of a line.
var quoted = regexp.MustCompile(`^"(?:[^"\\]|\\.)+"`)

// descriptions are the descriptions of a schema file. One begins a line, in one or in three quotes.
func descriptions(path, text string) (all []passage) {
	block := -1
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case block >= 0:
			all[block].text += "\n" + trimmed
			if strings.HasSuffix(trimmed, `"""`) {
				block = -1
			}
		case strings.HasPrefix(trimmed, `"""`):
			all = append(all, passage{path, i + 1, trimmed})
			if len(trimmed) < 6 || !strings.HasSuffix(trimmed, `"""`) {
				block = len(all) - 1
			}
		case quoted.MatchString(trimmed):
			all = append(all, passage{path, i + 1, quoted.FindString(trimmed)})
		}
	}
	return all
}

// rooms are the folders of the packages that the schema is bound to: the kit and the rooms of the domain.
func rooms(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^ *- memberportal/(internal/[a-z/]+)$`).FindAllStringSubmatch(read(t, "gqlgen.yml"), -1) {
		all = append(all, m[1])
	}
	if len(all) == 0 {
		t.Fatal("gqlgen.yml binds no package of internal/")
	}
	return all
}

// parsed reads the Go files of a folder of the module that match a pattern.
func parsed(t *testing.T, pattern string) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	files, all := token.NewFileSet(), map[string]*ast.File{}
	for _, path := range glob(t, pattern) {
		file, err := parser.ParseFile(files, filepath.Join(root, path), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = file
	}
	return files, all
}

// comments are the comments of the Go files of a folder, without those of tests.
func comments(t *testing.T, folder string) (all []passage) {
	t.Helper()
	files, parsed := parsed(t, folder+"/*.go")
	for path, file := range parsed {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, group := range file.Comments {
			all = append(all, passage{path, files.Position(group.Pos()).Line, group.Text()})
		}
	}
	return all
}
