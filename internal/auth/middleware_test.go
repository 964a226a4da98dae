package auth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
)

// asked is what came through the middleware.
type asked struct {
	*httptest.ResponseRecorder
	actor *kit.Actor // nil if the next handler was not called
	log   string
}

func ask(t *testing.T, h http.Header, locale kit.Locale) asked {
	t.Helper()
	var a asked
	var log bytes.Buffer
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		actor := kit.ActorOf(r.Context())
		a.actor = &actor
	})
	request := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	request.Header = h
	ctx := kit.WithRequest(kit.WithLocale(request.Context(), locale), "request-1")
	a.ResponseRecorder = httptest.NewRecorder()
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	auth.Middleware(tokens(t, 'A', 'B'), asProved, nil, logger, next).ServeHTTP(a, request.WithContext(ctx))
	a.log = log.String()
	return a
}

func TestMiddlewareLetsThrough(t *testing.T) {
	good := forge().token(t)
	someone := kit.Actor{Subject: "usr_someone", Roles: []kit.Role{kit.RoleSecretariat}}
	for name, c := range map[string]struct {
		header http.Header
		want   kit.Actor
	}{
		"a request without a token is a visitor's":       {http.Header{}, kit.Actor{}},
		"an empty header is a visitor's":                 {http.Header{"Authorization": {""}}, kit.Actor{}},
		"so is one of spaces":                            {http.Header{"Authorization": {" \t "}}, kit.Actor{}},
		"so are two empty ones":                          {http.Header{"Authorization": {"", ""}}, kit.Actor{}},
		"a cookie is no token":                           {http.Header{"Cookie": {"token=" + good}}, kit.Actor{}},
		"a good token gives its actor":                   {http.Header{"Authorization": {"Bearer " + good}}, someone},
		"the scheme may be written in small letters":     {http.Header{"Authorization": {"bearer " + good}}, someone},
		"several spaces may stand in front of the token": {http.Header{"Authorization": {"Bearer   " + good}}, someone},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(t, c.header, kit.English)
			if a.actor == nil || !reflect.DeepEqual(*a.actor, c.want) || a.Code != http.StatusOK {
				t.Fatalf("HTTP %d, actor %+v", a.Code, a.actor)
			}
			if strings.Contains(a.log, good) {
				t.Errorf("the log holds the token: %s", a.log)
			}
		})
	}
}

func TestMiddlewareRefuses(t *testing.T) {
	good := forge().token(t)
	expired := forgeWith(claim("exp", now.Unix()-3600)).token(t)
	unknown := forgeWith(header("kid", "Z")).token(t)
	for name, values := range map[string][]string{
		"an expired token":                      {"Bearer " + expired},
		"a token of an unknown key":             {"Bearer " + unknown},
		"a damaged token":                       {"Bearer " + good[:len(good)-2]},
		"a token that is no token":              {"Bearer sesame"},
		"Basic instead of Bearer":               {"Basic dXNlcjpwYXNz"},
		"a good token under Basic":              {"Basic " + good},
		"a good token without a scheme":         {good},
		"the scheme alone":                      {"Bearer"},
		"the scheme and a space":                {"Bearer "},
		"a good token beside an empty header":   {"", "Bearer " + good},
		"a scheme and an empty header":          {"Bearer", ""},
		"two headers with one good token":       {"Bearer " + good, "Bearer " + good},
		"a good token and Basic":                {"Bearer " + good, "Basic dXNlcjpwYXNz"},
		"two tokens in one header":              {"Bearer " + good + ", Bearer " + good},
		"a scheme that only begins like Bearer": {"BearerX " + good},
		"a tab in place of the space":           {"Bearer\t" + good},
		"a good token behind 5,000 other bytes": {"Bearer " + strings.Repeat("a", 5000) + good},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(t, http.Header{"Authorization": values}, kit.French)
			if a.actor != nil {
				t.Fatalf("the request went on as %+v", a.actor)
			}
			if challenge := a.Header().Get("WWW-Authenticate"); a.Code != http.StatusUnauthorized || !strings.HasPrefix(challenge, "Bearer") {
				t.Errorf("HTTP %d, challenge %q", a.Code, challenge)
			}
			if got := a.Header().Get("Content-Type"); got != "application/json; charset=utf-8" {
				t.Errorf("content type %q", got)
			}
			var body map[string]any
			if err := json.Unmarshal(a.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{"errors": []any{map[string]any{
				"message": "Le jeton d’accès n’est pas valide.", "extensions": map[string]any{"code": "UNAUTHENTICATED"},
			}}}
			if !reflect.DeepEqual(body, want) {
				t.Errorf("got %v, want %v", body, want)
			}
			if !strings.Contains(a.log, "request-1") {
				t.Errorf("the log does not name the request: %q", a.log)
			}
			for _, secret := range secrets(values) {
				if strings.Contains(a.log, secret) || strings.Contains(a.Body.String(), secret) {
					t.Errorf("%q of the header came out: %s %s", secret, a.log, a.Body)
				}
			}
		})
	}
}

