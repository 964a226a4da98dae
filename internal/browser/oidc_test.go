package browser_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"memberportal/internal/browser"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit/stage"
)

// links links the example's user to the delegate, who is signed in on the page.
func (p page) links(at *provider) answer {
	p.Helper()
	return p.returns(at.signsIn(p.begins("?purpose=link&return=/me")))
}

func TestAPersonLinksAnIdentityAndSignsInByIt(t *testing.T) {
	w, at := withProvider(t)
	p := w.signedIn()
	*w.Wall = w.Wall.Add(time.Second)
	authorize := p.begins("?purpose=link&return=/me")
	u, err := url.Parse(authorize)
	w.Must(err)
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || len(q.Get("state")) < 32 || len(q.Get("nonce")) < 32 || q.Get("nonce") == q.Get("state") ||
		q.Get("prompt") != "login" || q.Get("redirect_uri") != own+"/sign-in/oidc/callback" || q.Get("client_id") != "web" || q.Get("scope") != "openid email" || q.Get("response_type") != "code" {
		t.Errorf("the issuer is asked %v", q)
	}
	a := p.returns(at.signsIn(authorize))
	if a.StatusCode != http.StatusOK || a.Header.Get("Refresh") != "0; url=/me" || !strings.Contains(a.body, kit.Message(kit.English, "signIn.linked", nil)) {
		t.Fatalf("HTTP %d, %v: %s", a.StatusCode, a.Header, a.body)
	}
	if id, _ := p.viewer(); id != "usr_DELEGATE" {
		t.Errorf("after that the page is taken for %q", id)
	}
	if keys, _ := w.MailsTo("delegate@example.org"); keys[len(keys)-1] != "mail.identityLinked" {
		t.Errorf("got the messages %v", keys)
	}

	other := w.page()
	a = other.returns(at.signsIn(other.begins("?return=" + url.QueryEscape("/members?q=ä&x=1#top"))))
	if to := "/members?q=%C3%A4&x=1#top"; a.StatusCode != http.StatusOK || a.Header.Get("Refresh") != "0; url=/members?q=ä&x=1#top" && a.Header.Get("Refresh") != "0; url="+to {
		t.Fatalf("HTTP %d, %v: %s", a.StatusCode, a.Header, a.body)
	}
	if id, status := other.viewer(); id != "usr_DELEGATE" || status != http.StatusOK {
		t.Errorf("the page is taken for %q, HTTP %d", id, status)
	}
	if left := other.cookies(); left["__Host-memberportal-oidc"] != "" || left[browser.Cookie] == "" {
		t.Errorf("it has %v", left)
	}
	present := other.ask(http.MethodGet, "/sign-in/oidc/start?purpose=link", "") // which needs presence
	if present.StatusCode != http.StatusSeeOther {
		t.Errorf("a person who has just signed in at the issuer is not there: HTTP %d", present.StatusCode)
	}
}

func TestAPublicClientHasNoSecret(t *testing.T) {
	w, at := withProvider(t)
	wall := w.Wall
	w = w.with(at.client(func() time.Time { return *wall }, "native", ""))
	if a := w.signedIn().links(at); a.StatusCode != http.StatusOK {
		t.Errorf("HTTP %d: %s", a.StatusCode, a.body)
	}
}

func TestTheCookieOfAnAttemptIsShortAndForTheWayBack(t *testing.T) {
	w, _ := withProvider(t)
	a := w.page().ask(http.MethodGet, "/sign-in/oidc/start", "")
	if len(a.Cookies()) != 1 || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %v", a.Header)
	}
	c := a.Cookies()[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 600 || !strings.HasPrefix(c.Name, "__Host-") || len(c.Value) > 2048 {
		t.Errorf("got %q", a.Header.Values("Set-Cookie"))
	}
	u, err := url.Parse(a.Header.Get("Location"))
	w.Must(err)
	for _, secret := range []string{u.Query().Get("state"), u.Query().Get("nonce")} {
		if strings.Contains(c.Value, secret) {
			t.Error("the cookie can be read")
		}
	}
}

