package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
)

// testSecret is shared with a program of the tests.
const testSecret = "kA3vX9qLm2Zt7RwB5yNc8HdJ4sPfG6uE1oTi0WgV"

// world is one source of keys: a portal that trusts it and a token that is good there.
type world struct {
	tokens    auth.Tokens
	algorithm string
	public    crypto.PublicKey // what an attacker knows
	good      func() *forgery
	stranger  func(input []byte) []byte // signs with another key of the right kind
	allowed   []string                  // attacks that are none here, because the rule is another
}

func worlds(t *testing.T) map[string]world {
	t.Helper()
	secret := []byte(testSecret)
	byKid := []string{"an unknown kid", "the kid of another known key", "no kid", "an empty kid", "a kid that is a path", "a kid that is no string"}
	foreign := []string{ // claims that only issuers have
		"a member that is a person", "a member that is a list", "a country in small letters", "a country of three letters", "a country that is an id",
	}
	all := map[string]world{
		"own keys": {allowed: foreign, tokens: tokens(t, 'A', 'B'), algorithm: "EdDSA", public: privateKey('A').Public(), good: forge, stranger: signer(t, "EdDSA", privateKey('Z'))},
		"a shared secret": {
			tokens: withSecret(t, tokens(t, 'A', 'B'), secret), algorithm: "HS256", public: privateKey('A').Public(), stranger: signer(t, "EdDSA", privateKey('Z')),
			good:    func() *forgery { return forgeWith(hs256(secret)) },
			allowed: slices.Concat(byKid, foreign, []string{"HS256 named over a good signature"}),
		},
	}
	for _, algorithm := range auth.Algorithms {
		all["an issuer that signs with "+algorithm] = issuerWorld(t, algorithm)
	}
	return all
}

func withSecret(t *testing.T, tokens auth.Tokens, secret []byte) auth.Tokens {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, secret, 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if tokens.Secret, err = auth.LoadSecret(path); err != nil {
		t.Fatal(err)
	}
	return tokens
}

// issuerWorld is a portal with keys and a secret of its own that trusts an issuer too.
func issuerWorld(t *testing.T, algorithm string) world {
	t.Helper()
	mine, stranger, other := newSigner(t, algorithm), newSigner(t, algorithm), newSigner(t, algorithm)
	address := publish(t, map[string]crypto.Signer{"A": mine, "B": other})
	issuer, err := auth.NewIssuer(auth.IssuerOptions{
		URL: address, Audience: "api", Types: []string{"at+jwt"}, Algorithms: []string{algorithm},
		Mapping: auth.Mapping{Roles: "roles", Member: "member", Country: "country", Groups: "groups"},
	})
	if err != nil {
		t.Fatal(err)
	}
	portal := withSecret(t, tokens(t, 'A', 'B'), []byte(testSecret))
	portal.Others = []*auth.Issuer{issuer}
	return world{
		tokens: portal, algorithm: algorithm, public: mine.Public(), stranger: signer(t, algorithm, stranger),
		good: func() *forgery {
			f := forge()
			f.claims["iss"], f.header["alg"], f.sign = address, algorithm, signer(t, algorithm, mine)
			return f
		},
		// An issuer's subjects are translated, and roles that the portal has not mean nothing.
		allowed: []string{
			"a subject that is no person", "a subject with nothing behind its prefix", "a subject with a line end", "a subject of 65 characters",
			"no jti", "an unknown role", "a role in small letters", "roles that are one string", "groups that are no list",
			"an entity that is a person", "entities that are one string", "a country of three letters among entities",
		},
	}
}

