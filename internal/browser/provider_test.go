package browser_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"

	"memberportal/internal/auth"
	"memberportal/internal/portal"
	"memberportal/internal/web"
)

// provider is a real OIDC provider, Zitadel's library over its example storage, which runs on this machine. A test may
// change what it says of itself, and what is in its ID tokens.
type provider struct {
	*storage.Storage
	t   *testing.T
	url string
	key signingKey
	// said changes its discovery document, and claims those of an ID token, which is then signed with the key with.
	said, claims func(map[string]any)
	with         *ecdsa.PrivateKey
	// broken makes its token endpoint fail, and asked counts the requests there.
	broken bool
	asked  int
}

type signingKey struct {
	*ecdsa.PrivateKey
}

func (signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k signingKey) Key() any                                  { return k.PrivateKey }
func (signingKey) ID() string                                  { return "key" }

type publicKey struct{ signingKey }

func (publicKey) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                         { return k.Public() }

func newProvider(t *testing.T) *provider {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	nothing := func(map[string]any) {}
	p := &provider{t: t, url: "http://" + server.Listener.Addr().String(), key: signingKey{private}, said: nothing, claims: nothing, with: private}
	clients := map[string]*storage.Client{
		"web":    storage.WebClient("web", "secret", own+web.ReturnPath),
		"other":  storage.WebClient("other", "secret", own+web.ReturnPath),
		"native": storage.NativeClient("native", own+web.ReturnPath),
	}
	p.Storage = storage.NewStorageWithClients(storage.NewUserStore(p.url), clients)
	config := &op.Config{CryptoKey: [32]byte{1}, SupportedScopes: []string{"openid", "email"}, CodeMethodS256: true}
	issuing, err := op.NewProvider(config, p, op.StaticIssuer(p.url), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = p.changed(issuing)
	server.Start()
	t.Cleanup(server.Close)
	return p
}

// SigningKey is the key of the ID tokens.
func (p *provider) SigningKey(context.Context) (op.SigningKey, error) { return p.key, nil }

// SignatureAlgorithms are those of the key.
func (p *provider) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

// KeySet is what is published.
func (p *provider) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{publicKey{p.key}}, nil
}

// changed lets the test change documents and ID tokens on their way out.
func (p *provider) changed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		body := recorder.Body.Bytes()
		var document map[string]any
		switch {
		case strings.HasSuffix(r.URL.Path, "/oauth/token"):
			if p.asked++; p.broken {
				http.Error(w, "down", http.StatusBadGateway)
				return
			}
			if json.Unmarshal(body, &document) == nil && document["id_token"] != nil {
				document["id_token"] = p.spoilt(document["id_token"].(string))
			}
		case strings.HasSuffix(r.URL.Path, "/openid-configuration"):
			if json.Unmarshal(body, &document) == nil {
				p.said(document)
			}
		}
		if document != nil {
			body, _ = json.Marshal(document)
		}
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(recorder.Code)
		_, _ = io.Copy(w, bytes.NewReader(body))
	})
}

// spoilt is an ID token with other claims.
func (p *provider) spoilt(token string) string {
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		p.t.Error(err)
	}
	p.claims(claims)
	again := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	again.Header["kid"] = "key"
	signed, err := again.SignedString(p.with)
	if err != nil {
		p.t.Error(err)
	}
	return signed
}

// client is the portal as a client of the provider, by the clock of the world.
func (p *provider) client(now func() time.Time, id, secret string) *auth.Client {
	p.t.Helper()
	issuer, err := auth.NewIssuer(auth.IssuerOptions{URL: p.url, Audience: "api", Types: []string{"JWT"}, Algorithms: auth.Algorithms, Now: now})
	if err != nil {
		p.t.Fatal(err)
	}
	return &auth.Client{Issuer: issuer, ID: id, Secret: secret, Scopes: []string{"openid", "email"}}
}

// signsIn goes through the pages of the provider as the example's user, and gives where the browser is sent back to.
func (p *provider) signsIn(authorize string) *url.URL {
	p.t.Helper()
	login := p.follow(authorize)
	id := login.Query().Get("authRequestID")
	host, _ := url.Parse(p.url)
	if err := p.CheckUsernamePassword("test-user@"+host.Hostname(), "verysecure", id); err != nil {
		p.t.Fatalf("signing in at %s: %v", login, err)
	}
	return p.follow(p.url + "/authorize/callback?id=" + id)
}

// follow gives where an address redirects to.
func (p *provider) follow(address string) *url.URL {
	p.t.Helper()
	response, err := http.DefaultTransport.RoundTrip(httptest.NewRequest(http.MethodGet, address, nil))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	to, err := response.Location()
	if err != nil {
		raw, _ := io.ReadAll(response.Body)
		p.t.Fatalf("%s answered %s %s", address, response.Status, raw)
	}
	return to
}

// withProvider is a world whose portal is a client of a provider, by the clock of the machine, which is the provider's.
func withProvider(t *testing.T, change ...func(*portal.Options)) (*world, *provider) {
	t.Helper()
	w, p := newWorld(t), newProvider(t)
	*w.Wall = time.Now()
	wall := w.Wall
	return w.with(p.client(func() time.Time { return *wall }, "web", "secret"), change...), p
}

// begins starts a sign-in and gives the address at the issuer.
func (p page) begins(query string) string {
	p.Helper()
	a := p.ask(http.MethodGet, "/sign-in/oidc/start"+query, "")
	if a.StatusCode != http.StatusSeeOther {
		p.Fatalf("HTTP %d: %s", a.StatusCode, a.body)
	}
	return a.Header.Get("Location")
}

// returns goes back from the issuer, as a browser does: without the cookie of the session, which is Strict.
func (p page) returns(to *url.URL) answer {
	p.Helper()
	return p.ask(http.MethodGet, to.RequestURI(), "", func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		lax := p.cookies()["__Host-memberportal-oidc"]
		r.Header.Del("Cookie")
		if lax != "" {
			r.AddCookie(&http.Cookie{Name: "__Host-memberportal-oidc", Value: lax})
		}
	})
}
