package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/web"
)

// standing is a clock that a test moves.
type standing struct{ at time.Time }

func (s *standing) now() time.Time { return s.at }

func TestRateLimits(t *testing.T) {
	clock := &standing{time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC)}
	rate := web.Rate{PerSecond: .5, Burst: 3}
	caller := func(subject string) func(*http.Request) {
		return func(r *http.Request) {
			*r = *r.WithContext(kit.WithActor(r.Context(), kit.Actor{Subject: kit.ID(subject), Roles: []kit.Role{kit.RoleSecretariat}}))
		}
	}
	from := func(address string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = address } }
	for name, c := range map[string]struct {
		o           web.Options
		same, other func(*http.Request)
		by          string
	}{
		"each address":           {web.Options{PerAddress: rate}, from("192.0.2.1:1"), from("192.0.2.2:1"), "address"},
		"each network of IPv6":   {web.Options{PerAddress: rate}, from("[2001:db8::1]:1"), from("[2001:db8:0:1::1]:1"), "address"},
		"each caller":            {web.Options{PerCaller: rate}, caller("usr_a"), caller("usr_b"), "caller"},
		"callers, not the rest":  {web.Options{PerCaller: rate}, caller("usr_a"), nil, "caller"},
		"whoever of both is out": {web.Options{PerCaller: rate, PerAddress: web.Rate{PerSecond: 100, Burst: 100}}, caller("usr_a"), caller("usr_b"), "caller"},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Log, c.o.Now, c.o.Buckets = quiet, clock.now, 10
			f := web.New(c.o)
			for i := range 3 {
				response := call(f, http.MethodPost, "/graphql", c.same)
				if want := fmt.Sprintf("%q;r=%d;t=0", c.by, 2-i); response.StatusCode != 200 || !strings.Contains(strings.Join(response.Header.Values("RateLimit"), ","), want) {
					t.Errorf("HTTP %d, %v, want %s", response.StatusCode, response.Header.Values("RateLimit"), want)
				}
			}
			response := refusedInFrench(t, f, c.same)
			if got := response.Header.Values("RateLimit-Policy"); got[len(got)-1] != fmt.Sprintf("%q;q=3;w=6", c.by) {
				t.Errorf("policy %v", got)
			}
			want := func(status int, path string, change func(*http.Request)) {
				t.Helper()
				if code := call(f, http.MethodGet, path, change).StatusCode; code != status {
					t.Errorf("%s: HTTP %d, want %d", path, code, status)
				}
			}
			want(200, "/graphql", c.other)
			want(200, "/healthz", c.same)
			clock.at = clock.at.Add(2 * time.Second)
			want(200, "/graphql", c.same)
			want(429, "/graphql", c.same)
			wantFigures(t, f, fmt.Sprintf("memberportal_rate_limited_total{by=%q} 2", c.by))
		})
	}
}

// refusedInFrench sends what must be refused for 2 seconds, and looks at the whole answer.
func refusedInFrench(t *testing.T, f *web.Front, change func(*http.Request)) *http.Response {
	t.Helper()
	response := call(f, http.MethodPost, "/graphql", func(r *http.Request) {
		change(r)
		*r = *r.WithContext(kit.WithLocale(r.Context(), kit.French))
	})
	var body struct {
		Data   *any
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	must(t, json.NewDecoder(response.Body).Decode(&body))
	if response.StatusCode != 429 || response.Header.Get("Retry-After") != "2" || len(body.Errors) != 1 || body.Errors[0].Extensions.Code != "RATE_LIMITED" ||
		body.Errors[0].Message != "Trop de requêtes. Veuillez réessayer dans 2 s." {
		t.Errorf("HTTP %d, Retry-After %q, %+v", response.StatusCode, response.Header.Get("Retry-After"), body)
	}
	return response
}

func TestAddressesOfOneIPv6NetworkShareABucket(t *testing.T) {
	f := web.New(web.Options{Log: quiet, PerAddress: web.Rate{PerSecond: .001, Burst: 1}, Buckets: 10})
	for i, want := range []int{200, 429, 429} {
		if code := call(f, http.MethodGet, "/", func(r *http.Request) { r.RemoteAddr = fmt.Sprintf("[2001:db8::%d]:1", i+1) }).StatusCode; code != want {
			t.Errorf("HTTP %d, want %d", code, want)
		}
	}
}

func TestBucketsAreBounded(t *testing.T) {
	f := web.New(web.Options{Log: quiet, PerAddress: web.Rate{PerSecond: .001, Burst: 1}, Buckets: 2})
	for _, c := range []struct {
		address string
		want    int
	}{
		{"192.0.2.1", 200}, {"192.0.2.2", 200}, {"192.0.2.1", 429}, // 2 is now the one used least recently
		{"192.0.2.3", 200}, {"192.0.2.1", 429}, {"192.0.2.2", 200},
	} {
		if code := call(f, http.MethodGet, "/", func(r *http.Request) { r.RemoteAddr = c.address + ":1" }).StatusCode; code != c.want {
			t.Errorf("%s: HTTP %d, want %d", c.address, code, c.want)
		}
	}
}

func TestFiguresHaveClosedLabels(t *testing.T) {
	f := web.New(web.Options{Log: quiet, Version: "v1"})
	for i := range 50 {
		call(f, http.MethodGet, fmt.Sprintf("/made/up/%d", i), nil)
		call(f, fmt.Sprintf("METHOD%d", i), "/explorer/x.js", nil)
		f.Answered(fmt.Sprintf("kind%d", i), fmt.Sprintf("CODE%d", i), time.Millisecond)
	}
	f.Answered("query", "OK", time.Millisecond)
	f.Answered("mutation", "FORBIDDEN", time.Millisecond)
	wantFigures(t, f,
		`memberportal_http_requests_total{route="other",status="200"} 50`, `memberportal_http_requests_total{route="/explorer/",status="200"} 50`,
		`memberportal_graphql_operations_total{code="other",kind="other"} 50`, `memberportal_graphql_operations_total{code="OK",kind="query"} 1`,
		`memberportal_graphql_operations_total{code="FORBIDDEN",kind="mutation"} 1`, `memberportal_http_requests_in_flight 0`,
	)
}

// BenchmarkLimiter has a bucket for each of many addresses; B/bucket is what one costs in memory.
func BenchmarkLimiter(b *testing.B) {
	const most = 100_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f := web.New(web.Options{Log: quiet, PerAddress: web.Rate{PerSecond: 100, Burst: 1000}, Buckets: most})
	handler := f.Outer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r, w := httptest.NewRequest(http.MethodPost, "/graphql", nil), httptest.NewRecorder()
	for i := range 2 * most {
		r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255)
		clear(w.Header())
		handler.ServeHTTP(w, r)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	for b.Loop() {
		clear(w.Header())
		handler.ServeHTTP(w, r)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/most, "B/bucket")
}
