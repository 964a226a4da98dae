package browser_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/browser"
	"memberportal/internal/cli"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
	"memberportal/internal/web"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

// own is the origin of the portal of the tests.
const own = "https://portal.example"

var quiet = slog.New(slog.DiscardHandler)

// world is a portal with everything between a connection and the domain, whose clock is the test's.
type world struct {
	stage.Stage
	tokens  auth.Tokens
	handler http.Handler
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return (&world{Stage: stage.Embedded(t)}).with(nil)
}

// with is the world with a client of an issuer.
func (w *world) with(client *auth.Client, change ...func(*portal.Options)) *world {
	w.Helper()
	wall := w.Wall
	tokens := auth.Tokens{Keys: auth.NewKeySet(), Issuer: "portal", Audience: "portal", Now: func() time.Time { return *wall }, Client: client}
	s := w.Issuing(append([]func(*portal.Options){func(o *portal.Options) { o.Issue = tokens.Issue }}, change...)...)
	front := web.New(web.Options{Log: quiet, Cookie: browser.Cookie, PublicURL: own})
	return &world{s, tokens, cli.HandlerBehind(front, s.Portal, tokens, quiet, true, nil)}
}

// friends lets pages of other origins read answers.
func (w *world) friends(origins ...string) { w.front(web.Options{Origins: origins}) }

// front puts the portal behind plumbing with some options, and a cookie.
func (w *world) front(o web.Options) {
	o.Log, o.Cookie, o.PublicURL = quiet, browser.Cookie, own
	w.handler = cli.HandlerBehind(web.New(o), w.Portal, w.tokens, quiet, true, nil)
}

// page is a page of the portal in a browser, which keeps cookies.
type page struct {
	*world
	jar http.CookieJar
}

func (w *world) page() page {
	w.Helper()
	jar, err := cookiejar.New(nil)
	w.Must(err)
	return page{w, jar}
}

// answer is what came back, read to the end.
type answer struct {
	*http.Response
	body string
}

// ask sends a request as a script of the page does; change may alter it.
func (p page) ask(method, path, body string, change ...func(*http.Request)) answer {
	p.Helper()
	r := httptest.NewRequest(method, own+path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range p.jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	for _, c := range change {
		c(r)
	}
	recorder := httptest.NewRecorder()
	p.handler.ServeHTTP(recorder, r)
	response := recorder.Result()
	p.jar.SetCookies(r.URL, response.Cookies())
	read, err := io.ReadAll(response.Body)
	p.Must(err)
	return answer{response, string(read)}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func bearer(token string) func(*http.Request) { return header("Authorization", "Bearer "+token) }

// viewer is who the portal takes the page for, and the status of the answer.
func (p page) viewer(change ...func(*http.Request)) (id string, status int) {
	p.Helper()
	a := p.ask(http.MethodPost, "/graphql", `{"query":"{ viewer { id } }"}`, change...)
	found := regexp.MustCompile(`"id":"([^"]*)"`).FindStringSubmatch(a.body)
	if found == nil {
		return "", a.StatusCode
	}
	return found[1], a.StatusCode
}

// signIn signs a person in by a code and gives the tokens.
func (w *world) signIn(email string) *people.SignedIn {
	w.Helper()
	*w.Wall = w.Wall.Add(time.Second) // so that messages have an order
	network := "network " + w.Wall.String()
	p, err := w.Portal.Sessions.RequestCode(kit.WithSource(stage.By(stage.Nobody), network), people.RequestSignInCodeInput{Email: email})
	w.Must(err)
	_, bodies := w.MailsTo(email)
	in, err := w.Portal.Sessions.SignIn(stage.By(stage.Nobody), people.SignInInput{Challenge: *p.Challenge, Code: regexp.MustCompile(`\d{8}`).FindString(bodies[len(bodies)-1])})
	w.Must(err)
	return in.SignedIn
}

// signedIn is a page on which the delegate of mem_ACTIVE is signed in by a cookie.
func (w *world) signedIn() page {
	w.Helper()
	p := w.page()
	p.move(w.signIn("delegate@example.org"))
	return p
}

// refreshing is the body by which a session moves into a cookie; empty without a refresh token.
func refreshing(in *people.SignedIn) string {
	if in.RefreshToken == "" {
		return ""
	}
	return `{"refreshToken":"` + in.RefreshToken + `"}`
}

// move puts a session into the page's cookie.
func (p page) move(in *people.SignedIn) {
	p.Helper()
	if a := p.ask(http.MethodPost, "/session", refreshing(in), bearer(in.AccessToken)); a.StatusCode != http.StatusNoContent {
		p.Fatalf("HTTP %d: %s", a.StatusCode, a.body)
	}
}

// cookies are those of the page, by name.
func (p page) cookies() map[string]string {
	u, _ := url.Parse(own)
	all := map[string]string{}
	for _, c := range p.jar.Cookies(u) {
		all[c.Name] = c.Value
	}
	return all
}
