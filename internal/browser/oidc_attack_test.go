package browser_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"memberportal/internal/browser"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
)

// query changes what the issuer's page sends back.
func query(to *url.URL, name string, values ...string) *url.URL {
	u := *to
	q := u.Query()
	q[name] = values
	u.RawQuery = q.Encode()
	return &u
}

// TestAttacksOnTheWayBackFromAnIssuer tries what comes back and what the issuer says. The delegate has the identity, so
// that whatever is not refused signs in.
func TestAttacksOnTheWayBackFromAnIssuer(t *testing.T) {
	claim := func(name string, value any) func(*world, *provider) {
		return func(_ *world, at *provider) { at.claims = func(c map[string]any) { c[name] = value } }
	}
	later := func(name string, by time.Duration) func(*world, *provider) {
		return func(w *world, at *provider) {
			at.claims = func(c map[string]any) { c[name] = w.Wall.Add(by).Unix() }
		}
	}
	says := func(_ *world, at *provider) {
		at.said = func(d map[string]any) { d["authorization_response_iss_parameter_supported"] = true }
	}
	nothing := func(*world, *provider) {}
	as := func(change func(at *provider, to *url.URL) *url.URL) func(page, *provider, *url.URL) answer {
		return func(p page, at *provider, to *url.URL) answer { return p.returns(change(at, to)) }
	}
	same := as(func(_ *provider, to *url.URL) *url.URL { return to })
	for name, c := range map[string]struct {
		prepare func(*world, *provider)
		back    func(p page, at *provider, to *url.URL) answer
		good    bool
	}{
		"nothing": {nothing, same, true},

		// what comes back
		"another state":       {nothing, as(func(_ *provider, to *url.URL) *url.URL { return query(to, "state", "x") }), false},
		"no state":            {nothing, as(func(_ *provider, to *url.URL) *url.URL { return query(to, "state") }), false},
		"two states":          {nothing, as(func(_ *provider, to *url.URL) *url.URL { return query(to, "state", to.Query().Get("state"), "x") }), false},
		"no code":             {nothing, as(func(_ *provider, to *url.URL) *url.URL { return query(to, "code") }), false},
		"another code":        {nothing, as(func(_ *provider, to *url.URL) *url.URL { return query(to, "code", "x") }), false},
		"two codes":           {nothing, as(func(_ *provider, to *url.URL) *url.URL { return query(to, "code", to.Query().Get("code"), "x") }), false},
		"an error":            {nothing, as(func(_ *provider, to *url.URL) *url.URL { return query(query(to, "error", "access_denied"), "code") }), false},
		"an error and a code": {nothing, as(func(_ *provider, to *url.URL) *url.URL { return query(to, "error", "access_denied") }), false},

		// mix-up of issuers (RFC 9207)
		"it names itself":              {nothing, as(func(at *provider, to *url.URL) *url.URL { return query(to, "iss", at.url) }), true},
		"it says so, and does":         {says, as(func(at *provider, to *url.URL) *url.URL { return query(to, "iss", at.url) }), true},
		"it says so, and does not":     {says, same, false},
		"another issuer is named":      {nothing, as(func(_ *provider, to *url.URL) *url.URL { return query(to, "iss", "https://evil.example") }), false},
		"the issuer with a slash":      {nothing, as(func(at *provider, to *url.URL) *url.URL { return query(to, "iss", at.url+"/") }), false},
		"two issuers are named":        {nothing, as(func(at *provider, to *url.URL) *url.URL { return query(to, "iss", at.url, "https://evil.example") }), false},
		"the ID token is of another":   {claim("iss", "https://evil.example"), same, false},
		"the ID token names no issuer": {claim("iss", ""), same, false},

		// another browser, another attempt, once more
		"a browser that began nothing": {nothing, func(p page, _ *provider, to *url.URL) answer { return p.page().returns(to) }, false},
		"the code of another browser": {nothing, func(p page, at *provider, to *url.URL) answer {
			victim := p.page()
			attempt, _ := url.Parse(victim.begins(""))
			return victim.returns(query(to, "state", attempt.Query().Get("state")))
		}, false},
		"an attempt that was begun anew": {nothing, func(p page, _ *provider, to *url.URL) answer {
			p.begins("")
			return p.returns(to)
		}, false},
		"the same answer again": {nothing, func(p page, _ *provider, to *url.URL) answer {
			p.returns(to)
			p.ask(http.MethodDelete, "/session", "")
			return p.returns(to)
		}, false},
		"the same answer again with a copy of the cookie": {nothing, func(p page, _ *provider, to *url.URL) answer {
			copied := p.cookies()["__Host-memberportal-oidc"]
			p.returns(to)
			other := p.page()
			return other.ask(http.MethodGet, to.RequestURI(), "", header("Cookie", "__Host-memberportal-oidc="+copied), header("Sec-Fetch-Site", "cross-site"))
		}, false},
		"a cookie that the attacker wrote": {nothing, func(p page, _ *provider, to *url.URL) answer {
			return p.page().ask(http.MethodGet, to.RequestURI(), "", header("Cookie", `__Host-memberportal-oidc=eyJzIjoieCJ9`))
		}, false},
		"two cookies of attempts": {nothing, func(p page, _ *provider, to *url.URL) answer {
			c := "__Host-memberportal-oidc=" + p.cookies()["__Host-memberportal-oidc"]
			return p.page().ask(http.MethodGet, to.RequestURI(), "", header("Cookie", c+"; "+c))
		}, false},
		"ten minutes later": {nothing, func(p page, _ *provider, to *url.URL) answer {
			*p.Wall = p.Wall.Add(10 * time.Minute)
			return p.returns(to)
		}, false},
		"by POST": {nothing, func(p page, _ *provider, to *url.URL) answer { return p.ask(http.MethodPost, to.RequestURI(), "") }, false},

		// the ID token
		"another nonce":            {claim("nonce", "x"), same, false},
		"no nonce":                 {func(_ *world, at *provider) { at.claims = func(c map[string]any) { delete(c, "nonce") } }, same, false},
		"a nonce that is a list":   {claim("nonce", []string{"x"}), same, false},
		"for another client":       {claim("aud", "other"), same, false},
		"for the portal as an API": {claim("aud", "api"), same, false},
		"for nobody":               {claim("aud", []string{}), same, false},
		"for several, and this one": {func(_ *world, at *provider) {
			at.claims = func(c map[string]any) { c["aud"], c["azp"] = []string{"web", "other"}, "web" }
		}, same, true},
		"for several, and another one": {func(_ *world, at *provider) {
			at.claims = func(c map[string]any) { c["aud"], c["azp"] = []string{"web", "other"}, "other" }
		}, same, false},
		"for several, and nobody in it": {func(_ *world, at *provider) {
			at.claims = func(c map[string]any) { c["aud"] = []string{"web", "other"}; delete(c, "azp") }
		}, same, false},
		"made for another client":      {claim("azp", "other"), same, false},
		"no subject":                   {claim("sub", ""), same, false},
		"a subject that is a number":   {claim("sub", 1), same, false},
		"a long subject":               {claim("sub", strings.Repeat("a", 256)), same, false},
		"the subject of somebody else": {claim("sub", "stranger"), same, false},
		"signed by somebody else":      {func(w *world, at *provider) { at.with = anotherKey(w) }, same, false},

		// clocks
		"expired a little while ago": {later("exp", -20*time.Second), same, true},
		"expired":                    {later("exp", -40*time.Second), same, false},
		"without an end":             {func(_ *world, at *provider) { at.claims = func(c map[string]any) { delete(c, "exp") } }, same, false},
		"an end that is a text":      {claim("exp", "4102444800"), same, false},
		"made a little ahead":        {later("iat", 20*time.Second), same, true},
		"made in the future":         {later("iat", 40*time.Second), same, false},
		"without its time":           {func(_ *world, at *provider) { at.claims = func(c map[string]any) { delete(c, "iat") } }, same, false},
		"not valid yet":              {later("nbf", 40*time.Second), same, false},
		"a presence in the future":   {later("auth_time", time.Hour), same, false},
		"a presence that is a text":  {claim("auth_time", "now"), same, false},

		// what the issuer does not decide
		"roles are none": {claim("roles", []string{"SECRETARIAT"}), same, true},
		"another address, not verified": {func(_ *world, at *provider) {
			at.claims = func(c map[string]any) { c["email"], c["email_verified"] = "focal@example.org", false }
		}, same, true},
		"another address, verified": {func(_ *world, at *provider) {
			at.claims = func(c map[string]any) { c["email"], c["email_verified"] = "focal@example.org", true }
		}, same, true},
	} {
		t.Run(name, func(t *testing.T) {
			w, at := withProvider(t, func(o *portal.Options) { o.LinkVerified = true })
			if a := w.signedIn().links(at); a.StatusCode != http.StatusOK {
				t.Fatalf("linking: HTTP %d: %s", a.StatusCode, a.body)
			}
			w = w.again(at)
			c.prepare(w, at)
			p := w.page()
			a := c.back(p, at, at.signsIn(p.begins("")))
			if (a.StatusCode == http.StatusOK) != c.good {
				t.Fatalf("HTTP %d: %s", a.StatusCode, a.body)
			}
			session := false
			for _, set := range a.Cookies() {
				session = session || set.Name == browser.Cookie && set.MaxAge > 0
			}
			if session != c.good {
				t.Errorf("the answer sets %v", a.Header.Values("Set-Cookie"))
			}
			for _, inner := range []string{at.url, "oauth", "token", "nonce", "evil", "invalid_grant", "access_denied"} {
				if strings.Contains(a.body, inner) {
					t.Errorf("the page says %q: %s", inner, a.body)
				}
			}
			if !c.good {
				return
			}
			if id, _ := p.viewer(); id != "usr_DELEGATE" {
				t.Errorf("the page is taken for %q", id)
			}
			if r := p.ask(http.MethodPost, "/graphql", `{"query":"{ viewer { roles } }"}`); !strings.Contains(r.body, `["DELEGATE"]`) {
				t.Errorf("it has %s", r.body)
			}
		})
	}
}

