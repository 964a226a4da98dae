// Package golden runs golden documents against the whole portal over HTTP. It stands apart from testkit,
// because it needs the generated executor, which takes four times as long to compile as the domain.
package golden

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"memberportal/internal/auth"
	"memberportal/internal/cli"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/kept"
	"memberportal/internal/web"
)

// Document is a GraphQL document with its answer, as a txtar file whose sections are:
//
//	store      of which store it is asked: the fixture if it is left out, «demonstration» for the members,
//	           invoices, exemptions and applications of the whole demonstration, which nobody changes
//	as         who asks: «nobody», «bad token», or a role, its scope and, if it matters, the person, such
//	           as «FOCAL_POINT mem_ACTIVE» or «DELEGATE mem_ACTIVE usr_DELEGATE»; with a session (ses_…), its
//	           token belongs to it, and with «long ago», it does not say when the person showed who it is
//	locale     the Accept-Language header, if any
//	query      the document
//	variables  its variables as JSON, if any
//	want       the answer as JSON
//	calls      how many store calls the document costs
//	then       a document that shows the effect, or on a refusal its absence, if any
//	then-as    who asks it; left out, the same
//	then-want  its answer
//
// The comment above the sections says what the case shows.
type Document struct {
	Path    string
	Comment string
	parts   map[string]string
}

// Documents reads all golden documents below a folder.
func Documents(t testing.TB, folder string) []Document {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden documents in %s: %v", folder, err)
	}
	var all []Document
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		g := Document{Path: path, Comment: string(archive.Comment), parts: map[string]string{}}
		for _, f := range archive.Files {
			g.parts[f.Name] = string(f.Data)
		}
		if g.parts["as"] == "" || g.parts["query"] == "" || g.Comment == "" {
			t.Fatalf("%s: comment, as and query are needed", path)
		}
		all = append(all, g)
	}
	return all
}

// Name is the noun and the case.
func (g Document) Name() string {
	return strings.TrimSuffix(filepath.Base(filepath.Dir(g.Path))+"/"+filepath.Base(g.Path), ".txtar")
}

// Part is a section of the document, without its last line end.
func (g Document) Part(name string) string { return strings.TrimSpace(g.parts[name]) }

// Demonstration says whether the document is asked of the whole demonstration.
func (g Document) Demonstration() bool { return g.Part("store") == "demonstration" }

// Writes says whether the document or its sequel may change anything. A mutation that is refused before
// the store is asked, which Run holds it to, changes nothing.
func (g Document) Writes() bool {
	asks := g.Part("calls") != "0" || kept.Updating()
	return asks && strings.HasPrefix(g.Part("query"), "mutation") || strings.HasPrefix(g.Part("then"), "mutation")
}

