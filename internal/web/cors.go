package web

import (
	"net/http"
	"slices"
	"strings"
)

// What a foreign page may send, and read of an answer.
const (
	corsMethods = "GET, POST"
	corsHeaders = "Accept, Accept-Language, Authorization, Content-Type, Apollo-Require-Preflight, X-Apollo-Operation-Name, X-Apollo-Operation-Id"
	corsExposed = "X-Request-Id, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate"
)

// shared are the paths that pages of configured origins may read. The explorer's are not among them:
// in development they hold tokens.
func shared(path string) bool { return path == "/graphql" || strings.HasPrefix(path, "/.well-known/") }

// Allowed says whether pages of an origin may talk to this server.
func (f *Front) Allowed(origin string) bool {
	return slices.Contains(f.options.Origins, origin) || slices.Contains(f.options.Origins, "*")
}

// cors tells browsers which pages may read answers, and answers their preflights. It never allows
// credentials: callers are known by the token they send themselves, so no page can use another's
// session, whatever origins are configured.
func (f *Front) cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !shared(r.URL.Path) || len(f.options.Origins) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		h, origin := w.Header(), r.Header.Get("Origin")
		h.Add("Vary", "Origin")
		preflight := r.Method == http.MethodOptions && origin != "" && r.Header.Get("Access-Control-Request-Method") != ""
		if origin != "" && f.Allowed(origin) {
			if slices.Contains(f.options.Origins, "*") {
				origin = "*"
			}
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", corsExposed)
			if preflight {
				h.Set("Access-Control-Allow-Methods", corsMethods)
				h.Set("Access-Control-Allow-Headers", corsHeaders)
				h.Set("Access-Control-Max-Age", "600")
			}
		}
		if preflight {
			h.Add("Vary", "Access-Control-Request-Method")
			h.Add("Vary", "Access-Control-Request-Headers")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// secured gives every answer the headers that keep a browser from making more of it than it is. A
// page of this server replaces the policy by its own.
func (f *Front) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		name, _, _ := strings.Cut(r.Host, ":")
		// A browser would keep it for every port of localhost, and so lock out its owner's other servers.
		if (f.options.TLS || SecureOf(r.Context())) && !strings.EqualFold(name, "localhost") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
