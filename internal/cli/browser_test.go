package cli_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// TestServeSendsBrowsersToTheIssuer starts a portal that is a client, and one that is none.
func TestServeSendsBrowsersToTheIssuer(t *testing.T) {
	at := newIssuer(t)
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("secret"), 0o600))
	trusting := []string{"--data=" + t.TempDir(), anyPort, "--demo-members=0", "--oidc-issuer=" + at.Issuer, "--oidc-audience=portal-api"}
	s := serve(t, plus(trusting, "--oidc-client-id=web", "--oidc-client-secret-file="+secret, "--oidc-scopes=openid,profile")...)
	to, cookie := s.startsSignIn(t)
	if to.Scheme+"://"+to.Host != at.Issuer || to.Query().Get("client_id") != "web" || to.Query().Get("scope") != "openid profile" || to.Query().Get("redirect_uri") != "http://"+s.address+"/sign-in/oidc/callback" {
		t.Errorf("sent to %s", to)
	}
	if cookie == nil || cookie.Name != "memberportal-dev-oidc" || cookie.Secure {
		t.Errorf("the cookie is %v", cookie)
	}
	s.stop(t)
	none := serve(t, trusting...)
	defer none.stop(t)
	if to, _ := none.startsSignIn(t); to != nil {
		t.Errorf("a portal that is no client sends to %s", to)
	}
	must(t, os.Chmod(secret, 0o644))
	code, _, stderr := command(t, plus([]string{"serve"}, plus(trusting, "--data="+t.TempDir(), "--oidc-client-id=web", "--oidc-client-secret-file="+secret)...)...)
	if code != 1 {
		t.Errorf("exit code %d for a secret that others may read", code)
	}
	contains(t, stderr, "make it 0600")
}

// startsSignIn gives where a browser is sent, nil if nowhere, and the cookie that it gets.
func (s *server) startsSignIn(t *testing.T) (to *url.URL, cookie *http.Cookie) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.address+"/sign-in/oidc/start", nil)
	must(t, err)
	response, err := http.DefaultTransport.RoundTrip(request)
	must(t, err)
	must(t, response.Body.Close())
	for _, c := range response.Cookies() {
		cookie = c
	}
	if to, err = response.Location(); err != nil {
		return nil, cookie
	}
	return to, cookie
}
