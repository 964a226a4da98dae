package graph_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"memberportal/graph"
)

// rooms are the packages of the domain, from the one that knows no other to the one that puts all together.
var rooms = []string{
	"memberportal/internal/kit", "memberportal/internal/files", "memberportal/internal/country", "memberportal/internal/membership", "memberportal/internal/reference", "memberportal/internal/people", "memberportal/internal/applications", "memberportal/internal/events",
	"memberportal/internal/benefits", "memberportal/internal/consultations", "memberportal/internal/statistics", "memberportal/internal/figures", "memberportal/internal/jobs", "memberportal/internal/portal",
}

// arrows are what each package of the program may import beside the standard library; an entry that
// ends in a slash allows everything below it. A package that is not here fails.
var arrows = map[string][]string{
	"memberportal": {"memberportal/internal/cli"},
	"memberportal/internal/cli": slices.Concat(rooms, []string{
		"memberportal/graph", "memberportal/internal/auth", "memberportal/internal/browser", "memberportal/internal/calendar", "memberportal/internal/config", "memberportal/internal/control", "memberportal/internal/mail",
		"memberportal/internal/transfer",
		"memberportal/internal/pages", "memberportal/internal/report", "memberportal/internal/seed", "memberportal/internal/store", "memberportal/internal/store/mongostore",
		"memberportal/internal/store/sqlitestore", "memberportal/internal/web", "github.com/alecthomas/kong",
	}),
	"memberportal/graph": slices.Concat(rooms, []string{
		"memberportal/graph/generated", "github.com/99designs/gqlgen/", "github.com/vektah/gqlparser/", "github.com/go-json-experiment/json/jsontext", "github.com/klauspost/compress/gzip",
		"golang.org/x/text/",
	}),
	"memberportal/graph/generated": slices.Concat(rooms, []string{"github.com/99designs/gqlgen/", "github.com/vektah/gqlparser/"}),
	"memberportal/graph/model":     {},
	// The rooms of the domain, each above those that it stands on.
	"memberportal/internal/portal":        slices.Concat(rooms[:13], []string{"memberportal/internal/store"}),
	"memberportal/internal/jobs":          {"memberportal/internal/kit", "memberportal/internal/store", "github.com/xuri/excelize/v2"},
	"memberportal/internal/figures":       rooms[:11],
	"memberportal/internal/statistics":    slices.Concat(rooms[:7], []string{"memberportal/internal/store"}),
	"memberportal/internal/consultations": slices.Concat(rooms[:6], []string{"memberportal/internal/events", "memberportal/internal/store"}),
	"memberportal/internal/benefits":      {"memberportal/internal/events", "memberportal/internal/kit", "memberportal/internal/membership", "memberportal/internal/store"},
	"memberportal/internal/events":        slices.Concat(rooms[:6], []string{"memberportal/internal/store", "github.com/oklog/ulid/"}),
	"memberportal/internal/applications":  slices.Concat(rooms[:6], []string{"memberportal/internal/input", "memberportal/internal/store"}),
	"memberportal/internal/people":        slices.Concat(rooms[:4], []string{"memberportal/internal/input", "memberportal/internal/store", "golang.org/x/text/", "github.com/go-webauthn/webauthn/"}),
	"memberportal/internal/reference":     slices.Concat(rooms[:4], []string{"memberportal/internal/store"}),
	"memberportal/internal/membership":    slices.Concat(rooms[:3], []string{"memberportal/internal/input", "memberportal/internal/store", "golang.org/x/text/"}),
	"memberportal/internal/country":       {"memberportal/internal/kit"},
	"memberportal/internal/files":         {"memberportal/internal/kit", "memberportal/internal/store", "github.com/gabriel-vasile/mimetype", "golang.org/x/image/webp"},
	"memberportal/internal/kit":           {"memberportal/internal/input", "memberportal/internal/store", "github.com/gohugoio/locales", "github.com/gohugoio/locales/", "github.com/oklog/ulid/", "golang.org/x/text/"},
	"memberportal/internal/input":         {"golang.org/x/net/idna", "golang.org/x/text/"},
	"memberportal/internal/store":         {},
	"memberportal/internal/store/mongostore": {
		"memberportal/internal/store", "go.mongodb.org/mongo-driver/v2/",
	},
	"memberportal/internal/store/sqlitestore": {
		"memberportal/internal/store", "modernc.org/sqlite", "modernc.org/sqlite/lib", "github.com/gofrs/flock",
		"go.mongodb.org/mongo-driver/v2/bson",
	},
	"memberportal/internal/auth": {
		"memberportal/internal/kit", "github.com/golang-jwt/", "github.com/go-jose/go-jose/v4", "github.com/ccojocar/zxcvbn-go",
		"github.com/go-json-experiment/json/jsontext", "golang.org/x/oauth2",
	},
	"memberportal/internal/browser": {
		"memberportal/internal/auth", "memberportal/internal/kit", "memberportal/internal/people", "memberportal/internal/portal", "memberportal/internal/web",
	},
	"memberportal/internal/calendar": {"memberportal/internal/consultations", "memberportal/internal/country", "memberportal/internal/events", "memberportal/internal/kit", "memberportal/internal/portal", "github.com/arran4/golang-ical", "golang.org/x/sync/singleflight"},
	"memberportal/internal/config":   {},
	"memberportal/internal/control":  {},
	"memberportal/internal/transfer": {"memberportal/internal/applications", "memberportal/internal/files", "memberportal/internal/jobs", "memberportal/internal/kit", "memberportal/internal/membership", "memberportal/internal/portal", "memberportal/internal/report", "memberportal/internal/web"},
	"memberportal/internal/pages":    {"memberportal/internal/kit"},
	"memberportal/internal/mail":     {"memberportal/internal/input", "memberportal/internal/kit", "github.com/wneessen/go-mail", "github.com/wneessen/go-mail/smtp"},
	"memberportal/internal/web": {
		"memberportal/internal/kit", "memberportal/internal/store", "golang.org/x/time/rate", "github.com/klauspost/compress/gzhttp",
		"github.com/prometheus/client_golang/",
	},
	"memberportal/internal/seed":   slices.Concat(rooms, []string{"memberportal/internal/store"}),
	"memberportal/internal/report": {"memberportal/internal/consultations", "memberportal/internal/country", "memberportal/internal/kit", "memberportal/internal/membership"},
}

