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
	"encoding/pem"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/portal"
)

func TestParseRefusesForgeries(t *testing.T) {
	public := privateKey('A').Public().(ed25519.PublicKey)
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	hs256 := func(secret []byte) func(*forgery) {
		return func(f *forgery) {
			f.header["alg"] = "HS256"
			f.sign = func(input []byte) []byte {
				mac := hmac.New(sha256.New, secret)
				mac.Write(input)
				return mac.Sum(nil)
			}
		}
	}
	day := 24 * time.Hour
	for name, spoil := range map[string]func(*forgery){
		"alg none without a signature": func(f *forgery) {
			f.header["alg"], f.sign = "none", func([]byte) []byte { return nil }
		},
		"alg NONE in capitals": func(f *forgery) {
			f.header["alg"], f.sign = "NONE", func([]byte) []byte { return nil }
		},
		"alg none over a good signature":                  header("alg", "none"),
		"no alg":                                          header("alg", nil),
		"alg that is a number":                            header("alg", 7),
		"HS256 signed with the public key":                hs256(public),
		"HS256 signed with the public key as DER":         hs256(der),
		"HS256 signed with the public key as PEM":         hs256(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"HS256 signed with nothing":                       hs256(nil),
		"HS256 named over a good signature":               header("alg", "HS256"),
		"RS256 signed with a key of one's own":            rs256(t),
		"ES256 signed with a key of one's own":            es256(t),
		"an empty signature":                              func(f *forgery) { f.sign = func([]byte) []byte { return nil } },
		"a signature of zeros":                            func(f *forgery) { f.sign = func([]byte) []byte { return make([]byte, ed25519.SignatureSize) } },
		"another key under a known kid":                   func(f *forgery) { f.sign = func(in []byte) []byte { return ed25519.Sign(privateKey('Z'), in) } },
		"an unknown kid":                                  header("kid", "Z"),
		"the kid of another known key":                    header("kid", "B"),
		"no kid":                                          header("kid", nil),
		"an empty kid":                                    header("kid", ""),
		"a kid that is a path":                            header("kid", "../../dev/null"),
		"a kid that is no string":                         header("kid", []string{"A"}),
		"a key of its own in jwk":                         jwk,
		"an unknown critical parameter":                   header("crit", []string{"b64"}),
		"an empty list of critical parameters":            header("crit", []string{}),
		"no typ":                                          header("typ", nil),
		"typ JWT":                                         header("typ", "JWT"),
		"typ of a refresh token":                          header("typ", "rt+jwt"),
		"typ that is a list":                              header("typ", []string{"at+jwt"}),
		"another issuer":                                  claim("iss", "other"),
		"no issuer":                                       claim("iss", nil),
		"another audience":                                claim("aud", "other"),
		"several other audiences":                         claim("aud", []string{"other", "portal"}),
		"no audience":                                     claim("aud", nil),
		"an empty list of audiences":                      claim("aud", []string{}),
		"no expiry":                                       claim("exp", nil),
		"an expiry that is text":                          claim("exp", "tomorrow"),
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
		"groups that are no list":                         claim("groups", "TDAG"),
		"claims that are a list":                          func(f *forgery) { f.payload = `["SECRETARIAT"]` },
		"claims that are null":                            func(f *forgery) { f.payload = `null` },
		"claims that are no JSON":                         func(f *forgery) { f.payload = `{"sub":` },
		"claims with something behind them":               func(f *forgery) { f.payload = claimsText(t, f) + `{}` },
		"a claim that stands twice":                       func(f *forgery) { f.payload = `{"roles":["DELEGATE"],` + claimsText(t, f)[1:] },
		"a claim that stands again in other letters":      func(f *forgery) { f.payload = `{"Roles":["DELEGATE"],` + claimsText(t, f)[1:] },
		"a token of more than 4 KB":                       claim("groups", []string{strings.Repeat("a", 4<<10)}),
		"more than 4 KB of a parameter that nobody reads": header("x", strings.Repeat("a", 4<<10)),
	} {
		t.Run(name, func(t *testing.T) {
			f := forge()
			spoil(f)
			refused(t, f.token(t))
		})
	}
}

func TestParseRefusesDamage(t *testing.T) {
	good := forge().token(t)
	parts := strings.Split(good, ".")
	last := parts[2]
	for name, token := range map[string]string{
		"nothing":                                "",
		"a space":                                " ",
		"dots only":                              "..",
		"two parts":                              parts[0] + "." + parts[1],
		"four parts":                             good + "." + last,
		"five parts, as of an encrypted token":   good + ".." + last,
		"garbage behind":                         good + "A",
		"a line end behind":                      good + "\n",
		"a line end within":                      parts[0] + "\n." + parts[1] + "." + last,
		"a space before":                         " " + good,
		"padding behind the signature":           good + "==",
		"padding behind the header":              parts[0] + "=." + parts[1] + "." + last,
		"padding behind the claims":              parts[0] + "." + parts[1] + "=." + last,
		"stray bits behind the signature":        good[:len(good)-1] + string(rune(good[len(good)-1])+1),
		"the letters of plain base64":            parts[0] + "." + parts[1] + ".+/" + last[2:],
		"the signature of another token":         parts[0] + "." + parts[1] + "." + strings.Split(forgeWith(claim("jti", "2")).token(t), ".")[2],
		"the claims of another token":            parts[0] + "." + strings.Split(forgeWith(claim("jti", "2")).token(t), ".")[1] + "." + last,
		"a good token said twice":                good + " " + good,
		"exactly one byte more than 4 KB":        strings.Repeat("a", 4<<10+1),
		"a megabyte of dots":                     strings.Repeat(".", 1<<20),
		"bytes that are no text":                 "\xff\xfe\x00",
		"a header that is no JSON":               b64.EncodeToString([]byte("{")) + "." + parts[1] + "." + last,
		"a header that is null":                  b64.EncodeToString([]byte("null")) + "." + parts[1] + "." + last,
		"a header that is a list nested 1,000 ×": b64.EncodeToString([]byte(strings.Repeat("[", 1000))) + "." + parts[1] + "." + last,
	} {
		t.Run(name, func(t *testing.T) { refused(t, token) })
	}
}

func TestParseAcceptsGoodTokens(t *testing.T) {
	for name, change := range map[string]func(*forgery){
		"as the portal writes them":                    func(*forgery) {},
		"typ in capitals, as media types have no case": header("typ", "AT+JWT"),
		"with the audience in a list":                  claim("aud", []string{"other", "api"}),
		"with an expiry 24 hours after issue":          claim("exp", now.Add(24*time.Hour).Unix()),
		"expired within the leeway":                    claim("exp", now.Add(-29*time.Second).Unix()),
		"issued in the future within the leeway":       claim("iat", now.Add(29*time.Second).Unix()),
		"without roles":                                claim("roles", nil),
		"with claims that nobody knows":                claim("email", "a@example.org"),
	} {
		t.Run(name, func(t *testing.T) {
			actor, err := tokens(t, 'A', 'B').Parse(forgeWith(change).token(t))
			if err != nil || actor.Subject != "usr_someone" {
				t.Fatalf("got %+v, %v", actor, err)
			}
		})
	}
}

func TestIssuedTokensComeBack(t *testing.T) {
	for _, role := range portal.Roles {
		t.Run("a token of the role "+string(role)+" gives its actor", func(t *testing.T) {
			want := portal.Actor{Subject: "usr_a", Roles: []portal.Role{role}, Member: "mem_1", Country: "UG", Groups: []string{"TDAG", "SG1"}}
			tokens := tokens(t, 'A')
			token, err := tokens.Issue(want, auth.MaxLife)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tokens.Parse(token)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("got %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestIssueRefusesWhatParseWould(t *testing.T) {
	for name, c := range map[string]struct {
		actor portal.Actor
		life  time.Duration
	}{
		"a life of more than 24 hours": {portal.Actor{Subject: "usr_a"}, auth.MaxLife + time.Second},
		"an anonymous visitor":         {portal.Actor{}, time.Hour},
		"an unknown role":              {portal.Actor{Subject: "usr_a", Roles: []portal.Role{"ROOT"}}, time.Hour},
		"a malformed member":           {portal.Actor{Subject: "usr_a", Member: "1"}, time.Hour},
		"a malformed country":          {portal.Actor{Subject: "usr_a", Country: "Uganda"}, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			if token, err := tokens(t, 'A').Issue(c.actor, c.life); err == nil || token != "" {
				t.Fatalf("got %q, %v", token, err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	good := forge().token(f)
	f.Add(good)
	f.Add(strings.Replace(good, ".", "..", 1))
	f.Add("")
	tokens := tokens(f, 'A')
	f.Fuzz(func(t *testing.T, token string) {
		_, err := tokens.Parse(token)
		if (err == nil) != (token == good) || err != nil && !errors.Is(err, auth.ErrBadToken) {
			t.Fatalf("%q: %v", token, err)
		}
	})
}

func forgeWith(change func(*forgery)) *forgery {
	f := forge()
	change(f)
	return f
}

func refused(t *testing.T, token string) {
	t.Helper()
	actor, err := tokens(t, 'A', 'B').Parse(token)
	if !errors.Is(err, auth.ErrBadToken) || !reflect.DeepEqual(actor, portal.Actor{}) {
		t.Fatalf("got %+v, %v", actor, err)
	}
}

func claimsText(t *testing.T, f *forgery) string {
	raw, err := b64.DecodeString(strings.Split(f.token(t), ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
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
	f.header["kid"] = "Z"
	f.header["jwk"] = map[string]string{"kty": "OKP", "crv": "Ed25519", "x": b64.EncodeToString(own.Public().(ed25519.PublicKey))}
	f.sign = func(input []byte) []byte { return ed25519.Sign(own, input) }
}
