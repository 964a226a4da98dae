package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// ownAddress is where the portal of a journey says that it is.
const ownAddress = "https://members.example.org"

// realIssuer is a real OIDC provider, Zitadel's library over its example storage, of which the portal is a client.
type realIssuer struct {
	*storage.Storage
	url string
	// flags are those by which the portal knows it.
	flags []string
}

func newRealIssuer(t *testing.T) *realIssuer {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	i := &realIssuer{url: "http://" + server.Listener.Addr().String()}
	i.Storage = storage.NewStorageWithClients(storage.NewUserStore(i.url), map[string]*storage.Client{"web": storage.WebClient("web", "a secret of the client", ownAddress+"/sign-in/oidc/callback")})
	provider, err := op.NewProvider(&op.Config{CryptoKey: [32]byte{1}, SupportedScopes: []string{"openid"}, CodeMethodS256: true}, i, op.StaticIssuer(i.url), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	must(t, err)
	server.Config.Handler = provider
	server.Start()
	t.Cleanup(server.Close)
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("a secret of the client"), 0o600))
	i.flags = []string{"--oidc-issuer=" + i.url, "--oidc-audience=api", "--oidc-client-id=web", "--oidc-client-secret-file=" + secret, "--oidc-scopes=openid"}
	return i
}

// goesTo returns where an address sends a browser.
func (j *journey) goesTo(address string) *url.URL {
	j.Helper()
	response, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(address)
	must(j.T, err)
	defer func() { _ = response.Body.Close() }()
	to, err := response.Location()
	must(j.T, err)
	return to
}

// page is a browser with its cookies, whose pages are all of the portal.
type page map[string]string

// visit sends a request of the browser, and keeps the cookies of the answer.
func (j *journey) visit(p page, method, path, body string, headers ...string) (status int, location, text string) {
	j.Helper()
	r, err := http.NewRequestWithContext(j.Context(), method, "http://"+j.address+path, strings.NewReader(body))
	must(j.T, err)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range p {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	must(j.T, err)
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	must(j.T, err)
	for _, c := range response.Cookies() {
		if p[c.Name] = c.Value; c.MaxAge < 0 {
			delete(p, c.Name)
		}
	}
	return response.StatusCode, response.Header.Get("Location"), string(raw)
}

// atTheIssuer sends a browser to the issuer and back.
func (j *journey) atTheIssuer(p page, purpose string) {
	j.Helper()
	status, to, text := j.visit(p, http.MethodGet, "/sign-in/oidc/start?"+purpose, "")
	if status != http.StatusSeeOther {
		j.Fatalf("HTTP %d: %s", status, text)
	}
	login := j.goesTo(to).Query().Get("authRequestID")
	host, err := url.Parse(j.issuer.url)
	must(j.T, err)
	must(j.T, j.issuer.CheckUsernamePassword("test-user@"+host.Hostname(), "verysecure", login))
	back := j.goesTo(j.issuer.url + "/authorize/callback?id=" + login)
	if !strings.HasPrefix(back.String(), ownAddress+"/") {
		j.Fatalf("sent back to %s", back)
	}
	if status, _, text := j.visit(p, http.MethodGet, back.RequestURI(), ""); status != http.StatusOK {
		j.Fatalf("back from the issuer: HTTP %d: %s", status, text)
	}
}

// signsInAtTheIssuer links an identity to somebody who signs in by a code, and returns the id of whoever signs in by it in
// another browser.
func (j *journey) signsInAtTheIssuer(email string) string {
	j.Helper()
	first, second, in := page{}, page{}, j.signedIn(email)
	body := `{"refreshToken":"` + in.text("signIn.signedIn.refreshToken") + `"}`
	if status, _, text := j.visit(first, http.MethodPost, "/session", body, "Authorization", "Bearer "+in.text("signIn.signedIn.accessToken")); status != http.StatusNoContent {
		j.Fatalf("HTTP %d: %s", status, text)
	}
	j.atTheIssuer(first, "purpose=link")
	j.atTheIssuer(second, "return=/")
	var got struct{ Data answer }
	_, _, text := j.visit(second, http.MethodPost, "/graphql", `{"query":"{ viewer { id } }"}`)
	must(j.T, json.Unmarshal([]byte(text), &got))
	return got.Data.text("viewer.id")
}

// signsInByPasskey adds a passkey to somebody who is signed in, and returns the access token that it gives.
func (j *journey) signsInByPasskey(token string) string {
	j.Helper()
	at := virtualwebauthn.RelyingParty{Name: "members.example.org", ID: "members.example.org", Origin: ownAddress}
	device := virtualwebauthn.NewAuthenticator()
	key := virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, j.newKey())
	begun := j.does(token, `mutation { beginPasskey { challenge options userErrors { code } } }`)
	making, err := virtualwebauthn.ParseAttestationOptions(begun.text("beginPasskey.options"))
	must(j.T, err)
	device.Options.UserHandle = []byte(making.UserID)
	j.does(token, `mutation { addPasskey(input: { challenge: %q, name: "Phone", credential: %q }) { passkey { id } userErrors { code } } }`,
		begun.text("beginPasskey.challenge"), virtualwebauthn.CreateAttestationResponse(at, device, key, *making))
	asked := j.does("", `mutation { beginPasskeySignIn { challenge options userErrors { code } } }`)
	signing, err := virtualwebauthn.ParseAssertionOptions(asked.text("beginPasskeySignIn.options"))
	must(j.T, err)
	key.Counter++
	return j.does("", `mutation { signInWithPasskey(input: { challenge: %q, credential: %q }) { signedIn { accessToken } userErrors { code } } }`,
		asked.text("beginPasskeySignIn.challenge"), virtualwebauthn.CreateAssertionResponse(at, device, key, *signing)).text("signInWithPasskey.signedIn.accessToken")
}

// newKey has two coordinates of 32 bytes, because the library writes shorter ones short.
func (j *journey) newKey() []byte {
	j.Helper()
	for {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(j.T, err)
		point, err := key.PublicKey.Bytes()
		must(j.T, err)
		if point[1] == 0 || point[33] == 0 {
			continue
		}
		raw, err := x509.MarshalPKCS8PrivateKey(key)
		must(j.T, err)
		return raw
	}
}
