package auth_test

import (
	"crypto"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
)

// trust is a portal that trusts a provider; the clock of the fetches can be moved.
type trust struct {
	auth.Tokens
	later atomic.Int64
}

func trusting(t *testing.T, p *provider, change func(*auth.IssuerOptions)) *trust {
	t.Helper()
	tr := &trust{Tokens: tokens(t, 'A')}
	o := auth.IssuerOptions{
		URL: p.url, Audience: "api", Types: []string{"JWT"}, Algorithms: auth.Algorithms,
		Mapping: auth.Mapping{
			Roles: "realm_access.roles", Member: "portal.member", Country: "portal.country", Groups: "groups",
			RoleOf: map[string]kit.Role{"portal-admins": kit.RoleSecretariat}, GroupOf: map[string]string{"tdag-reviewers": "TDAG"},
		},
		Now: func() time.Time { return time.Now().Add(time.Duration(tr.later.Load())) },
	}
	if change != nil {
		change(&o)
	}
	issuer, err := auth.NewIssuer(o)
	if err != nil {
		t.Fatal(err)
	}
	tr.Others, tr.Now = []*auth.Issuer{issuer}, time.Now
	return tr
}

func (tr *trust) accepts(t *testing.T, token string) kit.Proof {
	t.Helper()
	actor, err := tr.Parse(token)
	if err != nil {
		t.Fatal(err)
	}
	return actor
}

func (tr *trust) refuses(t *testing.T, token string, want error) {
	t.Helper()
	if actor, err := tr.Parse(token); !errors.Is(err, want) || !reflect.DeepEqual(actor, kit.Proof{}) {
		t.Fatalf("got %+v, %v; want %v", actor, err, want)
	}
}

func TestWhatAProvidersTokenProves(t *testing.T) {
	p := newProvider(t)
	p.claims = map[string]any{
		"realm_access": map[string]any{"roles": []string{"portal-admins", "OPERATOR", "else"}},
		"portal":       map[string]any{"member": "mem_1", "country": "UG"}, "groups": []string{"tdag-reviewers", "cooks"},
		"application": "app_1", // which only the portal's own tokens say
	}
	tr := trusting(t, p, nil)
	got := tr.accepts(t, p.token(t))
	want := kit.Proof{
		Issuer: p.url, IssuerSubject: got.IssuerSubject, Roles: []kit.Role{kit.RoleSecretariat}, Staff: []kit.Role{kit.RoleSecretariat},
		Entities: []kit.ID{"mem_1", "cty_UG"}, Groups: []string{"TDAG"}, IssuedAt: got.IssuedAt,
	}
	if !reflect.DeepEqual(got, want) || got.IssuerSubject == "" || got.IssuedAt.IsZero() {
		t.Fatalf("got %+v, want %+v", got, want)
	}
}

