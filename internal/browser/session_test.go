package browser_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/browser"
	"memberportal/internal/cli"
	"memberportal/internal/people"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

func TestASessionMovesIntoACookieThatNoScriptReads(t *testing.T) {
	w := newWorld(t)
	p, in := w.page(), w.signIn("delegate@example.org")
	a := p.ask(http.MethodPost, "/session", refreshing(in), bearer(in.AccessToken))
	set := a.Header.Values("Set-Cookie")
	if a.StatusCode != http.StatusNoContent || len(set) != 1 || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("HTTP %d, %v", a.StatusCode, a.Header)
	}
	c := a.Cookies()[0]
	if c.Name != browser.Cookie || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 14*24*60*60 || len(c.Value) > 1024 {
		t.Errorf("got %q", set)
	}
	if id, status := p.viewer(); id != "usr_DELEGATE" || status != http.StatusOK {
		t.Errorf("the page is taken for %q, HTTP %d", id, status)
	}
	if next, err := w.Portal.Sessions.Refresh(stage.By(stage.Nobody), people.RefreshSessionInput{RefreshToken: in.RefreshToken}); err != nil || next.SignedIn != nil {
		t.Errorf("the refresh token is still good: %+v, %v", next, err)
	}
	out(t, p)
}

func TestTheCookieOfADevelopmentPortalNeedsNoTLS(t *testing.T) {
	w := newWorld(t)
	w.handler = cli.Handler(w.Portal, w.tokens, quiet, false, nil)
	in := w.signIn("delegate@example.org")
	r := httptest.NewRequest(http.MethodPost, "http://localhost:8080/session", strings.NewReader(refreshing(in)))
	bearer(in.AccessToken)(r)
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	if c := recorder.Result().Cookies(); len(c) != 1 || c[0].Name != browser.DevelopmentCookie || c[0].Secure || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode {
		t.Errorf("got %v", recorder.Header())
	}
}

func TestWhoGetsNoCookie(t *testing.T) {
	w := newWorld(t)
	signedIn := w.signedIn()
	loose, err := w.tokens.Issue(testkit.Proof("DELEGATE mem_ACTIVE"), time.Hour)
	w.Must(err)
	in := w.signIn("delegate@example.org")
	kept := strings.SplitN(signedIn.cookies()[browser.Cookie], ".", 3)
	good := refreshing(in)
	for name, c := range map[string]struct {
		page   page
		body   string
		change func(*http.Request)
	}{
		"a visitor":                    {w.page(), good, func(*http.Request) {}},
		"a cookie alone":               {signedIn, "", func(*http.Request) {}},
		"a cookie and a refresh token": {signedIn, good, func(*http.Request) {}},
		"a bad token":                  {w.page(), good, bearer("bad")},
		"a bad token over a cookie":    {signedIn, "", bearer("bad")},
		"a token of no session":        {w.page(), good, bearer(loose)},
		"a token alone":                {w.page(), "", bearer(in.AccessToken)},
		"the token alone of a cookie":  {w.page(), "", bearer(kept[2])},
		"another secret in the cookie": {w.page(), "", func(r *http.Request) {
			bearer(kept[2])(r)
			header("Cookie", browser.Cookie+"="+kept[0]+".A."+kept[2])(r)
		}},
		"a token over another cookie":    {signedIn, "", bearer(in.AccessToken)},
		"a body that says nothing":       {w.page(), "{}", bearer(in.AccessToken)},
		"a body that says nothing, over": {signedIn, "{}", bearer(kept[2])},
		"a body that is not JSON":        {w.page(), "refreshToken=" + in.RefreshToken, bearer(in.AccessToken)},
		"a body of another kind":         {w.page(), `{"refreshToken":["` + in.RefreshToken + `"]}`, bearer(in.AccessToken)},
		"a body that is too long":        {w.page(), good + strings.Repeat(" ", 4096), bearer(in.AccessToken)},
		"two values":                     {w.page(), good + good, bearer(in.AccessToken)},
	} {
		a := c.page.ask(http.MethodPost, "/session", c.body, c.change)
		if a.StatusCode != http.StatusUnauthorized || len(a.Cookies()) > 0 || !strings.Contains(a.body, `"code"`) {
			t.Errorf("%s: HTTP %d, %v %s", name, a.StatusCode, a.Cookies(), a.body)
		}
	}
	if id, _ := signedIn.viewer(); id != "usr_DELEGATE" {
		t.Error("the cookie was lost")
	}
	p := w.page()
	p.move(in) // nothing has changed
	if id, _ := p.viewer(); id != "usr_DELEGATE" {
		t.Error("the session was lost")
	}
}