// again is the world with a client that knows nothing of the provider yet.
func (w *world) again(at *provider) *world {
	wall := w.Wall
	return w.with(at.client(func() time.Time { return *wall }, "web", "secret"), func(o *portal.Options) { o.LinkVerified = true })
}

func anotherKey(w *world) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.Must(err)
	return k
}

// TestTheCodeOfAnotherClientIsWorthNothing sends back a code that the issuer made for another client of its own.
func TestTheCodeOfAnotherClientIsWorthNothing(t *testing.T) {
	w, at := withProvider(t)
	p := w.page()
	authorize, err := url.Parse(p.begins(""))
	w.Must(err)
	if a := p.returns(at.signsIn(query(authorize, "client_id", "other").String())); a.StatusCode != http.StatusBadRequest || p.cookies()[browser.Cookie] != "" {
		t.Errorf("HTTP %d: %s", a.StatusCode, a.body)
	}
	if at.asked != 1 {
		t.Errorf("the issuer was asked %d times", at.asked)
	}
}

// TestALinkThatAnAttackerBeganIsOfNoOther holds that who comes back in another browser links nothing: neither the
// attacker's identity to the victim nor the victim's to the attacker.
func TestALinkThatAnAttackerBeganIsOfNoOther(t *testing.T) {
	w, at := withProvider(t)
	attacker, victim := w.page(), w.signedIn()
	attacker.move(w.signIn("focal@example.org"))
	to := at.signsIn(attacker.begins("?purpose=link"))
	if a := victim.returns(to); a.StatusCode != http.StatusBadRequest {
		t.Errorf("the victim follows the link: HTTP %d", a.StatusCode)
	}
	for _, id := range []string{"usr_DELEGATE", "usr_FOCAL"} {
		p, err := people.PersonNoun.In(w.Store).Get(t.Context(), id)
		w.Must(err)
		if len(p.StoredIdentities) > 0 {
			t.Errorf("%s has %v", id, p.StoredIdentities)
		}
	}
}

