package browser_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/browser"
	"memberportal/internal/kit"
	"memberportal/internal/pages"
	"memberportal/internal/web"
)

// mounted are all addresses of the portal, one for each that a handler is mounted at.
var mounted = []string{
	"/", "/explorer/session.json", "/graphql", "/graphql/", "/graphql?query={viewer{id}}", "/.well-known/jwks.json", "/calendar.ics", "/calendar/GSR.ics", "/calendar/own/X.ics",
	"/session", "/sign-in/oidc/start", "/exports/job_X", "/files", "/files/fil_X", "/invitation", "/registration", "/guest", "/sign-in", "/pages/portal.css", "/nothing",
}

// TestTheListOfAddressesIsWhole compares the list with what handlers are mounted at.
func TestTheListOfAddressesIsWhole(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range append(paths, "../cli/serve.go") {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`mux\.Handle(?:Func)?\("(?:[A-Z]+ )?([^"]*)"(\+web\.\w+)?`).FindAllStringSubmatch(string(source), -1) {
			found++
			at := strings.TrimSuffix(m[1], "{$}") + map[string]string{"+web.SessionPath": web.SessionPath, "+web.ReturnPath": web.ReturnPath}[m[2]]
			if at != web.ReturnPath && !slices.ContainsFunc(mounted, func(p string) bool { return strings.HasPrefix(p, at) }) {
				t.Errorf("%s mounts %s, which is not among the addresses of the tests", path, at)
			}
		}
	}
	if found < 9 {
		t.Errorf("only %d were found", found)
	}
}

