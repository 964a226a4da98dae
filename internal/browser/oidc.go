package browser

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/web"
)

const (
	// attemptLife is how long a person may take to sign in at the issuer.
	attemptLife = 10 * time.Minute
	// anew is how much earlier than the attempt an issuer's clock may say that the person showed who it is.
	anew = time.Minute
	// attemptSeal is the purpose for which attempts are encrypted.
	attemptSeal = "oidc attempt"
	// maxReturn is how many bytes a path may have to which a person returns.
	maxReturn = 1024
)

// attempt is a sign-in at the issuer that has begun. It stands encrypted in a cookie of the browser, so that nothing is
// stored for strangers and nobody can go on with an attempt of another browser.
type attempt struct {
	auth.Attempt
	// Path is where the person returns to here.
	Path string `json:"p"`
	// Until is the Unix time at which the attempt is over.
	Until int64 `json:"u"`
	// Owner is who links the identity, which is what was proved when the attempt began; nil if the person signs in. The
	// cookie of the session does not come along from the issuer's page.
	Owner *owner `json:"o,omitempty"`
}

// owner is what the cookie of a person proved who links an identity.
type owner struct {
	Person          kit.ID    `json:"p"`
	Session         kit.ID    `json:"s"`
	IssuedAt        time.Time `json:"i"`
	AuthenticatedAt time.Time `json:"a"`
}

// proof is what the owner has proved.
func (o *owner) proof() kit.Proof {
	return kit.Proof{Subject: o.Person, Session: o.Session, IssuedAt: o.IssuedAt, AuthenticatedAt: o.AuthenticatedAt}
}