// forTests are packages that only tests and generators are made of.
var forTests = []string{"memberportal/docs", "memberportal/graph/internal/examples", "memberportal/internal/testkit", "memberportal/internal/testkit/golden", "memberportal/internal/testkit/kept", "memberportal/internal/testkit/stage", "memberportal/internal/membership/membershiptest", "memberportal/internal/store/storetest"}

type pkg struct {
	ImportPath string
	Imports    []string
}

func TestImportArrows(t *testing.T) {
	command := exec.Command("go", "list", "-json=ImportPath,Imports", "memberportal/...")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); seen++ {
		var p pkg
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		allowed, known := arrows[p.ImportPath]
		if !known && !slices.Contains(forTests, p.ImportPath) {
			t.Errorf("%s has no arrows: say in arrows what it may import", p.ImportPath)
		}
		for _, imported := range p.Imports {
			first, _, _ := strings.Cut(imported, "/")
			outside := strings.Contains(first, ".") || first == "memberportal"
			fits := func(a string) bool {
				return a == imported || strings.HasSuffix(a, "/") && strings.HasPrefix(imported, a)
			}
			if known && outside && !slices.ContainsFunc(allowed, fits) {
				t.Errorf("%s may not import %s", p.ImportPath, imported)
			}
		}
	}
	if seen < len(arrows) {
		t.Errorf("%d packages were listed, %d are known", seen, len(arrows))
	}
}

func TestModelIsEmpty(t *testing.T) {
	files, err := os.ReadDir("model")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || files[0].Name() != "doc.go" {
		t.Errorf("graph/model holds %v: bind these types to types of the rooms", files)
	}
}

// TestResolversAreShort keeps rules out of resolvers: a body has 1 to 10 lines, and nothing but
// resolvers stands in these files.
func TestResolversAreShort(t *testing.T) {
	paths, _ := filepath.Glob("*.resolvers.go")
	if len(paths) == 0 {
		t.Fatal("no resolvers")
	}
	for _, path := range paths {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := files.Position(f.Body.Rbrace).Line - files.Position(f.Body.Lbrace).Line - 1; lines > 10 {
				t.Errorf("%s: %s has %d lines", path, f.Name.Name, lines)
			}
			if f.Recv == nil {
				t.Errorf("%s: %s is a helper; it belongs into another file", path, f.Name.Name)
			}
		}
	}
}

func TestCommittedSchemaIsThePrintedOne(t *testing.T) {
	committed, err := os.ReadFile("../schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != graph.SchemaText() {
		t.Error("schema.graphql is not what the program prints: go run . schema > schema.graphql")
	}
}
