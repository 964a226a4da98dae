package portal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestAnAddressIsNeverFolded reads the program: what Fold and its likes are given names no address.
func TestAnAddressIsNeverFolded(t *testing.T) {
	calls := 0
	names := regexp.MustCompile(`(?i)mail|address|recipient|contact|\bto\b|inbox`)
	var paths []string
	for _, room := range rooms {
		in, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, in...)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if !slices.Contains([]string{"Fold", "Words", "Split", "Likeness", "Identity"}, typeName(call.Fun)) {
				return true
			}
			calls++
			for _, a := range call.Args {
				if text := string(source[files.Position(a.Pos()).Offset:files.Position(a.End()).Offset]); names.MatchString(text) {
					t.Errorf("%s: %s is folded", files.Position(call.Pos()), text)
				}
			}
			return true
		})
	}
	if calls < 10 {
		t.Errorf("only %d calls were found", calls)
	}
}