// start answers GET /sign-in/oidc/start: it sends the browser to the issuer. return is a path of the portal, purpose is
// empty for signing in, or link for linking the identity to the person who is signed in here.
func (b *Browser) start(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	path, ok := returnPath(asked.Get("return"))
	if !ok {
		b.show(w, r, page{status: http.StatusBadRequest, text: b.say("signIn.failed", r), path: "/"})
		return
	}
	a := attempt{Path: path, Until: b.Tokens.Now().Add(attemptLife).Unix()}
	switch asked.Get("purpose") {
	case "":
	case "link":
		var refusal error
		if a.Owner, refusal = b.owner(r); refusal != nil {
			b.explain(w, r, path, refusal)
			return
		}
	default:
		b.show(w, r, page{status: http.StatusBadRequest, text: b.say("signIn.failed", r), path: path})
		return
	}
	a.Attempt = auth.NewAttempt(b.Front.Address(r)+web.ReturnPath, a.Owner != nil)
	address, err := b.Tokens.Client.Address(a.Attempt)
	if err == nil {
		err = b.remember(w, a)
	}
	if err != nil {
		b.explain(w, r, path, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// owner is who links an identity: a person with a session who has just shown who it is. A page of the portal must ask,
// because who follows a link of somebody else's might link an identity that is not its own; for the same reason the
// issuer is told to have the person show anew who it is.
func (b *Browser) owner(r *http.Request) (*owner, error) {
	p := kit.ProofOf(r.Context())
	if p.Session == "" {
		return nil, kit.Refuse(kit.Unauthenticated, "unauthenticated", nil)
	}
	if r.Header.Get("Sec-Fetch-Site") != "same-origin" {
		return nil, kit.Refuse(kit.Forbidden, "request.cookie", nil)
	}
	if err := b.Portal.Persons.MayLink(r.Context()); err != nil {
		return nil, err
	}
	return &owner{Person: p.Subject, Session: p.Session, IssuedAt: p.IssuedAt, AuthenticatedAt: p.AuthenticatedAt}, nil
}

// returnPath is a path of this origin in its canonical form; ok is false for what a browser could take for another
// address, and for what would begin something anew. Without a path it is /.
func returnPath(asked string) (path string, ok bool) {
	if asked == "" {
		return "/", true
	}
	strange := func(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f }
	u, err := url.Parse(asked)
	if err != nil || len(asked) > maxReturn || strings.ContainsFunc(asked, strange) || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	path = u.String()
	for _, written := range []string{u.EscapedPath(), u.Path} { // a browser takes %2e for a dot
		if !strings.HasPrefix(written, "/") || strings.Contains(written, "//") || strings.Contains(written, "/.") || strings.ContainsRune(written, '\\') {
			return "", false
		}
	}
	if strings.HasPrefix(strings.ToLower(u.Path), "/sign-in") {
		return "", false
	}
	return path, true
}

// attemptCookie is the name of the cookie of attempts.
func (b *Browser) attemptCookie() string { return b.Front.Cookie() + "-oidc" }

// remember sets the cookie of an attempt. It comes along from the issuer's page, as that of the session does not.
func (b *Browser) remember(w http.ResponseWriter, a attempt) error {
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	sealed, err := b.Tokens.Keys.Seal(attemptSeal, string(raw))
	if err != nil {
		return err
	}
	c := b.cookie(b.attemptCookie(), sealed)
	c.MaxAge, c.SameSite = int(attemptLife.Seconds()), http.SameSiteLaxMode
	http.SetCookie(w, c)
	return nil
}

// attempt reads the cookie of an attempt; nil if there is none, or its time is over.
func (b *Browser) attempt(r *http.Request) *attempt {
	found := r.CookiesNamed(b.attemptCookie())
	if len(found) != 1 {
		return nil
	}
	text, ok := b.Tokens.Keys.Open(attemptSeal, found[0].Value)
	var a attempt
	if !ok || json.Unmarshal([]byte(text), &a) != nil || b.Tokens.Now().Unix() >= a.Until {
		return nil
	}
	return &a
}

// finish answers GET /sign-in/oidc/callback, to which the issuer sends the browser back. An attempt is good once: its
// cookie is taken away, and the issuer takes its code once. The answer is a page that moves on, and no redirect, because
// a browser would not send the cookie of the session with a redirect that began at the issuer.
func (b *Browser) finish(w http.ResponseWriter, r *http.Request) {
	a := b.attempt(r)
	b.clear(w, b.attemptCookie())
	said, once := r.URL.Query(), true
	for _, name := range []string{"state", "code", "iss", "error"} {
		once = once && len(said[name]) <= 1
	}
	if a == nil || !once || subtle.ConstantTimeCompare([]byte(said.Get("state")), []byte(a.State)) != 1 {
		b.explain(w, r, "/", errFailed)
		return
	}
	if said.Get("code") == "" || said.Get("error") != "" {
		b.Log.InfoContext(r.Context(), "sign-in at the issuer", "answer", kit.Clip(said.Get("error")))
		b.explain(w, r, a.Path, errRefused)
		return
	}
	proof, err := b.Tokens.Client.Exchange(r.Context(), a.Attempt, said.Get("code"), said.Get("iss"))
	if err != nil {
		b.explain(w, r, a.Path, err)
		return
	}
	if a.Owner != nil {
		b.link(w, r, a, proof)
		return
	}
	kept, err := b.Portal.Sessions.SignInProved(r.Context(), proof)
	switch {
	case err != nil:
		b.explain(w, r, a.Path, err)
	case kept == nil:
		b.show(w, r, page{status: http.StatusForbidden, text: b.say("signIn.notLinked", r), path: a.Path})
	default:
		b.keep(w, kept)
		b.show(w, r, page{status: http.StatusOK, text: b.say("signIn.done", r), path: a.Path, moves: true})
	}
}

// link links an identity to the person who began the attempt, if its session goes on.
func (b *Browser) link(w http.ResponseWriter, r *http.Request, a *attempt, proof kit.Proof) {
	if at := proof.AuthenticatedAt; !at.IsZero() && at.Before(time.Unix(a.Until, 0).Add(-attemptLife-anew)) {
		b.explain(w, r, a.Path, errRefused) // the issuer let in whoever had signed in before, who may be somebody else
		return
	}
	own := a.Owner.proof()
	actor, err := b.Authority(r.Context(), own)
	var p *people.LinkIdentityPayload
	if err == nil {
		p, err = b.Portal.Persons.LinkProved(kit.WithProof(kit.WithActor(r.Context(), actor), own), proof)
	}
	switch {
	case err != nil:
		b.explain(w, r, a.Path, err)
	case len(p.UserErrors) > 0:
		b.show(w, r, page{status: http.StatusConflict, text: p.UserErrors[0].Message, path: a.Path})
	default:
		b.show(w, r, page{status: http.StatusOK, text: b.say("signIn.linked", r), path: a.Path, moves: true})
	}
}

var (
	// errFailed says that what came back is of no attempt of this browser.
	errFailed = errors.New("what the issuer's page sent is of no attempt of this browser")
	// errRefused says that the issuer did not sign the person in.
	errRefused = errors.New("the issuer did not sign the person in")
)

// explain shows the page of an error, which says nothing of the cause; the log does.
func (b *Browser) explain(w http.ResponseWriter, r *http.Request, path string, err error) {
	p := page{path: path}
	faults, _ := kit.UserErrorsOf(err)
	switch {
	case errors.Is(err, errFailed), errors.Is(err, auth.ErrRefused):
		p.status, p.text = http.StatusBadRequest, b.say("signIn.failed", r)
	case errors.Is(err, errRefused):
		p.status, p.text = http.StatusForbidden, b.say("signIn.refused", r)
	case errors.Is(err, auth.ErrUnavailable), errors.Is(err, context.Canceled):
		p.status, p.text = http.StatusServiceUnavailable, b.say("unavailable", r)
	case len(faults) > 0:
		p.status, p.text = http.StatusForbidden, faults[0].Message
	default:
		refusal := kit.Classify(err)
		key := refusal.Key
		p.status, p.text = web.StatusOf(refusal), kit.Message(kit.LocaleOf(r.Context()), key, refusal.Params)
	}
	b.Log.InfoContext(r.Context(), "sign-in at the issuer", "status", p.status, "error", err)
	b.show(w, r, p)
}
