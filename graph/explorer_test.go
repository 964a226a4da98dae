package graph_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"memberportal/graph"
	"memberportal/internal/auth"
	"memberportal/internal/cli"
	"memberportal/internal/kit"
	"memberportal/internal/testkit/golden"
)

// explorer serves a portal with an explorer; nothing is asked of the domain.
func explorer(t *testing.T, o graph.ExplorerOptions) http.Handler {
	t.Helper()
	e, err := graph.NewExplorer(o)
	if err != nil {
		t.Fatal(err)
	}
	return cli.Handler(nil, auth.Tokens{}, slog.New(slog.DiscardHandler), false, e)
}

var development = graph.ExplorerOptions{
	Roles: []graph.ExplorerRole{{Name: kit.RoleSecretariat, Token: "secret"}}, Introspection: true,
	StandIns: map[string]kit.ID{"mem_ACTIVE": "mem_01STANDIN"},
}

func get(t *testing.T, h http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "http://localhost:8080"+path, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, request)
	return answer.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// text is a file of the explorer's folder, unpacked, under the name by which the page knows it.
func text(t *testing.T, path string) (name, content string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name, packed := strings.CutSuffix(filepath.Base(path), ".gz")
	if !packed {
		t.Errorf("%s is not compressed", path)
	}
	return name, unzipped(t, raw)
}

func unzipped(t *testing.T, packed []byte) string {
	t.Helper()
	from, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// explorerFiles are the paths of the explorer's files.
func explorerFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("explorer/*")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	return paths
}

var mediaTypes = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".ttf": "font/ttf", ".txt": "text/plain; charset=utf-8"}

