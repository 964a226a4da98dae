package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strconv"
	"strings"
	"testing"
	"time"
)

// forgeries are the attacks, each of which spoils a token that was good in a world.
func forgeries(t *testing.T, w world) map[string]func(*forgery) {
	der, err := x509.MarshalPKIXPublicKey(w.public)
	if err != nil {
		t.Fatal(err)
	}
	day := 24 * time.Hour
	return map[string]func(*forgery){
		"alg none without a signature": func(f *forgery) {
			f.header["alg"], f.sign = "none", func([]byte) []byte { return nil }
		},
		"alg NONE in capitals": func(f *forgery) {
			f.header["alg"], f.sign = "NONE", func([]byte) []byte { return nil }
		},
		"alg none over a good signature":                  header("alg", "none"),
		"no alg":                                          header("alg", nil),
		"alg that is a number":                            header("alg", 7),
		"HS256 signed with the public key":                hs256(publicBytes(w.public)),
		"HS256 signed with the public key as DER":         hs256(der),
		"HS256 signed with the public key as PEM":         hs256(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"HS256 signed with nothing":                       hs256(nil),
		"HS256 named over a good signature":               header("alg", "HS256"),
		"RS256 signed with a key of one's own":            rs256(t),
		"ES256 signed with a key of one's own":            es256(t),
		"RS256 named over a good signature of another":    named("RS256", w),
		"PS256 named over a good signature of another":    named("PS256", w),
		"ES256 named over a good signature of another":    named("ES256", w),
		"EdDSA named over a good signature of another":    named("EdDSA", w),
		"HS384 signed with nothing":                       func(f *forgery) { hs256(nil)(f); f.header["alg"] = "HS384" },
		"an empty signature":                              func(f *forgery) { f.sign = func([]byte) []byte { return nil } },
		"a signature of zeros":                            func(f *forgery) { f.sign = func([]byte) []byte { return make([]byte, ed25519.SignatureSize) } },
		"another key under a known kid":                   func(f *forgery) { f.sign = w.stranger },
		"an unknown kid":                                  header("kid", "Z"),
		"the kid of another known key":                    header("kid", "B"),
		"no kid":                                          header("kid", nil),
		"an empty kid":                                    header("kid", ""),
		"a kid that is a path":                            header("kid", "../../dev/null"),
		"a kid that is no string":                         header("kid", []string{"A"}),
		"a key of its own in jwk":                         jwk,
		"an unknown critical parameter":                   header("crit", []string{"b64"}),
		"an empty list of critical parameters":            header("crit", []string{}),
		"a critical parameter that is understood":         header("crit", []string{"alg"}),
		"typ of a logout token":                           header("typ", "logout+jwt"),
		"typ that is empty":                               header("typ", ""),
		"no typ":                                          header("typ", nil),
		"typ JWT":                                         header("typ", "JWT"),
		"typ of a refresh token":                          header("typ", "rt+jwt"),
		"typ that is a list":                              header("typ", []string{"at+jwt"}),
		"an issuer that is a list":                        claim("iss", []string{"portal"}),
		"an empty issuer":                                 claim("iss", ""),
		"another issuer":                                  claim("iss", "other"),
		"no issuer":                                       claim("iss", nil),
		"another audience":                                claim("aud", "other"),
		"several other audiences":                         claim("aud", []string{"other", "portal"}),
		"no audience":                                     claim("aud", nil),
		"an empty list of audiences":                      claim("aud", []string{}),
		"no expiry":                                       claim("exp", nil),
		"an expiry that is text":                          claim("exp", "tomorrow"),
		"an expiry that is a number as text":              claim("exp", strconv.FormatInt(now.Add(time.Hour).Unix(), 10)),
		"an expiry that is null":                          claim("exp", json.RawMessage("null")),
		"an expiry that is a list":                        claim("exp", []int64{now.Add(time.Hour).Unix()}),
		"an expiry that is true":                          claim("exp", true),
		"an expiry under a name in capitals":              func(f *forgery) { f.claims["EXP"] = f.claims["exp"]; delete(f.claims, "exp") },
		"an issue time that is a number as text":          claim("iat", strconv.FormatInt(now.Unix(), 10)),
		"an issue time that is null":                      claim("iat", json.RawMessage("null")),
		"a begin that is a number as text":                claim("nbf", strconv.FormatInt(now.Unix(), 10)),
		"a begin that is null":                            claim("nbf", json.RawMessage("null")),
		"a begin that is an empty text":                   claim("nbf", ""),
		"a sign-in time that is a number as text":         claim("auth_time", strconv.FormatInt(now.Unix(), 10)),
		"the claim typ of a refresh token":                claim("typ", "refresh"),
		"the claim typ of Keycloak's refresh token":       claim("typ", "Refresh"),
		"the claim typ of an offline token":               claim("typ", "Offline"),
		"the claim typ of an ID token":                    claim("typ", "ID"),
		"the claim typ that is empty":                     claim("typ", ""),
		"the claim typ that is null":                      claim("typ", json.RawMessage("null")),
		"the claim typ that is a list":                    claim("typ", []string{"Bearer"}),
		"token_use of a refresh token":                    claim("token_use", "refresh"),
		"token_use of an ID token":                        claim("token_use", "id"),
		"token_use that is a list":                        claim("token_use", []string{"access"}),
		"token_type of a refresh token":                   claim("token_type", "refresh"),
		"the claim type of a refresh token":               claim("type", "refresh"),
		"the claim use of an ID token":                    claim("use", "id_token"),
		"a nonce, as of an ID token":                      claim("nonce", "1"),
		"at_hash, as of an ID token":                      claim("at_hash", "1"),
		"events, as of a logout token":                    claim("events", map[string]any{}),
		"an expiry beyond all time":                       claim("exp", 1e300),
		"an expiry more than 24 hours after issue":        claim("exp", now.Add(day+time.Second).Unix()),
		"expired beyond the leeway":                       claim("exp", now.Add(-31*time.Second).Unix()),
		"no issue time":                                   claim("iat", nil),
		"issued in the future":                            claim("iat", now.Add(time.Minute).Unix()),
		"not valid yet":                                   claim("nbf", now.Add(time.Minute).Unix()),
		"no subject":                                      claim("sub", nil),
		"an empty subject":                                claim("sub", ""),
		"a subject that is no person":                     claim("sub", "mem_someone"),
		"a subject with nothing behind its prefix":        claim("sub", "usr_"),
		"a subject with a line end":                       claim("sub", "usr_a\n"),
		"a subject of 65 characters":                      claim("sub", "usr_"+strings.Repeat("a", 65)),
		"a subject that is a number":                      claim("sub", 1),
		"no jti":                                          claim("jti", nil),
		"an unknown role":                                 claim("roles", []string{"SECRETARIAT", "ROOT"}),
		"a role in small letters":                         claim("roles", []string{"secretariat"}),
		"roles that are one string":                       claim("roles", "SECRETARIAT"),
		"a member that is a person":                       claim("member", "usr_1"),
		"a member that is a list":                         claim("member", []string{"mem_1"}),
		"a country in small letters":                      claim("country", "ug"),
		"a country of three letters":                      claim("country", "UGA"),
		"a country that is an id":                         claim("country", "cty_UG"),
		"an entity that is a person":                      claim("entities", []string{"usr_1"}),
		"entities that are one string":                    claim("entities", "mem_1"),
		"a country of three letters among entities":       claim("entities", []string{"cty_UGA"}),
		"groups that are no list":                         claim("groups", "TDAG"),
		"a claim of half a character":                     func(f *forgery) { f.payload = `{"name":"\ud800",` + claimsText(t, f)[1:] },
		"a claim in Latin-1":                              func(f *forgery) { f.payload = "{\"name\":\"\xe9\"," + claimsText(t, f)[1:] },
		"claims that are a list":                          func(f *forgery) { f.payload = `["SECRETARIAT"]` },
		"claims that are null":                            func(f *forgery) { f.payload = `null` },
		"claims that are no JSON":                         func(f *forgery) { f.payload = `{"sub":` },
		"claims with something behind them":               func(f *forgery) { f.payload = claimsText(t, f) + `{}` },
		"a claim that stands twice":                       func(f *forgery) { f.payload = `{"roles":["DELEGATE"],` + claimsText(t, f)[1:] },
		"a claim that stands again in other letters":      func(f *forgery) { f.payload = `{"Roles":["DELEGATE"],` + claimsText(t, f)[1:] },
		"a token of more than 4 KB":                       claim("groups", []string{strings.Repeat("a", 4<<10)}),
		"more than 4 KB of a parameter that nobody reads": header("x", strings.Repeat("a", 4<<10)),
	}
}

// named calls a good signature by another algorithm; it spoils the algorithm where it is the right one.
func named(algorithm string, w world) func(*forgery) {
	return func(f *forgery) {
		if f.header["alg"] = algorithm; algorithm == w.algorithm {
			f.header["alg"] = strings.ToLower(algorithm)
		}
	}
}

func publicBytes(public crypto.PublicKey) []byte {
	if raw, ok := public.(ed25519.PublicKey); ok {
		return raw
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err)
	}
	return der
}

func hs256(secret []byte) func(*forgery) {
	return func(f *forgery) {
		f.header["alg"] = "HS256"
		f.sign = func(input []byte) []byte {
			mac := hmac.New(sha256.New, secret)
			mac.Write(input)
			return mac.Sum(nil)
		}
	}
}

func rs256(t *testing.T) func(*forgery) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return func(f *forgery) {
		f.header["alg"] = "RS256"
		f.sign = func(input []byte) []byte {
			sum := sha256.Sum256(input)
			signature, _ := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
			return signature
		}
	}
}

func es256(t *testing.T) func(*forgery) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return func(f *forgery) {
		f.header["alg"] = "ES256"
		f.sign = func(input []byte) []byte {
			sum := sha256.Sum256(input)
			r, s, _ := ecdsa.Sign(rand.Reader, key, sum[:])
			return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}
	}
}

func jwk(f *forgery) {
	own := privateKey('Z')
	f.header["kid"], f.header["alg"] = "Z", "EdDSA"
	f.header["jwk"] = map[string]string{"kty": "OKP", "crv": "Ed25519", "x": b64.EncodeToString(own.Public().(ed25519.PublicKey))}
	f.sign = func(input []byte) []byte { return ed25519.Sign(own, input) }
}
