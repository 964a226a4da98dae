package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/web"
)

const mine, other = "https://a.example", "https://evil.example"

func preflight(origin string, headers ...string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", strings.ToLower(strings.Join(headers, ",")))
	}
}

func TestCORS(t *testing.T) {
	listed := web.New(web.Options{Log: quiet, Origins: []string{mine}})
	anyone := web.New(web.Options{Log: quiet, Origins: []string{"*"}})
	nobody := web.New(web.Options{Log: quiet})
	for name, c := range map[string]struct {
		front        *web.Front
		method, path string
		change       func(*http.Request)
		allowed      string
		status       int
	}{
		"a listed origin":                       {listed, "POST", "/graphql", header("Origin", mine), mine, 200},
		"its preflight":                         {listed, "OPTIONS", "/graphql", preflight(mine), mine, 204},
		"with a slash behind":                   {listed, "POST", "/graphql/", header("Origin", mine), mine, 200},
		"its preflight with a slash":            {listed, "OPTIONS", "/graphql/", preflight(mine), mine, 204},
		"another origin":                        {listed, "POST", "/graphql", header("Origin", other), "", 200},
		"its preflight allows nothing":          {listed, "OPTIONS", "/graphql", preflight(other), "", 204},
		"no page at all":                        {listed, "POST", "/graphql", header("Origin", "null"), "", 200},
		"an origin that begins like a listed":   {listed, "POST", "/graphql", header("Origin", mine+".evil.example"), "", 200},
		"the explorer's tokens":                 {listed, "GET", "/explorer/session.json", header("Origin", mine), "", 200},
		"the public keys":                       {listed, "GET", "/.well-known/jwks.json", header("Origin", mine), mine, 200},
		"any origin is never reflected":         {anyone, "POST", "/graphql", header("Origin", other), "*", 200},
		"nothing configured, nothing allowed":   {nobody, "POST", "/graphql", header("Origin", mine), "", 200},
		"nor by a preflight":                    {nobody, "OPTIONS", "/graphql", preflight(mine), "", 204},
		"a page of this machine, in production": {nobody, "OPTIONS", "/graphql", preflight("http://localhost:5173"), "", 204},
		"OPTIONS without a preflight's header":  {listed, "OPTIONS", "/graphql", header("Origin", mine), mine, 200},
		"the public calendar":                   {nobody, "GET", "/calendar.ics", header("Origin", other), "*", 200},
		"without an origin, for caches":         {nobody, "GET", "/calendar.ics", nil, "*", 200},
		"its preflight, for If-None-Match":      {nobody, "OPTIONS", "/calendar.ics", preflight(other), "*", 204},
		"a series' calendar":                    {nobody, "GET", "/calendar/GSR.ics", header("Origin", "null"), "*", 200},
		"a calendar behind a secret":            {anyone, "GET", "/calendar/own/SECRET.ics", header("Origin", mine), "", 200},
		"the same, written otherwise":           {anyone, "GET", "/calendar/%6Fwn/SECRET.ics", header("Origin", mine), "", 200},
		"a preflight for it":                    {listed, "OPTIONS", "/calendar/own/SECRET.ics", preflight(mine), "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			response := call(c.front, c.method, c.path, c.change)
			h := response.Header
			if response.StatusCode != c.status || h.Get("Access-Control-Allow-Origin") != c.allowed {
				t.Errorf("HTTP %d, %q", response.StatusCode, h.Get("Access-Control-Allow-Origin"))
			}
			if h.Get("Access-Control-Allow-Credentials") != "" {
				t.Error("credentials are allowed")
			}
			if (h.Get("Access-Control-Allow-Methods") != "") != (c.status == 204 && c.allowed != "") {
				t.Errorf("methods %q", h.Get("Access-Control-Allow-Methods"))
			}
			if c.path == "/graphql" && !slices.Contains(h.Values("Vary"), "Origin") {
				t.Error("no Vary")
			}
			if want := map[bool]string{true: "cross-origin", false: "same-origin"}[strings.HasPrefix(c.path, "/calendar") && c.allowed == "*"]; h.Get("Cross-Origin-Resource-Policy") != want {
				t.Errorf("Cross-Origin-Resource-Policy %q", h.Get("Cross-Origin-Resource-Policy"))
			}
		})
	}
}

