package auth_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// provider is a real OIDC provider, Zitadel's library over its example storage, which runs on this
// machine. Keys and claims are the tests'.
type provider struct {
	*storage.Storage
	url     string
	down    atomic.Bool
	fetches atomic.Int64 // of the keys

	mu       sync.Mutex
	signing  opKey
	verify   []op.Key
	audience string
	claims   map[string]any
}

const redirectURI = "http://localhost/callback"

func newProvider(t *testing.T) *provider {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	p := &provider{url: "http://" + server.Listener.Addr().String(), audience: "api"}
	client := storage.WebClient("web", "secret", redirectURI)
	p.Storage = storage.NewStorageWithClients(storage.NewUserStore(p.url), map[string]*storage.Client{"web": client})
	p.rotate(newOpKey(t, jose.RS256, "first"))
	config := &op.Config{CryptoKey: [32]byte{1}, SupportedScopes: []string{"openid"}}
	issuing, err := op.NewProvider(config, p, op.StaticIssuer(p.url), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.down.Load() {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/keys") {
			p.fetches.Add(1)
		}
		issuing.ServeHTTP(w, r)
	})
	server.Start()
	t.Cleanup(server.Close)
	return p
}

// opKey is a key as the library wants it.
type opKey struct {
	id        string
	algorithm jose.SignatureAlgorithm
	private   crypto.Signer
}

func newOpKey(t *testing.T, algorithm jose.SignatureAlgorithm, id string) opKey {
	t.Helper()
	var private crypto.Signer
	var err error
	switch algorithm {
	case jose.ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return opKey{id, algorithm, private}
}

func (k opKey) SignatureAlgorithm() jose.SignatureAlgorithm { return k.algorithm }
func (k opKey) Key() any                                    { return k.private }
func (k opKey) ID() string                                  { return k.id }

type opPublic struct{ opKey }

func (k opPublic) Algorithm() jose.SignatureAlgorithm { return k.algorithm }
func (k opPublic) Use() string                        { return "sig" }
func (k opPublic) Key() any                           { return k.private.Public() }

// rotate signs with a key from now on and publishes it alone or beside others.
func (p *provider) rotate(to opKey, beside ...opKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signing, p.verify = to, []op.Key{opPublic{to}}
	for _, k := range beside {
		p.verify = append(p.verify, opPublic{k})
	}
}

func (p *provider) SigningKey(context.Context) (op.SigningKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.signing, nil
}

func (p *provider) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{p.signing.algorithm}, nil
}

func (p *provider) KeySet(context.Context) ([]op.Key, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.verify, nil
}

func (p *provider) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return p.claims, nil
}

// jwtClient is a client whose access tokens are readable.
type jwtClient struct{ op.Client }

func (jwtClient) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

func (p *provider) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	client, err := p.Storage.GetClientByClientID(ctx, id)
	return jwtClient{client}, err
}

func (p *provider) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	client, err := p.Storage.ClientCredentials(ctx, id, secret)
	return jwtClient{client}, err
}

func (p *provider) ClientCredentialsTokenRequest(_ context.Context, id string, scopes []string) (op.TokenRequest, error) {
	return &oidc.JWTTokenRequest{Subject: id, Audience: []string{p.audience}, Scopes: scopes}, nil
}

// token asks for an access token by client credentials.
func (p *provider) token(t *testing.T) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"openid"}, "client_id": {"sid1"}, "client_secret": {"verysecret"}}
	return p.ask(t, form)["access_token"].(string)
}

func (p *provider) ask(t *testing.T, form url.Values) map[string]any {
	t.Helper()
	response, err := http.PostForm(p.url+"/oauth/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	var answer map[string]any
	if err != nil || response.StatusCode != http.StatusOK || json.Unmarshal(raw, &answer) != nil {
		t.Fatalf("HTTP %d %s, %v", response.StatusCode, raw, err)
	}
	return answer
}

// signIn goes through the code flow as the example's user and gives what the client gets.
func (p *provider) signIn(t *testing.T) map[string]any {
	t.Helper()
	login := p.follow(t, p.url+"/authorize?"+url.Values{
		"client_id": {"web"}, "redirect_uri": {redirectURI}, "response_type": {"code"}, "scope": {"openid offline_access"}, "state": {"s"},
	}.Encode())
	id := login.Query().Get("authRequestID")
	host, _ := url.Parse(p.url)
	if err := p.CheckUsernamePassword("test-user@"+host.Hostname(), "verysecure", id); err != nil {
		t.Fatalf("signing in at %s: %v", login, err)
	}
	back := p.follow(t, p.url+"/authorize/callback?id="+id)
	return p.ask(t, url.Values{
		"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}, "redirect_uri": {redirectURI},
		"client_id": {"web"}, "client_secret": {"secret"},
	})
}

// follow gives where an address redirects to.
func (p *provider) follow(t *testing.T, address string) *url.URL {
	t.Helper()
	response, err := http.DefaultTransport.RoundTrip(httptest.NewRequest(http.MethodGet, address, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	to, err := response.Location()
	if err != nil {
		raw, _ := io.ReadAll(response.Body)
		t.Fatalf("%s answered %s %s", address, response.Status, raw)
	}
	return to
}
