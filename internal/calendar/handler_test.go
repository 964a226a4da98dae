package calendar_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"memberportal/internal/calendar"
	"memberportal/internal/cli"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
	"memberportal/internal/web"
)

func TestHeadersOfFeeds(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Shared(t))
	for path, want := range map[string][3]string{
		"/calendar.ics":         {"public, max-age=300", `inline; filename="events.ics"`, "Mon, 03 Mar 2025 10:00:00 GMT"},
		"/calendar/TESTBED.ics": {"public, max-age=300", `inline; filename="TESTBED.ics"`, "Wed, 01 Jan 2025 09:00:00 GMT"},
		ownPath:                 {"private, no-cache", `inline; filename="own.ics"`, "Mon, 03 Mar 2025 10:00:00 GMT"},
	} {
		a := ask(t, s, http.MethodGet, path, "Accept-Encoding", "identity")
		for name, value := range map[string]string{
			"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": want[0], "Content-Disposition": want[1], "Last-Modified": want[2],
			"Vary": "Accept-Language and Accept-Encoding", "Content-Length": strconv.Itoa(len(a.body)), "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got := strings.Join(a.Header.Values(name), " and "); got != value {
				t.Errorf("%s of %s is %q, want %q", name, path, got, value)
			}
		}
		tag := a.Header.Get("ETag")
		head := ask(t, s, http.MethodHead, path)
		if head.StatusCode != 200 || head.body != "" || head.Header.Get("ETag") != tag || head.Header.Get("Content-Length") != "" {
			t.Errorf("HEAD %s: HTTP %d, %v", path, head.StatusCode, head.Header)
		}
		for header, status := range map[string]int{tag: 304, `"other", ` + tag: 304, strings.TrimPrefix(tag, "W/"): 304, "*": 304, `"other"`: 200} {
			if a := ask(t, s, http.MethodGet, path, "If-None-Match", header); a.StatusCode != status || (status == 304) != (a.body == "") || a.Header.Get("ETag") != tag {
				t.Errorf("%s, If-None-Match %s: HTTP %d, %v", path, header, a.StatusCode, a.Header)
			}
		}
		// An event that left the feed has changed it without a later date.
		if a := ask(t, s, http.MethodGet, path, "If-Modified-Since", a.Header.Get("Last-Modified")); a.StatusCode != 200 {
			t.Errorf("%s, If-Modified-Since: HTTP %d", path, a.StatusCode)
		}
		if other := ask(t, s, http.MethodGet, path+"?lang=ar", "If-None-Match", tag); other.StatusCode != 200 {
			t.Errorf("%s in another language: HTTP %d", path, other.StatusCode)
		}
	}
}

func TestUnknownCalendarsAreAlike(t *testing.T) {
	onEngines(t, false, func(t *testing.T, s *golden.Server) {
		for _, path := range []string{
			"/calendar/NONE.ics", "/calendar/none.ics", "/calendar/TESTBED", "/calendar/TESTBED.ics.ics", "/calendar/ser_TESTBED.ics", "/calendar/.ics", "/calendar/", "/calendar/%00.ics",
			"/calendar/%FF%FE.ics", "/calendar/TESTBED%2F..%2F.ics", "/calendar/" + strings.Repeat("A", 4000) + ".ics", "/calendar/own.ics", "/calendar/own/", "/calendar/own/.ics",
			"/calendar/own/UNKNOWN.ics", "/calendar/own/testsecret.ics", "/calendar/own/" + testkit.CalendarSecret, "/calendar/own/a/" + testkit.CalendarSecret + ".ics", "/calendar/own/%FF.ics",
			"/calendar/own/cal_ACTIVE.ics", "/calendar/own/*.ics",
		} {
			a := ask(t, s, http.MethodGet, path)
			if a.StatusCode != 404 || a.body != "404 page not found\n" || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: HTTP %d, %v: %q", path, a.StatusCode, a.Header, a.body)
			}
		}
	})
}

