package auth_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"memberportal/internal/auth"
)

var (
	now = time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)
	b64 = base64.RawURLEncoding
)

// privateKey is the same key at every run, a different one for each name.
func privateKey(name byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{name}, ed25519.SeedSize))
}

// keyFile writes a key set with the keys «A», «B»…, in that order.
func keyFile(t testing.TB, names ...byte) string {
	t.Helper()
	var keys []map[string]string
	for _, name := range names {
		private := privateKey(name)
		keys = append(keys, map[string]string{
			"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": string(name),
			"x": b64.EncodeToString(private.Public().(ed25519.PublicKey)), "d": b64.EncodeToString(private.Seed()),
		})
	}
	raw, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tokens verifies with the named keys and signs with the first.
func tokens(t testing.TB, names ...byte) auth.Tokens {
	t.Helper()
	keys, err := auth.LoadKeySet(keyFile(t, names...))
	if err != nil {
		t.Fatal(err)
	}
	return auth.Tokens{Keys: keys, Issuer: "portal", Audience: "api", Now: func() time.Time { return now }}
}

// forgery is a token that anybody could write: as it comes from forge it is good, until a case spoils
// it.
type forgery struct {
	header, claims map[string]any
	payload        string // in place of claims
	sign           func(input []byte) []byte
}

func forge() *forgery {
	return &forgery{
		header: map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": "A"},
		claims: map[string]any{
			"iss": "portal", "aud": "api", "sub": "usr_someone", "jti": "1", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
			"roles": []string{"SECRETARIAT"},
		},
		sign: func(input []byte) []byte { return ed25519.Sign(privateKey('A'), input) },
	}
}

func (f *forgery) token(t testing.TB) string {
	t.Helper()
	header, err := json.Marshal(f.header)
	if err != nil {
		t.Fatal(err)
	}
	payload := []byte(f.payload)
	if f.payload == "" {
		if payload, err = json.Marshal(f.claims); err != nil {
			t.Fatal(err)
		}
	}
	input := b64.EncodeToString(header) + "." + b64.EncodeToString(payload)
	return input + "." + b64.EncodeToString(f.sign([]byte(input)))
}

// claim sets a claim, or takes it away if the value is nil.
func claim(name string, value any) func(*forgery) {
	return func(f *forgery) { put(f.claims, name, value) }
}

// header sets a header parameter, or takes it away if the value is nil.
func header(name string, value any) func(*forgery) {
	return func(f *forgery) { put(f.header, name, value) }
}

func put(in map[string]any, name string, value any) {
	if in[name] = value; value == nil {
		maps.DeleteFunc(in, func(k string, _ any) bool { return k == name })
	}
}