// TestAProvidersRoleMayBeLimitedToAreas: one value that is not limited gives the whole secretariat.
func TestAProvidersRoleMayBeLimitedToAreas(t *testing.T) {
	for roles, want := range map[string][]kit.StaffArea{
		"portal-events":                {kit.AreaEvents},
		"portal-events portal-finance": {kit.AreaEvents, kit.AreaFinance},
		"portal-events portal-admins":  nil,
		"portal-admins":                nil,
	} {
		t.Run(roles, func(t *testing.T) {
			p := newProvider(t)
			p.claims = map[string]any{"realm_access": map[string]any{"roles": strings.Fields(roles)}}
			tr := trusting(t, p, func(o *auth.IssuerOptions) {
				o.Mapping.RoleOf = map[string]kit.Role{"portal-admins": kit.RoleSecretariat, "portal-events": kit.RoleSecretariat, "portal-finance": kit.RoleSecretariat}
				o.Mapping.AreaOf = map[string]kit.StaffArea{"portal-events": kit.AreaEvents, "portal-finance": kit.AreaFinance}
			})
			if got := tr.accepts(t, p.token(t)); !slices.Equal(got.StaffAreas, want) || !slices.Equal(got.Staff, []kit.Role{kit.RoleSecretariat}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAProvidersSignInGivesAnAccessTokenOnly(t *testing.T) {
	p := newProvider(t)
	answer := p.signIn(t)
	// The example gives both tokens the same audience and typ, which is the hardest case.
	tr := trusting(t, p, func(o *auth.IssuerOptions) { o.Audience = "web" })
	tr.accepts(t, answer["access_token"].(string))
	tr.refuses(t, answer["id_token"].(string), auth.ErrBadToken)
	tr.refuses(t, answer["refresh_token"].(string), auth.ErrBadToken)
}

func TestAProvidersTokenIsHeldAgainstTheConfiguration(t *testing.T) {
	p := newProvider(t)
	token := p.token(t)
	for name, change := range map[string]func(*auth.IssuerOptions){
		"another audience":            func(o *auth.IssuerOptions) { o.Audience = "other" },
		"no typ of its own":           func(o *auth.IssuerOptions) { o.Types = []string{"at+jwt"} },
		"an algorithm not allowed":    func(o *auth.IssuerOptions) { o.Algorithms = []string{"ES256", "EdDSA", "PS256"} },
		"another issuer configured":   func(o *auth.IssuerOptions) { o.URL = "https://login.example.org" },
		"the issuer with a slash":     func(o *auth.IssuerOptions) { o.URL += "/" },
		"a claim that is no one text": func(o *auth.IssuerOptions) { o.Mapping.Member = "aud" },
		"a member that is none":       func(o *auth.IssuerOptions) { o.Mapping.Member = "sub" },
		"a country that is none":      func(o *auth.IssuerOptions) { o.Mapping.Country = "sub" },
	} {
		t.Run(name, func(t *testing.T) { trusting(t, p, change).refuses(t, token, auth.ErrBadToken) })
	}
}

func TestRotationAtTheProvider(t *testing.T) {
	p := newProvider(t)
	tr := trusting(t, p, nil)
	first := p.signing
	old := p.token(t)
	tr.accepts(t, old)
	for _, algorithm := range []jose.SignatureAlgorithm{jose.ES256, jose.PS256, jose.EdDSA} {
		next := newOpKey(t, algorithm, string(algorithm))
		p.rotate(next, first)
		tr.later.Add(int64(31 * time.Second))
		tr.accepts(t, p.token(t))
		tr.accepts(t, old)
	}
	if got := p.fetches.Load(); got != 4 {
		t.Errorf("%d fetches for four keys", got)
	}
	p.rotate(p.signing) // the first key is taken back
	tr.later.Add(int64(11 * time.Minute))
	tr.accepts(t, p.token(t)) // whose age makes the keys be fetched, beside
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := tr.Parse(old); errors.Is(err, auth.ErrBadToken) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("a key that was taken back still verifies")
		}
	}
}

func TestAProviderThatIsDown(t *testing.T) {
	p := newProvider(t)
	tr := trusting(t, p, nil)
	token := p.token(t)
	p.down.Store(true)
	tr.refuses(t, token, auth.ErrUnavailable)
	p.down.Store(false)
	tr.refuses(t, token, auth.ErrUnavailable) // left alone a little
	tr.later.Add(int64(6 * time.Second))
	tr.accepts(t, token)
	p.rotate(newOpKey(t, jose.ES256, "second"))
	unseen := p.token(t)
	p.down.Store(true)
	for range 3 {
		tr.later.Add(int64(24 * time.Hour))
		tr.accepts(t, token)
		tr.refuses(t, unseen, auth.ErrUnavailable)
	}
	p.down.Store(false)
	tr.later.Add(int64(6 * time.Second))
	tr.accepts(t, unseen)
}

func TestAStormOfUnknownKeysFetchesOnce(t *testing.T) {
	p := newProvider(t)
	tr := trusting(t, p, nil)
	good := p.token(t)
	parts := strings.Split(good, ".")
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			header, _ := json.Marshal(map[string]any{"alg": "RS256", "typ": "JWT", "kid": i})
			if i%2 == 0 {
				header, _ = json.Marshal(map[string]any{"alg": "RS256", "typ": "JWT", "kid": strings.Repeat("k", i)})
			}
			if _, err := tr.Parse(b64.EncodeToString(header) + "." + parts[1] + "." + parts[2]); !errors.Is(err, auth.ErrBadToken) {
				t.Errorf("an unknown key: %v", err)
			}
			if _, err := tr.Parse(good); err != nil {
				t.Errorf("a known key: %v", err)
			}
		})
	}
	all.Wait()
	if got := p.fetches.Load(); got != 1 {
		t.Errorf("%d fetches", got)
	}
}