func (g Document) save(t testing.TB) {
	archive := txtar.Archive{Comment: []byte(g.Comment)}
	for _, name := range []string{"store", "as", "locale", "query", "variables", "want", "calls", "then-as", "then", "then-want"} {
		if text := g.Part(name); text != "" {
			archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text + "\n")})
		}
	}
	if err := os.WriteFile(g.Path, txtar.Format(&archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Server is the whole portal over a store, as a client reaches it.
type Server struct {
	*httptest.Server
	Store  *testkit.Counting
	Portal *portal.Portal
	Tokens auth.Tokens
	Log    *bytes.Buffer
	// Hear gets every message that requests queue; see kit.Overhear. Nil is nobody.
	Hear func(context.Context, kit.Posting)
}

// Serve starts the portal over a store, at the fixture's day.
func Serve(t testing.TB, s store.Store) *Server {
	t.Helper()
	counting := &testkit.Counting{Store: s}
	server := &Server{
		Store: counting, Log: &bytes.Buffer{},
		Tokens: auth.Tokens{Keys: auth.NewKeySet(), Issuer: "test", Audience: "test", Now: time.Now},
	}
	server.Portal = testkit.Issuing(t, counting, server.Tokens.Issue)
	handler := cli.Handler(server.Portal, server.Tokens, web.NewLog(server.Log, true, slog.LevelDebug), false, nil)
	server.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if server.Hear != nil {
			r = r.WithContext(kit.Overhear(r.Context(), server.Hear))
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// Warm loads what the process keeps in memory, so that no document pays for all because it happens to ask
// first.
func (s *Server) Warm(t testing.TB) *Server {
	t.Helper()
	if err := s.Portal.Statistics.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// Header is what a request of somebody carries: see Document for as.
func (s *Server) Header(t testing.TB, as, locale string) http.Header {
	t.Helper()
	h := http.Header{"Content-Type": {"application/json"}}
	if locale != "" {
		h.Set("Accept-Language", locale)
	}
	switch {
	case as == "nobody":
	case as == "bad token":
		h.Set("Authorization", "Bearer bad.token.here")
	default:
		proof := testkit.Proof(as)
		if !strings.Contains(as, "long ago") {
			proof.AuthenticatedAt = testkit.Now // so that nobody has to show again who it is
		}
		token, err := s.Tokens.Issue(proof, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		h.Set("Authorization", "Bearer "+token)
	}
	return h
}

// Ask sends a document over HTTP and gives the answer, indented.
func (s *Server) Ask(t testing.TB, header http.Header, query, variables string) string {
	t.Helper()
	response, err := s.Client().Do(s.request(t, header, query, variables))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return indented(t, response.StatusCode, answer)
}

// Call is Ask without a connection, for tests that ask thousands of documents: the same handlers answer in a
// quarter less time.
func (s *Server) Call(t testing.TB, header http.Header, query, variables string) string {
	t.Helper()
	request := s.request(t, header, query, variables)
	request.RequestURI, request.RemoteAddr = request.URL.RequestURI(), s.Listener.Addr().String()
	recorder := httptest.NewRecorder()
	s.Config.Handler.ServeHTTP(recorder, request)
	return indented(t, recorder.Code, recorder.Body.Bytes())
}

func (s *Server) request(t testing.TB, header http.Header, query, variables string) *http.Request {
	t.Helper()
	body := map[string]any{"query": query}
	if variables != "" {
		body["variables"] = json.RawMessage(variables)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatalf("variables are not JSON: %v", err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/graphql", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header.Clone()
	return request
}

func indented(t testing.TB, status int, answer []byte) string {
	t.Helper()
	sorted, err := sortErrors(answer)
	if err != nil {
		t.Fatalf("HTTP %d: the answer is not JSON: %s", status, answer)
	}
	return sorted
}

// sortErrors indents an answer with its errors in the order of their places in the document: fields
// are answered side by side, so that errors come in any order.
func sortErrors(answer []byte) (string, error) {
	var parts struct {
		Errors []json.RawMessage `json:"errors,omitempty"`
		Data   json.RawMessage   `json:"data,omitempty"`
	}
	if err := json.Unmarshal(answer, &parts); err != nil {
		return "", err
	}
	place := func(raw json.RawMessage) int {
		var e struct{ Locations []struct{ Line, Column int } }
		if json.Unmarshal(raw, &e) != nil || len(e.Locations) == 0 {
			return 0
		}
		return e.Locations[0].Line*1000 + e.Locations[0].Column
	}
	slices.SortStableFunc(parts.Errors, func(a, b json.RawMessage) int { return place(a) - place(b) })
	out, err := json.MarshalIndent(parts, "", "  ")
	return string(out), err
}

// Run holds one golden document against a server.
func (g Document) Run(t *testing.T, s *Server) {
	header := s.Header(t, g.Part("as"), g.Part("locale"))
	s.Store.Take()
	s.Store.TakeAuthority()
	s.Store.TakeWrote()
	got := map[string]string{"want": s.Ask(t, header, g.Part("query"), g.Part("variables"))}
	got["calls"] = strconv.FormatInt(s.Store.Take(), 10)
	if n := s.Store.TakeAuthority(); n > 1 {
		t.Errorf("%s: %d store calls told what the caller may do", g.Path, n)
	}
	// The MongoDB peer takes nothing back, and its fixture has no notices.
	if s.Store.TakeWrote() && s.Store.Name() == testkit.Engines()[0].Name && refused(t, got["want"]) {
		if written := testkit.FixtureVersions(t).Differences(testkit.VersionsOf(t, s.Store)); len(written) > 0 {
			t.Errorf("%s is refused, and yet\n%s", g.Path, strings.Join(written, "\n"))
		}
	}
	if then := g.Part("then"); then != "" {
		if as := g.Part("then-as"); as != "" {
			header = s.Header(t, as, g.Part("locale"))
		}
		got["then-want"] = s.Ask(t, header, then, "")
	}
	for _, name := range []string{"want", "calls", "then-want"} {
		switch {
		case got[name] == g.Part(name):
		case kept.Updating():
			g.parts[name] = got[name]
			defer g.save(t)
		default:
			t.Errorf("%s\n%s", kept.Diff(g.Path+" "+name, g.Part(name)+"\n", got[name]+"\n"), howToAccept(t))
		}
	}
}

// refused says whether no field of an answer was done: each is null or has faults of its input.
func refused(t testing.TB, answer string) bool {
	t.Helper()
	var parts struct {
		Data map[string]*struct{ UserErrors []any }
	}
	if err := json.Unmarshal([]byte(answer), &parts); err != nil {
		t.Fatal(err)
	}
	for _, field := range parts.Data {
		if field != nil && len(field.UserErrors) == 0 {
			return false
		}
	}
	return true
}

// howToAccept names the command that rewrites a document. What another engine answers is never accepted: all
// answer as the embedded store does.
func howToAccept(t *testing.T) string {
	if strings.Contains(t.Name(), "/"+testkit.Engines()[0].Name+"/") {
		return "to accept it: " + kept.Command(t)
	}
	return "it is not what the embedded store answers"
}
