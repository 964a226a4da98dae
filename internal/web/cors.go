package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// RequestHeaders are those that docs/api.md tells callers of, and that popular clients send unasked. A
// page that may read answers may send them all.
var RequestHeaders = []string{
	"Accept", "Accept-Language", "Authorization", "Content-Disposition", "Content-Type", "If-None-Match", "X-Request-Cost",
	"Apollo-Require-Preflight", "X-Apollo-Operation-Name", "X-Apollo-Operation-Id", "Apollographql-Client-Name", "Apollographql-Client-Version",
}

// AnswerHeaders are those that docs/api.md tells callers of and that a browser hides from pages of
// another origin unless they are named.
var AnswerHeaders = []string{"X-Request-Id", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "Allow", "ETag", "Content-Disposition", "Location"}

const corsMethods = "GET, POST"

// readers are the pages of other origins that may read what is at an address.
type readers int

const (
	noReaders      readers = iota
	allowedReaders         // pages of the origins that are allowed
	allReaders             // every page: it is public, and a page of any origin could ask through a server of its own
)

// readersOf says who may read what is at a path. The explorer's files are nobody's, because in
// development they hold tokens, and so are calendars whose addresses are secrets.
func readersOf(path string) readers {
	switch {
	case path == "/graphql" || strings.HasPrefix(path, "/.well-known/") || strings.HasPrefix(path, "/exports/") || path == "/files" || strings.HasPrefix(path, "/files/") && !strings.HasPrefix(path, "/files/sha256/"):
		return allowedReaders
	case path == "/calendar.ics" || strings.HasPrefix(path, "/files/sha256/") || strings.HasPrefix(path, "/calendar/") && !strings.HasPrefix(path, "/calendar/own/"):
		return allReaders
	}
	return noReaders
}

// Allowed says whether pages of an origin may talk to this server.
func (f *Front) Allowed(origin string) bool {
	return slices.Contains(f.options.Origins, origin) || slices.Contains(f.options.Origins, "*") || f.options.Loopback && loopback(origin)
}

// loopback says whether an origin is this machine: localhost and names below it (RFC 6761 §6.3), or an
// address, with any port.
func loopback(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Scheme+"://"+u.Host != origin {
		return false
	}
	name := u.Hostname()
	address, err := netip.ParseAddr(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || err == nil && address.IsLoopback()
}

// cors tells browsers which pages may read answers, and answers their preflights. It never allows
// credentials: pages of other origins are known by the token that they send themselves, and a cookie is
// for pages of this origin only (foreign), so no page can use another's session, whatever origins are
// configured.
func (f *Front) cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		readers := readersOf(r.URL.Path)
		if readers == noReaders {
			next.ServeHTTP(w, r)
			return
		}
		h, origin := w.Header(), r.Header.Get("Origin")
		allowed := ""
		switch {
		case readers == allReaders || slices.Contains(f.options.Origins, "*"):
			allowed = "*"
		case origin != "" && f.Allowed(origin):
			allowed = origin
		}
		if readers == allReaders {
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		} else {
			h.Add("Vary", "Origin")
		}
		preflight := r.Method == http.MethodOptions && origin != "" && r.Header.Get("Access-Control-Request-Method") != ""
		if allowed != "" {
			h.Set("Access-Control-Allow-Origin", allowed)
			h.Set("Access-Control-Expose-Headers", strings.Join(AnswerHeaders, ", "))
			if preflight {
				h.Set("Access-Control-Allow-Methods", corsMethods)
				h.Set("Access-Control-Allow-Headers", strings.Join(RequestHeaders, ", "))
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
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
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