func TestExplorerServesItsFiles(t *testing.T) {
	h := explorer(t, development)
	page := get(t, h, "/")
	index := body(t, page)
	if page.StatusCode != http.StatusOK || page.Header.Get("Content-Type") != "text/html; charset=utf-8" || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("HTTP %d, %v", page.StatusCode, page.Header)
	}
	for _, part := range []string{`<html lang="en">`, "<title>memberportal explorer</title>"} {
		if !strings.Contains(index, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	for _, address := range regexp.MustCompile(`/explorer/[^"]+`).FindAllString(index, -1) {
		if r := get(t, h, address); r.StatusCode != http.StatusOK {
			t.Errorf("the page names %s: HTTP %d", address, r.StatusCode)
		}
	}
	for _, path := range explorerFiles(t) {
		name, content := text(t, path)
		if name == "index.html" {
			continue
		}
		r := get(t, h, "/explorer/"+name)
		cached := "public, max-age=31536000, immutable"
		if name == "LICENSES.txt" {
			cached = "no-store"
		}
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != mediaTypes[filepath.Ext(name)] || r.Header.Get("Cache-Control") != cached ||
			r.Header.Get("Content-Encoding") != "" || body(t, r) != content {
			t.Errorf("%s: HTTP %d, %v", name, r.StatusCode, r.Header)
		}
	}
	for _, path := range []string{"/explorer/", "/explorer/index.html", "/explorer/nothing.js", "/explorer/LICENSES.txt.gz", "/explorer/../explorer.go", "/testdata/member/get.txtar"} {
		if r := get(t, h, path); r.StatusCode == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}

// TestExplorerSendsItsFilesAsTheyAre wants of each file the bytes that are embedded for who takes gzip, and
// that a browser which has them asks for none again.
func TestExplorerSendsItsFilesAsTheyAre(t *testing.T) {
	h := explorer(t, development)
	for _, path := range explorerFiles(t) {
		packed, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".gz")
		address := "/explorer/" + name
		if name == "index.html" {
			address = "/"
		}
		plainTag := get(t, h, address).Header.Get("ETag")
		for accept, encoding := range map[string]string{
			"gzip": "gzip", "gzip, deflate, br, zstd": "gzip", "br;q=1, gzip;q=0.1": "gzip", "GZIP": "gzip",
			"": "", "gzip;q=0": "", "gzip;q=none": "", "identity": "", "br": "", "*": "", ";;;": "",
		} {
			r := get(t, h, address, "Accept-Encoding", accept)
			got, vary := body(t, r), strings.Join(r.Header.Values("Vary"), ", ")
			if r.StatusCode != http.StatusOK || r.Header.Get("Content-Encoding") != encoding || (got == string(packed)) != (encoding == "gzip") || strings.Count(vary, "Accept-Encoding") != 1 {
				t.Errorf("%s, Accept-Encoding %q: HTTP %d, %v, %d bytes", name, accept, r.StatusCode, r.Header, len(got))
			}
			tag := r.Header.Get("ETag")
			if immutable := strings.Contains(r.Header.Get("Cache-Control"), "immutable"); immutable != strings.HasPrefix(tag, `W/"`) || tag != plainTag {
				t.Errorf("%s, Accept-Encoding %q: %v", name, accept, r.Header)
			}
			if tag == "" {
				continue
			}
			if r := get(t, h, address, "Accept-Encoding", accept, "If-None-Match", tag); r.StatusCode != http.StatusNotModified || body(t, r) != "" || r.Header.Get("ETag") != tag {
				t.Errorf("%s, Accept-Encoding %q, If-None-Match: HTTP %d, %v", name, accept, r.StatusCode, r.Header)
			}
		}
	}
	if r := get(t, h, "/explorer/contents.json", "Accept-Encoding", "gzip"); r.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(unzipped(t, []byte(body(t, r))), `"examples":`) {
		t.Errorf("contents.json: HTTP %d, %v", r.StatusCode, r.Header)
	}
}

func TestExplorerIsShutIn(t *testing.T) {
	h := explorer(t, development)
	for _, path := range []string{"/", "/explorer/contents.json", "/explorer/session.json", "/explorer/LICENSES.txt", "/explorer/nothing"} {
		header := get(t, h, path).Header
		policy := header.Get("Content-Security-Policy")
		for _, directive := range strings.Split(policy, "; ") {
			name, values, _ := strings.Cut(directive, " ")
			switch {
			case values == "'none'" || values == "'self'":
			case name == "style-src" && values == "'self' 'unsafe-inline'" || name == "img-src" && values == "'self' data:":
			default:
				t.Errorf("%s: the policy allows %q", path, directive)
			}
		}
		if !strings.HasPrefix(policy, "default-src 'none'; ") || header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, header)
		}
	}
}

// TestExplorerNamesNoOtherHost reads what is committed for addresses that a browser would ask. Names
// of XML namespaces and JSON schemas, and links that a person may click, are none of them.
func TestExplorerNamesNoOtherHost(t *testing.T) {
	asked := regexp.MustCompile(`(?i)unpkg\.com|jsdelivr|esm\.sh|cdnjs|googleapis|gstatic|skypack` +
		`|(?:import|fetch|importScripts|Worker)\(["'\x60]https?:|from ?["'\x60]https?:|url\(["']?(?:https?:)?//|@import|(?:src|srcset)=["']?(?:https?:)?//`)
	linked := regexp.MustCompile(`<link[^>]+href="[^/d]`)
	licences := ""
	for _, path := range explorerFiles(t) {
		name, raw := text(t, path)
		if name == "LICENSES.txt" {
			licences = raw
		}
		if slices.Contains([]string{".html", ".css", ".js"}, filepath.Ext(name)) {
			for _, at := range append(asked.FindAllStringIndex(raw, -1), linked.FindAllStringIndex(raw, -1)...) {
				t.Errorf("%s: %q", path, raw[max(0, at[0]-40):min(len(raw), at[1]+60)])
			}
		}
	}
	for _, name := range []string{"graphiql 5.4.0 (MIT)", "graphql 16.", "monaco-editor ", "monaco-graphql ", "react 19.", "react-dom 19.", "Permission is hereby granted"} {
		if !strings.Contains(licences, name) {
			t.Errorf("LICENSES.txt lacks %q", name)
		}
	}
}

