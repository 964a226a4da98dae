// Package browser is how browsers sign in: it keeps a session in a cookie that no script reads, and has persons sign in
// at an OIDC issuer by authorization code.
package browser

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/web"
)

// The names of the cookie. A browser takes one whose name begins with __Host- only over https and only from the host
// itself, so that no other host of the same domain can plant one.
const (
	Cookie            = "__Host-memberportal"
	DevelopmentCookie = "memberportal-dev"
)

// Options are what a Browser needs.
type Options struct {
	Portal *portal.Portal
	// Front knows the cookie and the own address.
	Front  *web.Front
	Tokens auth.Tokens
	// Authority says what the records allow a person.
	Authority auth.Authority
	Log       *slog.Logger
}

// Browser signs browsers in and out. Make it with New.
type Browser struct{ Options }

// New makes a Browser. Its front has a cookie.
func New(o Options) *Browser { return &Browser{o} }

// Mount adds the addresses to a mux.
func (b *Browser) Mount(mux *http.ServeMux) {
	mux.HandleFunc("POST "+web.SessionPath, b.move)
	mux.HandleFunc("DELETE "+web.SessionPath, b.signOut)
	if b.Tokens.Client != nil {
		mux.HandleFunc("GET /sign-in/oidc/start", b.start)
		mux.HandleFunc("GET "+web.ReturnPath, b.finish)
	}
}

// Judge says who asks by a cookie; see auth.Cookies. While the access token in the cookie is good that costs what a token
// in the header does. Then the session's document gives the next one, and the answer sets the cookie anew. A cookie of a
// session that has ended is taken away.
func (b *Browser) Judge(w http.ResponseWriter, r *http.Request) (actor kit.Actor, proof kit.Proof, known bool, err error) {
	cookie, known := web.CookieOf(r.Context())
	if !known {
		return actor, proof, false, nil
	}
	id, secret, token := parts(cookie)
	proof, err = b.Tokens.Parse(token)
	if err == nil && proof.Session == id && id != "" {
		if actor, err = b.Authority(r.Context(), proof); err == nil || !ended(err) {
			return actor, proof, true, err
		}
	}
	kept, err := b.Portal.Sessions.Renew(r.Context(), id, secret)
	if err != nil {
		return actor, proof, true, err
	}
	if kept == nil {
		b.clear(w, b.Front.Cookie())
		return actor, proof, true, auth.ErrBadToken
	}
	if proof, err = b.Tokens.Parse(kept.AccessToken); err == nil {
		actor, err = b.Authority(r.Context(), proof)
	}
	if err == nil {
		b.keep(w, kept)
	}
	return actor, proof, true, err
}

// ended says whether the records refuse a token that is valid.
func ended(err error) bool {
	refusal, ok := errors.AsType[*kit.Refusal](err)
	return ok && refusal.Code == kit.Unauthenticated
}

// parts takes a cookie apart into the session, its secret and its last access token.
func parts(cookie string) (id kit.ID, secret, token string) {
	session, rest, _ := strings.Cut(cookie, ".")
	secret, token, _ = strings.Cut(rest, ".")
	return kit.ID(session), secret, token
}

// keep sets the cookie of a session, for as long as the session lasts unless it is used.
func (b *Browser) keep(w http.ResponseWriter, s *people.KeptSession) {
	c := b.cookie(b.Front.Cookie(), strings.Join([]string{string(s.ID), s.Secret, s.AccessToken}, "."))
	c.MaxAge, c.SameSite = max(1, int(s.ExpiresAt.Time().Sub(b.Tokens.Now()).Seconds())), http.SameSiteStrictMode
	http.SetCookie(w, c)
}

// cookie is a cookie that no script reads and no other host gets.
func (b *Browser) cookie(name, value string) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: strings.HasPrefix(name, "__Host-"), SameSite: http.SameSiteStrictMode}
}

// clear takes a cookie away.
func (b *Browser) clear(w http.ResponseWriter, name string) {
	c := b.cookie(name, "")
	c.MaxAge = -1
	http.SetCookie(w, c)
}
