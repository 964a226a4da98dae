package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
	"memberportal/internal/web"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var quiet = slog.New(slog.DiscardHandler)

// hello is a handler that has nothing to do with GraphQL.
var hello = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Address", web.AddressOf(r.Context()).String())
	_, _ = io.WriteString(w, "hello")
})

// call sends a request to the whole of a front; change may alter it.
func call(f *web.Front, method, path string, change func(*http.Request)) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = "192.0.2.1:1234"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	f.Outer(f.Inner(hello)).ServeHTTP(w, r)
	return w.Result()
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

func TestAddressBehindProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	for name, c := range map[string]struct {
		forwarded    bool
		remote       string
		header, want string
		https        bool
	}{
		"no header":                                           {false, "192.0.2.1:1", "", "192.0.2.1", false},
		"a stranger's word is not taken":                      {false, "198.51.100.9:1", "X-Forwarded-For: 1.1.1.1", "198.51.100.9", false},
		"a stranger's protocol is not taken":                  {false, "198.51.100.9:1", "X-Forwarded-Proto: https", "198.51.100.9", false},
		"one proxy":                                           {false, "192.0.2.1:1", "X-Forwarded-For: 203.0.113.7", "203.0.113.7", false},
		"the proxy saw TLS":                                   {false, "192.0.2.1:1", "X-Forwarded-Proto: https", "192.0.2.1", true},
		"the last proxy's protocol counts":                    {false, "192.0.2.1:1", "X-Forwarded-Proto: https, http", "192.0.2.1", false},
		"the rightmost that is not trusted":                   {false, "192.0.2.1:1", "X-Forwarded-For: 1.1.1.1, 203.0.113.7, 192.0.2.5", "203.0.113.7", false},
		"what the caller made up is on the left":              {false, "192.0.2.1:1", "X-Forwarded-For: 192.0.2.99, 203.0.113.7", "203.0.113.7", false},
		"trusted all the way":                                 {false, "192.0.2.1:1", "X-Forwarded-For: 192.0.2.8, 192.0.2.9", "192.0.2.8", false},
		"rubbish ends the walk":                               {false, "192.0.2.1:1", "X-Forwarded-For: 1.1.1.1, rubbish", "192.0.2.1", false},
		"rubbish behind a proxy ends at the proxy":            {false, "192.0.2.1:1", "X-Forwarded-For: rubbish, 192.0.2.5", "192.0.2.5", false},
		"with a port":                                         {false, "192.0.2.1:1", "X-Forwarded-For: 203.0.113.7:4711", "203.0.113.7", false},
		"IPv6":                                                {false, "[2001:db8::1]:1", "X-Forwarded-For: 2a00::7", "2a00::7", false},
		"IPv4 written as IPv6":                                {false, "[::ffff:192.0.2.1]:1", "X-Forwarded-For: ::ffff:203.0.113.7", "203.0.113.7", false},
		"Forwarded is ignored where X-Forwarded-For is meant": {false, "192.0.2.1:1", "Forwarded: for=203.0.113.7;proto=https", "192.0.2.1", false},
		"X-Forwarded-For is ignored where Forwarded is meant": {true, "192.0.2.1:1", "X-Forwarded-For: 203.0.113.7", "192.0.2.1", false},
		"Forwarded":                                           {true, "192.0.2.1:1", "Forwarded: for=1.1.1.1, for=203.0.113.7;proto=https;by=192.0.2.1", "203.0.113.7", true},
		"Forwarded with IPv6":                                 {true, "192.0.2.1:1", `Forwarded: For="[2a00::7]:4711"`, "2a00::7", false},
		"Forwarded hides the address":                         {true, "192.0.2.1:1", "Forwarded: for=_hidden", "192.0.2.1", false},
		"Forwarded of a stranger":                             {true, "198.51.100.9:1", "Forwarded: for=1.1.1.1;proto=https", "198.51.100.9", false},
		"the last element's protocol, if any":                 {true, "192.0.2.1:1", "Forwarded: for=203.0.113.7;proto=https, for=192.0.2.4", "203.0.113.7", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := web.New(web.Options{Log: quiet, Proxies: proxies, Forwarded: c.forwarded})
			response := call(f, http.MethodGet, "/", func(r *http.Request) {
				r.RemoteAddr = c.remote
				if n, v, ok := strings.Cut(c.header, ": "); ok {
					r.Header.Set(n, v)
				}
			})
			if got := response.Header.Get("X-Address"); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if got := response.Header.Get("Strict-Transport-Security") != ""; got != c.https {
				t.Errorf("HTTPS %v, want %v", got, c.https)
			}
		})
	}
}

