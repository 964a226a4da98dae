package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
)

// published are the kids that a server publishes.
func (s *server) published(t *testing.T) (ids []string) {
	t.Helper()
	response, err := http.Get("http://" + s.address + "/.well-known/jwks.json")
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	must(t, err)
	if strings.Contains(string(raw), `"d"`) {
		t.Errorf("a private key is published: %s", raw)
	}
	var set struct{ Keys []struct{ Kid string } }
	must(t, json.Unmarshal(raw, &set))
	for _, k := range set.Keys {
		ids = append(ids, k.Kid)
	}
	return ids
}

func TestKeysRotateWhileServing(t *testing.T) {
	data := t.TempDir()
	s := serve(t, "--data="+data, anyPort)
	defer s.stop(t)
	old, before := s.tokens()["SECRETARIAT"], s.published(t)
	if code, _, stderr := command(t, "key", "--rotate", filepath.Join(data, "signing-key.json")); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	_, young, _ := command(t, "token", "--role=OPERATOR", "--data="+data)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if status, body := s.post(t, strings.TrimSpace(young), viewerQuery, nil); status == http.StatusOK {
			break
		} else if time.Now().After(end) {
			t.Fatalf("HTTP %d %s", status, body)
		}
	}
	ask[viewer](t, s, old, viewerQuery)
	if after := s.published(t); len(before) != 1 || len(after) != 2 || after[1] != before[0] {
		t.Errorf("published %v, then %v", before, after)
	}
}

// issuer is an OIDC issuer on this machine whose tokens the test writes.
type issuer struct {
	auth.Tokens
	down atomic.Bool
}

func newIssuer(t *testing.T) *issuer {
	i := &issuer{Tokens: auth.Tokens{Keys: auth.NewKeySet(), Audience: "portal-api", Now: time.Now}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case i.down.Load():
			http.Error(w, "down", http.StatusBadGateway)
		case r.URL.Path == "/keys":
			i.Keys.Handler().ServeHTTP(w, r)
		default:
			_ = json.NewEncoder(w).Encode(map[string]string{
				"issuer": "http://" + r.Host, "jwks_uri": "http://" + r.Host + "/keys",
				"authorization_endpoint": "http://" + r.Host + "/authorize", "token_endpoint": "http://" + r.Host + "/token",
			})
		}
	}))
	t.Cleanup(server.Close)
	i.Issuer = server.URL
	return i
}

func (i *issuer) token(t *testing.T) string {
	t.Helper()
	token, err := i.Issue(kit.Proof{Subject: "usr_someone", Roles: []kit.Role{kit.RoleReviewer}, Groups: []string{"cooks", "tdag"}}, time.Hour)
	must(t, err)
	return token
}

func TestServeTrustsAnIssuer(t *testing.T) {
	i := newIssuer(t)
	t.Setenv("MEMBERPORTAL_OIDC_ROLE", "REVIEWER=SECRETARIAT;else=OPERATOR")
	s := serve(t, "--data="+t.TempDir(), anyPort, "--oidc-issuer="+i.Issuer, "--oidc-audience=portal-api", "--oidc-groups-claim=groups", "--oidc-group=tdag=TDAG")
	defer s.stop(t)
	v := ask[viewer](t, s, i.token(t), viewerQuery).Viewer
	if !slices.Equal(v.Roles, []kit.Role{kit.RoleSecretariat}) || len(v.Groups) > 0 || v.ID == "usr_someone" {
		t.Errorf("got %+v", v)
	}
	i.Audience = "memberportal" // the portal's own, which is not the issuer's
	if status, body := s.post(t, i.token(t), viewerQuery, nil); status != http.StatusUnauthorized {
		t.Errorf("HTTP %d %s", status, body)
	}
}

func TestServeStartsWithoutItsIssuer(t *testing.T) {
	i := newIssuer(t)
	i.down.Store(true)
	s := serve(t, "--data="+t.TempDir(), anyPort, "--oidc-issuer="+i.Issuer, "--oidc-audience=portal-api")
	defer s.stop(t)
	status, body := s.post(t, i.token(t), viewerQuery, nil)
	if status != http.StatusServiceUnavailable {
		t.Errorf("HTTP %d %s", status, body)
	}
	contains(t, body, `"code":"UNAVAILABLE"`)
	ask[viewer](t, s, s.tokens()["SECRETARIAT"], viewerQuery)
	contains(t, s.stderr.String(), i.Issuer)
}

func TestServeWithASecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	const secret = "kA3vX9qLm2Zt7RwB5yNc8HdJ4sPfG6uE"
	must(t, os.WriteFile(path, []byte(secret), 0o600))
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "memberportal", "aud": "memberportal", "sub": "usr_robot", "jti": "1", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "roles": []string{"OPERATOR"},
	})
	token.Header["typ"] = "at+jwt"
	text, err := token.SignedString([]byte(secret))
	must(t, err)
	with := serve(t, "--data="+t.TempDir(), anyPort, "--hs256-secret-file="+path)
	defer with.stop(t)
	if got := ask[viewer](t, with, text, viewerQuery).Viewer.ID; got != "usr_robot" {
		t.Errorf("got %s", got)
	}
	without := serve(t, "--data="+t.TempDir(), anyPort)
	defer without.stop(t)
	if status, body := without.post(t, text, viewerQuery, nil); status != http.StatusUnauthorized {
		t.Errorf("HTTP %d %s", status, body)
	}
}

func TestServeRefusesBadSources(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(path, []byte(strings.Repeat("s", 31)+"\n"), 0o600))
	guessable := filepath.Join(t.TempDir(), "guessable")
	must(t, os.WriteFile(guessable, []byte(strings.Repeat("changeme", 8)), 0o600))
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"a secret of 31 bytes":       {[]string{"--hs256-secret-file=" + path}, 1, "at least 32"},
		"a secret of one word":       {[]string{"--hs256-secret-file=" + guessable}, 1, "openssl rand -base64 32"},
		"a secret that is not there": {[]string{"--hs256-secret-file=" + path + "x"}, 1, "no such file"},
		"a role that is none":        {[]string{"--oidc-issuer=https://login.example.org", "--oidc-audience=a", "--oidc-role=admins=ROOT"}, 2, "--oidc-role admins=ROOT"},
		"an issuer over http":        {[]string{"--oidc-issuer=http://login.example.org", "--oidc-audience=a"}, 2, "must be https"},
		"HS256 of an issuer":         {[]string{"--oidc-issuer=https://login.example.org", "--oidc-audience=a", "--oidc-algorithms=HS256"}, 2, "--oidc-algorithms"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, plus([]string{"serve", "--data=" + t.TempDir(), anyPort}, c.args...)...)
			if code != c.code || stdout != "" {
				t.Errorf("exit code %d, %s", code, stdout)
			}
			contains(t, stderr, c.want)
		})
	}
}