// TestWhoseAddressIsTaken is about the first sign-in of an identity, where the operator takes the issuer's word for
// addresses.
func TestWhoseAddressIsTaken(t *testing.T) {
	verified := func(email any, verified ...any) func(map[string]any) {
		return func(c map[string]any) {
			c["email"] = email
			if delete(c, "email_verified"); len(verified) > 0 {
				c["email_verified"] = verified[0]
			}
		}
	}
	for name, c := range map[string]struct {
		claims    func(map[string]any)
		confirmed bool
		good      bool
	}{
		"verified":                             {verified("delegate@example.org", true), true, true},
		"verified, in capitals":                {verified("Delegate@Example.org", true), true, true},
		"not verified":                         {verified("delegate@example.org", false), true, false},
		"Entra's, which says nothing of it":    {verified("delegate@example.org"), true, false},
		"verified as a text":                   {verified("delegate@example.org", "true"), true, false},
		"verified as a number":                 {verified("delegate@example.org", 1), true, false},
		"a list of addresses":                  {verified([]string{"delegate@example.org"}, true), true, false},
		"no address":                           {verified("", true), true, false},
		"of nobody":                            {verified("nobody@example.org", true), true, false},
		"of a person who has not confirmed it": {verified("delegate@example.org", true), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, at := withProvider(t, func(o *portal.Options) { o.LinkVerified = true })
			w = w.again(at)
			delegate, err := people.PersonNoun.In(w.Store).Get(t.Context(), "usr_DELEGATE")
			w.Must(err)
			if delegate.EmailConfirmedAt = nil; c.confirmed {
				delegate.EmailConfirmedAt = new(kit.DateTimeOf(*w.Wall))
			}
			w.Must(people.PersonNoun.In(w.Store).Replace(t.Context(), delegate))
			at.claims = c.claims
			p := w.page()
			if a := p.returns(at.signsIn(p.begins(""))); (a.StatusCode == http.StatusOK) != c.good {
				t.Errorf("HTTP %d: %s", a.StatusCode, a.body)
			}
			if !c.good {
				return
			}
			// The address passes to somebody else at the issuer, who has another subject there.
			at.claims = func(all map[string]any) { c.claims(all); all["sub"] = "successor" }
			other := w.page()
			if a := other.returns(at.signsIn(other.begins(""))); a.StatusCode != http.StatusForbidden {
				t.Errorf("who got the address at the issuer: HTTP %d", a.StatusCode)
			}
			// It changes at the issuer, and the person stays who it is.
			at.claims = verified("focal@example.org", true)
			if a := other.returns(at.signsIn(other.begins(""))); a.StatusCode != http.StatusOK {
				t.Errorf("with another address: HTTP %d", a.StatusCode)
			}
			if id, _ := other.viewer(); id != "usr_DELEGATE" {
				t.Errorf("with another address it is %q", id)
			}
		})
	}
}

// TestTenThousandAttemptsStoreNothing begins sign-ins, comes back from some that nobody began, and guesses cookies.
func TestTenThousandAttemptsStoreNothing(t *testing.T) {
	w, at := withProvider(t)
	counting := &testkit.Counting{Store: w.Store}
	w.Store = counting
	w = w.again(at)
	signedIn := w.signedIn()
	counting.TakeWrote()
	p := w.page()
	for i := range 10_000 {
		switch i % 3 {
		case 0:
			p.begins("")
		case 1:
			p.returns(&url.URL{Path: "/sign-in/oidc/callback", RawQuery: "state=x&code=y"})
		default:
			if _, status := p.viewer(header("Cookie", browser.Cookie+"=ses_"+strconv.Itoa(i)+".A.A")); status != http.StatusUnauthorized {
				t.Fatalf("HTTP %d", status)
			}
		}
	}
	if counting.TakeWrote() || at.asked != 0 {
		t.Errorf("something was written, or the issuer was asked: %d times", at.asked)
	}
	if id, _ := signedIn.viewer(); id != "usr_DELEGATE" {
		t.Error("a person is kept out")
	}
}
