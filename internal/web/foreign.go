package web

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"memberportal/internal/kit"
)

// foreign keeps pages of other origins from what a browser adds to their requests.
//
// A request that is known by a cookie must come from a page of this origin, whatever it asks for: a browser sends the
// cookie with requests of every page of the same site, and a WebSocket or a form asks no leave. Such a request is
// refused and not taken for a visitor's, because its page could tell from the answer that somebody is signed in.
//
// A request that gives or takes the cookie must come from a page of this origin, or from no page, so that no other page
// can sign a browser in or out.
//
// A query by GET that a browser sends for a page of another origin which is not allowed is refused before it costs
// anything: such a page could not read the answer, but see how long it took. Who is no browser needs no header for a
// GET. Requests by POST need no such rule, because their body is JSON, for which a browser asks leave first.
func (f *Front) foreign(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, known := f.cookie(r)
		var refuse string
		switch {
		case known && !f.ownPage(r), r.URL.Path == SessionPath && f.marked(r) && !f.ownPage(r):
			refuse = "request.cookie"
		case r.URL.Path == "/graphql" && r.Method == http.MethodGet:
			w.Header().Add("Vary", "Sec-Fetch-Site")
			if fromElsewhere(r) && !asksLeave(r.Header) && !f.Allowed(r.Header.Get("Origin")) {
				refuse = "request.origin"
			}
		}
		if refuse != "" {
			writeFault(w, r, http.StatusForbidden, kit.Forbidden, kit.Message(kit.LocaleOf(r.Context()), refuse, nil))
			return
		}
		if known {
			r = r.WithContext(context.WithValue(r.Context(), cookieKey{}, cookie))
		}
		next.ServeHTTP(w, r)
	})
}

// SessionPath is where a browser gets its cookie and gives it back, and ReturnPath where an issuer sends it back to.
const (
	SessionPath = "/session"
	ReturnPath  = "/sign-in/oidc/callback"
)

type cookieKey struct{}

// CookieOf returns the cookie by which a request is known. known is false for a request without one, and for one that
// has an Authorization header, which is known by that. The cookie is empty if there are several.
func CookieOf(ctx context.Context) (cookie string, known bool) {
	cookie, known = ctx.Value(cookieKey{}).(string)
	return cookie, known
}

// Cookie is the name of the cookie by which a browser is known; empty if nobody is known by one.
func (f *Front) Cookie() string { return f.options.Cookie }

// cookie reads the cookie by which a request is known. Nobody is known by it at open paths, and at ReturnPath: the page of
// an issuer leads there, which may be of the same site, and it is told who is meant by what it is sent.
func (f *Front) cookie(r *http.Request) (value string, known bool) {
	if f.open(r) || f.options.Cookie == "" || r.URL.Path == ReturnPath || strings.TrimSpace(strings.Join(r.Header.Values("Authorization"), "")) != "" {
		return "", false
	}
	found := r.CookiesNamed(f.options.Cookie)
	if len(found) == 1 {
		value = found[0].Value
	}
	return value, len(found) > 0
}

// open says whether a request reads what is the same for everybody.
func (f *Front) open(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && slices.ContainsFunc(f.options.Open, func(path string) bool {
		return r.URL.Path == path || strings.HasSuffix(path, "/") && strings.HasPrefix(r.URL.Path, path)
	})
}

// Address is the address of the server, as the caller of a request sees it, without a slash at the end.
func (f *Front) Address(r *http.Request) string {
	switch {
	case f.options.PublicURL != "":
		return strings.TrimRight(f.options.PublicURL, "/")
	case f.options.TLS || SecureOf(r.Context()):
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// ownOrigin is the origin of Address, as browsers write it.
func (f *Front) ownOrigin(r *http.Request) string {
	u, err := url.Parse(f.Address(r))
	if err != nil {
		return ""
	}
	usual := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	return strings.ToLower(u.Scheme + "://" + strings.TrimSuffix(u.Host, usual))
}

// ownPage says whether a browser says that a page of this origin asks, or for a GET that a person did, who wrote the
// address or chose it. A browser that is older than Sec-Fetch-Site says it by Origin, which it leaves out of a GET: such
// a GET with a cookie is refused.
func (f *Front) ownPage(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin":
		return true
	case "none":
		return r.Method == http.MethodGet
	case "":
		return r.Header.Get("Origin") != "" && r.Header.Get("Origin") == f.ownOrigin(r)
	}
	return false
}

// marked says whether a browser says of which page a request is.
func (f *Front) marked(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != ""
}

// fromElsewhere says whether a browser marks a request as one for a page of another origin: by
// Sec-Fetch-Site (W3C Fetch Metadata), which no page can change, or before that by Origin. A page of the
// same site has another origin all the same. http.CrossOriginProtection tells them apart in the same way,
// but lets every GET through.
func fromElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		origin := r.Header.Get("Origin")
		u, err := url.Parse(origin)
		return origin != "" && (err != nil || u.Host != r.Host)
	}
	return true
}

// simple are the content types that a page may send to any origin without leave.
var simple = []string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

// asksLeave says whether a request carries a header for which a browser asks leave by a preflight, so
// that it can only be from a page of an allowed origin, or from no page.
func asksLeave(h http.Header) bool {
	if h.Get("Apollo-Require-Preflight") != "" || h.Get("X-Apollo-Operation-Name") != "" {
		return true
	}
	if scheme, token, _ := strings.Cut(h.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") && token != "" {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && !slices.Contains(simple, mediaType)
}
