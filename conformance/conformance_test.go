//go:build conformance

// Package conformance holds a running portal against what others wrote: the audits of GraphQL over
// HTTP, clients that people use, and a browser. It needs Node 20, npm and Chromium.
package conformance

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

func TestConformance(t *testing.T) {
	run(t, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	token, err := s.Tokens.Issue(testkit.Proof("SECRETARIAT"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"audit":               {"audit.mjs", s.URL + "/graphql"},
		"clients":             {"clients.mjs", s.URL + "/graphql", token, "mem_ACTIVE"},
		"coercion":            {"coercion.mjs", s.URL + "/graphql", "../schema.graphql"},
		"clients of visitors": {"clients.mjs", s.URL + "/graphql"},
	} {
		t.Run(name, func(t *testing.T) { run(t, "node", args...) })
	}
}

// run runs a command in this folder; its output is the test's.
func run(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	t.Logf("%s:\n%s", args[0], out)
	if err != nil {
		t.Errorf("%s %s: %v", name, args[0], err)
	}
}
