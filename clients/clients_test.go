//go:build clients

// Package clients does with the schema what front-end developers do with it: it generates, compiles
// and runs typed clients, and holds the schema against the rules that their tools rely on. It needs
// Node 20 and npm.
package clients_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// goldenOf are the golden documents of which clients/documents has copies.
var goldenOf = map[string]string{
	"directory":             "member/list",
	"update-member-profile": "member/update-variables",
	"viewer":                "node/viewer",
}

// generated is where everything goes that is made out of the schema.
const generated = "generated"

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

func TestClients(t *testing.T) {
	must(t, os.RemoveAll(generated))
	must(t, os.MkdirAll(filepath.Join(generated, "relay"), 0o755))
	schema, err := os.ReadFile("../schema.graphql")
	must(t, err)
	must(t, os.WriteFile(generated+"/schema.graphql", schema, 0o644))
	run(t, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")

	t.Run("documents are golden", documentsAreGolden)
	t.Run("graphql-codegen", func(t *testing.T) { tool(t, "graphql-codegen", "--config", "codegen.json") })
	t.Run("tsc", func(t *testing.T) { tool(t, "tsc", "--project", ".") })
	t.Run("the typed client reads and writes", typedClient)
	t.Run("relay-compiler", func(t *testing.T) { tool(t, "relay-compiler", "relay.config.json") })
	t.Run("graphql-eslint", func(t *testing.T) { tool(t, "eslint", generated+"/schema.graphql") })
	t.Run("graphql-inspector", breakingChanges)
}

// documentsAreGolden compares; a document has to have a name for graphql-codegen, so that an anonymous
// golden document gets one.
func documentsAreGolden(t *testing.T) {
	goldens := map[string]string{}
	for _, g := range golden.Documents(t, "../graph/testdata") {
		goldens[g.Name()] = g.Part("query")
	}
	paths, err := filepath.Glob("documents/*.graphql")
	must(t, err)
	if len(paths) != len(goldenOf) {
		t.Errorf("documents are %v", paths)
	}
	for name, golden := range goldenOf {
		raw, err := os.ReadFile("documents/" + name + ".graphql")
		must(t, err)
		got, want := strings.TrimSpace(string(raw)), goldens[golden]
		if _, anonymous, _ := strings.Cut(got, " {"); strings.HasPrefix(want, "{") {
			got = "{" + anonymous
		}
		if got != want {
			t.Errorf("documents/%s.graphql is not golden document %s:\n%s", name, golden, want)
		}
	}
}

func typedClient(t *testing.T) {
	engine := testkit.Engines()[0]
	s := golden.Serve(t, engine.Fresh(t))
	const member = "mem_ACTIVE"
	token := strings.TrimPrefix(s.Header(t, "FOCAL_POINT "+member, "").Get("Authorization"), "Bearer ")
	out := run(t, []string{"URL=" + s.URL + "/graphql", "TOKEN=" + token, "MEMBER=" + member}, "node", generated+"/js/client.js")
	t.Log(out)
}

// breakingChanges compares with the last commit: the one that is checked out, if the schema has been
// changed since, or the one ahead of it.
func breakingChanges(t *testing.T) {
	base := "HEAD~1"
	if exec.Command("git", "diff", "--quiet", "HEAD", "--", "../schema.graphql").Run() != nil {
		base = "HEAD"
	}
	path := generated + "/base.graphql"
	schema, err := exec.Command("git", "show", base+":./../schema.graphql").Output()
	if err != nil {
		t.Logf("%s has no schema.graphql that is at hand; it is compared with itself", base)
		schema, err = os.ReadFile("../schema.graphql")
		must(t, err)
	}
	must(t, os.WriteFile(path, schema, 0o644))
	t.Log(run(t, nil, "node", "breaking.mjs", path, generated+"/schema.graphql", "announced-breaking-changes.txt"))
}

// TestExplorerIsBuiltFromItsSources builds the explorer again and compares it with what is committed.
func TestExplorerIsBuiltFromItsSources(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "explorer")
	run(t, nil, "../web/explorer/build.sh", fresh)
	if out, err := exec.Command("diff", "-rq", fresh, "../graph/explorer").CombinedOutput(); err != nil {
		t.Errorf("graph/explorer is not what web/explorer/build.sh makes; run it:\n%s", out)
	}
}

// tool runs one of the npm packages.
func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	run(t, nil, "node_modules/.bin/"+name, args...)
}

// run gives what a command prints; its failure is the test's.
func run(t *testing.T, environment []string, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Env = append(os.Environ(), environment...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w\n%s", name, err, out))
	}
	return strings.TrimSpace(string(out))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
