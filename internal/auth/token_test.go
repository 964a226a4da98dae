package auth_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
)

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
		"with an expiry that is no whole number":       claim("exp", float64(now.Add(time.Hour).Unix())+0.5),
		"with a begin that has come":                   claim("nbf", now.Unix()),
		"with the claim typ of an access token":        claim("typ", "Bearer"),
		"with token_use of an access token":            claim("token_use", "access"),
		"with token_type of an access token":           claim("token_type", "access"),
		"with a claim type of another meaning":         claim("type", "user"),
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
	for _, role := range kit.Roles {
		t.Run("a token of the role "+string(role)+" gives what it proves", func(t *testing.T) {
			want := kit.Proof{Subject: "usr_a", Roles: []kit.Role{role}, Entities: []kit.ID{"mem_1", "cty_UG"}, Groups: []string{"TDAG", "SG1"}, Application: "app_1", Session: "ses_1"}
			tokens := tokens(t, 'A')
			token, err := tokens.Issue(want, auth.MaxLife)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tokens.Parse(token)
			if want.IssuedAt = got.IssuedAt; err != nil || !reflect.DeepEqual(got, want) || got.IssuedAt.IsZero() {
				t.Fatalf("got %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestIssueRefusesWhatParseWould(t *testing.T) {
	for name, c := range map[string]struct {
		actor kit.Proof
		life  time.Duration
	}{
		"a life of more than 24 hours": {kit.Proof{Subject: "usr_a"}, auth.MaxLife + time.Second},
		"an anonymous visitor":         {kit.Proof{}, time.Hour},
		"an unknown role":              {kit.Proof{Subject: "usr_a", Roles: []kit.Role{"ROOT"}}, time.Hour},
		"a malformed member":           {kit.Proof{Subject: "usr_a", Entities: []kit.ID{"1"}}, time.Hour},
		"a malformed application":      {kit.Proof{Subject: "usr_a", Application: "mem_1"}, time.Hour},
		"a malformed country":          {kit.Proof{Subject: "usr_a", Entities: []kit.ID{"cty_Uganda"}}, time.Hour},
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
	if !errors.Is(err, auth.ErrBadToken) || !reflect.DeepEqual(actor, kit.Proof{}) {
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