// publish serves public keys as an issuer does, and gives its address.
func publish(t *testing.T, keys map[string]crypto.Signer) string {
	t.Helper()
	var set jose.JSONWebKeySet
	for id, key := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{KeyID: id, Use: "sig", Key: key.Public()})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer any = set
		if r.URL.Path == "/.well-known/openid-configuration" {
			answer = map[string]string{"issuer": "http://" + r.Host, "jwks_uri": "http://" + r.Host + "/keys"}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func newSigner(t *testing.T, algorithm string) crypto.Signer {
	t.Helper()
	return newOpKey(t, jose.SignatureAlgorithm(algorithm), "").private
}

func signer(t *testing.T, algorithm string, key crypto.Signer) func([]byte) []byte {
	return func(input []byte) []byte {
		sum := sha256.Sum256(input)
		var signature []byte
		var err error
		switch k := key.(type) {
		case ed25519.PrivateKey:
			return ed25519.Sign(k, input)
		case *ecdsa.PrivateKey:
			r, s, failed := ecdsa.Sign(rand.Reader, k, sum[:])
			signature, err = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), failed
		case *rsa.PrivateKey:
			if algorithm == "PS256" {
				signature, err = rsa.SignPSS(rand.Reader, k, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
			} else {
				signature, err = rsa.SignPKCS1v15(nil, k, crypto.SHA256, sum[:])
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
}

func TestParseRefusesForgeries(t *testing.T) {
	for source, w := range worlds(t) {
		t.Run(source, func(t *testing.T) {
			if actor, err := w.tokens.Parse(w.good().token(t)); err != nil || !slices.Contains(actor.Roles, kit.RoleSecretariat) {
				t.Fatalf("the good token: %+v, %v", actor, err)
			}
			for name, spoil := range forgeries(t, w) {
				t.Run(name, func(t *testing.T) {
					f := w.good()
					spoil(f)
					actor, err := w.tokens.Parse(f.token(t))
					if slices.Contains(w.allowed, name) {
						if err != nil {
							t.Fatalf("it is allowed here: %v", err)
						}
					} else if !errors.Is(err, auth.ErrBadToken) || !reflect.DeepEqual(actor, kit.Proof{}) {
						t.Fatalf("got %+v, %v", actor, err)
					}
				})
			}
		})
	}
}

// TestSourcesDoNotSpeakForEachOther signs with the key of one source in the name of another.
func TestSourcesDoNotSpeakForEachOther(t *testing.T) {
	w := issuerWorld(t, "EdDSA")
	address := w.good().claims["iss"]
	for name, f := range map[string]*forgery{
		"the issuer in the portal's name":       spoilt(w.good(), claim("iss", "portal")),
		"the portal in the issuer's name":       forgeWith(claim("iss", address)),
		"the secret in the issuer's name":       spoilt(forgeWith(claim("iss", address)), hs256([]byte(testSecret))),
		"a subject of more than 255 characters": spoilt(w.good(), claim("sub", strings.Repeat("a", 256))),
	} {
		t.Run(name, func(t *testing.T) {
			if actor, err := w.tokens.Parse(f.token(t)); !errors.Is(err, auth.ErrBadToken) {
				t.Fatalf("got %+v, %v", actor, err)
			}
		})
	}
}

func spoilt(f *forgery, change func(*forgery)) *forgery {
	change(f)
	return f
}

// TestTokensOfTypeJWTSayWhatTheyAreFor is for issuers whose ID tokens have the typ of access tokens.
func TestTokensOfTypeJWTSayWhatTheyAreFor(t *testing.T) {
	address := publish(t, map[string]crypto.Signer{"A": privateKey('A')})
	issuer, err := auth.NewIssuer(auth.IssuerOptions{URL: address, Audience: "api", Types: []string{"JWT"}, Algorithms: auth.Algorithms})
	if err != nil {
		t.Fatal(err)
	}
	all := auth.Tokens{Issuer: "portal", Audience: "api", Others: []*auth.Issuer{issuer}, Now: func() time.Time { return now }}
	for name, c := range map[string]struct {
		change func(*forgery)
		good   bool
	}{
		"nothing that says so":        {func(*forgery) {}, false},
		"azp, as ID tokens have too":  {claim("azp", "web"), false},
		"scope":                       {claim("scope", "openid"), true},
		"scp":                         {claim("scp", []string{"a"}), true},
		"client_id":                   {claim("client_id", "web"), true},
		"token_use access":            {claim("token_use", "access"), true},
		"token_use id beside scope":   {func(f *forgery) { f.claims["token_use"], f.claims["scope"] = "id", "a" }, false},
		"the claim typ Bearer":        {claim("typ", "Bearer"), true},
		"the claim typ ID and scope":  {func(f *forgery) { f.claims["typ"], f.claims["scope"] = "ID", "a" }, false},
		"a nonce beside scope":        {func(f *forgery) { f.claims["nonce"], f.claims["scope"] = "1", "a" }, false},
		"no typ in the header, scope": {func(f *forgery) { f.header["typ"], f.claims["scope"] = nil, "a"; delete(f.header, "typ") }, true},
		"at+jwt in the header":        {func(f *forgery) { f.header["typ"], f.claims["scope"] = "at+jwt", "a" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := forgeWith(claim("iss", address))
			f.header["typ"] = "JWT"
			c.change(f)
			if _, err := all.Parse(f.token(t)); (err == nil) != c.good || err != nil && !errors.Is(err, auth.ErrBadToken) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestKeysOfAnIssuerThatAreTooWeak(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for algorithm, key := range map[string]crypto.Signer{"RS256": small, "PS256": small, "ES256": wide} {
		address := publish(t, map[string]crypto.Signer{"A": key, "B": newSigner(t, "EdDSA")})
		issuer, err := auth.NewIssuer(auth.IssuerOptions{URL: address, Audience: "api", Types: []string{"at+jwt"}, Algorithms: auth.Algorithms})
		if err != nil {
			t.Fatal(err)
		}
		f := forgeWith(claim("iss", address))
		f.header["alg"] = algorithm
		if k, ok := key.(*rsa.PrivateKey); ok {
			f.sign = signer(t, algorithm, k)
		}
		all := auth.Tokens{Issuer: "portal", Audience: "api", Others: []*auth.Issuer{issuer}, Now: func() time.Time { return now }}
		if _, err := all.Parse(f.token(t)); !errors.Is(err, auth.ErrBadToken) {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
}