func TestEveryAnswerHasSecurityHeaders(t *testing.T) {
	f := web.New(web.Options{Log: quiet, TLS: true, Origins: []string{"https://a.example"}, PerAddress: web.Rate{PerSecond: 1, Burst: 1}})
	for _, path := range []string{"/graphql", "/graphql", "/nothing", "/healthz", "/readyz"} {
		h := call(f, http.MethodGet, path, nil).Header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000",
			"Content-Security-Policy":   "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if !strings.Contains(h.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: Permissions-Policy is %q", path, h.Get("Permissions-Policy"))
		}
	}
}

func TestLocalhostIsNotHeldToTLS(t *testing.T) {
	f := web.New(web.Options{Log: quiet, TLS: true})
	for host, want := range map[string]bool{"localhost": false, "LOCALHOST:8443": false, "portal.example": true, "localhost.example:1": true} {
		if got := call(f, http.MethodGet, "/", func(r *http.Request) { r.Host = host }).Header.Get("Strict-Transport-Security") != ""; got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

func TestPanicOfAHandlerIsMaskedAndCounted(t *testing.T) {
	var log bytes.Buffer
	f := web.New(web.Options{Log: web.NewLog(&log, true, slog.LevelInfo)})
	handler := f.Outer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret of the house") }))
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	handler.ServeHTTP(w, r.WithContext(kit.WithRequest(r.Context(), "REQ1")))
	if body := w.Body.String(); w.Code != 500 || !strings.Contains(body, `"INTERNAL"`) || !strings.Contains(body, "REQ1") || strings.Contains(body, "secret") {
		t.Errorf("HTTP %d: %s", w.Code, body)
	}
	if text := log.String(); !strings.Contains(text, "secret of the house") || !strings.Contains(text, `"request":"REQ1"`) {
		t.Errorf("logged %s", text)
	}
	wantFigures(t, f, "memberportal_panics_total 1", `memberportal_http_requests_total{route="/graphql",status="500"} 1`)
}

// wantFigures waits for nothing: figures are true when a request has been answered.
func wantFigures(t *testing.T, f *web.Front, lines ...string) {
	t.Helper()
	w := httptest.NewRecorder()
	f.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range lines {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("no %q in\n%s", line, w.Body)
		}
	}
}

func TestFiguresOfCalendarsHoldNoSecrets(t *testing.T) {
	f := web.New(web.Options{Log: quiet})
	for _, path := range []string{"/calendar.ics", "/calendar/S3CRET.ics", "/calendar/own/S3CRET.ics", "/calendar/own/S3CRET/more"} {
		call(f, http.MethodGet, path, nil)
	}
	wantFigures(t, f, `memberportal_http_requests_total{route="/calendar.ics",status="200"} 1`, `memberportal_http_requests_total{route="/calendar/",status="200"} 1`,
		`memberportal_http_requests_total{route="/calendar/own/",status="200"} 2`)
	w := httptest.NewRecorder()
	if f.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil)); strings.Contains(w.Body.String(), "S3CRET") {
		t.Error(w.Body)
	}
}

// pinged is a store of which only Ping is asked.
type pinged struct {
	store.Store
	ping func(context.Context) error
}

func (p pinged) Ping(ctx context.Context) error { return p.ping(ctx) }

