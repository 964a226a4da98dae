package config_test

import (
	"strings"
	"testing"

	"memberportal/internal/config"
)

// trusting is a configuration with an issuer, as the flags' defaults make it.
func trusting(change func(*config.Issuer)) config.Serve {
	c := good(config.Production)
	c.Public = "https://members.example.org"
	c.Trusted = config.Issuer{
		OIDCIssuer: "https://login.example.org", OIDCAudience: "portal", OIDCTypes: []string{"at+jwt"},
		OIDCAlgorithms: []string{"EdDSA", "ES256", "RS256", "PS256"}, RolesClaim: "roles",
	}
	change(&c.Trusted)
	return c
}

func TestIssuersThatAreAccepted(t *testing.T) {
	for name, change := range map[string]func(*config.Issuer){
		"as the defaults are":      func(*config.Issuer) {},
		"with a path":              func(i *config.Issuer) { i.OIDCIssuer = "https://login.example.org/realms/portal" },
		"http on this machine":     func(i *config.Issuer) { i.OIDCIssuer = "http://127.0.0.1:9000" },
		"JWT as the type":          func(i *config.Issuer) { i.OIDCTypes = []string{"JWT"} },
		"one algorithm":            func(i *config.Issuer) { i.OIDCAlgorithms = []string{"ES256"} },
		"a client for browsers":    func(i *config.Issuer) { i.OIDCClient, i.OIDCSecret, i.OIDCScopes = "web", "secret", []string{"openid"} },
		"a public client":          func(i *config.Issuer) { i.OIDCClient, i.OIDCScopes = "web", []string{"email", "openid"} },
		"no issuer, and no demand": func(i *config.Issuer) { *i = config.Issuer{} },
	} {
		t.Run(name, func(t *testing.T) {
			if err := trusting(change).Validate(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestIssuersThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*config.Issuer)
		want   string
	}{
		"plain http elsewhere":          {func(i *config.Issuer) { i.OIDCIssuer = "http://login.example.org" }, "--oidc-issuer: must be https"},
		"another scheme":                {func(i *config.Issuer) { i.OIDCIssuer = "ftp://127.0.0.1" }, "--oidc-issuer: must be https"},
		"no address":                    {func(i *config.Issuer) { i.OIDCIssuer = "login" }, "--oidc-issuer: "},
		"a query":                       {func(i *config.Issuer) { i.OIDCIssuer += "?x=1" }, "--oidc-issuer: "},
		"a password":                    {func(i *config.Issuer) { i.OIDCIssuer = "https://a:b@login.example.org" }, "--oidc-issuer: "},
		"the portal itself":             {func(i *config.Issuer) { i.OIDCIssuer = "https://portal.example.org" }, "--oidc-issuer: must differ"},
		"no audience":                   {func(i *config.Issuer) { i.OIDCAudience = "" }, "--oidc-audience"},
		"an audience without an issuer": {func(i *config.Issuer) { i.OIDCIssuer = "" }, "--oidc-audience"},
		"HS256":                         {func(i *config.Issuer) { i.OIDCAlgorithms = []string{"RS256", "HS256"} }, "--oidc-algorithms: \"HS256\""},
		"none":                          {func(i *config.Issuer) { i.OIDCAlgorithms = []string{"none"} }, "--oidc-algorithms: \"none\""},
		"no algorithm":                  {func(i *config.Issuer) { i.OIDCAlgorithms = nil }, "--oidc-algorithms"},
		"a client without an issuer":    {func(i *config.Issuer) { *i = config.Issuer{OIDCClient: "web", OIDCScopes: []string{"openid"}} }, "--oidc-client-id: there is no --oidc-issuer"},
		"a secret without a client":     {func(i *config.Issuer) { i.OIDCSecret = "secret" }, "--oidc-client-secret-file: "},
		"scopes without openid":         {func(i *config.Issuer) { i.OIDCClient, i.OIDCScopes = "web", []string{"email"} }, "--oidc-scopes: "},
		"a type of a refresh token":     {func(i *config.Issuer) { i.OIDCTypes = []string{"rt+jwt"} }, "--oidc-typ: \"rt+jwt\""},
	} {
		t.Run(name, func(t *testing.T) {
			s := trusting(c.change)
			s.Issuer = "https://portal.example.org"
			err := s.Validate()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "a:b@") {
				t.Errorf("the fault shows the password: %v", err)
			}
			if lines := strings.Count(err.Error(), "\n") + 1; lines != 1 {
				t.Errorf("%d faults for one: %v", lines, err)
			}
		})
	}
}

func TestBrowsersComeBackFromAnIssuerOverHTTPS(t *testing.T) {
	for mode, wants := range map[string]bool{config.Production: true, config.Development: false} {
		for public, fits := range map[string]bool{"": false, "http://members.example.org": false, "https://members.example.org": true} {
			c := trusting(func(i *config.Issuer) { i.OIDCClient, i.OIDCScopes = "web", []string{"openid"} })
			c.Mode, c.Public = mode, public
			if err := c.Validate(); (err == nil) != (fits || !wants) {
				t.Errorf("%s, %q: %v", mode, public, err)
			}
		}
	}
}
