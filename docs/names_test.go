package docs_test

import (
	"go/ast"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// checked are the pages in which every name and path between backticks is looked up.
func checked(t *testing.T) []string {
	return slices.Concat([]string{"docs/architecture.md", "CONTRIBUTING.md"}, glob(t, "docs/architecture/*.md"), glob(t, "docs/adr/*.md"))
}

// declared are the names that the packages of the module declare, by the package's name: types, functions,
// variables and constants, and fields and methods as Type.Name.
type declared map[string]map[string]bool

// testNames are the names of all tests, fuzz tests and benchmarks, with those behind build tags.
type testNames map[string]bool

// What module has read.
var (
	allNames declared
	allTests testNames
)

// module reads what the module declares, once for all tests.
func module(t *testing.T) (declared, testNames) {
	t.Helper()
	if allNames != nil {
		return allNames, allTests
	}
	names, tests := declared{}, testNames{}
	for _, pattern := range []string{"*.go", "clients/*.go", "conformance/*.go", "docs/*.go", "graph/*.go", "release/*.go", "internal/*/*.go", "internal/*/*/*.go"} {
		_, files := parsed(t, pattern)
		for at, file := range files {
			if strings.HasSuffix(at, "_test.go") {
				for _, d := range file.Decls {
					if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
						tests[f.Name.Name] = true
					}
				}
				continue
			}
			if names[file.Name.Name] == nil {
				names[file.Name.Name] = map[string]bool{}
			}
			for _, d := range file.Decls {
				declare(names[file.Name.Name], d)
			}
		}
	}
	allNames, allTests = names, tests
	return names, tests
}

// declare adds the names of a declaration.
func declare(names map[string]bool, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = typeName(d.Recv.List[0].Type) + "." + name
		}
		names[name] = true
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names[n.Name] = true
				}
			case *ast.TypeSpec:
				names[s.Name.Name] = true
				for _, member := range members(s.Type) {
					names[s.Name.Name+"."+member] = true
				}
			}
		}
	}
}