// marks are what browsers say of the page that a request is for, and whether it may use the cookie with GET and with
// other methods.
var marks = []struct {
	name       string
	header     http.Header
	get, other bool
}{
	{"nothing", http.Header{}, false, false},
	{"a page of this origin", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {own}}, true, true},
	{"a person", http.Header{"Sec-Fetch-Site": {"none"}}, true, false},
	{"a page of the same site", http.Header{"Sec-Fetch-Site": {"same-site"}, "Origin": {"https://www.portal.example"}}, false, false},
	{"a link of the same site", http.Header{"Sec-Fetch-Site": {"same-site"}}, false, false},
	{"a page of another site", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}, false, false},
	{"a link of another site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, false, false},
	{"a site of a later standard", http.Header{"Sec-Fetch-Site": {"same-planet"}}, false, false},
	{"another page that forges the origin", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {own}}, false, false},
	{"an older browser, this origin", http.Header{"Origin": {own}}, true, true},
	{"an older browser, another origin", http.Header{"Origin": {"https://evil.example"}}, false, false},
	{"an older browser, another scheme", http.Header{"Origin": {"http://portal.example"}}, false, false},
	{"an older browser, another port", http.Header{"Origin": {own + ":8443"}}, false, false},
	{"an older browser, an origin that goes on", http.Header{"Origin": {own + ".evil.example"}}, false, false},
	{"an older browser, no origin", http.Header{"Origin": {"null"}}, false, false},
	{"a WebSocket of another page", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}, "Upgrade": {"websocket"}, "Connection": {"Upgrade"}}, false, false},
	{"a stream for another page", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Accept": {"text/event-stream"}}, false, false},
	{"a page of an origin that may read answers", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://friend.example"}, "Apollo-Require-Preflight": {"1"}}, false, false},
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

func TestACookieIsForPagesOfThisOriginWhateverTheyAsk(t *testing.T) {
	w := newWorld(t)
	w.friends("https://friend.example")
	p := w.signedIn()
	for _, path := range mounted {
		for _, method := range methods {
			for _, m := range marks {
				before := p.cookies()[browser.Cookie]
				a := p.marked(method, path, m.header)
				may := m.other || m.get && method == http.MethodGet
				// A delegate may not send files, which is no matter of the page.
				refused := a.StatusCode == http.StatusForbidden && !(path == "/files" && strings.Contains(a.body, kit.Message(kit.English, "forbidden", nil)))
				if refused == may || !may && method != http.MethodHead && !strings.Contains(a.body, `"FORBIDDEN"`) {
					t.Errorf("%s %s for %s: HTTP %d %s", method, path, m.name, a.StatusCode, a.body)
				}
				if a.Header.Get("Access-Control-Allow-Credentials") != "" {
					t.Errorf("%s %s for %s allows credentials", method, path, m.name)
				}
				switch {
				case may && method == http.MethodDelete && path == "/session":
					p = w.signedIn()
				case p.cookies()[browser.Cookie] != before:
					t.Errorf("%s %s for %s changes the cookie", method, path, m.name)
				}
			}
		}
	}
	if id, _ := p.viewer(); id != "usr_DELEGATE" {
		t.Errorf("in the end the page is taken for %q", id)
	}
}

// TestALinkOfTheSameSiteLeadsToThePages holds that the addresses of the pages are the same for whoever has a cookie, and
// that only a GET is.
func TestALinkOfTheSameSiteLeadsToThePages(t *testing.T) {
	w := newWorld(t)
	w.front(web.Options{Open: pages.Open})
	p := w.signedIn()
	for _, path := range pages.Open {
		for _, m := range marks {
			with, without := p.marked(http.MethodGet, path, m.header), w.page().marked(http.MethodGet, path, m.header)
			if with.StatusCode != http.StatusOK || with.body != without.body {
				t.Errorf("%s for %s: HTTP %d with a cookie", path, m.name, with.StatusCode)
			}
			if a := p.marked(http.MethodPost, path, m.header); (a.StatusCode == http.StatusForbidden) == m.other {
				t.Errorf("POST %s for %s: HTTP %d", path, m.name, a.StatusCode)
			}
		}
	}
}

// marked asks as the browser marks it.
func (p page) marked(method, path string, h http.Header) answer {
	p.Helper()
	return p.ask(method, path, "", func(r *http.Request) {
		r.Header.Del("Sec-Fetch-Site")
		for name, values := range h {
			r.Header[name] = values
		}
	})
}

// TestWithoutACookieNothingIsRefusedThatWasNot is for programs, and for pages that send a token.
func TestWithoutACookieNothingIsRefusedThatWasNot(t *testing.T) {
	w := newWorld(t)
	for _, path := range append([]string{"/healthz", "/readyz"}, mounted...) {
		for _, method := range methods {
			for _, m := range marks {
				a := w.page().marked(method, path, m.header)
				elsewhere := m.header.Get("Sec-Fetch-Site") != "" && !m.get || m.header.Get("Sec-Fetch-Site") == "" && m.header.Get("Origin") != "" && !m.get
				asked := strings.HasPrefix(path, "/graphql") && method == http.MethodGet && m.header.Get("Apollo-Require-Preflight") == "" && m.header.Get("Origin") != "http://portal.example"
				gives := path == web.SessionPath && (elsewhere || m.header.Get("Sec-Fetch-Site") == "none" && method != http.MethodGet)
				if want := asked && elsewhere || gives; (a.StatusCode == http.StatusForbidden) != want {
					t.Errorf("%s %s for %s: HTTP %d", method, path, m.name, a.StatusCode)
				}
			}
		}
	}
}

// TestTheWayBackFromAnIssuerIsNotKnownByACookie holds that the answer there is the same with a cookie and without.
func TestTheWayBackFromAnIssuerIsNotKnownByACookie(t *testing.T) {
	w := newWorld(t)
	p := w.signedIn()
	for _, m := range marks {
		if with, without := p.marked("GET", web.ReturnPath, m.header), w.page().marked("GET", web.ReturnPath, m.header); with.StatusCode != without.StatusCode || with.StatusCode == http.StatusForbidden {
			t.Errorf("for %s: HTTP %d with a cookie, %d without", m.name, with.StatusCode, without.StatusCode)
		}
	}
	if p.cookies()[browser.Cookie] == "" {
		t.Error("the cookie is gone")
	}
}

// TestNobodyPlantsASession tries to sign a browser in as somebody else, or out.
func TestNobodyPlantsASession(t *testing.T) {
	w := newWorld(t)
	attacker := w.signIn("focal@example.org")
	planted := w.signedIn().cookies()[browser.Cookie]
	for name, attack := range map[string]func(p page) answer{
		"a form of another page": func(p page) answer {
			return p.marked("POST", "/session", http.Header{"Sec-Fetch-Site": {"cross-site"}})
		},
		"with a token in the address": func(p page) answer { return p.ask("POST", "/session?access_token="+attacker.AccessToken, "") },
		"with a token in the body": func(p page) answer {
			return p.ask("POST", "/session", `{"accessToken":"`+attacker.AccessToken+`","refreshToken":"`+attacker.RefreshToken+`"}`)
		},
		"with a refresh token in the body": func(p page) answer { return p.ask("POST", "/session", refreshing(attacker)) },
		"a script of a page that may read answers": func(p page) answer {
			return p.ask("POST", "/session", refreshing(attacker), bearer(attacker.AccessToken), header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://friend.example"))
		},
		"an older browser": func(p page) answer {
			return p.ask("POST", "/session", refreshing(attacker), bearer(attacker.AccessToken), header("Sec-Fetch-Site", ""), header("Origin", "https://evil.example"))
		},
		"a page of the same site": func(p page) answer {
			return p.ask("POST", "/session", refreshing(attacker), bearer(attacker.AccessToken), header("Sec-Fetch-Site", "same-site"))
		},
		"signing out": func(p page) answer {
			return p.marked("DELETE", "/session", http.Header{"Sec-Fetch-Site": {"cross-site"}})
		},
		"a cookie of an ended session that is planted before a sign-in": func(p page) answer {
			p.ask("POST", "/session", "", header("Cookie", browser.Cookie+"="+planted))
			return p.marked("POST", "/session", http.Header{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.page()
			if a := attack(p); a.StatusCode < 400 || len(a.Cookies()) > 0 {
				t.Errorf("HTTP %d, %v", a.StatusCode, a.Header)
			}
			if id, _ := p.viewer(); id != "" {
				t.Errorf("the browser is taken for %q", id)
			}
		})
	}
	for _, origin := range []string{"https://friend.example", "https://evil.example"} {
		a := w.page().ask("OPTIONS", "/session", "", header("Origin", origin), header("Access-Control-Request-Method", "POST"), header("Access-Control-Request-Headers", "authorization"), header("Sec-Fetch-Site", "cross-site"))
		if a.StatusCode < 400 || a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("a preflight of %s: HTTP %d, %v", origin, a.StatusCode, a.Header)
		}
	}
}

// TestAMoveMakesASecretThatNobodyKnewBefore is against a cookie that was planted before its person signed in.
func TestAMoveMakesASecretThatNobodyKnewBefore(t *testing.T) {
	w := newWorld(t)
	in := w.signIn("delegate@example.org")
	p := w.page()
	planted := string(in.Session.ID) + ".KNOWN.x"
	a := p.ask("POST", "/session", refreshing(in), bearer(in.AccessToken), header("Cookie", browser.Cookie+"="+planted))
	if c := a.Cookies(); len(c) != 1 || strings.Contains(c[0].Value, "KNOWN") {
		t.Errorf("got %v", c)
	}
}