func TestPlacesToReturnTo(t *testing.T) {
	w, _ := withProvider(t)
	for path, good := range map[string]bool{
		"": true, "/": true, "/me": true, "/me/": true, "/members?q=a%20b": true, "/a#b": true, "/a:b": true, "/?next=https://evil.example": true,
		"//evil.example": false, "///evil.example": false, `/\evil.example`: false, `\\evil.example`: false, "https://evil.example": false, "HTTPS:/evil.example": false,
		"javascript:alert(1)": false, "evil": false, "/\t/evil.example": false, "/\n/evil.example": false, " /": false, "/ a": false, "/..//evil.example": false, "/./": false,
		"/a//b": false, "?q": false, "#a": false, "/sign-in/oidc/start?purpose=link": false, "/Sign-In/x": false, "/%73ign-in/x": false, "/%2e/sign-in/oidc/start?purpose=link": false, "/a/%2E%2e/sign-in/x": false, "/%5cevil.example": false, "/%2f/evil.example": false, "/" + strings.Repeat("a", 1024): false, "%": false,
		"https:/me": false, "/%": false, "/a\x00b": false, "http:evil.example": false,
	} {
		a := w.page().ask(http.MethodGet, "/sign-in/oidc/start?return="+url.QueryEscape(path), "")
		if (a.StatusCode == http.StatusSeeOther) != good || !good && (a.StatusCode != http.StatusBadRequest || len(a.Cookies()) > 0) {
			t.Errorf("%q: HTTP %d", path, a.StatusCode)
		}
	}
}

func TestPagesOfASignInAreInTheLanguageOfTheBrowser(t *testing.T) {
	w, at := withProvider(t)
	for _, l := range kit.Locales {
		p := w.page()
		to := at.signsIn(p.begins(""))
		tag := strings.ToLower(string(l))
		a := p.ask(http.MethodGet, to.RequestURI(), "", header("Accept-Language", tag), header("Sec-Fetch-Site", "cross-site"))
		direction := map[bool]string{true: `dir="rtl"`, false: `dir="ltr"`}[l == kit.Arabic]
		if text := html.EscapeString(kit.Message(l, "signIn.notLinked", nil)); a.StatusCode != http.StatusForbidden || !strings.Contains(a.body, text) || !strings.Contains(a.body, `lang="`+tag+`"`) || !strings.Contains(a.body, direction) {
			t.Errorf("%s: HTTP %d: %s", l, a.StatusCode, a.body)
		}
		if h := a.Header; h.Get("Refresh") != "" || h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(a.body, "<script") {
			t.Errorf("%s: %v", l, h)
		}
		if p.cookies()[browser.Cookie] != "" {
			t.Errorf("%s: a stranger has a session", l)
		}
	}
}

func TestASessionWithoutATimeOfTheIssuerProvesNoPresence(t *testing.T) {
	w, at := withProvider(t)
	if a := w.signedIn().links(at); a.StatusCode != http.StatusOK {
		t.Fatalf("HTTP %d", a.StatusCode)
	}
	for name, c := range map[string]struct {
		claims  func(map[string]any)
		present bool
	}{
		"just now":       {func(map[string]any) {}, true},
		"an hour ago":    {func(c map[string]any) { c["auth_time"] = w.Wall.Add(-time.Hour).Unix() }, false},
		"nobody says":    {func(c map[string]any) { delete(c, "auth_time") }, false},
		"zero":           {func(c map[string]any) { c["auth_time"] = 0 }, false},
		"a little ahead": {func(c map[string]any) { c["auth_time"] = w.Wall.Add(20 * time.Second).Unix() }, true},
	} {
		*w.Wall = time.Now()
		at.claims = c.claims
		p := w.page()
		if a := p.returns(at.signsIn(p.begins(""))); a.StatusCode != http.StatusOK {
			t.Fatalf("%s: HTTP %d: %s", name, a.StatusCode, a.body)
		}
		if a := p.ask(http.MethodGet, "/sign-in/oidc/start?purpose=link", ""); (a.StatusCode == http.StatusSeeOther) != c.present || a.StatusCode != http.StatusSeeOther && a.StatusCode != http.StatusForbidden {
			t.Errorf("%s: HTTP %d: %s", name, a.StatusCode, a.body)
		}
	}
}

