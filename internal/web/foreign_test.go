package web_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"memberportal/internal/web"
)

// TestTheOwnOriginOfACookie is for browsers that say by Origin alone of which page a request is.
func TestTheOwnOriginOfACookie(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	encrypted := func(r *http.Request) { r.TLS = &tls.ConnectionState{} }
	for name, c := range map[string]struct {
		public, origin string
		change         func(*http.Request)
		want           bool
	}{
		"the one of the request":              {"", "http://portal.example", nil, true},
		"with a port":                         {"", "http://portal.example:8080", func(r *http.Request) { r.Host = "portal.example:8080" }, true},
		"over TLS":                            {"", "https://portal.example", encrypted, true},
		"the same without TLS":                {"", "http://portal.example", encrypted, false},
		"behind a proxy that encrypts":        {"", "https://portal.example", header("X-Forwarded-Proto", "https"), true},
		"behind a proxy with another name":    {"https://members.example.org", "https://members.example.org", nil, true},
		"the name behind that proxy":          {"https://members.example.org", "http://portal.example", nil, false},
		"an address with a path":              {"https://members.example.org/portal/", "https://members.example.org", nil, true},
		"an address with the usual port":      {"https://Members.example.org:443", "https://members.example.org", nil, true},
		"an address with a port of its own":   {"https://members.example.org:8443", "https://members.example.org:8443", nil, true},
		"another one in front of its letters": {"https://members.example.org", "https://evil-members.example.org", nil, false},
		"none":                                {"https://members.example.org", "", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := web.New(web.Options{Log: quiet, Cookie: "session", PublicURL: c.public, Proxies: proxies})
			response := call(f, http.MethodPost, "/graphql", func(r *http.Request) {
				r.Host = "portal.example"
				r.AddCookie(&http.Cookie{Name: "session", Value: "x"})
				if c.origin != "" {
					r.Header.Set("Origin", c.origin)
				}
				if c.change != nil {
					c.change(r)
				}
			})
			if (response.StatusCode == http.StatusOK) != c.want {
				t.Errorf("HTTP %d", response.StatusCode)
			}
		})
	}
}

func TestAHandlerLearnsOfACookieOnlyBehindTheCheck(t *testing.T) {
	for name, c := range map[string]struct {
		cookie string
		change func(*http.Request)
		value  string
		known  bool
	}{
		"a cookie":               {"session", nil, "x", true},
		"beside a token":         {"session", header("Authorization", "Bearer t"), "", false},
		"beside an empty header": {"session", header("Authorization", " "), "x", true},
		"two cookies":            {"session", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "session", Value: "y"}) }, "", true},
		"another cookie":         {"other", nil, "", false},
		"where there are none":   {"", nil, "", false},
		"on the way back":        {"session", func(r *http.Request) { r.URL.Path = web.ReturnPath }, "", false},
	} {
		var value string
		var known bool
		r := httptest.NewRequest(http.MethodGet, "/graphql", nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.AddCookie(&http.Cookie{Name: "session", Value: "x"})
		if c.change != nil {
			c.change(r)
		}
		web.New(web.Options{Log: quiet, Cookie: c.cookie}).Outer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			value, known = web.CookieOf(r.Context())
		})).ServeHTTP(httptest.NewRecorder(), r)
		if value != c.value || known != c.known {
			t.Errorf("%s: %q, %v", name, value, known)
		}
	}
}

// TestNobodyKeepsAnAnswerThatSetsACookie holds whatever the handler says of its own part.
func TestNobodyKeepsAnAnswerThatSetsACookie(t *testing.T) {
	for name, finish := range map[string]func(w http.ResponseWriter){
		"with a body":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, "hello") },
		"with a status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotModified) },
	} {
		recorder := httptest.NewRecorder()
		web.New(web.Options{Log: quiet}).Outer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=300")
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "x"})
			finish(w)
		})).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/calendar.ics", nil))
		if got := recorder.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
	}
}