func TestIssuersThatAreRefused(t *testing.T) {
	for name, change := range map[string]func(*auth.IssuerOptions){
		"plain http elsewhere":   func(o *auth.IssuerOptions) { o.URL = "http://login.example.org" },
		"a name like localhost":  func(o *auth.IssuerOptions) { o.URL = "http://localhost.example.org" },
		"a file":                 func(o *auth.IssuerOptions) { o.URL = "file:///etc/passwd" },
		"a name and password":    func(o *auth.IssuerOptions) { o.URL = "https://a:b@login.example.org" },
		"no audience":            func(o *auth.IssuerOptions) { o.Audience = "" },
		"no algorithm":           func(o *auth.IssuerOptions) { o.Algorithms = nil },
		"the algorithm none":     func(o *auth.IssuerOptions) { o.Algorithms = []string{"none"} },
		"the algorithm HS256":    func(o *auth.IssuerOptions) { o.Algorithms = []string{"RS256", "HS256"} },
		"no typ":                 func(o *auth.IssuerOptions) { o.Types = nil },
		"the typ of a refresh":   func(o *auth.IssuerOptions) { o.Types = []string{"rt+jwt"} },
		"a typ that is an empty": func(o *auth.IssuerOptions) { o.Types = []string{""} },
	} {
		t.Run(name, func(t *testing.T) {
			o := auth.IssuerOptions{URL: "https://login.example.org", Audience: "api", Types: []string{"at+jwt"}, Algorithms: auth.Algorithms}
			change(&o)
			if _, err := auth.NewIssuer(o); err == nil {
				t.Fatal("it was accepted")
			}
		})
	}
}

func TestAnswersOfAnIssuerThatAreRefused(t *testing.T) {
	good := map[string]string{"discovery": `{"issuer":"$URL","jwks_uri":"$URL/keys"}`, "keys": keysText(t)}
	for name, spoil := range map[string]func(map[string]string){
		"discovery of another issuer":       func(a map[string]string) { a["discovery"] = `{"issuer":"https://x","jwks_uri":"$URL/keys"}` },
		"keys over plain http elsewhere":    func(a map[string]string) { a["discovery"] = `{"issuer":"$URL","jwks_uri":"http://192.0.2.1/keys"}` },
		"keys in a file":                    func(a map[string]string) { a["discovery"] = `{"issuer":"$URL","jwks_uri":"file:///etc/passwd"}` },
		"discovery that is no JSON":         func(a map[string]string) { a["discovery"] = `<html>` },
		"discovery of more than a megabyte": func(a map[string]string) { a["discovery"] += strings.Repeat(" ", 1<<20) },
		"no keys":                           func(a map[string]string) { a["keys"] = `{"keys":[]}` },
		"keys of more than a megabyte":      func(a map[string]string) { a["keys"] += strings.Repeat(" ", 1<<20) },
		"101 keys":                          func(a map[string]string) { a["keys"] = `{"keys":[` + strings.Repeat(`{},`, 100) + a["keys"][9:] },
		"the key for encryption":            func(a map[string]string) { a["keys"] = strings.Replace(a["keys"], `"sig"`, `"enc"`, 1) },
		"a key for another algorithm":       func(a map[string]string) { a["keys"] = strings.Replace(a["keys"], `"EdDSA"`, `"ES256"`, 1) },
		"a key without a kid":               func(a map[string]string) { a["keys"] = strings.Replace(a["keys"], `"kid"`, `"x-kid"`, 1) },
		"a secret in place of a key": func(a map[string]string) {
			a["keys"] = `{"keys":[{"kty":"oct","kid":"A","k":"QUFBQUFBQUFBQUFBQUFBQQ"}]}`
		},
		"a private key, which is no secret": func(a map[string]string) {
			a["keys"] = strings.Replace(a["keys"], `"kty"`, `"d":"`+b64.EncodeToString(privateKey('A').Seed())+`","kty"`, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			answers := map[string]string{"discovery": good["discovery"], "keys": good["keys"]}
			parse := func() error {
				server := httptest.NewUnstartedServer(nil)
				address := "http://" + server.Listener.Addr().String()
				server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					text := answers["keys"]
					if r.URL.Path == "/.well-known/openid-configuration" {
						text = strings.ReplaceAll(answers["discovery"], "$URL", address)
					}
					_, _ = w.Write([]byte(text))
				})
				server.Start()
				defer server.Close()
				issuer, err := auth.NewIssuer(auth.IssuerOptions{URL: address, Audience: "api", Types: []string{"at+jwt"}, Algorithms: auth.Algorithms})
				if err != nil {
					t.Fatal(err)
				}
				_, err = auth.Tokens{Issuer: "portal", Audience: "api", Others: []*auth.Issuer{issuer}, Now: func() time.Time { return now }}.
					Parse(forgeWith(claim("iss", address)).token(t))
				return err
			}
			if err := parse(); err != nil {
				t.Fatalf("the good answers: %v", err)
			}
			spoil(answers)
			if err := parse(); err == nil {
				t.Error("the spoilt answer was taken")
			}
		})
	}
}