func TestAnIssuerThatIsDownIsNoFaultOfThePersons(t *testing.T) {
	w, at := withProvider(t)
	p := w.page()
	to := at.signsIn(p.begins(""))
	at.broken = true
	a := p.returns(to)
	if a.StatusCode != http.StatusServiceUnavailable || strings.Contains(a.body, at.url) {
		t.Errorf("HTTP %d: %s", a.StatusCode, a.body)
	}
	gone := w.with(at.client(func() time.Time { return *w.Wall }, "web", "secret"))
	at.said = func(document map[string]any) { document["issuer"] = "https://evil.example" }
	if a := gone.page().ask(http.MethodGet, "/sign-in/oidc/start", ""); a.StatusCode != http.StatusServiceUnavailable || strings.Contains(a.body, "evil") {
		t.Errorf("HTTP %d: %s", a.StatusCode, a.body)
	}
}

func TestLinkingNeedsItsPersonOnAPageOfThePortal(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(w *world, p page)
		change  func(*http.Request)
		status  int
	}{
		"a visitor":                {func(_ *world, p page) { p.ask(http.MethodDelete, "/session", "") }, func(*http.Request) {}, http.StatusUnauthorized},
		"an address that is typed": {func(*world, page) {}, header("Sec-Fetch-Site", "none"), http.StatusForbidden},
		"a link of another page":   {func(*world, page) {}, header("Sec-Fetch-Site", "cross-site"), http.StatusForbidden},
		"a link of the same site":  {func(*world, page) {}, header("Sec-Fetch-Site", "same-site"), http.StatusForbidden},
		"without presence":         {func(w *world, _ page) { *w.Wall = w.Wall.Add(15 * time.Minute) }, func(*http.Request) {}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := withProvider(t)
			p := w.signedIn()
			c.prepare(w, p)
			if a := p.ask(http.MethodGet, "/sign-in/oidc/start?purpose=link", "", c.change); a.StatusCode != c.status || a.Header.Get("Location") != "" {
				t.Errorf("HTTP %d: %s", a.StatusCode, a.body)
			}
		})
	}
}

func TestLinkingEndsWithTheSessionThatBeganIt(t *testing.T) {
	for name, end := range map[string]func(w *world, p page){
		"signed out": func(_ *world, p page) { p.ask(http.MethodDelete, "/session", "") },
		"revoked": func(w *world, _ page) {
			*w.Wall = w.Wall.Add(time.Second)
			_, err := w.Portal.Sessions.Revoke(stage.By(stage.Secretariat), people.RevokeSessionsInput{Person: "usr_DELEGATE"})
			w.Must(err)
		},
		"disabled": func(w *world, _ page) {
			w.Must(w.Portal.Persons.Disable(stage.By(stage.Operator), "usr_DELEGATE", true))
		},
		"no presence any more": func(w *world, _ page) { *w.Wall = w.Wall.Add(9 * time.Minute) },
		"its time is over":     func(w *world, _ page) { *w.Wall = w.Wall.Add(10 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			w, at := withProvider(t)
			p := w.signedIn()
			*w.Wall = w.Wall.Add(7 * time.Minute)
			to := at.signsIn(p.begins("?purpose=link"))
			end(w, p)
			if a := p.returns(to); a.StatusCode < 400 {
				t.Errorf("HTTP %d: %s", a.StatusCode, a.body)
			}
			found, err := w.Portal.Persons.Named(stage.By(stage.Nobody), "usr_DELEGATE")
			w.Must(err)
			if len(found.StoredIdentities) > 0 {
				t.Error("it is linked")
			}
		})
	}
}

func TestAnIdentityOfSomebodyElseIsNotLinkedAgain(t *testing.T) {
	w, at := withProvider(t)
	if a := w.signedIn().links(at); a.StatusCode != http.StatusOK {
		t.Fatalf("HTTP %d: %s", a.StatusCode, a.body)
	}
	p := w.page()
	p.move(w.signIn("focal@example.org"))
	if a := p.links(at); a.StatusCode != http.StatusConflict || !strings.Contains(a.body, kit.Message(kit.English, "duplicate.identity", nil)) {
		t.Errorf("HTTP %d: %s", a.StatusCode, a.body)
	}
}