func TestATokenInTheHeaderWinsOverACookie(t *testing.T) {
	w := newWorld(t)
	p := w.signedIn()
	other := w.signIn("focal@example.org")
	if id, _ := p.viewer(bearer(other.AccessToken)); id != "usr_FOCAL" {
		t.Errorf("the page is taken for %q", id)
	}
	if _, status := p.viewer(bearer("bad")); status != http.StatusUnauthorized {
		t.Errorf("HTTP %d", status)
	}
	if id, _ := p.viewer(header("Authorization", "")); id != "usr_DELEGATE" {
		t.Errorf("with an empty header the page is taken for %q", id)
	}
}

func TestTheServerRenewsACookie(t *testing.T) {
	w := newWorld(t)
	p := w.signedIn()
	before := p.cookies()[browser.Cookie]
	for day := range 20 {
		*w.Wall = w.Wall.AddDate(0, 0, 4)
		if id, status := p.viewer(); id != "usr_DELEGATE" || status != http.StatusOK {
			t.Fatalf("day %d: the page is taken for %q, HTTP %d", day*4, id, status)
		}
		if now := p.cookies()[browser.Cookie]; now == before {
			t.Fatal("the cookie is not set anew")
		} else {
			before = now
		}
	}
	*w.Wall = w.Wall.AddDate(0, 0, 13)
	out(t, p)
}

// out checks that the page is signed out: by 401 and without its cookie, and a visitor's from then on.
func out(t *testing.T, p page) {
	t.Helper()
	if id, status := p.viewer(); id != "" || status != http.StatusUnauthorized {
		t.Errorf("the page is taken for %q, HTTP %d", id, status)
	}
	if len(p.cookies()) > 0 {
		t.Errorf("it still has %v", p.cookies())
	}
	if id, status := p.viewer(); id != "" || status != http.StatusOK {
		t.Errorf("after that it is taken for %q, HTTP %d", id, status)
	}
}

func TestAnEndedSessionIsOutAtTheNextRequest(t *testing.T) {
	for name, end := range map[string]func(w *world, p page){
		"signed out by the interface": func(_ *world, p page) {
			p.ask(http.MethodPost, "/graphql", `{"query":"mutation { signOut(input: {}) { ended } }"}`)
		},
		"revoked": func(w *world, _ page) {
			_, err := w.Portal.Sessions.Revoke(stage.By(stage.Secretariat), people.RevokeSessionsInput{Person: "usr_DELEGATE"})
			w.Must(err)
		},
		"disabled": func(w *world, _ page) {
			w.Must(w.Portal.Persons.Disable(stage.By(stage.Operator), "usr_DELEGATE", true))
		},
		"idle": func(w *world, _ page) { *w.Wall = w.Wall.AddDate(0, 0, 14) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := w.signedIn()
			*w.Wall = w.Wall.Add(time.Second)
			end(w, p)
			out(t, p)
		})
	}
}

func TestACookieThatIsSpoiltIsTakenAway(t *testing.T) {
	w := newWorld(t)
	good := w.signedIn().cookies()[browser.Cookie]
	id, rest, _ := strings.Cut(good, ".")
	secret, token, _ := strings.Cut(rest, ".")
	focal := w.signIn("focal@example.org")
	for name, value := range map[string]string{
		"empty": "", "a word": "x", "dots": "..", "the id alone": id, "no secret": id + "..bad", "another secret": id + ".A.bad",
		"the token alone": token, "the token of another session": id + ".A." + focal.AccessToken, "an id that is none": "$." + secret + ".x",
		"no id": "." + secret + "." + token[:len(token)-4], "two": good + "; " + browser.Cookie + "=" + good,
	} {
		p := w.page()
		a := p.ask(http.MethodPost, "/graphql", `{"query":"{ viewer { id } }"}`, header("Cookie", browser.Cookie+"="+value))
		if a.StatusCode != http.StatusUnauthorized || len(a.Cookies()) != 1 || a.Cookies()[0].MaxAge >= 0 {
			t.Errorf("%s: HTTP %d, %v", name, a.StatusCode, a.Header.Values("Set-Cookie"))
		}
	}
}