func TestAnIssuerDoesNotRedirectToPlainHTTP(t *testing.T) {
	var to string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }))
	defer server.Close()
	for _, to = range []string{"http://192.0.2.1/", "http://localhost.example.org/", "file:///etc/passwd", server.URL} {
		issuer, err := auth.NewIssuer(auth.IssuerOptions{URL: server.URL, Audience: "api", Types: []string{"at+jwt"}, Algorithms: auth.Algorithms})
		if err != nil {
			t.Fatal(err)
		}
		if err := issuer.Fetch(); err == nil || !strings.Contains(err.Error(), "must be https") && !strings.Contains(err.Error(), "redirects") && !strings.Contains(err.Error(), "no address") {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// keysText is the public part of the key «A», as an issuer publishes it.
func keysText(t *testing.T) string {
	recorder := httptest.NewRecorder()
	tokens(t, 'A').Keys.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	return strings.TrimSpace(recorder.Body.String())
}

// TestANameInAnObjectCountsIfItsValueSaysSo is for issuers that write roles as an object.
func TestANameInAnObjectCountsIfItsValueSaysSo(t *testing.T) {
	address := publish(t, map[string]crypto.Signer{"A": privateKey('A')})
	issuer, err := auth.NewIssuer(auth.IssuerOptions{
		URL: address, Audience: "api", Types: []string{"at+jwt"}, Algorithms: auth.Algorithms, Mapping: auth.Mapping{Roles: "roles", Groups: "groups"},
	})
	if err != nil {
		t.Fatal(err)
	}
	all := auth.Tokens{Issuer: "portal", Audience: "api", Others: []*auth.Issuer{issuer}, Now: func() time.Time { return now }}
	for value, counts := range map[string]bool{
		`true`:                                   true,
		`{"273": "org.example"}`:                 true, // Zitadel: the organisations that gave the role
		`{"273": true}`:                          true,
		`false`:                                  false,
		`null`:                                   false,
		`0`:                                      false,
		`1`:                                      false,
		`""`:                                     false,
		`"revoked"`:                              false,
		`"true"`:                                 false,
		`[]`:                                     false,
		`["x"]`:                                  false,
		`{}`:                                     false,
		`{"273": false}`:                         false,
		`{"273": null}`:                          false,
		`{"273": 0}`:                             false,
		`{"273": ""}`:                            false,
		`{"273": "false"}`:                       false,
		`{"273": {}}`:                            false,
		`{"273": {"granted": true}}`:             false,
		`{"granted": false, "by": "somebody"}`:   false,
		`{"by": "somebody", "revoked": "False"}`: false,
	} {
		f := forgeWith(claim("iss", address))
		f.claims["roles"] = map[string]any{"SECRETARIAT": json.RawMessage(value), "OPERATOR": true}
		f.claims["groups"] = map[string]any{"TDAG": json.RawMessage(value)}
		actor, err := all.Parse(f.token(t))
		if err != nil || !slices.Contains(actor.Roles, kit.RoleOperator) {
			t.Fatalf("%s: %+v, %v", value, actor, err)
		}
		if slices.Contains(actor.Roles, kit.RoleSecretariat) != counts || slices.Contains(actor.Groups, "TDAG") != counts {
			t.Errorf("%s: roles %v, groups %v", value, actor.Roles, actor.Groups)
		}
		if len(actor.Staff) > 0 {
			t.Errorf("%s: staff roles that nobody mapped: %v", value, actor.Staff)
		}
	}
}
