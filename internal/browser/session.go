package browser

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/web"
)

// maxMove is how many bytes the body of POST /session may have.
const maxMove = 4 << 10

// move answers POST /session: the session of the access token in the header goes into a cookie, by its refresh token in the
// body. A session that is in the cookie of the request already needs none: that is how a page hands over the token that it
// got by confirming its person's presence. A cookie alone is not enough, and a page of another origin cannot send the
// header, so that nobody can plant a session in a browser.
func (b *Browser) move(w http.ResponseWriter, r *http.Request) {
	_, byCookie := web.CookieOf(r.Context())
	refresh, ok := refreshToken(w, r)
	if !ok || byCookie || kit.ActorOf(r.Context()).Anonymous() {
		web.WriteRefusal(w, r, &kit.Refusal{Code: kit.Unauthenticated, Key: "unauthenticated"})
		return
	}
	kept, err := b.Portal.Sessions.Move(r.Context(), refresh, b.secretOf(r))
	if err != nil {
		b.fail(w, r, err)
		return
	}
	b.keep(w, kept)
	w.WriteHeader(http.StatusNoContent)
}

// refreshToken reads the body of POST /session: the refresh token, empty if there is no body. ok is false for a body that
// is too long or says nothing.
func refreshToken(w http.ResponseWriter, r *http.Request) (token string, ok bool) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMove))
	if err != nil || len(raw) == 0 {
		return "", err == nil
	}
	var body struct {
		RefreshToken string `json:"refreshToken"`
	}
	err = json.Unmarshal(raw, &body)
	return body.RefreshToken, err == nil && body.RefreshToken != ""
}

// secretOf is the secret of the cookie that a request has beside its header; empty if there is none. It is compared and
// makes nobody known.
func (b *Browser) secretOf(r *http.Request) string {
	for _, c := range r.CookiesNamed(b.Front.Cookie()) {
		if id, secret, _ := parts(c.Value); id == kit.ProofOf(r.Context()).Session {
			return secret
		}
	}
	return ""
}

// signOut answers DELETE /session: the session of the caller ends, and the cookie is taken away. A visitor has none, which
// is what was asked for.
func (b *Browser) signOut(w http.ResponseWriter, r *http.Request) {
	if kit.ProofOf(r.Context()).Session != "" {
		if _, err := b.Portal.Sessions.SignOut(r.Context(), people.SignOutInput{}); err != nil && kit.Classify(err).Code != kit.NotFound {
			b.fail(w, r, err)
			return
		}
	}
	b.clear(w, b.Front.Cookie())
	w.WriteHeader(http.StatusNoContent)
}

// fail answers with an error of a service and logs what the caller does not see.
func (b *Browser) fail(w http.ResponseWriter, r *http.Request, err error) {
	refusal := kit.Classify(err)
	level := slog.LevelError
	if refusal.Code == kit.Unauthenticated {
		level = slog.LevelInfo
	}
	b.Log.Log(r.Context(), level, "session", "code", refusal.Code, "error", err)
	web.WriteRefusal(w, r, refusal)
}
