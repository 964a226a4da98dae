package graph

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"

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

// explorerFiles are the page, which web/explorer/build.sh makes, each file compressed by gzip.
//
//go:embed explorer
var explorerFiles embed.FS

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
	contents, err := json.Marshal(map[string]any{
		"examples": examples, "introspection": o.Introspection, "session": len(o.Roles) > 0,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /explorer/contents.json", newPacked("contents.json", pack(contents)))
	files, err := fs.ReadDir(explorerFiles, "explorer")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		body, err := explorerFiles.ReadFile(path.Join("explorer", f.Name()))
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(f.Name(), ".gz")
		address := "GET /explorer/" + name
		if name == "index.html" {
			address = "GET /{$}"
		}
		mux.Handle(address, newPacked(name, body))
	}
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