func (p pinged) Damage() *store.Damage { return &store.Damage{} }

func TestReadiness(t *testing.T) {
	var fault error
	f := web.New(web.Options{Log: quiet, Store: pinged{ping: func(context.Context) error { return fault }}, PerAddress: web.Rate{PerSecond: 1, Burst: 1}})
	want := func(path string, status int, text string) {
		t.Helper()
		response := call(f, http.MethodGet, path, nil)
		body, err := io.ReadAll(response.Body)
		if must(t, err); response.StatusCode != status || string(body) != text+"\n" || response.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: HTTP %d %q, want %d %q", path, response.StatusCode, body, status, text)
		}
	}
	want("/readyz", 503, "starting")
	f.Begin()
	want("/readyz", 200, "ready") // a second time: health is not limited
	want("/readyz", 200, "ready")
	fault = store.ErrUnavailable
	want("/readyz", 503, "store unavailable")
	want("/healthz", 200, "ok")
	wantFigures(t, f, "memberportal_store_up 0")
	fault = nil
	want("/readyz", 200, "ready")
	wantFigures(t, f, "memberportal_store_up 1")
	f.Drain()
	want("/readyz", 503, "draining")
	want("/healthz", 200, "ok")
}

// losing is a store that has lost its file.
type losing struct{ pinged }

func (losing) Lost() error { return store.ErrUnavailable }

func TestALostStoreIsUnavailableForEverybody(t *testing.T) {
	f := web.New(web.Options{Log: quiet, Store: losing{pinged{ping: func(context.Context) error { return store.ErrUnavailable }}}})
	f.Begin()
	for path, want := range map[string]string{"/readyz": "store unavailable", "/graphql": `"UNAVAILABLE"`, "/calendar.ics": `"UNAVAILABLE"`} {
		response := call(f, http.MethodGet, path, nil)
		body, err := io.ReadAll(response.Body)
		if must(t, err); response.StatusCode != 503 || !strings.Contains(string(body), want) {
			t.Errorf("%s: HTTP %d: %s", path, response.StatusCode, body)
		}
	}
	if response := call(f, http.MethodGet, "/healthz", nil); response.StatusCode != 200 {
		t.Errorf("/healthz: HTTP %d", response.StatusCode)
	}
}

func TestReadinessDoesNotWaitForASilentStore(t *testing.T) {
	var asked atomic.Int32
	release := make(chan struct{})
	f := web.New(web.Options{Log: quiet, Store: pinged{ping: func(context.Context) error { asked.Add(1); <-release; return nil }}})
	f.Begin()
	started := time.Now()
	codes := make(chan int)
	for range 20 {
		go func() { codes <- call(f, http.MethodGet, "/readyz", nil).StatusCode }()
	}
	for range 20 {
		if code := <-codes; code != 503 {
			t.Errorf("HTTP %d", code)
		}
	}
	if took := time.Since(started); took > 1900*time.Millisecond {
		t.Errorf("took %s", took)
	}
	close(release)
	if n := asked.Load(); n != 1 {
		t.Errorf("the store was asked %d times", n)
	}
}

// TestProfilesAreServedOnlyIfSaid, and never the command line, in which a flag may hold a password.
func TestProfilesAreServedOnlyIfSaid(t *testing.T) {
	for path, want := range map[string]int{
		"/debug/pprof/": http.StatusOK, "/debug/pprof/heap": http.StatusOK, "/debug/pprof/goroutine?debug=2": http.StatusOK, "/debug/pprof/cmdline": http.StatusNotFound,
	} {
		for profiles, want := range map[bool]int{true: want, false: http.StatusNotFound} {
			w := httptest.NewRecorder()
			web.New(web.Options{Log: slog.New(slog.DiscardHandler), Profiles: profiles}).Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != want {
				t.Errorf("%s, served %v: %d, want %d", path, profiles, w.Code, want)
			}
		}
	}
}