func TestExplorerGivesTokensToItsOwnPageOnly(t *testing.T) {
	h := explorer(t, development)
	for site, want := range map[string]int{"": 200, "same-origin": 200, "none": 200, "same-site": 403, "cross-site": 403, "anything": 403} {
		t.Run("asked from "+site, func(t *testing.T) {
			r := get(t, h, "/explorer/session.json", "Sec-Fetch-Site", site)
			if text := body(t, r); r.StatusCode != want || strings.Contains(text, "secret") != (want == 200) || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("HTTP %d, %v: %s", r.StatusCode, r.Header, text)
			}
		})
	}
	t.Run("not under a foreign name", func(t *testing.T) {
		request := httptest.NewRequest(http.MethodGet, "http://rebound.example/explorer/session.json", nil)
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, request)
		if answer.Code != http.StatusMisdirectedRequest {
			t.Errorf("HTTP %d", answer.Code)
		}
	})
	t.Run("nor where there are none", func(t *testing.T) {
		if r := get(t, explorer(t, graph.ExplorerOptions{}), "/explorer/session.json"); r.StatusCode != http.StatusNotFound {
			t.Errorf("HTTP %d: %s", r.StatusCode, body(t, r))
		}
	})
}

type contents struct {
	Introspection, Session bool
	Examples               []struct{ Name, Description, Role, Locale, Query, Variables string }
}

func contentsOf(t *testing.T, o graph.ExplorerOptions) contents {
	t.Helper()
	var c contents
	if err := json.Unmarshal([]byte(body(t, get(t, explorer(t, o), "/explorer/contents.json"))), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestExplorerExamplesAreGoldenDocuments wants every golden document that was answered, but those
// which name records that only the fixture has.
func TestExplorerExamplesAreGoldenDocuments(t *testing.T) {
	c := contentsOf(t, development)
	if !c.Introspection || !c.Session {
		t.Errorf("introspection %t, session %t", c.Introspection, c.Session)
	}
	goldens := map[string]golden.Document{}
	for _, g := range golden.Documents(t, "testdata") {
		goldens[g.Name()] = g
	}
	shown := map[string]bool{}
	for _, e := range c.Examples {
		g, ok := goldens[e.Name]
		if !ok || e.Description != strings.TrimSpace(g.Comment) || e.Locale != g.Part("locale") ||
			e.Query != strings.ReplaceAll(g.Part("query"), "mem_ACTIVE", "mem_01STANDIN") ||
			e.Variables != strings.ReplaceAll(g.Part("variables"), "mem_ACTIVE", "mem_01STANDIN") {
			t.Errorf("%+v is not a golden document", e)
		}
		if strings.Contains(g.Part("want"), `"errors": [`) || strings.Contains(e.Query, "mem_PENDING") {
			t.Errorf("%s is no good example", e.Name)
		}
		shown[e.Name] = true
	}
	for _, name := range []string{"member/list", "member/get", "member/update-variables", "country/list"} {
		if !shown[name] {
			t.Errorf("%s is not shown", name)
		}
	}
	production := contentsOf(t, graph.ExplorerOptions{})
	if production.Introspection || production.Session || len(production.Examples) == 0 || len(production.Examples) >= len(c.Examples) {
		t.Errorf("in production: introspection %t, session %t, %d examples", production.Introspection, production.Session, len(production.Examples))
	}
}

// TestCommittedExamplesAreTheGoldenDocuments packs the golden documents again.
func TestCommittedExamplesAreTheGoldenDocuments(t *testing.T) {
	committed, err := os.ReadFile("examples.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "examples.json.gz")
	if out, err := exec.CommandContext(t.Context(), "go", "run", "./internal/examples", "testdata", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(packed, committed) {
		t.Error("graph/examples.json.gz is not what the golden documents say: go generate ./graph")
	}
}
