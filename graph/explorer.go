package graph

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"memberportal/internal/kit"
)

// ExplorerOptions say how the explorer is served.
type ExplorerOptions struct {
	// Roles are what its role switch offers beside the visitor. Whoever reaches the page gets their
	// tokens, so there are none but in development; with none there is no switch.
	Roles []ExplorerRole
	// StandIns are records of this store in the place of those that only the fixture of the golden
	// documents has, by the fixture's ids. An example that names another one of them is left out.
	StandIns map[string]kit.ID
	// Introspection says that the schema may be asked for; without it the page shows none.
	Introspection bool
}

// ExplorerRole is a role with its demonstration scope, such as a member's id, and a token for it.
type ExplorerRole struct {
	Name  kit.Role `json:"name"`
	Scope string   `json:"scope"`
	Token string   `json:"token"`
}

// explorerFiles are the page, which web/explorer/build.sh makes, and the golden documents, of which it
// shows those that were answered.
//
//go:embed explorer testdata
var explorerFiles embed.FS

// contentTypes are those of the page's files; the machine's own table may lack some.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".txt": "text/plain; charset=utf-8", ".ttf": "font/ttf",
}

// hashed are names that change with their content.
var hashed = regexp.MustCompile(`-[0-9A-Z]{8}\.`)

// explorerPolicy lets the page load what this server has and nothing else. Monaco, its editor, writes
// style elements and attributes and draws squiggles as data: images, hence these two exceptions;
// scripts and workers have none.
const explorerPolicy = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; font-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// NewExplorer serves the explorer: its page at / and everything else below /explorer/.
func NewExplorer(o ExplorerOptions) (http.Handler, error) {
	examples, err := examples(o.StandIns)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	files, err := fs.ReadDir(explorerFiles, "explorer")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		body, err := explorerFiles.ReadFile(path.Join("explorer", f.Name()))
		if err != nil {
			return nil, err
		}
		address := "GET /explorer/" + f.Name()
		if f.Name() == "index.html" {
			address = "GET /{$}"
		}
		mux.Handle(address, explorerFile(f.Name(), body))
	}
	mux.Handle("GET /explorer/contents.json", explorerJSON(map[string]any{
		"examples": examples, "introspection": o.Introspection, "session": len(o.Roles) > 0,
	}))
	if len(o.Roles) > 0 {
		mux.Handle("GET /explorer/session.json", sameOrigin(explorerJSON(map[string]any{"roles": o.Roles})))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", explorerPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	}), nil
}

func explorerFile(name string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentTypes[path.Ext(name)])
		if hashed.MatchString(name) {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
	})
}

func explorerJSON(v any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(v)
	})
}

// sameOrigin refuses what a browser asks for on behalf of another page, also one of another port of
// this machine, so that no other page can have the tokens.
func sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Sec-Fetch-Site") {
		case "", "same-origin", "none":
			next.ServeHTTP(w, r)
		default:
			http.Error(w, "this is for the explorer's own page", http.StatusForbidden)
		}
	})
}

// example is a golden document as the explorer offers it.
type example struct {
	// Name is the noun and the case.
	Name        string `json:"name"`
	Description string `json:"description"`
	// Role is who asks; empty for a visitor.
	Role string `json:"role,omitempty"`
	// Locale is the language it is asked in; empty for any.
	Locale    string `json:"locale,omitempty"`
	Query     string `json:"query"`
	Variables string `json:"variables,omitempty"`
}

// fixtureID is an id that the fixture made up; those of countries are real, and those of other
// records go on with digits.
var fixtureID = regexp.MustCompile(`\b[a-z]{3}_[A-Z][A-Z_]*\b`)

// examples are the golden documents that are answered without errors, by noun and case.
func examples(standIns map[string]kit.ID) ([]example, error) {
	paths, err := fs.Glob(explorerFiles, "testdata/*/*.txtar")
	if err != nil {
		return nil, err
	}
	var all []example
	for _, p := range paths {
		raw, err := explorerFiles.ReadFile(p)
		if err != nil {
			return nil, err
		}
		archive, parts := txtar.Parse(raw), map[string]string{}
		for _, f := range archive.Files {
			parts[f.Name] = strings.TrimSpace(string(f.Data))
		}
		var want struct{ Errors []any }
		if err := json.Unmarshal([]byte(parts["want"]), &want); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		role, _, _ := strings.Cut(parts["as"], " ")
		if role == "nobody" {
			role = ""
		}
		known := true
		here := func(text string) string {
			return fixtureID.ReplaceAllStringFunc(text, func(id string) string {
				if standIn, ok := standIns[id]; ok {
					return string(standIn)
				}
				known = known && strings.HasPrefix(id, "cty_")
				return id
			})
		}
		e := example{
			Name: strings.TrimSuffix(strings.TrimPrefix(p, "testdata/"), ".txtar"), Description: strings.TrimSpace(string(archive.Comment)),
			Role: role, Locale: parts["locale"], Query: here(parts["query"]), Variables: here(parts["variables"]),
		}
		if known && len(want.Errors) == 0 {
			all = append(all, e)
		}
	}
	return all, nil
}