func TestACookieOfADamagedSessionIsTakenAway(t *testing.T) {
	for name, after := range map[string]time.Duration{"with a token that is good": 0, "later": 20 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := w.signedIn()
			cookie := p.cookies()[browser.Cookie]
			id, _, _ := strings.Cut(cookie, ".")
			testkit.Spoil(t, w.Store, people.SessionNoun.Kind, id, func(bson.D) bson.D { return bson.D{{Key: "_id", Value: id}} }, 0)
			*w.Wall = w.Wall.Add(after)
			if after > 0 {
				out(t, p)
			} else if a := p.ask(http.MethodDelete, "/session", ""); a.StatusCode != http.StatusNoContent || len(p.cookies()) > 0 {
				t.Errorf("HTTP %d, %v", a.StatusCode, p.cookies())
			}
			if _, status := w.page().viewer(header("Cookie", browser.Cookie+"="+cookie)); status != http.StatusUnauthorized {
				t.Errorf("the cookie of before: HTTP %d", status)
			}
		})
	}
}

func TestSigningOutEndsTheSessionAndTakesTheCookieAway(t *testing.T) {
	w := newWorld(t)
	p := w.signedIn()
	stolen := p.cookies()[browser.Cookie]
	if a := p.ask(http.MethodDelete, "/session", ""); a.StatusCode != http.StatusNoContent || len(p.cookies()) > 0 {
		t.Errorf("HTTP %d, %v", a.StatusCode, p.cookies())
	}
	if _, status := w.page().viewer(header("Cookie", browser.Cookie+"="+stolen)); status != http.StatusUnauthorized {
		t.Errorf("the cookie of before: HTTP %d", status)
	}
	if a := p.ask(http.MethodDelete, "/session", ""); a.StatusCode != http.StatusNoContent {
		t.Errorf("a visitor: HTTP %d", a.StatusCode)
	}
	if a := p.ask(http.MethodGet, "/session", ""); a.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: HTTP %d", a.StatusCode)
	}
}

func TestTabsDoNotEndOneAnothersSession(t *testing.T) {
	w := newWorld(t)
	p := w.signedIn()
	*w.Wall = w.Wall.Add(20 * time.Minute)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { // each with the cookie of before, as the answers may come in any order
			tab := w.page()
			if id, status := tab.viewer(header("Cookie", browser.Cookie+"="+p.cookies()[browser.Cookie])); id != "usr_DELEGATE" {
				t.Errorf("a tab is taken for %q, HTTP %d", id, status)
			}
		})
	}
	wait.Wait()
	p.viewer()
	p.move(&people.SignedIn{AccessToken: strings.SplitN(p.cookies()[browser.Cookie], ".", 3)[2]})
	if id, _ := p.viewer(); id != "usr_DELEGATE" {
		t.Errorf("the page is taken for %q", id)
	}
}

func TestARequestByCookieCostsWhatOneByTokenDoes(t *testing.T) {
	w := &world{Stage: stage.Embedded(t)}
	counting := &testkit.Counting{Store: w.Store}
	w.Store = counting
	w = w.with(nil)
	p := w.signedIn()
	counting.Take()
	counting.TakeAuthority()
	p.viewer()
	byCookie, authority := counting.Take(), counting.TakeAuthority()
	p.viewer(bearer(strings.SplitN(p.cookies()[browser.Cookie], ".", 3)[2]))
	if byToken := counting.Take(); byCookie != byToken || authority != 1 {
		t.Errorf("%d calls and %d of authority by the cookie, %d by the token", byCookie, authority, byToken)
	}
	*w.Wall = w.Wall.Add(16 * time.Minute)
	counting.TakeAuthority()
	p.viewer()
	if renewing := counting.Take(); renewing > byCookie+5 || counting.TakeAuthority() != 1 {
		t.Errorf("%d calls to renew", renewing-byCookie)
	}
}