// TestPagesOfThisMachine are allowed in development, from whatever development server they come.
func TestPagesOfThisMachine(t *testing.T) {
	f := web.New(web.Options{Log: quiet, Loopback: true, Origins: []string{mine}})
	for origin, allowed := range map[string]bool{
		"http://localhost:5173": true, "http://localhost": true, "https://localhost:3000": true, "http://127.0.0.1:3000": true, "http://127.8.8.8": true,
		"http://[::1]:4200": true, "http://app.localhost:8080": true, mine: true,
		"": false, "null": false, other: false, "http://localhost.evil.example": false, "http://127.0.0.1.evil.example": false, "http://evillocalhost": false,
		"http://192.168.1.1:3000": false, "http://0.0.0.0:3000": false, "http://localhost:5173/": false, "http://localhost@evil.example": false,
		"file://localhost": false, "capacitor://localhost": false, "http://[::1%25lo]": false, "localhost:5173": false,
	} {
		if got := f.Allowed(origin); got != allowed {
			t.Errorf("%s: %v", origin, got)
		}
		if h := call(f, "OPTIONS", "/graphql", preflight(origin)).Header; origin != "" && (h.Get("Access-Control-Allow-Origin") == origin) != allowed {
			t.Errorf("%s: %v", origin, h)
		}
	}
}

// TestAQueryByGETNeedsNoHeader unless a browser says that a foreign page asks.
func TestAQueryByGETNeedsNoHeader(t *testing.T) {
	production := web.New(web.Options{Log: quiet, Origins: []string{mine}})
	development := web.New(web.Options{Log: quiet, Loopback: true})
	anyone := web.New(web.Options{Log: quiet, Origins: []string{"*"}})
	const site, from = "Sec-Fetch-Site", "Origin"
	for name, c := range map[string]struct {
		front  *web.Front
		header map[string]string
		passes bool
	}{
		"a program":                               {production, nil, true},
		"the portal's own page":                   {production, map[string]string{site: "same-origin"}, true},
		"an address that somebody typed":          {production, map[string]string{site: "none"}, true},
		"an older browser's own page":             {production, map[string]string{from: "http://example.com"}, true},
		"an allowed page":                         {production, map[string]string{site: "cross-site", from: mine}, true},
		"an allowed page in an older browser":     {production, map[string]string{from: mine}, true},
		"a foreign page's fetch":                  {production, map[string]string{site: "cross-site", from: other}, false},
		"a foreign page's picture or link":        {production, map[string]string{site: "cross-site"}, false},
		"another page of the same site":           {production, map[string]string{site: "same-site"}, false},
		"the same, which is allowed":              {production, map[string]string{site: "same-site", from: mine}, true},
		"a mark of the future":                    {production, map[string]string{site: "other-planet"}, false},
		"a foreign page in an older browser":      {production, map[string]string{from: other}, false},
		"a page without an origin":                {production, map[string]string{site: "cross-site", from: "null"}, false},
		"the same in an older browser":            {production, map[string]string{from: "null"}, false},
		"a type that any page can send":           {production, map[string]string{site: "cross-site", "Content-Type": "text/plain;charset=utf-8"}, false},
		"a type that is none":                     {production, map[string]string{site: "cross-site", "Content-Type": "/"}, false},
		"Basic, which browsers add by themselves": {production, map[string]string{site: "cross-site", "Authorization": "Basic dTpw"}, false},
		"a cookie":                                {production, map[string]string{site: "cross-site", "Cookie": "a=b"}, false},
		"a header that needs leave":               {production, map[string]string{site: "cross-site", "Apollo-Require-Preflight": "1"}, true},
		"an operation's name":                     {production, map[string]string{site: "cross-site", "X-Apollo-Operation-Name": "Q"}, true},
		"a type that needs leave":                 {production, map[string]string{site: "cross-site", "Content-Type": "application/json"}, true},
		"a token":                                 {production, map[string]string{site: "cross-site", "Authorization": "Bearer x"}, true},
		"a developer's page":                      {development, map[string]string{site: "same-site", from: "http://localhost:5173"}, true},
		"a developer's page at another name":      {development, map[string]string{site: "cross-site", from: "http://127.0.0.1:3000"}, true},
		"a foreign page on a developer's machine": {development, map[string]string{site: "cross-site", from: other}, false},
		"any page, where all are allowed":         {anyone, map[string]string{site: "cross-site"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if status := call(c.front, http.MethodGet, "/graphql/", func(r *http.Request) {
				for k, v := range c.header {
					r.Header.Set(k, v)
				}
			}).StatusCode; (status == 200) != c.passes {
				t.Errorf("with a slash behind: HTTP %d", status)
			}
			response := call(c.front, http.MethodGet, "/graphql?query={__typename}", func(r *http.Request) {
				for k, v := range c.header {
					r.Header.Set(k, v)
				}
			})
			if want := map[bool]int{true: 200, false: 403}[c.passes]; response.StatusCode != want {
				t.Errorf("HTTP %d", response.StatusCode)
			}
			if vary := response.Header.Values("Vary"); !slices.Contains(vary, "Origin") || !slices.Contains(vary, "Sec-Fetch-Site") {
				t.Errorf("Vary %v", vary)
			}
		})
	}
}