// secrets are the parts of a header that nobody should read elsewhere.
func secrets(values []string) []string {
	var all []string
	for _, v := range values {
		for _, part := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" .,\t", r) }) {
			if len(part) > 10 {
				all = append(all, part)
			}
		}
	}
	return all
}

func TestRefusalSpeaksTheCallersLanguage(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range kit.Locales {
		a := ask(t, http.Header{"Authorization": {"Bearer x"}}, l)
		seen[a.Body.String()] = true
	}
	if len(seen) != 6 {
		t.Fatalf("%d different answers in six languages", len(seen))
	}
}

func TestRefusalHasTheFormThatTheClientAccepts(t *testing.T) {
	a := ask(t, http.Header{"Authorization": {"Bearer x"}, "Accept": {"application/graphql-response+json, application/json;q=0.9"}}, kit.English)
	if got := a.Header().Get("Content-Type"); got != "application/graphql-response+json; charset=utf-8" {
		t.Fatalf("content type %q", got)
	}
}

func TestATokenThatCannotBeJudgedNowIs503(t *testing.T) {
	p := newProvider(t)
	token := p.token(t)
	p.down.Store(true)
	tr := trusting(t, p, nil)
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request went on") })
	request := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	auth.Middleware(tr.Tokens, asProved, nil, slog.New(slog.DiscardHandler), next).ServeHTTP(recorder, request)
	if h := recorder.Header(); recorder.Code != http.StatusServiceUnavailable || h.Get("Retry-After") != "5" || h.Get("WWW-Authenticate") != "" {
		t.Errorf("HTTP %d, %v", recorder.Code, h)
	}
	if !strings.Contains(recorder.Body.String(), `"code":"UNAVAILABLE"`) {
		t.Errorf("body %s", recorder.Body)
	}
}

// FuzzHeader asks with any Authorization header: only the good token under Bearer comes through, and
// whatever does not is 401.
func FuzzHeader(f *testing.F) {
	good := forge().token(f)
	for _, seed := range []string{"Bearer " + good, "bearer  " + good, "Bearer", "", "Basic " + good, good, "Bearer " + good + ", Bearer " + good, "Bearer\t" + good} {
		f.Add(seed)
	}
	tokens := tokens(f, 'A')
	f.Fuzz(func(t *testing.T, value string) {
		var actor *kit.Actor
		next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { a := kit.ActorOf(r.Context()); actor = &a })
		request := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		request.Header["Authorization"] = []string{value}
		recorder := httptest.NewRecorder()
		auth.Middleware(tokens, asProved, nil, slog.New(slog.DiscardHandler), next).ServeHTTP(recorder, request)
		if strings.TrimSpace(value) == "" {
			if actor == nil || !actor.Anonymous() {
				t.Fatalf("%q: HTTP %d, %+v", value, recorder.Code, actor)
			}
			return
		}
		scheme, token, _ := strings.Cut(value, " ")
		want := strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(token) == good
		if got := actor != nil; got != want || got && actor.Subject != "usr_someone" || !got && recorder.Code != http.StatusUnauthorized {
			t.Fatalf("%q: HTTP %d, %+v", value, recorder.Code, actor)
		}
	})
}

// asProved is an authority that gives whoever asks the roles that the token names.
func asProved(_ context.Context, p kit.Proof) (kit.Actor, error) {
	return kit.Actor{Subject: p.Subject, Roles: p.Roles}, nil
}

// TestTheRecordsDecide asks with a good token when the records refuse it, and when they cannot be read.
func TestTheRecordsDecide(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"a token that does not count any more": {kit.Refuse(kit.Unauthenticated, "badToken", nil), http.StatusUnauthorized},
		"records that cannot be read":          {errors.New("down"), http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodPost, "/graphql", nil)
			request.Header.Set("Authorization", "Bearer "+forge().token(t))
			recorder := httptest.NewRecorder()
			authority := func(context.Context, kit.Proof) (kit.Actor, error) { return kit.Actor{}, c.err }
			next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request went on") })
			auth.Middleware(tokens(t, 'A', 'B'), authority, nil, slog.New(slog.DiscardHandler), next).ServeHTTP(recorder, request)
			if recorder.Code != c.want {
				t.Errorf("HTTP %d", recorder.Code)
			}
		})
	}
}