func TestFeedsAreReadOnlyAndOpen(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Shared(t))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if a := ask(t, s, method, ownPath); a.StatusCode != 405 || a.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: HTTP %d, %v", method, a.StatusCode, a.Header)
		}
	}
	bad := ask(t, s, http.MethodGet, "/calendar.ics", "Authorization", "Bearer bad")
	if bad.StatusCode != 401 || bad.Header.Get("WWW-Authenticate") == "" || bad.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a bad token: HTTP %d, %v", bad.StatusCode, bad.Header)
	}
	for _, path := range []string{"/calendar/testbed.ics", "/calendar/Testbed.ics"} {
		if a, as := ask(t, s, http.MethodGet, path), ask(t, s, http.MethodGet, "/calendar/TESTBED.ics"); a.StatusCode != 200 || a.body != as.body {
			t.Errorf("%s: HTTP %d", path, a.StatusCode)
		}
	}
	public := ask(t, s, http.MethodGet, "/calendar.ics")
	for _, as := range []string{"SECRETARIAT", "FOCAL_POINT mem_ACTIVE"} { // who asks changes nothing that others may keep
		if a := ask(t, s, http.MethodGet, "/calendar.ics", "Authorization", s.Header(t, as, "").Get("Authorization")); a.body != public.body {
			t.Errorf("%s gets another calendar", as)
		}
	}
}

func TestRateLimitsHoldForFeeds(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	front := web.New(web.Options{Log: log, PerAddress: web.Rate{PerSecond: .001, Burst: 1}})
	s := golden.Serve(t, testkit.Engines()[0].Shared(t))
	h := cli.HandlerBehind(front, s.Portal, s.Tokens, log, true, nil)
	for _, want := range []int{200, 429} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, ownPath, nil))
		if w.Code != want || strings.Contains(w.Body.String(), testkit.CalendarSecret) {
			t.Errorf("HTTP %d: %.100s", w.Code, w.Body)
		}
	}
}

// TestLogHoldsNoSecret asks for calendars in all ways that end badly, and looks for the secret in what
// was logged and answered.
func TestLogHoldsNoSecret(t *testing.T) {
	fresh := testkit.Engines()[0].Fresh(t)
	s := golden.Serve(t, fresh)
	var answers strings.Builder
	bad := func(status int, method, path string, headers ...string) {
		t.Helper()
		a := ask(t, s, method, path, headers...)
		if answers.WriteString(a.body); a.StatusCode != status {
			t.Errorf("%s %s: HTTP %d", method, path, a.StatusCode)
		}
	}
	ask(t, s, http.MethodGet, ownPath)
	bad(404, http.MethodGet, ownPath+"x")
	bad(405, http.MethodPost, ownPath)
	bad(401, http.MethodGet, ownPath, "Authorization", "Bearer "+ownPath)
	must(t, fresh.Close())
	bad(503, http.MethodGet, ownPath)
	s.Close()
	var log bytes.Buffer // masks nothing
	for p, status := range map[*portal.Portal]int{s.Portal: 503, {}: 500} {
		h := calendar.Handler(p, calendar.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
		w := httptest.NewRecorder()
		web.New(web.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))}).Outer(h).ServeHTTP(w, httptest.NewRequest(http.MethodGet, ownPath, nil))
		if answers.WriteString(w.Body.String()); w.Code != status {
			t.Errorf("HTTP %d: %s", w.Code, log.String())
		}
	}
	said := s.Log.String() + log.String() + answers.String()
	if strings.Contains(said, testkit.CalendarSecret) {
		t.Errorf("the secret is told: %s", said)
	}
	for _, want := range []string{`"route":"GET /calendar/own/{file}","code":"UNAVAILABLE"`, `"msg":"panic"`, `"msg":"token refused"`, "unavailable"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %s in %s", want, said)
		}
	}
}