// members are the fields of a struct or the methods of an interface.
func members(of ast.Expr) (names []string) {
	var list *ast.FieldList
	switch of := of.(type) {
	case *ast.StructType:
		list = of.Fields
	case *ast.InterfaceType:
		list = of.Methods
	default:
		return nil
	}
	for _, field := range list.List {
		for _, n := range field.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

// typeName is the name of a receiver's type.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

var (
	filePath    = regexp.MustCompile(`^[\w.*-]+(?:/[\w.*-]+)*/?$`)
	fileEnd     = regexp.MustCompile(`\.(?:go|md|csv|json|graphqls?|yml|yaml|txt|txtar|mjs|ts|sh|mod|sum|pgo|gz)$`)
	goName      = regexp.MustCompile(`^([a-z]\w*)\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)$`)
	schemaName  = regexp.MustCompile(`^([A-Z]\w*)\.([a-z]\w*)$`)
	ofTheModule = regexp.MustCompile(`^(?:\.ci|clients|conformance|docs|graph|internal|release|web)/[\w./*-]+$`)
	testName    = regexp.MustCompile(`^(?:Test|Fuzz|Benchmark)[A-Z]\w*$`)
	// placeholder stands for any noun, room or case in a path.
	placeholder = regexp.MustCompile(`NOUN|ROOM|CASE`)
	makeTarget  = regexp.MustCompile(`^make ([a-z]+)(?: .*)?$`)
)

// missing says why a name between backticks names nothing; empty if it does, or if it is no name that this
// test knows: a single word, a command, a line of code.
func missing(t *testing.T, name string) string {
	t.Helper()
	names, tests := module(t)
	pattern := placeholder.ReplaceAllString(name, "*")
	switch {
	case makeTarget.MatchString(name):
		if !strings.Contains(read(t, "Makefile"), "\n"+makeTarget.FindStringSubmatch(name)[1]+":") {
			return "the Makefile has no such target"
		}
	case testName.MatchString(name):
		if !tests[name] {
			return "there is no such test"
		}
	case filePath.MatchString(pattern) && (fileEnd.MatchString(pattern) || strings.Contains(pattern, "/") && !strings.HasPrefix(pattern, "application/")):
		if len(glob(t, strings.TrimSuffix(pattern, "/"))) == 0 {
			return "there is no such file or folder in the repository"
		}
	case goName.MatchString(name):
		m := goName.FindStringSubmatch(name)
		if names[m[1]] == nil {
			return "the module has no package " + m[1]
		}
		if !names[m[1]][m[2]] {
			return "package " + m[1] + " declares no " + m[2]
		}
	case schemaName.MatchString(name):
		m := schemaName.FindStringSubmatch(name)
		_, after, found := strings.Cut(read(t, "schema.graphql"), "\ntype "+m[1]+" ")
		body, _, _ := strings.Cut(after, "\n}")
		if !found || !regexp.MustCompile(`(?m)^\s+`+m[2]+`[(:]`).MatchString(body) {
			return "the schema has no such field; a Go name begins with its package"
		}
	}
	return ""
}

// TestNamesInTheArchitectureExist looks up every path, Go name, field of the schema, test and target of make
// that stands between backticks.
func TestNamesInTheArchitectureExist(t *testing.T) {
	looked := 0
	for _, page := range checked(t) {
		text := emptied(emptied(read(t, page), fence), remark)
		for _, at := range span.FindAllStringIndex(text, -1) {
			name := text[at[0]+1 : at[1]-1]
			looked++
			if why := missing(t, name); why != "" {
				t.Errorf("%s:%d: `%s`: %s", page, 1+strings.Count(text[:at[0]], "\n"), name, why)
			}
		}
	}
	if looked < 100 {
		t.Errorf("only %d names were looked at", looked)
	}
}

// TestPathsInEveryPageExist looks up the paths of the module in pages that also name files of other places.
func TestPathsInEveryPageExist(t *testing.T) {
	looked := 0
	for _, page := range pages(t) {
		text := emptied(emptied(read(t, page), fence), remark)
		for _, at := range span.FindAllStringIndex(text, -1) {
			name := text[at[0]+1 : at[1]-1]
			if !ofTheModule.MatchString(name) {
				continue
			}
			looked++
			if why := missing(t, name); why != "" {
				t.Errorf("%s:%d: `%s`: %s", page, 1+strings.Count(text[:at[0]], "\n"), name, why)
			}
		}
	}
	if looked < 50 {
		t.Errorf("only %d paths were looked at", looked)
	}
}

// TestAMissingNameIsFound shows that the check above fails where it should, and only there.
func TestAMissingNameIsFound(t *testing.T) {
	for name, exists := range map[string]bool{
		"internal/kit/write.go": true, "internal/kit/wrote.go": false, "internal/kit": true, "internal/kid/": false,
		"graph/schema/NOUN.graphqls": true, "graph/NOUN.ghost.go": false, "graph/testdata/NOUN/CASE.txtar": true, "gqlgen.yml": true, "gone.yml": false,
		"kit.Core.Write": true, "kit.Core.Wrote": false, "kit.Amend": true, "kit.Amended": false, "ghost.Name": false,
		"kit.Change.Reason": true, "store.Store.Page": true, "store.Store.Book": false, "membership.Moves": true,
		"Member.status": true, "Member.ghost": false, "Member.Status": true, "TestMissingEverything": false, "TestAMissingNameIsFound": true,
		"make lint": true, "make lunch": false, "a line of code.Here": true, "/graphql": true,
	} {
		if why := missing(t, name); (why == "") != exists {
			t.Errorf("%s: exists is %t, but the check says %q", name, exists, why)
		}
	}
}

// slug is the anchor that a heading gets.
func slug(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case r == ' ':
			b.WriteRune('-')
		case r == '-' || r == '_' || word.MatchString(string(r)) || '0' <= r && r <= '9':
			b.WriteRune(r)
		}
	}
	return b.String()
}

var heading = regexp.MustCompile(`(?m)^#+ (.+)$`)

// TestLinksLeadSomewhere follows every link from one page to a file or a heading of the repository.
func TestLinksLeadSomewhere(t *testing.T) {
	followed := 0
	for _, page := range pages(t) {
		text := emptied(read(t, page), fence)
		for _, m := range link.FindAllStringSubmatchIndex(text, -1) {
			target := text[m[2]:m[3]]
			to, err := url.Parse(target)
			if err != nil || to.Scheme != "" || to.Host != "" {
				continue
			}
			followed++
			line := 1 + strings.Count(text[:m[0]], "\n")
			at := page
			if to.Path != "" {
				at = path.Join(path.Dir(page), to.Path)
			}
			if _, err := os.Stat(filepath.Join(root, at)); err != nil {
				t.Errorf("%s:%d: %s leads nowhere", page, line, target)
				continue
			}
			if to.Fragment == "" {
				continue
			}
			found := false
			for _, h := range heading.FindAllStringSubmatch(emptied(read(t, at), fence), -1) {
				found = found || slug(h[1]) == to.Fragment
			}
			if !found {
				t.Errorf("%s:%d: %s has no heading #%s", page, line, at, to.Fragment)
			}
		}
	}
	if followed < 10 {
		t.Errorf("only %d links were followed", followed)
	}
}