// TestDocumentedHeadersAreAllowed holds the table of docs/api.md against the two lists, and the lists
// against what a preflight is answered.
func TestDocumentedHeadersAreAllowed(t *testing.T) {
	page, err := os.ReadFile("../../docs/api.md")
	must(t, err)
	f := web.New(web.Options{Log: quiet, Origins: []string{mine}})
	h := call(f, "OPTIONS", "/graphql", preflight(mine, web.RequestHeaders...)).Header
	for heading, c := range map[string]struct {
		list []string
		told string
	}{
		"| request header |": {web.RequestHeaders, h.Get("Access-Control-Allow-Headers")},
		"| answer header |":  {web.AnswerHeaders, h.Get("Access-Control-Expose-Headers")},
	} {
		var documented []string
		_, table, _ := strings.Cut(string(page), heading)
		table, _, _ = strings.Cut(table, "\n\n")
		for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|").FindAllStringSubmatch(table, -1) {
			for _, name := range regexp.MustCompile("`([A-Za-z-]+)`").FindAllStringSubmatch(row[1], -1) {
				documented = append(documented, name[1])
			}
		}
		want := slices.Sorted(slices.Values(c.list))
		slices.Sort(documented)
		if !slices.Equal(documented, want) {
			t.Errorf("%s docs/api.md has %v, the list %v", heading, documented, want)
		}
		if told := strings.Split(c.told, ", "); !slices.Equal(told, c.list) {
			t.Errorf("%s a browser is told %v", heading, told)
		}
	}
}

// TestHeadersThatAreReadAreAllowed finds every header that the program reads from a request by name. One
// that pages do not choose themselves is named here with the reason.
func TestHeadersThatAreReadAreAllowed(t *testing.T) {
	apart := map[string]string{
		"Origin": "browser", "Sec-Fetch-Site": "browser", "Set-Cookie": "it is read from the answer", "Access-Control-Request-Method": "browser",
		"X-Forwarded-For": "proxy", "X-Forwarded-Proto": "proxy", "Forwarded": "proxy",
		"Accept-Encoding": "browser", "Content-Encoding": "compressed bodies are refused", "ETag": "it is read from the answer",
	}
	read := regexp.MustCompile(`(?:\bHeader|\bh|\bHeaders)(?:\.Get|\.Values)\("([A-Za-z-]+)"\)|\bone\([^"()]*(?:\.Header|h), "([A-Za-z-]+)"\)|\bask[A-Z]\w* = "(X-[A-Za-z-]+)"`)
	found := map[string]bool{}
	for _, pattern := range []string{"../*/*.go", "../../graph/*.go"} {
		paths, err := filepath.Glob(pattern)
		must(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testkit") {
				continue
			}
			source, err := os.ReadFile(path)
			must(t, err)
			for _, m := range read.FindAllStringSubmatch(string(source), -1) {
				name := m[1] + m[2] + m[3]
				found[name] = true
				if apart[name] == "" && !slices.Contains(web.RequestHeaders, name) {
					t.Errorf("%s reads %s, which no page may send", path, name)
				}
			}
		}
	}
	for _, name := range []string{"Accept", "Accept-Language", "Authorization", "Content-Type", "X-Request-Cost", "Origin", "X-Forwarded-For"} {
		if !found[name] {
			t.Errorf("this test does not see that %s is read", name)
		}
	}
}
